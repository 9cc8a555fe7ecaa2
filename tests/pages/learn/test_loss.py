"""The lesson on the loss: its formulas against other libraries, its figures, and its page moved by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from paths import ROOT
from sklearn.metrics import log_loss
from streamlit.testing.v1 import AppTest
from training_process import charts, classic, opened_lesson, run_until_trained, skip_guess

from dashboard.elements.prose import read_lesson
from dashboard.learn.questions import parse_question
from mnist_core.analysis.evaluation import evaluate_logits
from mnist_core.config import CLASSIC, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.figures.lessons import loss as figures
from mnist_core.figures.style import MUTED, alt_text, share_text, title_text
from mnist_core.images.preparation import network_inputs
from mnist_core.lessons import loss
from mnist_core.network.parameters import Parameters, cross_entropy, initial_parameters, softmax
from mnist_core.take_home.keras_script import keras_script
from mnist_core.take_home.script_lines import Source, text_of
from mnist_core.training.history import History
from mnist_core.training.record import RunRecord
from mnist_core.training.training_set import training_images

LN_10 = 2.302585092994046
EXTREME = np.array([[1000.0, -1000.0] + 8 * [0.0], [-1000.0, 1000.0] + 8 * [0.0]])
logits_rows = arrays(np.float64, (5, 10), elements=st.floats(-50, 50))
labels_rows = arrays(np.int64, 5, elements=st.integers(0, 9))


@pytest.fixture(scope="module")
def page(training_process):
    """The page with the guess skipped and the classic network trained."""
    return run_until_trained(skip_guess(opened_lesson("loss"), "loss"))


@pytest.fixture
def show(page):
    """What has the page show another run, for one test."""
    with pytest.MonkeyPatch.context() as patch:

        def draw(run):
            patch.setattr("dashboard.widgets.current_run.run_or_notice", lambda: run)
            page.run()
            assert not page.exception

        yield draw
    page.run()


def evaluation():
    """Of the run that the page shows."""
    return classic().evaluation


def metric(app, label):
    return next(metric.value for metric in app.metric if metric.label == label)


def texts(app):
    return [element.value for element in app.markdown]


def headers(app):
    return [header.value for header in app.header]


# The page


def test_before_the_guess_there_is_the_guess_and_nothing_else():
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.switch_page("pages/learn/loss.py").run()
    assert not app.exception
    assert app.radio(key="guess_loss/predict").options
    assert not app.header
    assert not app.get("plotly_chart")


def test_after_the_guess_the_whole_lesson_is_there(page):
    page.run()
    assert not page.exception
    assert charts(page) == [
        *("loss_digit", "loss_outputs", "loss_curve", "loss_push"),
        *("loss_terms", "loss_spread", "loss_start", "loss_temperature"),
    ]
    assert headers(page)[-2:] == ["What people often get wrong", "Check yourself"]
    assert metric(page, "Guessing: ln 10 (nats)") == "2.303"
    assert metric(page, "Mean: the test loss (nats)") == f"{evaluation().loss:.4f}"


def test_another_image_brings_its_own_numbers_in_formula_and_both_spellings(page):
    shown = evaluation()
    right = int(np.flatnonzero((shown.losses > 0.01) & (shown.losses < 0.5))[0])
    for number in (right, int(shown.losses.argmax())):
        page.number_input(key="choice_image").set_value(number).run()
        assert not page.exception
        label, loss = int(shown.labels[number]), figures.tex(float(shown.losses[number]))
        assert rf"\approx \mathbf{{{loss}}}" in page.latex[0].value
        assert rf"$y = {label}$, so the loss is $-\ln p_{label} = \mathbf{{{loss}}}$ nats" in texts(page)
        [written_out] = [text for text in texts(page) if text.startswith(r"$\sum_k")]
        assert written_out.count(r"{0 \cdot ") == 9
        assert written_out.count(rf"1 \cdot {loss}") == 1
        assert written_out.endswith(rf"\mathbf{{{loss}}}$ nats")


def test_the_slider_moves_the_point_along_the_curve(page):
    for p in (0.0001, 0.1, 0.9):
        page.select_slider(key="loss_p").set_value(p).run()
        assert f"−ln {p:g} = {figures.plain(-math.log(p))} nats" in " ".join(texts(page))


def test_the_axis_of_the_curve_can_be_logarithmic(page):
    assert page.segmented_control(key="loss_axis").value == "linear"
    before = page.get("plotly_chart")[2].proto.spec
    page.segmented_control(key="loss_axis").set_value("logarithmic").run()
    assert not page.exception
    assert '"type":"log"' in page.get("plotly_chart")[2].proto.spec.replace(" ", "")
    assert '"type":"log"' not in before.replace(" ", "")


def test_the_temperature_changes_the_loss_and_not_the_accuracy(page):
    shown = evaluation()
    seen = set()
    for temperature in (0.25, 1.0, 10.0):
        page.select_slider(key="loss_t").set_value(temperature).run()
        assert metric(page, "Test accuracy") == f"{100 * shown.accuracy:.1f}%"
        expected = cross_entropy(shown.logits / np.float32(temperature), shown.labels).mean(dtype=float)
        assert float(metric(page, "Test loss (nats)")) == pytest.approx(expected, abs=6e-4)
        seen.add(metric(page, "Test loss (nats)"))
    assert len(seen) == 3


def test_the_best_temperature_is_found_and_explained_by_what_it_is(page):
    shown = evaluation()
    losses = {
        t: loss.judge_at_temperature(shown.logits, shown.labels, t).loss for t in (0.5, 0.75, 1, 1.5, 2)
    }
    best = min(losses, key=losses.get)
    page.run()
    assert any(f"smallest at T = {best:g}: {losses[best]:.3f} nats" in text for text in texts(page))
    assert any("That is no accident" in text for text in texts(page)) is (best == 1)


def test_the_probabilities_of_ten_images_multiply_and_their_losses_add(page):
    page.run()
    shown = evaluation()
    ten = shown.probabilities[np.arange(10), shown.labels[:10]].astype(float)
    total = shown.losses[:10].sum(dtype=float)
    assert -math.log(ten.prod()) == pytest.approx(total, rel=1e-3)
    assert any(rf"\approx {figures.tex(total)}" in formula.value for formula in page.latex)


def test_the_guess_is_decided_on_the_curve(page):
    right = parse_question(read_lesson("learn", "loss")["predict"]).right.text
    assert right == f"Larger by about {loss.negative_log(0.001) - loss.negative_log(0.1):.1f}"
    for p in (0.1, 0.001):
        page.select_slider(key="loss_p").set_value(p).run()
        assert any(f"= {figures.plain(-math.log(p))} nats" in text for text in texts(page))


def test_the_script_of_the_code_page_is_what_the_lesson_says_of_it(sample):
    script = text_of(keras_script(CLASSIC, Source.of(sample)))
    assert 'activation="softmax"' in script
    assert "from_logits" not in script


def test_the_tables_hold_the_images_with_the_smallest_and_the_largest_loss(page):
    shown = evaluation()
    smallest, largest, pair = (table.value["No."].tolist() for table in page.dataframe)
    assert shown.losses[largest].tolist() == sorted(shown.losses, reverse=True)[:5]
    assert shown.losses[smallest] == pytest.approx(np.sort(shown.losses)[:5], abs=1e-6)
    assert (shown.predictions[pair] == shown.labels[pair]).all()
    is_right = shown.predictions == shown.labels
    assert shown.losses[pair[1]] == shown.losses[is_right].max()


def test_the_untrained_network_is_shown_near_guessing_and_the_curve_begins_with_the_first_batch(page):
    run = classic()
    untrained, start = float(metric(page, "Untrained network, test images")), run.record.snapshots[0]
    shares = softmax(start.logits(network_inputs(run.dataset.test_images)).astype(np.float64))
    assert untrained == pytest.approx(log_loss(run.dataset.test_labels, shares), abs=1e-3)
    assert abs(untrained - LN_10) < 0.5
    batch = training_images(run.record.config, run.dataset).batch(1, 1)
    logits = start.logits(network_inputs(run.dataset.train_images[batch]))
    first = cross_entropy(logits, run.dataset.train_labels[batch]).mean()
    assert float(metric(page, "First point of the training curve")) == pytest.approx(first, abs=1e-3)
    assert any("that the first update looks at" in text.value for text in page.markdown)


def other_run(sample, parameters, config, curve=(), first=1):
    from dashboard.session import resources

    history = History([], [], [], [], [first + step for step in range(len(curve))], curve, curve)
    start = initial_parameters(parameters.network, 0)
    record = RunRecord(
        config, sample.name, sample.fingerprint, 4000, 0, len(curve), True, 0.1, history,
        (start,), parameters, {},
    )  # fmt: skip
    return resources.TrainedRun(f"a run of the test {id(record)}", record, sample)


def test_a_stopped_deep_network_without_any_update_is_shown_too(page, show, sample):
    network = NetworkConfig((3, 5, 1), "tanh")
    config = RunConfig(network, TrainingConfig(l2=0.01))
    run = other_run(sample, initial_parameters(network, 0), config)
    show(run)
    assert metric(page, "Misread") == f"{100 - 100 * run.evaluation.accuracy:.1f}%"
    assert "First point of the training curve" not in [m.label for m in page.metric]
    assert any("L2" in text.value for text in page.markdown)
    assert not any("The mean is far larger" in text.value for text in page.markdown)
    assert any("make up half of the total" in text.value for text in page.markdown)


def test_only_where_few_images_make_the_mean_it_is_called_far_larger_and_a_bad_start_is_said(
    page, monkeypatch
):
    assert any("The mean is far larger" in text.value for text in page.markdown)
    assert not any("This one is far above" in text.value for text in page.markdown)
    with monkeypatch.context() as patch:
        patch.setattr("dashboard.learn.shared_results.untrained_loss", lambda *_: 63.1)
        page.run()
        assert any("This one is far above" in text.value for text in page.markdown)
    page.run()


def test_a_curve_that_begins_with_the_mean_of_several_updates_is_explained_as_such(page, show, sample):
    network = NetworkConfig((4,))
    config = RunConfig(network, TrainingConfig())
    run = other_run(sample, initial_parameters(network, 0), config, [2.4, 2.2], first=19)
    show(run)
    assert metric(page, "First point of the training curve") == "2.400"
    assert any("the mean over the first 19 updates" in text.value for text in page.markdown)


def test_a_run_that_diverged_is_said_and_not_drawn(page, show, sample):
    good = initial_parameters(NetworkConfig((4,)), 0)
    broken = Parameters(tuple(np.full_like(w, np.nan) for w in good.weights), good.biases, "relu")
    run = other_run(sample, broken, RunConfig(good.network, TrainingConfig()))
    show(run)
    assert any("no loss to show" in warning.value for warning in page.warning)
    assert not page.get("plotly_chart")
    assert headers(page) == ["What people often get wrong", "Check yourself"]


# The loss


def test_the_ten_terms_are_drawn_with_what_the_one_hot_label_multiplies_them_by():
    image = loss.explain(np.arange(10) / 2, 7)
    (bars,) = figures.terms_figure(image).data
    assert list(bars.x) == pytest.approx(image.costs.tolist())
    assert [text.replace("<b>", "").split(" × ")[0] for text in bars.text] == ["0"] * 7 + ["1", "0", "0"]
    assert figures.plain(image.loss) in title_text(figures.terms_figure(image))


def test_one_hot_has_its_one_at_the_digit():
    assert loss.one_hot(np.array([3, 0], np.uint8)).tolist() == [
        [0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
        [1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ]


def test_equal_logits_cost_ln_10_whatever_the_digit():
    labels = np.arange(10)
    losses = loss.categorical_cross_entropy(np.full((10, 10), 7.0), loss.one_hot(labels))
    assert losses == pytest.approx(np.full(10, LN_10))
    assert pytest.approx(LN_10) == loss.GUESSING_LOSS


def test_the_mean_loss_is_the_log_loss_of_scikit_learn(judged):
    logits, labels = judged
    expected = log_loss(labels, softmax(logits.astype(np.float64)), labels=range(10))
    losses = loss.categorical_cross_entropy(logits, loss.one_hot(labels))
    assert losses.mean() == pytest.approx(expected, rel=1e-9)
    assert loss.spread(logits, labels).mean == pytest.approx(expected, rel=1e-9)


@given(logits_rows, labels_rows)
def test_both_spellings_of_the_label_give_the_same_loss(logits, labels):
    losses = loss.categorical_cross_entropy(logits, loss.one_hot(labels))
    assert losses == pytest.approx(cross_entropy(logits, labels), abs=1e-12)


@given(logits_rows, labels_rows)
def test_a_right_answer_costs_at_most_ln_10_and_a_wrong_one_at_least_ln_2(logits, labels):
    losses = loss.categorical_cross_entropy(logits, loss.one_hot(labels))
    is_right = logits.argmax(axis=1) == labels
    assert (losses[is_right] <= LN_10 + 1e-9).all()
    assert (losses[~is_right] >= math.log(2) - 1e-9).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_logits_of_a_thousand_have_their_exact_finite_loss(dtype):
    labels = np.array([0, 0])
    losses = loss.categorical_cross_entropy(EXTREME.astype(dtype), loss.one_hot(labels))
    assert losses.tolist() == [0, 2000]
    assert loss.explain(EXTREME[1].astype(dtype), 0).loss == 2000


def test_an_image_is_explained_by_ten_terms_of_which_one_counts(judged):
    logits, labels = judged
    explained = loss.explain(logits[5], int(labels[5]))
    assert explained.probabilities == pytest.approx(softmax(logits[5:6])[0], rel=1e-5)
    assert explained.costs == pytest.approx(-np.log(explained.probabilities))
    assert np.flatnonzero(explained.terms).tolist() == [explained.label]
    assert explained.loss == pytest.approx(-math.log(explained.p))
    assert explained.loss == pytest.approx(explained.sparse_loss) == pytest.approx(explained.terms.sum())
    assert explained.p + explained.rest == pytest.approx(1)
    assert explained.prediction == logits[5].argmax()


def test_what_is_missing_to_one_keeps_its_digits():
    row = np.array([40.0] + 9 * [0.0])
    assert loss.explain(row, 0).rest == pytest.approx(9 * math.exp(-40), rel=1e-9)
    assert loss.explain(row, 0).p == 1


def test_each_factor_of_ten_adds_ln_10():
    first, *others = loss.cost_steps((1, 0.1, 0.01, 0.001))
    assert (first.cost, first.more) == (0, None)
    assert [step.more for step in others] == pytest.approx([LN_10] * 3)
    assert others[-1].cost == pytest.approx(3 * LN_10)


@pytest.mark.parametrize("p", [0.001, 0.1, 0.5, 0.9])
def test_the_slopes_are_what_finite_differences_of_softmax_give(p):
    logits = np.log(np.array([p, *[(1 - p) / 9] * 9]))
    step = 1e-5

    def costs(change, at_logit):
        moved = logits.copy()
        moved[0] += change if at_logit else 0
        at = softmax(moved[None])[0, 0] if at_logit else p + change
        return np.array([-math.log(at), (1 - at) ** 2])

    slopes = loss.compare_costs(p)
    assert [each.cost for each in slopes] == pytest.approx(costs(0, at_logit=False))
    for name, at_logit in (("at_p", False), ("at_logit", True)):
        expected = (costs(step, at_logit) - costs(-step, at_logit)) / (2 * step)
        assert [getattr(each, name) for each in slopes] == pytest.approx(expected, rel=1e-3)


def test_the_square_learns_slowest_where_it_is_most_wrong_and_the_logarithm_fastest():
    pushes = np.array([[-each.at_logit for each in loss.compare_costs(p)] for p in (0.001, 0.01, 0.1)])
    assert (np.diff(pushes[:, 0]) < 0).all()
    assert (np.diff(pushes[:, 1]) > 0).all()
    assert pushes[0] == pytest.approx([0.999, 0.001996], rel=1e-3)


@pytest.mark.parametrize(("reach", "highest"), [(0.0, 9.2103), (20.0, 20.0), (2000.0, 69.0776)])
def test_the_curve_reaches_the_point_that_should_be_on_it(reach, highest):
    p, costs = loss.cost_curve(reach)
    assert costs[0] == pytest.approx(highest, rel=1e-4)
    assert (p[-1], costs[-1]) == (1, 0)
    assert costs == pytest.approx(-np.log(p))
    assert (np.diff(p) > 0).all()


def test_the_spread_counts_every_image_once_and_agrees_with_the_evaluation(judged):
    logits, labels = judged
    spread, expected = loss.spread(logits, labels), evaluate_logits(logits, labels)
    assert spread.losses == pytest.approx(expected.losses, abs=1e-5)
    assert (spread.n_right.sum(), spread.n_wrong.sum()) == (expected.n_right, len(expected.mistakes))
    in_range = (spread.losses >= spread.edges[3]) & (spread.losses < spread.edges[4])
    assert spread.n_right[3] + spread.n_wrong[3] == in_range.sum()
    assert spread.edges[-1] >= spread.losses.max()
    assert (np.diff(spread.losses[spread.order]) >= 0).all()
    assert sorted(spread.order) == list(range(400))
    mistakes = spread.losses[expected.mistakes].sum() / spread.losses.sum()
    assert spread.mistakes_share == pytest.approx(mistakes)
    assert spread.median == pytest.approx(np.median(expected.losses), rel=1e-4)
    largest = np.sort(spread.losses)[::-1]
    half, n_half = spread.losses.sum() / 2, spread.n_half
    assert largest[: n_half - 1].sum() < half <= largest[:n_half].sum() + 1e-9


def test_the_ends_of_the_right_answers_are_none_where_nothing_is_right():
    logits = np.eye(10)[[1, 2]] * 5
    wrong, right = loss.spread(logits, np.array([0, 0])), loss.spread(logits, np.array([1, 2]))
    assert (wrong.surest_right, wrong.least_sure_right, wrong.mistakes_share) == (None, None, 1)
    assert right.mistakes_share == 0
    assert {right.surest_right, right.least_sure_right} == {0, 1}


def test_losses_of_zero_still_have_a_histogram():
    spread = loss.spread(EXTREME, np.array([0, 1]))
    assert (spread.losses == 0).all()
    assert spread.n_right.sum() == 2
    assert (np.diff(spread.edges) > 0).all()


def test_no_images_have_no_spread():
    with pytest.raises(ValueError, match="no images"):
        loss.spread(np.zeros((0, 10)), np.zeros(0, int))


@pytest.mark.parametrize("temperature", [0.25, 1, 3])
def test_a_temperature_leaves_the_accuracy_and_divides_the_logits(judged, temperature):
    logits, labels = judged
    cooled = loss.judge_at_temperature(logits, labels, temperature)
    shares = softmax(logits.astype(np.float64) / temperature)
    assert cooled.loss == pytest.approx(log_loss(labels, shares, labels=range(10)))
    assert cooled.accuracy == evaluate_logits(logits, labels).accuracy


# The figures


@pytest.mark.parametrize(
    ("value", "rest", "text"),
    [
        (0.9956, 0.0044, "0.9956"),
        (0.99998, 2e-5, "0.999980"),
        (1.0, 2.96e-8, "1 − 2.96 × 10⁻⁸"),
        (1.0, 0.0, "1"),
        (6.744e-6, 1.0, "6.74 × 10⁻⁶"),
        (11.9071, None, "11.907"),
        (0.0044, None, "0.0044"),
        (0.0, None, "0"),
    ],
)
def test_numbers_are_written_with_the_digits_that_matter(value, rest, text):
    assert figures.plain(value, rest) == text


def test_a_power_of_ten_is_tex_in_a_formula():
    assert figures.tex(1.0, 2.96e-8) == r"1 - 2.96 \times 10^{-8}"


def test_the_ten_outputs_are_written_as_on_predict_and_the_true_digits_as_the_p_of_the_formula_too(judged):
    logits, labels = judged
    image = loss.explain(logits[0], int(labels[0]))
    figure = figures.outputs_figure(image)
    [bars] = figure.data
    assert list(bars.x) == (100 * image.probabilities).tolist()
    assert list(bars.text) == [share_text(float(probability)) for probability in image.probabilities]
    colored = [digit for digit, color in enumerate(bars.marker.color) if color != MUTED]
    assert colored == [image.prediction]
    assert f"{image.label} ◂ true" in bars.y[image.label]
    assert f"p = {figures.plain(image.p, image.rest)} ({share_text(image.p)})" in title_text(figure)


@pytest.mark.parametrize("is_logarithmic", [False, True])
def test_both_points_lie_on_the_curve_and_guessing_is_a_line(is_logarithmic):
    curve = loss.cost_curve(0.2)
    points = (0.8, loss.negative_log(0.8)), (0.01, loss.negative_log(0.01))
    figure = figures.cost_figure(curve, *points, loss.GUESSING_LOSS, is_logarithmic)
    guessing, line, image, what_if = figure.data
    assert list(guessing.y) == pytest.approx([LN_10, LN_10])
    assert (image.x[0], image.y[0]) == points[0]
    for x, y in points:
        assert np.interp(x, line.x, line.y) == pytest.approx(y, abs=0.01)
    assert (what_if.x[0], what_if.y[0]) == points[1]
    assert (figure.layout.xaxis.type == "log") is is_logarithmic
    assert "−ln 0.01 = 4.605" in title_text(figure)


def test_both_rules_are_marked_at_p_in_their_loss_and_in_their_push():
    slopes = loss.compare_costs(0.1)
    figure = figures.push_figure(0.1, slopes)
    marks = [(trace.x[0], trace.y[0]) for trace in figure.data if trace.mode == "markers"]
    assert marks == [
        (0.1, value) for each in slopes for value in (pytest.approx(each.cost), pytest.approx(-each.at_logit))
    ]
    assert title_text(figure) == "At p = 0.1, −ln p pushes with 0.900 and the square with 0.162"


def test_the_chosen_temperature_is_marked_and_the_best_one_named():
    figure = figures.temperature_figure({0.5: 0.19, 1.0: 0.134, 2.0: 0.212}, 2.0)
    line, chosen = figure.data
    assert list(line.y) == [0.19, 0.134, 0.212]
    assert (chosen.x[0], chosen.y[0]) == (2.0, 0.212)
    assert title_text(figure) == "The loss is smallest at T = 1: 0.134 nats"


def test_the_histogram_shows_all_images_with_median_mean_and_guessing(judged):
    spread = loss.spread(*judged)
    figure = figures.spread_figure(spread, loss.GUESSING_LOSS)
    right, wrong, median, mean, guessing = figure.data
    assert sum(right.y) + sum(wrong.y) == 400
    assert [line.x[0] for line in (median, mean)] == [spread.median, spread.mean]
    assert guessing.x[0] == pytest.approx(LN_10)
    assert f"{100 * spread.mistakes_share:.0f}%" in title_text(figure)
    assert "400 images" in alt_text(figure)


def test_the_start_is_drawn_also_before_the_first_point_of_the_curve():
    empty = figures.start_figure(np.array([]), np.array([]), 2.4, loss.GUESSING_LOSS)
    full = figures.start_figure(np.array([19.0, 38.0]), np.array([2.1, 1.5]), 2.4, loss.GUESSING_LOSS)
    for figure in (empty, full):
        assert (figure.data[2].x[0], figure.data[2].y[0]) == (0, 2.4)
    assert list(full.data[1].y) == [2.1, 1.5]
    assert "2.100 to 1.500" in alt_text(full)
