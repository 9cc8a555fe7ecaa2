import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from training_process import classic, opened_lesson, run_until, skip_guess, trained, visit_of

from dashboard.learn import overfitting
from mnist_core.analysis.evaluation import evaluate_logits
from mnist_core.analysis.intervals import wilson_interval
from mnist_core.config import DEFAULT, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.figures.lessons import splits
from mnist_core.figures.lessons import testing as figures
from mnist_core.figures.style import alt_text, is_cut, title_text, with_minus
from mnist_core.lessons.testing import (
    choose_winner,
    count_wrong_labels,
    find_overfitting,
    look_at_kept_moments,
    measured_on,
    spread_of,
)
from mnist_core.network.parameters import Parameters
from mnist_core.training.history import History
from mnist_core.training.record import RunRecord
from mnist_core.training.training_set import make_wrong_labels

pytestmark = pytest.mark.usefixtures("no_film_on_pages")
PAGE = "pages/learn/testing.py"


def make_history(training_loss, validation_loss, training_accuracy=0.9, validation_accuracy=0.9):
    n = len(training_loss)
    return History(
        training_loss=training_loss,
        training_accuracy=np.full(n, training_accuracy),
        validation_loss=validation_loss,
        validation_accuracy=np.full(len(validation_loss), validation_accuracy),
        curve_step=np.arange(1, n + 1),
        curve_loss=training_loss,
        curve_accuracy=np.full(n, training_accuracy),
    )


def make_evaluation(n_right, n):
    labels = np.zeros(n, np.int64)
    logits = np.zeros((n, 10), np.float32)
    logits[:n_right, 0], logits[n_right:, 1] = 1, 1
    return evaluate_logits(logits, labels)


# What the library says


def test_overfitting_is_found_where_validation_loss_turns_while_training_loss_falls():
    fit = find_overfitting(make_history([1.0, 0.5, 0.2, 0.1], [0.9, 0.6, 0.7, 0.8]), 1_000)
    assert fit.finding == "turned"
    assert (fit.best_epoch, fit.best_loss, fit.final_loss, fit.epochs) == (2, 0.6, 0.8, 4)
    assert fit.training_loss == 0.1


def test_a_rise_of_both_losses_is_no_overfitting():
    assert find_overfitting(make_history([1.0, 0.5, 0.6], [0.9, 0.6, 0.8]), 1_000).finding == "close"


def test_a_gap_is_found_only_where_it_is_wider_than_the_uncertainty():
    history = make_history([1.0, 0.1], [0.9, 0.6], training_accuracy=1.0, validation_accuracy=0.9)
    fit = find_overfitting(history, 1_000)
    assert fit.finding == "gap"
    assert fit.gap == pytest.approx(0.1)
    assert fit.interval == wilson_interval(900, 1_000)
    few = make_history([1.0, 0.1], [0.9, 0.6], training_accuracy=0.96, validation_accuracy=0.9)
    assert find_overfitting(few, 10).finding == "close"


def test_underfitting_allows_for_wrong_labels():
    history = make_history([1.0, 0.9], [0.9, 0.8], training_accuracy=0.6, validation_accuracy=0.6)
    assert find_overfitting(history, 100).finding == "underfit"
    assert find_overfitting(history, 100, wrong_label_share=0.4).finding == "close"
    apart = make_history([1.0, 0.9], [0.9, 0.8], training_accuracy=0.6, validation_accuracy=0.4)
    assert find_overfitting(apart, 1_000).finding == "underfit"


@pytest.mark.parametrize("losses", [[], [0.5, np.nan], [0.5, np.inf]])
def test_overfitting_cannot_be_seen_without_finite_validation_losses(losses):
    with pytest.raises(ValueError, match="finite validation losses"):
        find_overfitting(make_history([1.0, 0.5], losses), 10)


def test_wrong_labels_are_counted_in_the_answers_of_a_network_that_always_says_three(sample):
    config = RunConfig(
        NetworkConfig((1,)),
        TrainingConfig(n_training_images=400, validation_share=0.5, wrong_label_share=0.5),
    )
    always_three = Parameters((np.zeros((784, 1)), np.zeros((1, 10))), (np.zeros(1), np.eye(10)[3]), "relu")
    empty = History(*[np.zeros(0)] * 7)
    record = RunRecord(
        config, "", "", 200, 200, 0, True, 0.0, empty, (always_three,), always_three, {}
    )  # fmt: skip
    digits = sample.train_labels[:200]
    taught = make_wrong_labels(digits, 0.5, 0)
    counted = count_wrong_labels(record, sample)
    assert counted.n_wrong == 100
    assert counted.n_repeated == sum((taught == 3) & (digits != 3)) > 0
    assert counted.n_read == sum((taught != 3) & (digits == 3)) > 0


@pytest.mark.parametrize("n", [100, 1_000, 10_000])
def test_a_measured_accuracy_has_wilsons_interval_by_its_formula(n):
    measured = measured_on(0.96, n)
    p, z = measured.n_right / n, 1.959964
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert measured.interval.low == pytest.approx(middle - half, abs=1e-6)
    assert measured.interval.high == pytest.approx(middle + half, abs=1e-6)
    assert measured.margin == pytest.approx(measured.interval.width / 2, rel=0.1)


def test_four_times_the_images_halve_the_margin():
    assert measured_on(0.95, 4_000).margin == pytest.approx(measured_on(0.95, 1_000).margin / 2)


def test_the_spread_is_from_the_lowest_to_the_highest_accuracy():
    spread = spread_of([make_evaluation(n_right, 100) for n_right in (90, 96, 93)])
    assert (spread.lowest, spread.highest) == (0.90, 0.96)
    assert spread.range == pytest.approx(0.06)
    intervals = [wilson_interval(n_right, 100) for n_right in (90, 96, 93)]
    assert spread.width == pytest.approx(np.mean([i.high - i.low for i in intervals]))


def test_choosing_a_winner_agrees_with_going_through_all_parts():
    is_right = np.array([[1, 1, 0, 0, 1, 1], [0, 1, 1, 1, 0, 1], [1, 0, 1, 0, 1, 0]], dtype=bool)
    choosing, others = [], []
    for part in itertools.combinations(range(6), 2):
        rest = [image for image in range(6) if image not in part]
        best = max(range(3), key=lambda network: is_right[network, list(part)].sum())
        choosing.append(is_right[best, list(part)].mean())
        others.append(is_right[best, rest].mean())
    winner = choose_winner(is_right, 2, n_draws=20_000)
    assert winner.accuracy_choosing == pytest.approx(np.mean(choosing), abs=0.01)
    assert winner.accuracy_others == pytest.approx(np.mean(others), abs=0.01)


def test_a_single_network_cannot_be_chosen_and_is_not_flattered():
    is_right = np.random.default_rng(0).random((1, 200)) < 0.8
    winner = choose_winner(is_right, 50, n_draws=2_000)
    assert winner.flattery == pytest.approx(0, abs=0.006)
    n_right = 50 * winner.accuracy_choosing + 150 * winner.accuracy_others
    assert n_right == pytest.approx(is_right.sum())


def test_choosing_among_equals_flatters_less_with_more_images():
    is_right = np.random.default_rng(0).random((5, 10_000)) < 0.9
    flattery = [choose_winner(is_right, n).flattery for n in (100, 1_000, 5_000)]
    assert flattery[0] > flattery[1] > flattery[2] > 0


# What the figures show


def test_the_bars_of_the_split_follow_each_other_to_scale():
    figure = splits.split_figure(540, 60, 400, 200)
    bars = [(bar.y[0], bar.base[0], bar.x[0]) for bar in figure.data]
    assert bars == [
        ("Training", 0, 540),
        ("Validation", 540, 60),
        ("Not used", 600, 400),
        ("Test", 1000, 200),
    ]
    assert tuple(figure.layout.xaxis.range) == (0, 1_200)
    assert "540 images for training, 60 for validation, 200 for testing" in title_text(figure)
    assert "400 training images are not used" in alt_text(figure)
    assert "Not used" not in [bar.y[0] for bar in splits.split_figure(540, 60, 0, 200).data]


def test_the_timeline_has_one_validation_an_epoch_and_one_test():
    training, validation, test = splits.timeline_figure(4, 100, has_validation=True).data
    assert (len(training.x), list(validation.x), len(test.x)) == (4, [1, 2, 3, 4], 1)
    assert test.x[0] > 4
    axis = splits.timeline_figure(4, 100, has_validation=True).layout.xaxis
    assert list(axis.tickvals) == [1, 2, 3, 4]
    assert list(axis.ticktext) == ["epoch 1", "2", "3", "4"]  # all of them run together on a phone
    without = splits.timeline_figure(4, 100, has_validation=False)
    assert list(without.data[1].x) == [None]
    assert title_text(without) == "400 updates, 0 validation measurements, one test"


def test_the_epoch_of_the_lowest_validation_loss_is_marked_in_both_curves():
    history = make_history([1.0, 0.5, 0.2], [0.9, 0.6, 0.7], validation_accuracy=0.8)
    fit = find_overfitting(history, 100)
    for quantity, value in (("loss", 0.6), ("accuracy", 80)):
        mark = figures.overfitting_figure(history, quantity, fit).data[2]
        assert (mark.x[0], mark.y[0]) == (2, pytest.approx(value))
    figure = figures.overfitting_figure(history, "accuracy", fit, right_label_share=0.7)
    assert figure.layout.shapes[0].y0 == pytest.approx(70)
    assert not figures.overfitting_figure(history, "loss", fit, right_label_share=0.7).layout.shapes


def test_intervals_and_winners_are_drawn_at_their_numbers():
    measured = [measured_on(0.95, n) for n in (100, 1_000)]
    figure = figures.narrowing_figure(measured, measured[1])
    assert is_cut(figure)
    top = figure.data[0].y[0] + figure.data[0].error_y.array[0]
    assert top == pytest.approx(100 * wilson_interval(95, 100).high)
    assert figure.data[1].marker.color == figures.TEST != figure.data[0].marker.color
    evaluations = [make_evaluation(n_right, 100) for n_right in (90, 96)]
    seeds = figures.seeds_figure(evaluations, ["a", "b"], spread_of(evaluations))
    assert [trace.y[0] for trace in seeds.data] == [pytest.approx(90), pytest.approx(96)]
    is_right = np.random.default_rng(0).random((5, 400)) < 0.9
    winners = [choose_winner(is_right, n) for n in (50, 200)]
    drawn = figures.winner_figure(winners, winners[1])
    assert is_cut(drawn)
    assert is_cut(seeds)
    assert list(drawn.data[0].y) == [100 * winner.accuracy_choosing for winner in winners]
    assert list(drawn.data[1].y) == [100 * winner.accuracy_others for winner in winners]
    assert f"{100 * winners[1].flattery:.1f} percentage points" in title_text(drawn)
    (line,) = drawn.layout.shapes
    assert line.y1 < 0.8  # below the legend of two entries in the corner


# What the page does


def metrics(app):
    return {metric.label: metric.value for metric in app.metric}


def charts(app):
    return {
        chart.proto.id.rpartition("-")[2]: json.loads(chart.proto.spec) for chart in app.get("plotly_chart")
    }


@pytest.fixture(scope="module")
def app(training_process):
    """The lesson after its guess."""
    app = skip_guess(opened_lesson("testing"), "testing")
    return run_until(app, lambda: "tenths" in charts(app))


@pytest.fixture
def use_run(app):
    """What trains a network and makes it the visit's current run, for one test."""
    from dashboard.session import resources

    before = visit_of(app).current

    def use(config):
        (job,) = trained(config)
        visit_of(app).current = job
        app.run()
        assert not app.exception
        return resources.current(job)

    yield use
    visit_of(app).current = before
    app.run()


@pytest.mark.usefixtures("training_process")
def test_the_page_asks_for_a_guess_and_shows_nothing_else_before_it():
    app = opened_lesson("testing")
    assert app.radio(key="guess_testing/predict").value is None
    assert not app.slider
    assert not app.get("plotly_chart")
    skip_guess(app, "testing")
    assert "Overfitting, on purpose" in [header.value for header in app.header]
    run_until(app, lambda: "tenths" in charts(app))
    awaited = {f"awaited_testing/{experiment}_0" for experiment in ("overfitting", "seeds")}
    assert {"split", "timeline", "narrowing", "tenths", *awaited} == set(charts(app))
    assert any("last tenth" in text.value and "{" not in text.value for text in app.markdown)


@pytest.mark.parametrize("percent", [25, 0, 10])
def test_the_validation_slider_changes_the_split(app, percent):
    from dashboard.session import resources

    app.slider(key="choice_validation").set_value(percent).run()
    assert not app.exception
    dataset = resources.dataset()
    n_training, n_validation = TrainingConfig(validation_share=percent / 100).split_sizes(
        len(dataset.train_labels)
    )
    drawn = [trace["x"][0] for trace in charts(app)["split"]["data"]]
    assert drawn == [n_training, n_validation, len(dataset.test_labels)]
    assert any("No images are set aside" in info.value for info in app.info) == (percent == 0)


def test_the_interval_is_the_one_of_the_current_accuracy_on_that_many_images(app):
    accuracy = classic().evaluation.accuracy
    for n in (100, 1_000):
        app.select_slider(key="testing_tested").set_value(n).run()
        interval = wilson_interval(round(accuracy * n), n)
        shown = metrics(app)[f"95% interval for {round(accuracy * n):,} of {n:,}"]
        assert shown == f"{100 * interval.low:.1f} – {100 * interval.high:.1f}%"


def test_wrong_labels_are_learned_by_heart_and_the_page_says_so(app):
    from dashboard.session import resources

    app.button(key="testing_Wrong labels").click().run()
    assert app.slider(key="choice_units").value == 256
    assert app.slider(key="testing_wrong").value == 30
    app.select_slider(key="testing_images").set_value(1_000).run()
    app.button(key="begin_testing/overfitting").click().run()
    run_until(app, lambda: any(choice.key == "testing_view" for choice in app.segmented_control))
    app.segmented_control(key="testing_view").set_value("loss").run()
    assert "testing_loss" in charts(app)
    visit = visit_of(app)
    run = resources.current(visit.experiments["testing/overfitting"][0])
    assert (run.record.n_training_images, run.record.n_validation_images) == (1_000, 1_000)
    fit = find_overfitting(run.record.history, 1_000, 0.3)
    assert any(f"lowest after epoch {fit.best_epoch}:" in info.value for info in app.info)
    app.segmented_control(key="testing_view").set_value("accuracy").run()
    assert "testing_accuracy" in charts(app)
    assert metrics(app)["Training"] == f"{100 * fit.training_accuracy:.1f}%"
    assert metrics(app)["Gap (percentage points)"] == with_minus(f"{100 * fit.gap:.1f}")
    assert fit.finding == "turned"
    counted = count_wrong_labels(run.record, run.dataset)
    assert counted.n_repeated > counted.n_wrong / 2
    assert any(f"**{counted.n_repeated:,}** the wrong label" in text.value for text in app.markdown)
    app.segmented_control(key="testing_view").set_value("early stopping").run()
    run_until(app, lambda: "testing_kept" in charts(app))
    kept = look_at_kept_moments(run.record, run.dataset)
    assert metrics(app)[f"Test accuracy, epoch {fit.best_epoch}"].startswith(
        f"{100 * kept.stopped.accuracy:.1f}%"
    )
    assert any(f"that of epoch {fit.best_epoch}." in text.value for text in app.markdown)
    app.slider(key="testing_wrong").set_value(0).run()
    assert app.button(key="begin_testing/overfitting")
    assert "Training" not in metrics(app)


@pytest.mark.parametrize(
    ("change", "said", "not_said"),
    [
        ({"best_epoch": 30, "epochs": 30}, "was lowest at the end", "has hardly risen"),
        ({"best_epoch": 20, "epochs": 30}, "has hardly risen", "was lowest at the end"),
        ({"training_accuracy": 0.6, "accuracy": 0.8}, "measured on the wrong labels", "about equally well"),
        ({"training_accuracy": 0.8, "accuracy": 0.8}, "about equally well", "measured on the wrong labels"),
    ],
)  # fmt: skip
def test_without_overfitting_it_says_where_the_loss_was_lowest_and_on_which_labels(change, said, not_said):
    fit = find_overfitting(make_history([1.0, 0.5], [0.9, 0.6]), 100)
    words = overfitting.finding_in_words(replace(fit, finding="close", **change), has_wrong_labels=True)
    assert said in words
    assert not_said not in words


def test_few_images_are_known_by_heart_and_new_ones_are_read_clearly_worse(app):
    from dashboard.session import resources

    app.button(key="testing_Few images").click().run()
    assert app.slider(key="testing_wrong").value == 0
    app.button(key="begin_testing/overfitting").click().run()
    run_until(app, lambda: any(choice.key == "testing_view" for choice in app.segmented_control))
    app.segmented_control(key="testing_view").set_value("accuracy").run()
    shown = {
        name: float(value.split("%")[0].replace("−", "-"))
        for name, value in metrics(app).items()
        if " – " not in value
    }
    assert shown["Training"] > 99
    (validation,) = (value for name, value in shown.items() if name.startswith("Validation ("))
    assert 75 < validation < 90
    record = resources.current(visit_of(app).experiments["testing/overfitting"][0]).record
    fit = find_overfitting(record.history, record.n_validation_images)
    is_riddle = fit.finding == "turned" and not fit.accuracy_has_fallen
    assert any("**A riddle:**" in text.value for text in app.markdown) == is_riddle


def test_a_loss_that_rises_while_the_accuracy_stays_is_told_from_one_that_takes_it_along():
    rising = make_history([1.0, 0.5, 0.2], [0.9, 0.6, 0.7], validation_accuracy=0.8)
    assert not find_overfitting(rising, 100).accuracy_has_fallen
    falling = replace(rising, validation_accuracy=np.array([0.7, 0.85, 0.8]))
    fit = find_overfitting(falling, 100)
    assert (fit.finding, fit.accuracy_at_best, fit.accuracy_has_fallen) == ("turned", 0.85, True)


def test_the_settings_of_the_experiment_are_still_there_on_return(app):
    app.select_slider(key="testing_images").set_value(1_000).run()
    app.slider(key="testing_wrong").set_value(20).run()
    app.switch_page("pages/start/overview.py").run()
    app.switch_page(PAGE).run()
    assert app.select_slider(key="testing_images").value == 1_000
    assert app.slider(key="testing_wrong").value == 20


@pytest.mark.usefixtures("trainings_end_at_once")
def test_five_seeds_and_the_best_of_them_chosen_by_some_test_images(app):
    from dashboard.session import resources

    best_of_five = "Why the test images are used only once"
    assert best_of_five not in [header.value for header in app.header]
    app.button(key="begin_testing/seeds").click().run()
    run_until(app, lambda: "Percentage points too good" in metrics(app))
    assert not app.exception
    assert best_of_five in [header.value for header in app.header]
    visit = visit_of(app)
    runs = [resources.current(job) for job in visit.experiments["testing/seeds"]]
    assert [run.record.config.training.seed for run in runs] == list(range(5))
    assert {run.record.config.network for run in runs} == {DEFAULT.network}
    drawn = charts(app)["seeds"]["data"]
    assert [trace["y"][0] for trace in drawn] == [pytest.approx(100 * r.evaluation.accuracy) for r in runs]
    is_right = np.array([run.evaluation.labels == run.evaluation.predictions for run in runs])
    half = is_right.shape[1] // 2
    for n in (half, 100):
        app.select_slider(key=f"testing_of_{half}").set_value(n).run()
        winner = choose_winner(is_right, n)
        assert metrics(app)["Percentage points too good"] == f"{100 * winner.flattery:.1f}"
        assert metrics(app)[f"On the {n:,} it was chosen by"] == f"{100 * winner.accuracy_choosing:.1f}%"


def test_the_page_shows_a_run_of_three_layers(app, use_run):
    few = TrainingConfig(epochs=1, n_training_images=200, validation_share=0.0)
    run = use_run(RunConfig(NetworkConfig((5, 4, 3), "tanh"), few))
    n = run.evaluation.n_images
    app.select_slider(key="testing_tested").set_value(n).run()
    assert f"95% interval for {run.evaluation.n_right:,} of {n:,}" in metrics(app)


def test_a_run_that_diverged_is_said_instead_of_drawn(app, use_run):
    wild = TrainingConfig(
        epochs=2, n_training_images=500, optimizer="momentum", learning_rate=1.0, preparation="undivided"
    )
    run = use_run(RunConfig(NetworkConfig((8,), "none"), wild))
    assert run.record.has_diverged
    assert "narrowing" not in charts(app)
    assert any("not finite numbers" in warning.value for warning in app.warning)
