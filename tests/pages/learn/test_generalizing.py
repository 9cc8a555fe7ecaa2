"""The lesson on generalising better says what its trainings say, and draws masks and copies of training."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from pretending import end_apart
from training_process import classic, run_until

from dashboard.elements.prose import read_lesson
from dashboard.learn import experiments
from mnist_core.engine.jobs import JobState
from mnist_core.figures.lessons import generalizing as figures
from mnist_core.figures.style import TEST, TRAINING, VALIDATION, alt_text, share_text, title_text, with_minus
from mnist_core.lessons import thinning
from mnist_core.lessons.generalizing import CURES, SEEDS, Judged, Mean, compare_cures, cure_config, judge
from mnist_core.lessons.moved_digits import ON_ALL, SIDE, Outside, look_outside
from mnist_core.lessons.training_curves import Validated
from mnist_core.training.training_set import training_images

PAGE = "pages/learn/generalizing.py"
LESSON = read_lesson("learn", "generalizing")


def judged(accuracy, kept_epoch=2, weight_size=0.05):
    return Judged(
        training_loss=np.array([2.3, 0.3, 0.1]),
        training_accuracy=np.array([0.1, 0.9, 0.99]),
        loss=np.array([2.3, 0.6, 0.8]),
        accuracy=np.array([0.1, accuracy, accuracy]),
        kept_epoch=kept_epoch,
        weight_size=weight_size,
        thinned=0.7,
        moved=0.6,
        n_images=1_000,
        starting_weights=np.zeros((8, 28, 28), np.float32),
        weights=np.zeros((8, 28, 28), np.float32),
        full_color=0.1,
    )


def results():
    return compare_cures(
        {
            "nothing": [judged(a) for a in (0.80, 0.81, 0.82)],
            "early stopping": [judged(a, kept_epoch=1) for a in (0.80, 0.82, 0.81)],
            "L2": [judged(a, weight_size=0.02) for a in (0.85, 0.86, 0.87)],
        }
    )


def outside(accuracy, moved, n_drawn):
    def share(of):
        return Validated.of(np.arange(1_000) < round(1_000 * of))

    drawn = np.arange(10 * SIDE * SIDE).reshape(10, SIDE, SIDE) < n_drawn
    return Outside(share(0.99), share(accuracy), share(accuracy), share(moved), drawn)


# What the figures show


def test_the_gap_is_drawn_from_validation_to_training_accuracy_with_its_number():
    figure = figures.gap_figure(results())
    training, validation = figure.data[-2:]
    assert (training.marker.color, validation.marker.color) == (TRAINING, VALIDATION)
    assert list(training.x) == pytest.approx([99, 90, 99])
    assert list(validation.x) == pytest.approx([81, 81, 86])
    mean = results()["L2"].accuracy
    assert validation.error_x.array[2] == pytest.approx(100 * (mean.high - mean.mean))
    assert [each.text for each in figure.layout.annotations if each.xref != "paper"] == [
        "18.0",
        "9.0",
        "13.0",
    ]
    assert title_text(figure) == (
        "The gap is widest with nothing, 18.0 percentage points, and narrowest with early stopping, 9.0"
    )


def test_an_interval_of_accuracies_ends_at_all_of_them():
    means = {cure: replace(result, training=Mean(0.99, 0.97, 1.01)) for cure, result in results().items()}
    training = figures.gap_figure(means).data[-2]
    assert list(training.error_x.array) == pytest.approx([1, 1, 1])
    assert list(training.error_x.arrayminus) == pytest.approx([2, 2, 2])


def test_curves_have_a_ring_where_a_network_before_the_last_is_kept():
    runs = {"nothing": judged(0.8), "early stopping": judged(0.8, kept_epoch=1)}
    figure = figures.curves_figure(runs, "loss")
    nothing, early, ring = figure.data
    assert list(nothing.y) == list(early.y) == [0.6, 0.8]
    assert (ring.x[0], ring.y[0]) == (1, 0.6)
    assert (
        title_text(figure) == "Loss on new images: lowest 0.60 with early stopping, highest 0.80 with nothing"
    )
    accuracy = figures.curves_figure(runs, "accuracy")
    assert list(accuracy.data[0].y) == [80, 80]


def test_sizes_of_weights_are_compared_with_those_of_nothing():
    figure = figures.sizes_figure(results(), "L2")
    assert list(figure.data[0].x) == pytest.approx([0.05, 0.05, 0.02])
    assert "0.40 times" in title_text(figure)


def test_validation_test_and_moved_images_are_drawn_at_their_accuracies():
    outsides = {"nothing": outside(0.97, 0.62, 300), "shifted copies": outside(0.96, 0.93, 480)}
    figure = figures.outside_figure(outsides)
    assert [list(trace.x) for trace in figure.data] == [[97, 96], [97, 96], [62, 93]]
    assert [trace.marker.color for trace in figure.data] == [VALIDATION, TEST, TEST]
    assert "62.0% with nothing, 93.0% with shifted copies" in title_text(figure)


def test_each_place_of_each_drawing_has_one_mark():
    outsides = {"nothing": outside(0.97, 0.62, 300), "shifted copies": outside(0.96, 0.93, 480)}
    figure = figures.places_figure(outsides)
    read, misread = figure.data
    assert (len(read.x), len(misread.x)) == (780, 200)
    assert len(set(zip([*read.x, *misread.x], [*read.y, *misread.y], strict=True))) == 980
    assert "300 of 490 with nothing; 480 of 490 with shifted copies" in alt_text(figure)


# What the page does


def metrics(app):
    return {metric.label: metric.value for metric in app.metric}


def charts(app):
    return {
        chart.proto.id.rpartition("-")[2]: json.loads(chart.proto.spec) for chart in app.get("plotly_chart")
    }


def texts(app):
    return [text.value for text in app.markdown]


@pytest.fixture
def page(app):
    """The lesson after its guess."""
    app.switch_page(PAGE).run()
    if skip := [button for button in app.button if button.key == "skip_generalizing/predict"]:
        skip[0].click().run()
    assert not app.exception
    return app


def test_a_mask_is_that_of_a_training_and_another_one_is_the_next(page):
    run = classic()
    parameters, chosen = run.record.parameters, training_images(run.record.config, run.dataset)
    page.number_input(key="generalizing_image").set_value(7).run()
    page.slider(key="generalizing_dropout").set_value(40).run()
    label = int(chosen.digits[7])
    for press in range(2):
        masks = thinning.masks_of(run.record.config, 0.4, press, thinning.N_MASKS)
        inputs = (chosen.images[7].reshape(784) / 255).astype(np.float32)
        readings = thinning.read_thinned(parameters, inputs, label, masks, 0.4)
        shown = metrics(page)
        assert shown[f"For the {label}, all neurons"] == share_text(readings.whole)
        assert shown["With this mask"] == share_text(readings.thinned[0])
        assert shown["Of 200 masks, read correctly"] == str(readings.n_right)
        page.button(key="another_mask").click().run()
    assert any("multiplied by 1.67" in text for text in texts(page))
    assert any("was trained with no dropout" in text for text in texts(page))


def test_the_wall_counts_the_places_of_an_image(page):
    for shift, sentence in ((3, r"&= 24{,}500 \text{ pictures}"), (0, r"&= 500 \text{ pictures}")):
        page.slider(key="generalizing_shift").set_value(shift).run()
        assert any(sentence in formula.value for formula in page.latex)


def test_the_images_that_there_are_decide_what_is_said_of_all(page):
    n_images = len(classic().dataset.train_labels)
    assert any(
        f"gets all {n_images:,} training images, {n_images // 10:,} of them for" in text
        for text in texts(page)
    )
    assert any("not the 60,000" in info.value for info in page.info) == (n_images < 60_000)


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ("finished finished", "done"),
        ("finished queued queued", "1 of 3 done"),
        ("finished failed", "failed"),
    ],
)
def test_a_bar_of_several_trainings_says_how_many_of_them_are_done(states, said):
    views = [SimpleNamespace(state=JobState(state)) for state in states.split()]
    assert experiments._state(views) == said


@pytest.fixture(scope="module")
def cured(sample_app):
    """The lesson after its trainings, which here end at once, each with another network."""
    from dashboard.session import resources

    jobs = resources.engine()._jobs
    known = set(jobs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mnist_core.engine.process.worker.train_and_report", end_apart)
        sample_app.switch_page(PAGE).run()
        sample_app.button(key="skip_generalizing/predict").click().run()
        for experiment, chart in (("cures", "cures_gap"), ("all", "outside")):
            sample_app.button(key=f"begin_generalizing/{experiment}").click().run()
            run_until(sample_app, lambda chart=chart: chart in charts(sample_app))
        yield sample_app
    for job_id in set(jobs) - known:
        jobs.detach(jobs[job_id])


def runs_of(app, experiment):
    from dashboard.session import resources
    from dashboard.session.visits import all_visits

    jobs = all_visits().find(app.session_state["visit_id"]).experiments[experiment]
    return [resources.current(job) for job in jobs]


@pytest.fixture(scope="module")
def found(cured):
    """The results, from the records of the visit's runs."""
    measured = iter([judge(run.record, run.dataset) for run in runs_of(cured, "generalizing/cures")])
    return compare_cures({cure: [next(measured) for _ in SEEDS] for cure in CURES})


def test_every_cure_is_trained_with_every_seed(cured):
    configs = [run.record.config for run in runs_of(cured, "generalizing/cures")]
    expected = [cure_config(cure, seed) for cure in CURES for seed in SEEDS]
    assert configs == expected


def test_what_is_found_of_each_cure_is_what_its_runs_say(cured, found):
    said = "\n".join(texts(cured))
    for finding in ("better", "worse", "unclear"):
        cures = [
            f"{cure} ({with_minus(f'{100 * result.gain.mean:+.1f}')})"
            for cure, result in found.items()
            if cure != "nothing" and result.finding == finding
        ]
        sentence = LESSON[finding].format(cures=", ".join(cures))
        assert (sentence in said) if cures else (LESSON[finding].split("{")[0] not in said)


@pytest.mark.parametrize("cure", CURES[1:])
def test_a_cure_is_explained_with_what_was_measured_of_it(cure, cured, found):
    cured.segmented_control(key="generalizing_cure").set_value(cure).run()
    assert not cured.exception
    said = texts(cured)
    assert LESSON[cure] in said
    result, nothing = found[cure], found["nothing"]
    numbers = {
        "more images": (100 * nothing.gap.mean, 100 * result.gap.mean),
        "early stopping": (result.loss.mean, nothing.loss.mean),
        "L2": (result.weight_size.mean, nothing.weight_size.mean),
        "dropout": (100 * result.thinned.mean, 100 * nothing.thinned.mean),
        "shifted copies": (100 * result.moved.mean, 100 * nothing.moved.mean),
    }[cure]
    form = {"early stopping": ".2f", "L2": ".3f"}.get(cure, ".1f")
    (sentence,) = [text for text in said if text.startswith(LESSON[f"{cure} measured"].split("{")[0])]
    assert all(f"{number:{form}}" in sentence for number in numbers)
    assert "cures_sizes" in charts(cured)


def test_the_look_at_all_images_has_the_numbers_of_its_runs(cured):
    looked = [look_outside(run.record, run.dataset) for run in runs_of(cured, "generalizing/all")]
    by_cure = dict(zip(ON_ALL, looked, strict=True))
    nothing, shifted = by_cure["nothing"], by_cure["shifted copies"]
    said, differences = texts(cured), []
    for kind in ("test", "moved"):
        difference = getattr(shifted, kind).accuracy - getattr(nothing, kind).accuracy
        differences.append(with_minus(f"{100 * difference:+.1f}"))
    price = "as they are by {} percentage points, and on the moved ones by {}".format(*differences)
    assert any(price in text for text in said)
    gap = 100 * (nothing.training.accuracy - nothing.validation.accuracy)
    assert any(f"images is {with_minus(f'{gap:.1f}')} percentage points here" in text for text in said)
    assert any("gets all 4,000 training images, 400 of them for validation" in text for text in said)
