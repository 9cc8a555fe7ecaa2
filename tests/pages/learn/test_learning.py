from dataclasses import replace

import numpy as np
import pytest
from training_process import classic, opened_lesson, run_until_trained, skip_guess

from dashboard.learn import shared_results
from dashboard.learn.backward_pass import sentence
from mnist_core.analysis.backward_trace import trace_backward
from mnist_core.analysis.network_trace import trace_signal
from mnist_core.config import ACTIVATIONS, NetworkConfig
from mnist_core.figures.lessons.learning import (
    delta_figure,
    descent_figure,
    update_figure,
    weight_gradient_figure,
)
from mnist_core.figures.style import alt_text, share_text, title_text
from mnist_core.images.preparation import network_inputs
from mnist_core.lessons.backward_pass import PassMoment, moments_of
from mnist_core.lessons.learning import FARTHEST, check_gradients, curve_around, descend_weight, steepest
from mnist_core.network.finite_differences import ParameterPlace, mean_loss, with_weight
from mnist_core.network.parameters import initial_parameters
from mnist_core.network.passes import backward, forward, stepped

MOMENTS = ("descent_moment", "backward_moment", "update_moment")


@pytest.fixture(scope="module")
def network(sample):
    inputs, labels = network_inputs(sample.train_images[:60]), sample.train_labels[:60]
    return initial_parameters(NetworkConfig((7, 5), "tanh"), 2), inputs, labels


def test_the_steepest_weight_has_the_largest_derivative(network):
    parameters, inputs, labels = network
    gradients = backward(parameters, forward(parameters, inputs), labels)
    for layer in range(3):
        place = steepest(gradients, layer)
        assert abs(place.value_in(gradients)) == np.abs(gradients.weights[layer]).max()


def test_each_step_goes_against_the_slope_by_rate_times_slope(network):
    parameters, inputs, labels = network
    path = descend_weight(parameters, inputs, labels, ParameterPlace(2, (1, 4)), 5.0, 6)
    assert path.weights[0] == parameters.weights[2][1, 4]
    np.testing.assert_allclose(np.diff(path.weights), -5.0 * path.slopes[:-1], atol=1e-12)
    assert np.all(np.diff(path.losses) <= 0)
    moved = with_weight(parameters, ParameterPlace(2, (1, 4)), path.weights[-1])
    assert path.losses[-1] == pytest.approx(mean_loss(moved, inputs, labels), abs=1e-6)
    assert not path.ran_away


def test_a_weight_that_runs_away_is_followed_no_further(network):
    parameters, inputs, labels = network
    path = descend_weight(parameters, inputs, labels, ParameterPlace(2, (1, 4)), 1e6, 20)
    assert path.ran_away
    assert np.abs(path.weights).max() <= FARTHEST
    assert np.isfinite(path.losses).all()


def test_both_ways_to_a_derivative_agree(network):
    parameters, inputs, labels = network
    gradients = backward(parameters, forward(parameters, inputs), labels)
    places = {"a": ParameterPlace(0, (400, 3)), "b": ParameterPlace(1, (2,)), "c": ParameterPlace(2, (4, 9))}
    for check in check_gradients(parameters, gradients, inputs, labels, places).values():
        assert check.difference < 1e-6
        assert check.backpropagated == pytest.approx(check.estimated, abs=1e-6)


def test_a_curve_reaches_beyond_its_path():
    values = curve_around([0.0, 3.0], n_points=11, margin=2.0)
    assert (values[0], values[-1], len(values)) == (-2.0, 5.0, 11)


def test_figures_show_the_numbers_they_were_given(network):
    parameters, inputs, labels = network
    path = descend_weight(parameters, inputs, labels, ParameterPlace(2, (1, 4)), 5.0, 3)
    figure = descent_figure(np.array([0.0, 1.0]), np.array([2.0, 1.0]), path)
    assert list(figure.data[2].x) == path.weights.tolist()
    tangent = figure.data[1]
    assert (tangent.y[1] - tangent.y[0]) / (tangent.x[1] - tangent.x[0]) == pytest.approx(path.slopes[0])
    assert "After 3 updates" in title_text(figure)
    deltas = np.linspace(-1, 1, 10)
    assert list(delta_figure(deltas, 0).data[0].y) == deltas.tolist()
    image = weight_gradient_figure(np.arange(784.0), "A title")
    assert image.data[0].z[27][27] == 783
    before, after = np.full(10, 0.1), np.full(10, 0.05)
    assert "from 10.0% to 5.0%" in title_text(update_figure(before, after, 3))
    assert "from 10.0% to 5.0%" in alt_text(update_figure(before, after, 3))


@pytest.fixture(scope="module")
def app(training_process):
    return run_until_trained(skip_guess(opened_lesson("learning"), "learning"))


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("units", [(3,), (8, 6)])
def test_every_moment_of_the_backward_pass_has_a_sentence_with_its_numbers(sample, units, activation):
    parameters = initial_parameters(NetworkConfig(units, activation), 2)
    signal = trace_signal(parameters, network_inputs(sample.train_images[:1])[0])
    moments = moments_of(signal, trace_backward(parameters, signal, 5), 5)
    told = [sentence(moment, activation) for moment in moments]
    assert not any("{" in words or "-" in words for words in told), "a number is missing, or has a hyphen"
    assert f"has a probability of {share_text(signal.probabilities[5])}, so" in told[len(units) + 1]
    assert f"− 1 = −{1 - signal.probabilities[5]:.3f}" in told[len(units) + 2]
    is_of_relu = [words for words in told if "slope of ReLU" in words]
    assert len(is_of_relu) == (len(units) if activation == "relu" else 0)


def test_a_number_too_small_for_three_decimals_has_two_figures_and_only_errors_have_a_plus():
    numbers = {"unit": 3, "arriving": 0.25, "slope": 0.00012345, "error": 0.0000308}
    told = sentence(PassMoment("slope", numbers), "tanh")
    assert "neuron 3: +0.250 × 0.00012 = +0.000031." in told


def test_before_the_guess_there_is_nothing_but_the_guess(app):
    assert not opened_lesson("learning").header
    assert [header.value for header in app.header][:4] == [
        "Downhill on one weight: gradient descent",
        "All slopes at once: backpropagation",
        "Backpropagation in numbers",
        "One update: what it does to other images",
    ]
    assert not app.exception


def test_the_loss_after_an_update_is_the_librarys(app):
    current = classic()
    parameters, images = current.record.snapshots[0], current.dataset
    inputs = network_inputs(images.train_images[:1])
    gradients = backward(parameters, forward(parameters, inputs), images.train_labels[:1])
    for rate in (0.003, 3.0):
        app.select_slider(key="update_rate").set_value(rate).run()
        assert not app.exception
        changed = stepped(parameters, gradients, rate)
        after = mean_loss(changed, inputs, images.train_labels[:1])
        assert app.metric[1].value == f"{after:.3f}"
        others = network_inputs(images.train_images[1:501]), images.train_labels[1:501]
        assert app.metric[2].value == f"{mean_loss(parameters, *others):.3f}"
        assert app.metric[3].value == f"{mean_loss(changed, *others):.3f}"


def test_the_page_warns_of_the_long_update_that_its_guess_is_about_and_not_of_a_short_one(app):
    for rate, is_warned in ((0.001, False), (0.1, True)):
        app.select_slider(key="update_rate").set_value(rate).run()
        assert any("harms the others" in warning.value for warning in app.warning) == is_warned
    assert float(app.metric[1].value) < 0.05 < float(app.metric[0].value)


def test_an_update_that_harms_its_own_image_too_is_not_said_to_help_it(app, monkeypatch):
    effects_of = shared_results.effects_of

    def harming_all(*arguments):
        effects = effects_of(*arguments)
        return replace(effects, own=effects.others)

    with monkeypatch.context() as patch:
        patch.setattr("dashboard.learn.shared_results.effects_of", harming_all)
        app.select_slider(key="update_rate").set_value(0.1).run()
        assert any("harms the image it was made for" in warning.value for warning in app.warning)
    app.run()


def test_another_image_is_the_one_of_the_last_section_too(app):
    picked = next(n for n in app.number_input if n.label == "Number of the image")
    picked.set_value(7).run()
    assert not app.exception
    label = classic().dataset.train_labels[7]
    assert any(f"Training image 7, a {label}:" in caption.value for caption in app.caption)
    next(n for n in app.number_input if n.label == "Number of the image").set_value(0).run()


def test_backpropagation_and_estimates_agree_in_the_table(app):
    table = app.table[0].value
    assert len(table) == 4
    columns = (
        table[name].str.replace("−", "-").astype(float) for name in ("Backpropagation", "Finite difference")
    )
    np.testing.assert_allclose(*columns, atol=1e-5)


def test_a_rate_that_is_too_large_is_said(app):
    app.slider(key="descent_steps").set_value(20).run()
    app.select_slider(key="descent_rate").set_value(1_000.0).run()
    assert not app.exception
    descent = [one.value for one in app.markdown if one.value.startswith("**After ")]
    assert descent
    assert "20 updates" in descent[0] or any("driven more than 100" in one.value for one in app.warning)


def test_two_weights_at_once_are_a_landscape_with_an_arrow(app):
    app.slider(key="descent_steps").set_value(5).run()
    app.select_slider(key="descent_rate").set_value(10.0).run()
    app.segmented_control(key="descent_moved").set_value("two weights").run()
    assert not app.exception
    assert any("seen here from above" in text.value for text in app.markdown)
    assert not any((box.key or "").startswith("descent_") for box in app.number_input)
    app.select_slider(key="descent_rate").set_value(1_000.0).run()
    assert not app.exception
    app.segmented_control(key="descent_moved").set_value("one weight").run()
    assert any((box.key or "").startswith("descent_") for box in app.number_input)


def test_both_sliders_over_the_training_show_the_same_moment(app):
    keys = [f"{name}_{classic().record.epochs_done}" for name in MOMENTS]
    for moved, value in zip(keys, (3, 1, 2), strict=True):
        app.slider(key=moved).set_value(value).run()
        assert not app.exception
        assert [app.slider(key=key).value for key in keys] == [value] * 3
    app.slider(key=keys[0]).set_value(0).run()
