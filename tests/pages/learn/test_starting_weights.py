import numpy as np
import pytest
from training_process import charts, classic, opened_lesson, run_until, skip_guess, visit_of

from dashboard.elements.prose import read_lesson
from dashboard.learn.questions import parse_question
from dashboard.learn.two_orders import GUESS
from mnist_core.lessons.starting_weights import EVEN_LOSS, STARTS, outcome_of, start_config
from mnist_core.lessons.two_orders import TWINS, two_orders
from mnist_core.lessons.weight_scale import growth_of, layer_sizes
from mnist_core.training_config import INITIALIZER_NAMES

pytestmark = pytest.mark.usefixtures("no_film_on_pages")


@pytest.fixture(scope="module")
def app(training_process):
    return skip_guess(opened_lesson("starting_weights"), "starting_weights")


def _dataset():
    from dashboard.session import resources

    return resources.dataset()


def _runs(app, name):
    from dashboard.session import resources

    return [resources.current(job) for job in visit_of(app).experiments[name]]


def _table(app, column):
    return next((frame.value for frame in app.dataframe if column in frame.value), None)


def _said(app):
    return " ".join(text.value for text in app.markdown)


def _metrics(app):
    return {metric.label: metric.value for metric in app.metric}


def test_before_the_guess_there_is_nothing_but_the_guess(app):
    assert not opened_lesson("starting_weights").header
    assert app.header[0].value in read_lesson("learn", "starting_weights")["predict"]


def choose_start(app, activation, n_hidden, optimizer):
    for name, value in (("activation", activation), ("layers", n_hidden), ("optimizer", optimizer)):
        app.segmented_control(key=f"starts_{name}").set_value(value).run()


def test_the_right_answer_about_the_orders_is_not_the_longest():
    answers = parse_question(read_lesson("learn", "two_orders")["predict"]).answers
    longest = max(answers, key=lambda answer: len(answer.text))
    assert not longest.is_right


def test_activations_and_gradients_are_drawn_for_the_layers_and_the_function_chosen(app):
    for n_hidden, activation in ((1, "relu"), (3, "tanh")):
        app.segmented_control(key="sizes_layers").set_value(n_hidden).run()
        app.segmented_control(key="sizes_activation").set_value(activation).run()
        assert not app.exception
        assert {"sizes_activations", "sizes_gradients", "outputs"} <= set(charts(app))
    share = layer_sizes("normal_1", 3, "tanh", _dataset()).flat[0]
    assert any(f"Saturated, layer by layer: {100 * share:.0f}%" in caption.value for caption in app.caption)


def test_the_formulas_hold_the_numbers_of_the_layer_chosen_and_the_table_what_is_measured(app):
    for layer, sizes in ((0, (784, 32)), (1, (32, 10))):
        app.segmented_control(key="growth_layer").set_value(layer).run()
        (formula,) = [each.value for each in app.latex if "Glorot" in each.value]
        n, m = sizes
        assert rf"\tfrac{{2}}{{{n} + {m}}} = {2 / (n + m):.5f}" in formula
        assert rf"\tfrac{{2}}{{{n}}} = {2 / n:.5f}" in formula
        assert rf"\sqrt{{6/(n + m)}}$ = {(6 / (n + m)) ** 0.5:.4f}" in _said(app)
        table, growth = _table(app, "Growth measured"), growth_of(layer, _dataset())
        assert table["Start"].tolist() == [INITIALIZER_NAMES[start] for start in STARTS]
        measured = [f"{growth.measured[start]:.3f}" for start in STARTS]
        assert table["Growth measured"].tolist() == measured
        assert table["Growth by the formula"].tolist()[1] == f"{(1, 2**0.5)[layer]:.3f}"  # He's


def test_the_two_orders_are_guessed_before_they_are_shown(app):
    assert _table(app, "Likeness") is None
    app.button(key=f"skip_{GUESS}").click().run()
    run_until(app, lambda: _table(app, "Likeness") is not None)
    table, compared = _table(app, "Likeness"), classic().analysis(two_orders, "test").result
    assert table["Differently"].tolist() == [compared.n_apart(twin) for twin in TWINS]
    assert table["Likeness"].tolist() == [round(compared.likeness(twin), 2) for twin in TWINS]
    app.segmented_control(key="orders_shown").set_value("weights").run()
    assert not app.exception


def test_zeros_that_are_trained_leave_32_equal_neurons_and_one_answer(app):
    app.button(key="begin_starting_weights/zeros").click().run()
    run_until(app, lambda: any(slider.key == "zeros_moment" for slider in app.slider))
    expected = {"Zeros, ReLU": ("10 of 25,450", "1 of 32"), "Zeros, sigmoid": (None, "1 of 32")}
    for name, (changed, different) in expected.items():
        app.segmented_control(key="zeros_network").set_value(name).run()
        assert _metrics(app)["Different neurons"] == different
        assert changed in (None, _metrics(app)["Numbers that changed"])
        assert "one neuron, 32 times" in _said(app)
    app.segmented_control(key="zeros_network").set_value("Random").run()
    assert _metrics(app)["Different neurons"] == "32 of 32"
    assert "**32 different ones**" in _said(app)
    app.slider(key="zeros_moment").set_value(0).run()
    assert _metrics(app)["Numbers that changed"] == "0 of 25,450"
    assert "only_answer" in charts(app)
    zeros, *_ = _runs(app, "starting_weights/zeros")
    labels = _dataset().train_labels[: zeros.record.n_training_images]
    shares = np.bincount(labels, minlength=10) / len(labels)
    assert f"{-(shares @ np.log(shares)):.4f} nats" in _said(app)


def test_five_starts_end_in_a_row_each_with_the_numbers_of_their_runs(app):
    choose_start(app, "relu", 1, "adam")
    app.button(key="begin_starting_weights/five").click().run()
    run_until(app, lambda: _table(app, "First loss") is not None)
    assert not app.exception
    runs = _runs(app, "starting_weights/five")
    assert [run.record.config.training.initializer for run in runs] == list(STARTS)
    assert len({run.record.config.with_changes(initializer="zeros") for run in runs}) == 1
    outcomes = [outcome_of(run.record, run.dataset) for run in runs]
    table = _table(app, "First loss")
    assert table["First loss"].tolist() == [round(each.first_loss, 2) for each in outcomes]
    assert table["Dead"].tolist() == [" → ".join(map(str, each.n_dead)) for each in outcomes]
    assert table["Dead"].tolist()[2] == "32 → 32"
    large, small = outcomes[4], outcomes[3]
    assert f"the loss is {large.first_loss:.1f}. That is {large.first_loss / EVEN_LOSS:.1f} times" in _said(
        app
    )
    assert (
        f"below 2 nats: **{small.n_updates:,}**; from Glorot uniform **{outcomes[0].n_updates:,}**"
        in _said(app)
    )
    assert "start_losses" in charts(app)


@pytest.mark.usefixtures("trainings_end_at_once")
def test_another_activation_is_trained_anew_and_its_saturated_outputs_are_counted(app):
    choose_start(app, "tanh", 2, "sgd")
    assert _table(app, "First loss") is None
    assert any("learning rate 0.01" in caption.value for caption in app.caption)
    app.button(key="begin_starting_weights/five").click().run()
    run_until(app, lambda: _table(app, "Saturated") is not None)
    (config,) = {
        run.record.config.with_changes(initializer="zeros") for run in _runs(app, "starting_weights/five")
    }
    expected = start_config("zeros", 2, "tanh", "sgd")
    assert (config.network, config.training.optimizer) == (expected.network, "sgd")
    large = _runs(app, "starting_weights/five")[4]
    outcome = outcome_of(large.record, large.dataset)
    before, after = (f"{100 * share:.0f}%" for share in outcome.saturated)
    assert _table(app, "Saturated")["Saturated"].tolist()[4] == f"{before} → {after}"
    assert f"**{before}** of its hidden activations" in _said(app)
    assert "more than" in _said(app)  # a training that ends at once has learned nothing
