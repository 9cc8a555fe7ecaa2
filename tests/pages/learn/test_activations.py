"""The lesson on activations: its core functions, its figures, and its page empty, filled and moved."""

import re
import warnings
from dataclasses import replace

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from training_process import (
    charts,
    classic,
    opened_lesson,
    run_until,
    run_until_trained,
    skip_guess,
    visit_of,
)

from mnist_core.analysis.evaluation import evaluate_logits
from mnist_core.config import NetworkConfig
from mnist_core.engine.jobs import AnalysisView
from mnist_core.figures import style
from mnist_core.figures.lessons import activations as figures
from mnist_core.lessons import activations, plane
from mnist_core.lessons.bends import follow_curve
from mnist_core.network import parameters as network
from mnist_core.network import passes

PAGE = "pages/learn/activations.py"
LOGITS = np.array([2.5, -1, 0, 7, 3, -4, 1, 6, 0.5, 2], np.float32)
ten_logits = st.lists(st.floats(-50, 50, width=32), min_size=10, max_size=10)


# The core


@given(ten_logits, st.floats(0.05, 100))
def test_softmax_at_a_temperature_is_scipys_softmax_of_the_divided_logits(values, t):
    logits = np.array(values, np.float32)
    expected = scipy.special.softmax(logits.astype(np.float64) / t)
    assert np.allclose(activations.softmax_at(logits, t), expected, atol=2e-4)


def test_at_temperature_one_it_is_the_networks_softmax():
    assert np.array_equal(activations.softmax_at(LOGITS, 1), network.softmax(LOGITS))


def test_a_low_temperature_gives_all_to_the_largest_logit_and_a_high_one_the_same_to_all():
    assert np.allclose(activations.softmax_at(LOGITS, 1e-3), np.eye(10)[LOGITS.argmax()], atol=1e-7)
    assert np.allclose(activations.softmax_at(LOGITS, 1e6), 0.1, atol=1e-5)


@given(ten_logits, st.sampled_from([0.1, 0.5, 2.0, 100.0]))
def test_a_temperature_never_changes_which_digit_is_first(values, t):
    logits = np.array(values, np.float32)
    shares = activations.softmax_at(logits, t)
    assert shares[logits.argmax()] == shares.max()


def test_the_mean_confidence_is_the_mean_of_the_largest_shares():
    logits = np.random.default_rng(0).normal(0, 3, (50, 10)).astype(np.float32)
    expected = scipy.special.softmax(logits.astype(np.float64) / 2, axis=1).max(axis=1).mean()
    assert activations.mean_confidence(logits, 2) == pytest.approx(expected, rel=1e-5)


def test_a_temperature_that_is_not_above_0_is_refused():
    for t in (0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="temperature must be above 0"):
            activations.softmax_at(LOGITS, t)


def test_a_shift_is_added_before_the_division_and_changes_no_share_but_by_rounding():
    assert np.allclose(activations.divide_by_temperature(LOGITS, 2.0, 10), (LOGITS + 10) / 2)
    thirds = LOGITS / np.float32(3)
    shifted = network.softmax(activations.divide_by_temperature(thirds, 1.0, 1000))
    difference = activations.largest_difference(shifted, network.softmax(thirds))
    assert 0 < difference < 1e-4


def test_changing_one_logit_leaves_the_others_and_the_original():
    before = LOGITS.copy()
    after = activations.with_changes(LOGITS, [0, 0, 0, -2.5, *[0] * 6])
    assert np.flatnonzero(after != LOGITS).tolist() == [3]
    assert after[3] == 4.5
    assert np.array_equal(LOGITS, before)


def test_the_steps_of_softmax_end_where_the_networks_softmax_ends():
    steps = activations.softmax_steps(LOGITS)
    assert steps.subtracted == 7
    assert steps.exponentials.max() == 1
    assert steps.total == pytest.approx(np.exp(LOGITS.astype(float) - 7).sum(), rel=1e-6)
    assert np.array_equal(steps.probabilities, network.softmax(LOGITS))


def test_without_the_subtraction_small_logits_work_and_large_ones_overflow_or_vanish_without_a_warning():
    small = activations.softmax_steps(LOGITS, subtract_largest=False)
    assert small.subtracted == 0
    assert np.allclose(small.probabilities, network.softmax(LOGITS), atol=1e-6)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        above = activations.softmax_steps(LOGITS + np.float32(1000), subtract_largest=False)
        below = activations.softmax_steps(LOGITS - np.float32(1000), subtract_largest=False)
        edge = activations.softmax_steps(np.float32([88.72, 88.73]), subtract_largest=False)
    assert (above.n_infinite, small.n_infinite) == (10, 0)
    assert np.isnan(above.probabilities).all()
    assert below.total == 0
    assert np.isnan(below.probabilities).all()
    assert np.isinf(edge.exponentials).tolist() == [False, True]


# The figures


def test_the_point_lies_on_both_curves_and_the_tangent_has_its_slope():
    grid = np.linspace(-6, 6, 25, dtype=np.float32)
    values = network.sigmoid(grid)
    curve = (grid, values, passes.ACTIVATION_DERIVATIVES["sigmoid"](grid, values))
    figure = figures.activation_figure("sigmoid", curve, (1.5, 0.818, 0.149))
    tangent, value_curve, point, slope_curve, slope_point = figure.data
    assert np.allclose(value_curve.y, values)
    assert np.allclose(slope_curve.y, curve[2])
    assert (point.x[0], point.y[0], slope_point.y[0]) == (1.5, 0.818, 0.149)
    assert np.diff(tangent.y)[0] / np.diff(tangent.x)[0] == pytest.approx(0.149)
    assert "0.818" in style.title_text(figure)
    assert "0.149" in style.alt_text(figure)


def test_accuracies_are_drawn_with_their_intervals_and_the_title_says_whether_these_are_apart():
    labels = np.arange(1000) % 10
    logits = np.eye(10, dtype=np.float32)[labels]
    worse = logits.copy()
    worse[:200] = np.roll(worse[:200], 1, axis=1)
    good, bad = evaluate_logits(logits, labels), evaluate_logits(worse, labels)
    figure = figures.accuracy_figure({"Bent": good, "Straight": bad})
    (points,) = figure.data
    assert list(points.x) == [100, 80]
    low, high = 100 * bad.interval.low, 100 * bad.interval.high
    assert points.text[1] == f"<b>80.0</b> ({low:.1f}–{high:.1f})"
    assert points.error_x.arrayminus[1] == pytest.approx(80 - low)
    assert points.error_x.array[1] == pytest.approx(high - 80)
    assert style.title_text(figure) == "Bent: 20.0 percentage points more, and the intervals are apart"
    assert "overlap" in style.title_text(figures.accuracy_figure({"One": good, "The same": good}))


def test_every_neuron_has_a_bar_and_the_dead_ones_are_grey():
    figure = figures.zeros_figure(np.array([1.0, 0.25, 0.5]), np.array([True, False, False]), 400)
    (bars,) = figure.data
    assert list(bars.y) == [25, 50, 100]
    assert list(bars.marker.color) == [figures.ACTIVATION, figures.ACTIVATION, style.MUTED]
    assert bars.hovertext[0].startswith("neuron 1:")
    assert "1 neuron is dead" in style.title_text(figure)
    alive = figures.zeros_figure(np.array([0.5, 0.3]), np.zeros(2, bool), 400)
    assert style.title_text(alive) == (
        "No neuron is dead; on average a neuron outputs 0 for 40% of the training images"
    )


def test_softmax_bars_show_the_shares_now_and_lines_the_networks_own():
    now, own = network.softmax(LOGITS), activations.softmax_at(LOGITS, 5)
    figure = figures.softmax_figure(now, own, 3, {3: "true"})
    (bars,) = figure.data
    assert np.allclose(bars.x, 100 * now)
    assert np.allclose([line.x0 for line in figure.layout.shapes], 100 * own)
    assert all(line.x0 == line.x1 for line in figure.layout.shapes)
    assert [name for name in bars.y if "true" in name] == ["<b>3 ◂ true</b>"]
    assert list(bars.text) == [style.share_text(share) for share in now.tolist()]
    assert list(bars.customdata) == [style.share_text(share) for share in own.tolist()]


@pytest.mark.parametrize(("label", "color"), [(9, style.RIGHT), (3, style.WRONG)])
def test_in_softmax_bars_the_digit_read_is_right_or_wrong_and_the_true_one_outlined(label, color):
    now = network.softmax(np.arange(10, dtype=np.float32))
    (bars,) = figures.softmax_figure(now, now, label).data
    assert list(bars.marker.color) == [*[style.MUTED] * 9, color]
    outlined = [digit for digit, width in enumerate(bars.marker.line.width) if width]
    assert outlined == ([] if label == 9 else [3])
    assert bars.marker.line.color == style.RIGHT


# The page


@pytest.fixture(scope="module")
def filled(training_process):
    """The page after the guess was skipped and the classic network is there."""
    return run_until_trained(skip_guess(opened_lesson("activations"), "activations"))


@pytest.fixture(scope="module")
def current(filled):
    """The classic network's run."""
    return classic()


def metric(app, label):
    return next(metric.value for metric in app.metric if metric.label.startswith(label))


def percents(shares):
    return [float(share.removesuffix("%").removeprefix(">")) for share in shares]


@pytest.mark.usefixtures("training_process")
def test_before_the_guess_there_is_nothing_but_the_guess():
    app = opened_lesson("activations")
    assert app.title[0].value == "Activation functions: ReLU and softmax"
    assert app.radio(key="guess_activations/predict")
    assert not app.header
    assert not app.slider


def test_after_the_guess_everything_is_there(filled):
    assert not filled.exception
    headers = [header.value for header in filled.header]
    assert headers[-2:] == ["What people often get wrong", "Check yourself"]
    assert {"activation_curve", "softmax"} <= set(charts(filled))
    code = "".join(block.value for block in filled.code)
    for name in ("relu", "sigmoid", "identity", "collapsed", "softmax"):
        assert f"def {name}(" in code


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh", "none"])
def test_moving_z_shows_the_librarys_value_and_slope(filled, name):
    filled.segmented_control(key="activation_name").set_value(name).run()
    for z in (-2.3, 0.0, 4.0):
        filled.slider(key="activation_z").set_value(z).run()
        value = network.ACTIVATION_FUNCTIONS[name](np.float32([z]))
        slope = passes.ACTIVATION_DERIVATIVES[name](np.float32([z]), value)
        words = f"{value[0]:.3f}, and the slope is {slope[0]:.3f}".replace("-", "−")
        assert any(words in text.value for text in filled.markdown)
        assert f"{value[0]:.3f}" in filled.latex[0].value
    assert not filled.exception


def test_dead_neurons_are_counted_in_the_current_run(filled, current):
    run_until(filled, lambda: any(metric.label.startswith("Dead in") for metric in filled.metric))
    (dead,) = activations.zeros_of_run(current.record, current.dataset).dead
    assert metric(filled, "Dead in hidden layer 1") == f"{dead.sum()} of {len(dead)}"


def test_changing_a_logit_changes_its_share_and_the_sum_stays_1(filled, current):
    number = filled.number_input(key="choice_image").value
    for digit, change in ((4, -3.0), (8, 12.0)):
        filled.pills(key="softmax_digit").set_value(digit).run()
        filled.slider(key=f"softmax_change_{digit}").set_value(change).run()
    logits = current.evaluation.logits[number].astype(np.float64)
    logits[4] -= 3
    logits[8] += 12
    shares = filled.dataframe[-1].value["Stable"].tolist()
    expected = scipy.special.softmax(logits)
    assert percents(shares) == pytest.approx(100 * expected, abs=0.06)
    last = re.search(r"= ([\d.]+) \\;", filled.latex[-1].value)
    assert float(last[1]) == pytest.approx(expected[8], rel=1e-3)
    assert metric(filled, "Sum of the ten") == "1.000000"
    filled.button(key="softmax_undo").click().run()
    assert filled.slider(key="softmax_change_8").value == 0


def test_the_temperature_changes_the_mean_confidence_as_the_library_says(filled, current):
    shown = []
    for t in (1.0, 5.0):
        filled.select_slider(key="softmax_t").set_value(t).run()
        mean = activations.mean_confidence(current.evaluation.logits, t)
        shown.append(metric(filled, "Mean confidence"))
        assert shown[-1] == f"{100 * mean:.1f}%"
    assert shown[0] != shown[1]
    filled.select_slider(key="softmax_t").set_value(1.0).run()


def test_a_constant_added_to_all_logits_breaks_only_the_naive_softmax(filled):
    own = filled.dataframe[-1].value["Stable"].tolist()
    for shift, problem in ((1000, "10 of 10 exponentials overflow"), (-1000, "too small to store")):
        filled.select_slider(key="softmax_shift").set_value(shift).run()
        table = filled.dataframe[-1].value
        assert table["Naive"].tolist() == ["nan"] * 10
        assert percents(table["Stable"]) == pytest.approx(percents(own), abs=0.06)
        assert float(metric(filled, "Largest change by the constant")) < 1e-4
        assert any(problem in warning.value for warning in filled.warning)
    filled.select_slider(key="softmax_shift").set_value(0).run()
    assert percents(filled.dataframe[-1].value["Naive"]) == pytest.approx(percents(own), abs=0.06)
    assert not filled.exception


@pytest.mark.usefixtures("trainings_end_at_once")
def test_the_network_without_activation_is_one_layer_on_every_test_image(filled, current):
    filled.button(key="begin_activations/collapse").click().run()
    run_until(filled, lambda: any(metric.label == "Read as the same digit" for metric in filled.metric))
    assert not filled.exception
    n_images = current.evaluation.n_images
    same, _, total = metric(filled, "Read as the same digit").partition(" of ")
    assert total == f"{n_images:,}"
    assert int(same.replace(",", "")) >= n_images - 2  # two logits may be equal up to rounding
    assert 0 < float(metric(filled, "Largest difference")) < 1e-3
    whole, single = NetworkConfig((32, 32)).n_parameters, 784 * 10 + 10
    assert metric(filled, "Parameters") == f"{whole:,} → {single:,}"
    assert "collapse_accuracy" in charts(filled)


def test_two_hidden_neurons_divide_a_plane_at_every_moment(filled):
    titles = [element.value for element in filled.markdown if "nothing is trained yet" in element.value]
    assert titles == [f"**{name}: nothing is trained yet**" for name in ("No activation", "ReLU")]
    filled.button(key="begin_activations/plane").click().run()
    run_until(filled, lambda: "plane_1" in charts(filled))
    last = filled.slider(key="plane_moment").value
    straight, bent = planes(filled, last)
    said = [text.value for text in filled.markdown]
    assert any(f"No activation: {100 * straight.accuracy:.1f}%" in text for text in said)
    assert any(f"ReLU: {100 * bent.accuracy:.1f}%" in text for text in said)
    pays = any("reads more images correctly" in text for text in said)
    assert pays is (bent.accuracy > straight.accuracy)
    filled.slider(key="plane_moment").set_value(0).run()
    assert not filled.exception
    first, _ = planes(filled, 0)
    assert any(f"No activation: {100 * first.accuracy:.1f}%" in text.value for text in filled.markdown)
    assert first.accuracy < straight.accuracy


def planes(app, moment):
    from dashboard.session import resources

    runs = [resources.current(job) for job in visit_of(app).experiments["activations/plane"]]
    return [
        plane.plane_of(
            run.record.snapshots[moment],
            run.dataset,
            plane.plane_limits(plane.weighted_sums(run.record.parameters, run.dataset.test_images)),
        )
        for run in runs
    ]


@pytest.fixture
def show(filled, monkeypatch):
    """A function that shows the page with a run of another network of given activation and weights."""
    from dashboard.session import resources
    from dashboard.widgets import current_run

    real = classic()

    def shown(name, parameters):
        config = replace(real.record.config, network=parameters.network)
        record = replace(real.record, config=config, parameters=parameters)
        run = resources.TrainedRun(name, record, real.dataset)
        monkeypatch.setattr(current_run, "run_or_notice", lambda: run)
        monkeypatch.setattr(
            resources.TrainedRun,
            "analysis",
            lambda run, analyse, _: AnalysisView(analyse(run.record, run.dataset)),
        )
        return filled.run()

    yield shown
    monkeypatch.undo()
    filled.run()


def test_a_run_without_relu_is_told_that_it_has_no_dead_relus(show):
    page = show("tanh run", network.initial_parameters(NetworkConfig((8,), "tanh"), 0))
    assert not page.exception
    assert any("has no ReLU" in info.value for info in page.info)
    assert not any(metric.label.startswith("Dead") for metric in page.metric)


def test_each_hidden_layer_of_a_deep_run_has_its_count_and_its_chart(show):
    start = network.initial_parameters(NetworkConfig((8, 6, 5)), 0)
    biases = (start.biases[0], start.biases[1] - np.float32([0, 0, 99, 0, 0, 99]), *start.biases[2:])
    page = show("deep run", replace(start, biases=biases))
    assert metric(page, "Dead in hidden layer 2") == "2 of 6"
    page.segmented_control(key="zeros_layer_of_3").set_value(2).run()
    assert not page.exception
    assert any("2 neurons are dead" in text.value for text in page.markdown)


def test_a_run_that_diverged_is_said_and_not_drawn(show):
    start = network.initial_parameters(NetworkConfig((8,)), 0)
    page = show("diverged run", replace(start, biases=(start.biases[0] * np.nan, start.biases[1])))
    assert not page.exception
    assert sum("not finite numbers" in warning.value for warning in page.warning) == 2
    assert "softmax_shift" not in [slider.key for slider in page.select_slider]
    assert page.header[-1].value == "Check yourself"


def test_neurons_follow_a_curve_and_without_bends_are_one_line(filled):
    def gap():
        return [metric.value for metric in filled.metric if metric.label == "Largest gap"]

    assert gap() == [f"{follow_curve('wave', 4).gaps.max():.3f}"]
    filled.slider(key="bends_n").set_value(8).run()
    closer = gap()
    assert float(closer[0]) < 0.1
    filled.toggle(key="bends_on").set_value(False).run()
    assert float(gap()[0]) > 1
    assert any("one straight line" in text.value for text in filled.markdown)
    filled.toggle(key="bends_on").set_value(True).run()
    assert gap() == closer
    filled.segmented_control(key="bends_curve").set_value("hill").run()
    assert not filled.exception
    assert gap() == [f"{follow_curve('hill', 8).gaps.max():.3f}"]
