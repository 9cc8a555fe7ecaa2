"""What no page may show, looked for on all of them at once: in each part of each page, and in its files."""

import csv
import io
import re
from html import unescape

import numpy as np
import pytest
from pretending import end_at_once
from shown import walk
from training_process import trained, visit_of

from dashboard import site_map
from mnist_core.classroom.challenges import result_of
from mnist_core.config import DEFAULT
from mnist_core.take_home.files import curve_csv, epochs_csv, predictions_csv
from mnist_core.take_home.report import report_file

HALF = "ranks by **one half**"
"""What the board of a class says of the half of the test images that stands in for validation images."""
RANKS = re.compile(
    r"\b(best|better|highest|top|first place|winn?er|wins?|rank\w*|recommend\w*|leads?)\b", re.I
)
OF_TEST = re.compile(r"\btest (accurac|images|result)", re.I)
HARMLESS = ("test images tell whether the network reads new images better", "judged on the other half", HALF)
"""Words of sentences that rank nothing, or say by which half of the images a board does."""
SEEDS = (1, 3, 2)
"""Of networks that are not trained, whose accuracies are in no order."""
HYPHEN = re.compile(r"(?<![\w\])}.%/&=*-])-[\d.]")
"""Before a digit, where a minus sign belongs."""
TWO_DECIMALS = re.compile(r"\d\.\d\d%")
"""Of a share, whose 10,000 test images are good for one."""
UNREAD = re.compile(r"```.*?```|`[^`]*`|\$[^$]*\$|(?<=\])\([^)]*\)|<[^>]*>", re.S)
"""Code, formulas, addresses and tags."""


def sentences(text):
    return re.split(r"(?<=[.!?:])\s+|\n", re.sub(r"[][]", "", UNREAD.sub("", text)))


def ranking_sentences(text):
    """Sentences of a text that put something first by the test images."""
    found = [sentence for sentence in sentences(text) if RANKS.search(sentence) and OF_TEST.search(sentence)]
    return [sentence for sentence in found if not any(words in sentence for words in HARMLESS)]


def ranked_columns(table):
    """Columns of a table with accuracies on test images by which its rows are in order."""
    found = []
    for name in table:
        if re.search(r"test accuracy|right \(%\)", str(name), re.I):
            cells = table[name].dropna().astype(str).str.extract(r"(\d+\.?\d*)")[0].astype(float)
            if len(cells) > 2 and (cells.is_monotonic_increasing or cells.is_monotonic_decreasing):
                found.append(name)
    return found


def ranked_runs(chart, names):
    """The runs of a chart, if it has them in the order of what stands beside their names."""
    for trace in chart["data"]:
        for labels, values in ((trace.get("x"), trace.get("y")), (trace.get("y"), trace.get("x"))):
            if isinstance(labels, list) and len(labels) > 2 and set(labels) <= names:
                steps = np.sign(np.diff(values))
                if abs(steps.sum()) == len(steps):
                    return labels
    return []


@pytest.fixture(scope="module")
def site(sample_app):
    """What all parts of all pages show the lecturer of a class, with the visit's runs and the images.

    The runs are neither in the order of their test accuracies nor in the opposite one, and are on the board.
    """
    from dashboard.classroom import membership
    from dashboard.session import resources

    app, images = sample_app, resources.dataset()
    configs = [DEFAULT.with_changes(hidden_units=(8,), epochs=1, seed=seed) for seed in SEEDS]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mnist_core.engine.process.worker.train_and_report", end_at_once)
        jobs = trained(*configs)
    for job in jobs:
        visit_of(app).show_run(job)
    app.switch_page(site_map.CLASSROOM.path).run()
    app.button(key="room_open").click().run()
    room = membership.rooms().hosted(app.session_state["visit_id"])
    for number, job in enumerate(jobs):
        run = resources.current(job)
        membership.rooms().join(room.code, f"member {number}")
        room.board.enter(f"member {number}", f"Name {number}", result_of(job, run.record, run.evaluation))
    yield list(walk(app)), [resources.current(job) for job in jobs], images
    membership.rooms().close(app.session_state["visit_id"])


def test_no_page_ranks_or_recommends_by_test_accuracy(site):
    parts, runs, _ = site
    names = {"Classic", *(f"Run {number}" for number in range(1, 10))}
    accuracies = [run.evaluation.accuracy for run in runs]
    assert accuracies not in (sorted(accuracies), sorted(accuracies, reverse=True)), (
        "else no table could rank"
    )
    found, shown = [], 0
    for part in parts:
        for words in part.words:
            found += [f"{part.name}: {sentence}" for sentence in ranking_sentences(words)]
        for table in part.tables:
            says_so = any(HALF in words for words in part.words)
            if (columns := ranked_columns(table)) and not says_so:
                found.append(f"{part.name}: a table is in the order of {columns}")
            shown += any("Test accuracy" in str(name) and len(table) > 2 for name in table)
        for chart in part.charts:
            found += [
                f"{part.name}: a chart has {runs} in order" for runs in [ranked_runs(chart, names)] if runs
            ]
    assert found == []
    assert shown, "the comparison has a table of these accuracies"


def test_no_file_of_a_run_ranks_by_test_accuracy(site):
    _, (run, *_), images = site
    report = re.sub(r"<(style|svg).*?</\1>", " ", report_file(run.record, images).decode(), flags=re.S)
    assert "Test accuracy" in report
    assert ranking_sentences(unescape(re.sub(r"</(p|td|th|h\d|pre)>", "\n", report))) == []
    per_epoch = epochs_csv(run.record.history, run.record.config)
    assert "test" not in per_epoch + curve_csv(run.record.history, run.record.timeline)
    numbers = [row["number"] for row in csv.DictReader(io.StringIO(predictions_csv(run.evaluation)))]
    assert numbers == [str(number) for number in range(len(images.test_labels))], "as they are in MNIST"


def test_no_number_on_a_page_begins_with_a_hyphen(site):
    parts, *_ = site
    found = []
    for part in parts:
        said = [UNREAD.sub(" ", words) for words in part.words]
        said += [str(cell) for table in part.tables for cell in table.to_numpy().ravel()]
        for chart in part.charts:
            layout, traces = chart["layout"], chart["data"]
            axes = [value for name, value in layout.items() if name[1:].startswith("axis")]
            said += [note.get("text", "") for note in layout.get("annotations", [])]
            said += [str(text) for axis in axes for text in axis.get("ticktext") or []]
            said += [
                str(text)
                for trace in traces
                for kind in ("text", "hovertext")
                for text in listed(trace.get(kind))
            ]
            found += [
                f"{part.name}: {template} writes a hyphen"
                for trace in traces
                for template in [trace.get("hovertemplate") or ""]
                if re.search(r"%\{[xyz]:", template)
            ]
        found += [f"{part.name}: {words}" for words in said if HYPHEN.search(words)]
    assert found == []


def test_a_share_in_percent_has_one_decimal(site):
    parts, (run, *_), images = site
    found = []
    for part in parts:
        hovers = [trace.get("hovertemplate") or "" for chart in part.charts for trace in chart["data"]]
        found += [f"{part.name}: {words}" for words in part.words if TWO_DECIMALS.search(words)]
        found += [f"{part.name}: {words}" for words in hovers if re.search(r"\.2f\}%", words)]
    report = re.sub(r"<(style|svg).*?</\1>", " ", report_file(run.record, images).decode(), flags=re.S)
    assert found == []
    assert TWO_DECIMALS.findall(report) == []


def listed(texts):
    return texts if isinstance(texts, list) else [texts or ""]
