"""Figures show the numbers they were given, in the right place, and say so in words."""

import json
import tomllib
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import plotly.io
import pytest
from paths import ROOT

from mnist_core.analysis.evaluation import evaluate_logits
from mnist_core.analysis.reports import report_confusion, report_digits
from mnist_core.figures import shown, style
from mnist_core.figures.curves import history_figure, lines_of, place_borders
from mnist_core.figures.digits import digit_figure, digit_grid
from mnist_core.figures.lab.comparison import difference_figure
from mnist_core.figures.lab.evaluation import (
    calibration_figure,
    confusion_figure,
    logit_figure,
    score_figure,
)
from mnist_core.figures.layers import add_frames
from mnist_core.figures.svg import curve_svg
from mnist_core.training.history import History
from mnist_core.training.stretches import Border, Timeline


@pytest.fixture(scope="module")
def evaluation():
    random = np.random.default_rng(1)
    labels = random.integers(0, 10, 400).astype(np.uint8)
    logits = random.normal(size=(400, 10)).astype(np.float32)
    logits[np.arange(400), labels] += 2
    return evaluate_logits(logits, labels)


@pytest.fixture(scope="module")
def report(evaluation):
    return report_digits(evaluation.labels, evaluation.predictions)


@pytest.fixture(scope="module")
def history():
    return History(
        training_loss=[0.5, 0.3], training_accuracy=[0.8, 0.9],
        validation_loss=[0.4, 0.35], validation_accuracy=[0.85, 0.88],
        curve_step=[50, 100, 150, 200], curve_loss=[0.9, 0.4, 0.3, 0.2], curve_accuracy=[0.6, 0.8, 0.9, 0.95],
    )  # fmt: skip


def test_every_cell_of_the_confusion_matrix_can_be_clicked_and_names_its_digits(evaluation, report):
    figure = confusion_figure(report)
    cells, texts = figure.data[-1], [note.text for note in figure.layout.annotations]
    assert len(cells.x) == 100
    for x, y, (true_digit, prediction), text in zip(cells.x, cells.y, cells.customdata, texts, strict=True):
        assert (y, x) == (true_digit, prediction)
        count = np.sum((evaluation.labels == true_digit) & (evaluation.predictions == prediction))
        assert text == f"<b>{count or '·'}</b>"


def test_the_most_frequent_mistake_is_in_the_title(report):
    wrong = report.confusion.copy()
    np.fill_diagonal(wrong, 0)
    true_digit, prediction = np.unravel_index(wrong.argmax(), wrong.shape)
    title = style.title_text(confusion_figure(report))
    true, read = (f"{style.article(digit)} {digit}" for digit in (true_digit, prediction))
    assert f"{true} read as {read}, {wrong.max()} times" in title


@pytest.mark.parametrize(
    ("mistakes", "title"),
    [
        ({}, "No image was misread"),
        ({(4, 9): 1}, "Most frequent mistake: a 4 read as a 9, once"),
        ({(4, 9): 5, (8, 3): 4}, "Most frequent mistake: a 4 read as a 9, 5 times"),
        (
            {(4, 9): 1, (7, 2): 1, (8, 3): 1},
            "Most frequent mistakes, once each: a 4 read as a 9, a 7 read as a 2 and an 8 read as a 3",
        ),
        (
            {(4, 9): 2, (7, 2): 2, (3, 8): 1},
            "Most frequent mistakes, 2 times each: a 4 read as a 9 and a 7 read as a 2",
        ),
        (
            {(digit, 0): 3 for digit in range(1, 6)},
            "No mistake stands out: 5 different ones were made 3 times each",
        ),
    ],
)
def test_a_title_names_no_mistake_as_the_most_frequent_where_others_are_as_frequent(mistakes, title):
    confusion = 20 * np.eye(10, dtype=np.int64)
    for pair, count in mistakes.items():
        confusion[pair] = count
    assert style.title_text(confusion_figure(report_confusion(confusion))) == title


def test_a_chosen_cell_has_a_line_around_it_in_the_colour_of_the_text(report):
    assert not confusion_figure(report).layout.shapes
    figure = shown.with_theme(confusion_figure(report, selected=(7, 2)), "dark")
    (line,) = figure.layout.shapes
    assert (line.x0, line.x1, line.y0, line.y1) == (1.5, 2.5, 6.5, 7.5)
    assert (line.line.width, line.line.color) == (3, style.INK["dark"])


def test_what_the_pointer_is_told_of_a_cell_is_narrower_than_half_a_row(report):
    lines = [line for told in confusion_figure(report).data[-1].hovertext for line in told.split("<br>")]
    assert max(map(len, lines)) <= 25


def test_history_counts_in_epochs_and_percent(history):
    figure = history_figure(history, "accuracy", Timeline((100, 100)))
    fine, training, validation = figure.data
    assert list(fine.x) == [0.5, 1.0, 1.5, 2.0]
    assert list(training.y) == [80, 90]
    assert list(validation.y) == [85, 88]


@pytest.mark.parametrize(
    ("losses", "title", "told"),
    [
        ([], "Loss, batch by batch", "no epoch is finished"),
        ([0.5], "Loss over 1 epoch", "Loss over 1 epoch: training 0.5 → 0.5"),
        (
            [0.5, 0.4],
            "The training loss goes down",
            "over 2 epochs: training 0.5 → 0.4, validation 0.4 → 0.5",
        ),
    ],
)
def test_the_title_of_the_curves_is_true_of_what_was_trained(history, losses, title, told):
    validation = np.array([0.4, 0.5])[: len(losses)]  # overfitted
    run = replace(history, training_loss=np.array(losses), validation_loss=validation)
    figure = history_figure(run, "loss", Timeline((100, 100)))
    assert style.title_text(figure) == title
    assert told in style.alt_text(figure)
    assert f"over {len(losses)} epoch{'' if len(losses) == 1 else 's'}." in curve_svg(
        run, "loss", Timeline((100, 100))
    )


def test_where_a_chapter_ends_is_a_line_with_its_words_in_both_kinds_of_curves(history):
    border = Border(1, ("batch 1 → 2", "rate 1 → 2"), ("batch 2", "rate 2"))
    later = Border(9, ("batch 3 → 4",), ("batch 4",))  # of a run that was paused before
    timeline = Timeline((100, 100))
    figure = history_figure(history, "loss", timeline, [border, later])
    (line,), (note,) = figure.layout.shapes, figure.layout.annotations
    assert (line.x0, line.x1, note.x) == (1, 1, 1)
    assert (note.y, note.yanchor) == (1, "bottom"), "above the curves"
    assert note.text == "batch 1 → 2, rate 1 → 2"
    assert "After epoch 1: batch 1 → 2, rate 1 → 2." in style.alt_text(figure)
    drawn = curve_svg(history, "loss", timeline, [border, later])
    assert "batch 1 → 2, rate 1 → 2</text>" in drawn
    assert "batch 3 → 4</text>" not in drawn
    assert drawn.count("</text>") == curve_svg(history, "loss", timeline).count("</text>") + 1


def test_what_is_beside_a_border_reaches_no_other_one():
    changes = ("batch 32 → 256", "rate 0.1 → 0.2")
    borders = [Border(epoch, changes, changes) for epoch in (10, 13, 14)]
    first, second, third = place_borders(borders, 30, 60)
    assert (first.label, first.is_left) == ("batch 32 → 256,\nrate 0.1 → 0.2", True)
    assert (second.label, second.is_left) == ("", True)
    assert (third.label, third.is_left) == ("batch 32 → 256, rate 0.1 → 0.2", False)
    assert [placed.label for placed in place_borders(borders[:1], 12, 12)] == ["chapter 2"]
    assert place_borders(borders, 9, 60) == []


def test_two_labels_between_the_same_borders_do_not_meet():
    changes = ("batch 32 → 256",)
    first, second = place_borders([Border(2, changes, changes), Border(12, changes, changes)], 14, 40)
    assert (first.is_left, first.label) == (False, "batch 32 → 256")
    assert (second.is_left, second.label) == (True, "chapter 3"), "the first one has taken half of the room"


def test_the_lines_of_a_run_are_in_epochs_and_percent_and_without_what_is_not_finite(history):
    lines = lines_of(replace(history, curve_loss=np.array([2.3, np.inf, np.nan, 0.5])), Timeline((100, 100)))
    assert lines["loss"] == {"training": [(0.5, 2.3), (2.0, 0.5)], "validation": [(1.0, 0.4), (2.0, 0.35)]}
    assert lines["accuracy"]["validation"] == [(1.0, 85.0), (2.0, 88.0)]
    assert [epoch for epoch, _ in lines["accuracy"]["training"]] == [0.5, 1.0, 1.5, 2.0]


def test_all_ten_logits_have_a_bar_with_its_number_and_the_title_says_what_the_largest_makes_of_its_digit():
    logits = np.array([0, 0, 0, 5.25, 0, 0, 0, 0, -1.5, 7.25], np.float32)
    bars = logit_figure(logits, label=3)
    assert bars.layout.yaxis.type == "category"
    assert list(bars.data[0].x) == logits.tolist()
    assert (bars.data[0].text[8], bars.data[0].text[9]) == ("−1.50", "7.25")
    assert [label for label in bars.data[0].y if "true" in label] == ["<b>3 ◂ true</b>"]
    assert bars.data[0].marker.color[9] == style.WRONG
    assert np.flatnonzero(bars.data[0].marker.line.width).tolist() == [3]
    assert style.title_text(bars) == "Logit of the 9: 2.00 above the 3, so 7.4 times as likely"  # e² = 7.389
    likely = np.exp(logits) / np.exp(logits).sum()
    assert likely[9] / likely[3] == pytest.approx(7.389, abs=1e-3)
    assert bars.layout.xaxis.range[0] < -1.5 < 7.25 < bars.layout.xaxis.range[1]
    assert "so more than a million times as likely" in style.title_text(logit_figure(1000 * logits, label=9))
    right = logit_figure(logits - 20, label=9)
    assert right.data[0].marker.color[9] == style.RIGHT
    assert right.layout.xaxis.range[0] < -21.5
    assert right.layout.xaxis.range[1] > 0


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0.0%"),
        (0.0004, "0.0%"),
        (0.9956, "99.6%"),
        (0.99949, "99.9%"),
        (0.9996, ">99.9%"),
        (1, "100.0%"),
    ],
)
def test_a_share_has_one_decimal_and_is_all_only_where_nothing_is_missing(share, text):
    assert style.share_text(share) == text


def test_scores_and_calibration_show_what_was_measured(evaluation, report):
    assert style.is_cut(score_figure(report))
    recall, precision = score_figure(report).data
    assert np.allclose(precision.y, [100 * score.precision for score in report.scores])
    assert np.allclose(recall.y, [100 * score.recall for score in report.scores])
    ends = np.array(recall.y) + recall.error_y.array
    assert np.allclose(ends, [100 * score.recall_interval.high for score in report.scores])
    assert not {precision.marker.color, recall.marker.color} & {style.TRAINING, style.VALIDATION}
    points = calibration_figure(evaluation).data[1]
    assert sum(int(told.split(" image")[0]) for told in points.customdata) == evaluation.n_images
    assert "1 images" not in points.customdata


@pytest.mark.parametrize(("n_right", "is_cut"), [(0, False), (20, False), (90, True)])
def test_the_axis_of_scores_never_begins_below_0_and_says_where_it_begins_above(n_right, is_cut):
    confusion = 100 * np.eye(10, dtype=np.int64)
    confusion[3, 3], confusion[3, 5] = n_right, 100 - n_right
    figure = score_figure(report_confusion(confusion))
    bottom, _ = figure.layout.yaxis.range
    assert style.is_cut(figure) == (bottom > 0) == is_cut
    assert bottom >= 0


@pytest.mark.parametrize(
    ("n_more", "title"),
    [
        (-2, "Run 2 reads 2 fewer images correctly than Run 1"),
        (0, "Both read the same number of images correctly"),
        (1, "Run 2 reads 1 more image correctly than Run 1"),
    ],
)
def test_a_difference_of_no_image_or_of_one_is_said_as_what_it_is(n_more, title):
    difference = np.zeros((10, 10), np.int64)
    difference[4, 4], difference[4, 9] = n_more, -n_more
    assert style.title_text(difference_figure(difference, "Run 1", "Run 2")) == title


def test_the_hardest_digit_is_named_by_the_share_read_correctly_and_only_if_the_intervals_tell():
    def title(*right_of_a_thousand):
        confusion = np.diag(right_of_a_thousand)
        for digit, right in enumerate(right_of_a_thousand):
            confusion[digit, (digit + 1) % 10] += 1_000 - right
        return style.title_text(score_figure(report_confusion(confusion)))

    assert title(*[970] * 5, 900, *[970] * 4) == "The 5 is hardest to read: 90.0% correct"
    assert title(*[970] * 5, 900, *[970] * 3, 905) == ("Hardest to read: the 5 or the 9, too close to tell")
    assert title(905, *[970] * 4, 900, *[970] * 3, 903) == (
        "Hardest to read: the 5, the 9 or the 0, too close to tell"
    )
    assert title(*[960] * 10) == "No digit stands out as the hardest to read"


def test_a_digit_stands_upright_and_a_grid_has_every_image():
    image = np.arange(784, dtype=np.uint16).reshape(28, 28).astype(np.uint8)
    figure = digit_figure(image, "A test")
    assert np.array_equal(figure.data[0].z, image)
    assert figure.layout.yaxis.autorange == "reversed"
    assert digit_grid(np.stack([image] * 5), columns=2).startswith(b"\x89PNG")


def test_every_figure_says_in_words_what_it_shows(evaluation, report, history):
    for figure in (
        confusion_figure(report), score_figure(report), calibration_figure(evaluation),
        history_figure(history, "loss", Timeline((100, 100))),
        logit_figure(evaluation.logits[0], 0),
    ):  # fmt: skip
        assert len(style.alt_text(figure)) > 20
        assert style.title_text(figure)


def one_that_plays():
    figure = go.Figure(go.Scatter(x=[0], y=[0]))
    frames = [go.Frame(name=str(2 * n), data=[{"type": "scatter", "x": [n]}], traces=[0]) for n in range(3)]
    add_frames(figure, frames, "Updates made", begin=1)
    return style.styled(figure, "A point that moves", "From 0 to 2.")


def test_a_figure_that_plays_keeps_its_steps_and_says_what_they_count():
    finished = shown.serialised_once(one_that_plays())
    assert style.player_of(finished) == {"words": "Updates made", "numbers": [0, 2, 4], "begin": 1}
    sent = json.loads(plotly.io.to_json(finished, validate=False))
    asked = [step["args"][0] for step in sent["layout"]["sliders"][0]["steps"]]
    assert asked == [[frame["name"]] for frame in sent["frames"]]
    assert [frame["data"][0]["x"] for frame in sent["frames"]] == [[0], [1], [2]]


def test_what_browsers_are_sent_of_a_finished_figure_is_made_once_and_is_the_same(report):
    assert style.player_of(confusion_figure(report)) is None
    figure, finished = confusion_figure(report), shown.serialised_once(confusion_figure(report))
    sent = finished.to_dict()
    assert finished.to_dict() is sent
    assert plotly.io.to_json(sent, validate=False) == plotly.io.to_json(figure, validate=False)
    assert sent["layout"]["height"] == figure.layout.height
    assert style.title_text(finished) == style.title_text(figure)
    assert style.alt_text(finished) == style.alt_text(figure)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_in_figures_stands_out_on_the_page_and_leaves_chosen_colours(theme, report):
    def luminance(color):
        value = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())
    lighter, darker = sorted(
        [luminance(style.INK[theme]), luminance(config["theme"][theme]["backgroundColor"])], reverse=True
    )
    assert (lighter + 0.05) / (darker + 0.05) > 10  # WCAG's contrast ratio
    plain, figure = confusion_figure(report), shown.with_theme(confusion_figure(report), theme)
    assert figure.layout.xaxis.title.font.color == figure.layout.yaxis.tickfont.color == style.INK[theme]
    before = [note.font.color for note in plain.layout.annotations]
    after = [note.font.color for note in figure.layout.annotations]
    assert after == [color or style.INK[theme] for color in before]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chart_has_the_paper_of_the_page_and_room_for_the_button_that_saves_it(theme, report):
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())
    plain, figure = confusion_figure(report), shown.with_theme(confusion_figure(report), theme)
    page = config["theme"][theme]["backgroundColor"]
    assert figure.layout.paper_bgcolor == page
    channels = ",".join(str(int(page[at : at + 2], 16)) for at in (1, 3, 5))
    assert figure.layout.legend.bgcolor == f"rgba({channels},0.8)"  # words stay legible over the data
    assert figure.layout.margin.t == style.TOOLS_HEIGHT
    grown = figure.layout.height - plain.layout.height
    assert grown == style.TOOLS_HEIGHT - plain.layout.margin.t > 0


def test_pairs_of_colours_that_mean_opposites_differ_for_the_colour_blind():
    """Simulated after Viénot, Brettel and Mollon (1999): protanopia and deuteranopia in linear RGB."""
    protan = np.array([[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]])
    deutan = np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]])

    def linear(color):
        value = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)

    for one, other in (
        (style.TRAINING, style.VALIDATION),
        (style.RIGHT, style.WRONG),
        (style.POSITIVE, style.NEGATIVE),
    ):
        for simulate in (protan, deutan):
            assert np.abs(simulate @ (linear(one) - linear(other))).max() > 0.1


@pytest.mark.parametrize("height", [200, 280, 350, 420, 600])
def test_a_legend_leaves_room_for_the_numbers_and_the_name_of_the_axis(height):
    figure = go.Figure([go.Scatter(y=[1, 2], name="a"), go.Scatter(y=[2, 1], name="b")])
    drawn = style.styled(figure, "A title", "A text", height=height)
    pixels_of_the_plot = max(height - 120, 66)
    assert -drawn.layout.legend.y * pixels_of_the_plot >= 65.9
