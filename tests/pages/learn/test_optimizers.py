from dataclasses import replace

import numpy as np
import pytest
from paths import ROOT
from streamlit.testing.v1 import AppTest
from training_process import classic, opened_lesson, run_until, skip_guess

from dashboard.elements.prose import read_lesson
from dashboard.learn.questions import parse_question
from mnist_core.config import (
    DEFAULT,
    SETTINGS,
    USUAL_LEARNING_RATE,
    NetworkConfig,
    RunConfig,
    TrainingConfig,
)
from mnist_core.figures.lessons.optimizers import (
    COLORS,
    DASHES,
    NAMES,
    SYMBOLS,
    race_figure,
    race_loss_figure,
    trace_figure,
    training_figure,
)
from mnist_core.figures.style import alt_text, title_text
from mnist_core.lessons.batches import gradient_of
from mnist_core.lessons.optimizers import (
    FAR,
    adam_epsilon,
    contour_grid,
    first_gradients,
    most_updated_weight,
    race,
    updates_of,
    weight_place,
)
from mnist_core.lessons.surfaces import SURFACES
from mnist_core.lessons.training_curves import smoothed
from mnist_core.network.parameters import initial_parameters
from mnist_core.network.update_rules import RULES, descend, start, update
from mnist_core.training.training_set import training_images
from mnist_core.training_config import SCHEDULE_NAMES

pytestmark = pytest.mark.usefixtures("no_film_on_pages")
TEN_UPDATES = RunConfig(
    NetworkConfig((6,)), TrainingConfig(2, 100, n_training_images=500, validation_share=0.0, l2=0.01)
)

# Races


@pytest.mark.parametrize("name", SURFACES)
def test_a_race_is_the_descent_of_each_rule_at_its_rate(name):
    run, surface = race(name, 0.5), SURFACES[name]
    assert run.diverged == ()
    for optimizer in RULES:
        rate = 0.5 * surface.rates[optimizer]
        path = descend(optimizer, surface.start, surface.gradient, rate, 100)
        assert run.rates[optimizer] == rate
        np.testing.assert_array_equal(run.paths[optimizer], path)
        lowest = surface.loss(surface.minima).min()
        np.testing.assert_array_equal(run.losses[optimizer], surface.loss(path) - lowest)


def test_sgd_diverges_in_the_ravine_from_a_rate_of_2_over_its_steepness_on():
    """There, y ← (1 − η·100)·y grows when η > 0.02; the surface's own rate is 0.018."""
    assert race("ravine", 1.1).diverged == ()
    run = race("ravine", 1.2)
    assert run.diverged == ("sgd",)
    path = run.paths["sgd"]
    assert len(path) < 101
    assert np.abs(path[-1]).max() > FAR * 5 >= np.abs(path[:-1]).max()


@pytest.mark.parametrize("name", SURFACES)
def test_no_race_shows_anything_that_is_not_a_finite_number(name):
    run = race(name, 10.0)
    assert all(np.isfinite(path).all() for path in (*run.paths.values(), *run.losses.values()))
    assert not {"rmsprop", "adam"} & set(run.diverged)


def test_a_relief_is_the_root_of_the_loss_above_the_minimum():
    surface = SURFACES["saddle"]
    grid = contour_grid(surface, 5, 9)
    assert grid.heights.shape == (9, 5)
    assert grid.heights[3, 2] ** 2 == pytest.approx(surface.loss(np.array([grid.x[2], grid.y[3]])) + 1)


@pytest.mark.parametrize("name", SURFACES)
def test_a_relief_fills_a_frame_twice_as_wide_as_high_at_one_scale(name):
    run = race(name)
    relief = contour_grid(run.surface)
    layout = race_figure(run, relief).layout
    assert (layout.yaxis.scaleanchor, layout.xaxis.constrain, layout.yaxis.constrain) == (
        "x",
        "range",
        "range",
    )
    (left, right), (low, high) = layout.xaxis.range, layout.yaxis.range
    assert np.ptp(relief.x) >= 2 * (high - low)
    assert np.ptp(relief.y) >= 1.4 * (right - left)


# Updates of a network


def test_the_first_gradient_is_that_of_the_first_batch(sample):
    chosen, initial = training_images(TEN_UPDATES, sample), initial_parameters(TEN_UPDATES.network, 0)
    gradients = first_gradients(initial, chosen, 0.001, 2)
    expected = gradient_of(initial, chosen, chosen.batch(1, 1))
    assert gradients.shape == (2, TEN_UPDATES.network.n_parameters)
    np.testing.assert_allclose(gradients[0], expected, atol=1e-7)


def test_a_weight_is_found_in_a_flat_vector_whatever_its_layer():
    network = NetworkConfig((6, 4))
    parameters = initial_parameters(network, 3)
    pairs = zip(parameters.weights, parameters.biases, strict=True)
    flat = np.concatenate([array.ravel() for pair in pairs for array in pair])
    for layer, row, unit in ((0, 783, 5), (1, 2, 3), (2, 3, 9)):
        assert flat[weight_place(network, layer, row, unit)] == parameters.weights[layer][row, unit]


def test_the_busiest_weight_has_the_largest_squared_gradients():
    network = NetworkConfig((6, 4))
    gradients = np.full((3, network.n_parameters), 0.1)
    gradients[1, weight_place(network, 1, 5, 2)] = -2.0
    assert most_updated_weight(network, gradients, 1) == (5, 2)


@pytest.mark.parametrize("t", [1, 2, 10])
def test_the_epsilon_shown_is_the_one_in_adam_s_rate(t):
    update = updates_of("adam", 0.0, [1e-6] * t, 0.001)[-1]
    expected = 0.001 / (float(update.terms["v_hat"]) ** 0.5 + adam_epsilon(t))
    assert float(update.terms["rate"]) == pytest.approx(expected, rel=1e-12)


def test_updates_of_one_number_follow_from_each_other():
    updates = updates_of("momentum", 1.0, [2.0, 1.0], 0.1)
    assert [float(update.state.values) for update in updates] == pytest.approx([0.8, 0.52])
    assert [update.state.t for update in updates] == [1, 2]


def test_a_coarser_curve_has_the_same_mean_and_fewer_points():
    updates, losses = np.arange(1.0, 201.0), np.random.default_rng(0).normal(size=200)
    middles, means = smoothed(updates, losses, 40)
    assert middles.tolist() == [3.0 + 5 * n for n in range(40)]
    assert means[0] == pytest.approx(losses[:5].mean())
    assert means.mean() == pytest.approx(losses.mean())
    few, same = smoothed(updates[:3], losses[:3], 40)
    assert (few.tolist(), same.tolist()) == ([1.0, 2.0, 3.0], losses[:3].tolist())


# Figures


def test_every_optimiser_looks_different_from_every_other():
    for look in (COLORS, DASHES, SYMBOLS, NAMES):
        assert set(look) == set(RULES)
        assert len(set(look.values())) == len(RULES)


@pytest.mark.parametrize("factor", [1.0, 10.0])
def test_the_frames_of_a_race_grow_along_the_paths_and_stay_small(factor):
    run = race("ravine", factor)
    figure = race_figure(run, contour_grid(run.surface))
    assert len(figure.to_json()) < 300_000
    names = [frame.name for frame in figure.frames]
    assert names[0] == "0"
    assert names[-1] == "100"
    assert [step.label for step in figure.layout.sliders[0].steps] == names
    frame = next(frame for frame in figure.frames if frame.name == "7")
    traces = [figure.data[number] for number in frame.traces]
    assert [trace.name for trace in traces[:4]] == [NAMES[optimizer] for optimizer in run.paths]
    for drawn, path in zip(frame.data, run.paths.values(), strict=False):
        np.testing.assert_allclose(drawn.x, path[:8, 0], atol=6e-4)
        np.testing.assert_allclose(drawn.y, path[:8, 1], atol=6e-4)
    heads = [path[min(7, len(path) - 1), 0] for path in run.paths.values()]
    np.testing.assert_allclose(frame.data[4].x, heads, atol=6e-4)


def test_figures_name_what_diverged_and_crown_no_winner():
    run = race("ravine", 2.0)
    assert "SGD diverged" in alt_text(race_figure(run, contour_grid(run.surface)))
    assert not any(name in title_text(race_loss_figure(run)) for name in NAMES.values())
    assert "With noise" in title_text(race_loss_figure(race("noisy bowl")))


def test_the_trace_shows_gradients_and_corrected_means():
    updates = updates_of("adam", 0.0, [0.5, -0.1, 0.2], 0.001)
    bars, means, sizes = trace_figure(updates, 2).data
    assert list(bars.y) == [0.5, -0.1, 0.2]
    assert list(means.y) == [float(update.terms["m_hat"]) for update in updates]
    assert list(sizes.y) == pytest.approx([float(update.terms["v_hat"]) ** 0.5 for update in updates])


def test_a_training_that_diverged_is_in_no_title():
    steps = np.array([1.0, 2.0])
    losses = {"sgd": [2.0, np.nan], "momentum": [2.0, 1.5], "rmsprop": [2.0, 1.0], "adam": [2.0, 1.25]}
    curves = {optimizer: (steps, np.array(values)) for optimizer, values in losses.items()}
    figure = training_figure(curves, "Training", 2, 3.0)
    assert title_text(figure) == "Final training loss: 1.00 (RMSprop) to 1.50 (Momentum)"
    assert "SGD" not in alt_text(figure)
    diverged = training_figure({"sgd": curves["sgd"]}, "Validation", 2, 3.0)
    assert title_text(diverged) == "Validation loss"


# The page


@pytest.fixture(scope="module")
def app(training_process):
    """The lesson after its first guess."""
    app = skip_guess(opened_lesson("optimizers"), "optimizers")
    run_until(app, lambda: "adam_update" in _keys(app.slider))
    return run_until(app, lambda: len(app.get("plotly_chart")) == 3)  # with the one that is awaited


def _table(app, column):
    return next((frame.value for frame in app.dataframe if column in frame.value), None)


def _keys(elements):
    return [element.key or "" for element in elements]


def _own_gradients(layer, row, unit):
    from dashboard.session import resources

    record = classic().record
    gradients = first_gradients(
        record.snapshots[0], training_images(record.config, resources.dataset()), 0.001
    )
    place = weight_place(record.config.network, layer, row, unit)
    return record.snapshots[0].weights[layer][row, unit], gradients[:, place]


def test_before_the_guess_there_is_nothing_but_the_guess(app):
    before = opened_lesson("optimizers")
    assert not before.header
    assert not before.get("plotly_chart")
    assert app.header


def test_the_decay_is_guessed_before_it_is_shown_and_the_experiment_decides(app):
    assert "decay_rate" not in _keys(app.select_slider)
    assert any("learning-rate decay" in text.value for text in app.markdown)
    question = parse_question(read_lesson("learn", "optimizers")["predict decay"])
    wrong = [answer.is_right for answer in question.answers].index(False)
    app.radio(key="guess_optimizers/predict decay").set_value(wrong).run()
    app.button(key="commit_optimizers/predict decay").click().run()
    assert any(question.answers[wrong].reason in warning.value for warning in app.warning)
    run_until(app, lambda: "decay_rate" in _keys(app.select_slider))
    app.select_slider(key="decay_rate").set_value(0.1).run()
    said = "At this rate the decay does harm."
    run_until(app, lambda: any(said in text.value for text in app.markdown))


def test_the_lesson_says_where_the_lab_has_the_decay():
    named = read_lesson("learn", "optimizers")["decayed network"]
    assert f"“{SCHEDULE_NAMES['cosine']}”" in named
    assert SETTINGS["schedule"].controls[0].place == "updates"  # the tab that the text names


def numbers(column):
    """What a column of words with minus signs says."""
    return column.str.replace("−", "-").astype(float)


def test_the_guess_in_numbers_is_what_the_rules_make_of_it(app):
    table = _table(app, "Rule").set_index("Rule")
    for gradient in (0.5, 0.005):
        for optimizer in RULES:
            step = float(update(optimizer, start(optimizer, 0.0), gradient, 0.001).step)
            shown = numbers(table[f"Step for {gradient:g}"])[NAMES[optimizer]]
            assert shown == pytest.approx(step, rel=1e-2)
    large, small = (numbers(table[f"Step for {g:g}"]).tolist() for g in (0.5, 0.005))
    assert large[0] == pytest.approx(100 * small[0])  # SGD, the guess
    assert small[3] == pytest.approx(large[3], rel=1e-2)  # Adam


def test_a_steady_gradient_lets_momentum_s_steps_grow_and_rmsprop_s_shrink(app):
    app.slider(key="rules_update").set_value(30).run()
    table = numbers(_table(app, "Rule").set_index("Rule")["Step for 0.5"])
    assert table["Momentum"] == pytest.approx(-5e-4 * (1 - 0.9**30) / 0.1, rel=1e-2)
    assert table["RMSprop"] == pytest.approx(-0.001 / np.sqrt(1 - 0.9**30), rel=1e-2)
    app.slider(key="rules_update").set_value(1).run()


def test_the_surface_and_the_rates_change_the_race_and_divergence_is_said(app):
    assert not any("diverges" in warning.value for warning in app.warning)
    app.select_slider(key="race_factor").set_value(2.0).run()
    assert any("SGD diverges" in warning.value and "0.036" in warning.value for warning in app.warning)
    app.segmented_control(key="race_surface").set_value("saddle").run()
    assert not app.exception
    assert not any("diverges" in warning.value for warning in app.warning)
    assert any("In the middle is a **saddle**" in markdown.value for markdown in app.markdown)


def test_the_table_of_a_weight_is_the_library_s_for_the_weight_chosen(app):
    for layer, inputs in ((0, {"line": 14, "place": 14}), (1, {"row": 3})):
        choose_weight(app, layer, **inputs, unit=2)
        row = 28 * inputs["line"] + inputs["place"] if layer == 0 else inputs["row"]
        weight, own = _own_gradients(layer, row, 2)
        updates = updates_of("adam", weight, own, 0.001)
        table = _table(app, "Own rate")
        assert table["t"].tolist() == list(range(1, 11))
        np.testing.assert_allclose(table["g"], own, rtol=1e-6)
        for column, name in (("m", "m"), ("v̂", "v_hat"), ("Own rate", "rate"), ("Step", "step")):
            np.testing.assert_allclose(table[column], [update.terms[name] for update in updates], rtol=1e-6)
        np.testing.assert_allclose(table["Weight after"], [update.state.values for update in updates])


def choose_weight(app, layer, **place):
    """Choose the weight whose updates are shown."""
    app.segmented_control(key="adam_layer_1").set_value(layer).run()
    for name, value in place.items():
        next(n for n in app.number_input if n.key.startswith(f"adam_{name}_")).set_value(value).run()
    assert not app.exception


def test_the_formulas_hold_the_numbers_of_the_update_chosen(app):
    choose_weight(app, 1, row=3, unit=2)
    table = _table(app, "Own rate")
    for t in (1, 7):
        app.slider(key="adam_update").set_value(t).run()
        assert any(f"0.999^{{{t}}}" in formula.value for formula in app.latex)
        after = f"{table['Weight after'][t - 1]:.6f}"
        assert any(formula.value.count(after) for formula in app.latex)


def test_a_weight_of_a_blank_pixel_gets_a_sentence_in_place_of_a_table(app):
    choose_weight(app, 0, line=0, place=0)
    assert any("is 0 in all ten batches" in info.value for info in app.info)
    assert _table(app, "Own rate") is None


@pytest.mark.usefixtures("trainings_end_at_once")
def test_the_four_trainings_end_in_a_row_each(app):
    app.select_slider(key="rates_times").set_value(1.0).run()
    app.slider(key="choice_units").set_value(8).run()
    app.select_slider(key="choice_batch").set_value(256).run()
    app.button(key="begin_optimizers").click().run()
    run_until(app, lambda: _table(app, "Optimiser") is not None)
    assert not app.exception
    table = _table(app, "Optimiser")
    rates = [f"{USUAL_LEARNING_RATE[optimizer]:g}" for optimizer in RULES]
    assert table["Learning rate"].tolist() == rates
    from dashboard.session import resources

    training = replace(DEFAULT.training, epochs=5, batch_size=256, n_training_images=10_000)
    n_images = len(resources.dataset().train_labels)
    training = replace(training, n_training_images=min(10_000, n_images))
    config = RunConfig(NetworkConfig((8,)), training)
    job = resources.engine().submit(config, resources.dataset(), "test")
    accuracy = resources.current(job).record.history.validation_accuracy[-1]
    assert table["Validation accuracy (%)"].tolist()[-1] == round(100 * accuracy, 1)
    low, high = (float(part) for part in table["95% interval"].tolist()[-1].split(" – "))
    assert low < 100 * accuracy < high
    assert not any("Test" in name for name in table)  # test images have no part in any choice
    told = [text.value for text in app.markdown]
    assert sum("call one slow" in text for text in told) == 1
    assert (
        sum("too close to call" in text or "reads the validation images best" in text for text in told) == 1
    )


def test_other_rates_ask_for_another_training(app):
    app.select_slider(key="rates_times").set_value(10.0).run()
    assert not app.exception
    assert "begin_optimizers" in _keys(app.button)
    assert any("SGD 0.1, Momentum 0.1, RMSprop 0.01, Adam 0.01" in caption.value for caption in app.caption)


def test_a_run_of_another_optimiser_and_shape_is_shown_too(app):
    """Of two hidden layers, one of them a single neuron, without validation, at the largest rate."""
    other = AppTest.from_file(str(ROOT / "app.py"), default_timeout=240)
    asked = {"units": 1, "layers": 2, "units2": 3, "optimizer": "sgd", "rate": 1.0, "activation": "tanh"}
    for name, value in (asked | {"images": 300, "validation": 0, "batch": 1024, "epochs": 1}).items():
        other.query_params[name] = str(value)
    other.run()
    other.switch_page("pages/lab/train.py").run()
    other.button(key="train").click().run()
    run_until(other, lambda: other.dataframe and other.dataframe[-1].value["State"].tolist() == ["finished"])
    other.switch_page("pages/learn/optimizers.py").run()
    other.button(key="skip_optimizers/predict").click().run()
    assert not other.exception
    assert any("had another optimiser" in markdown.value for markdown in other.markdown)
    for layer in (0, 1, 2):
        other.segmented_control(key="adam_layer_2").set_value(layer).run()
        assert not other.exception
        assert len(_table(other, "Own rate")) == 10
