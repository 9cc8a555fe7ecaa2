"""The facts of the lesson on learning: the chain rule, and what one update does to other images."""

import numpy as np
import pytest

from mnist_core.config import NetworkConfig
from mnist_core.figures.lessons.learning import chain_figure, effects_figure, two_weights_figure
from mnist_core.figures.style import alt_text, title_text
from mnist_core.images.preparation import network_inputs
from mnist_core.lessons.learning import StepEffects, chain_path, effects_of_step, first_others, pass_costs
from mnist_core.lessons.two_weights import descend_two_weights, two_steepest
from mnist_core.network.finite_differences import ParameterPlace, finite_difference, mean_loss, with_weight
from mnist_core.network.parameters import initial_parameters
from mnist_core.network.passes import backward, forward, stepped

RATES = (0.001, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)


@pytest.fixture(scope="module")
def start():
    return initial_parameters(NetworkConfig((32,)), 0)


def one_image(sample, number):
    return network_inputs(sample.train_images[[number]]), sample.train_labels[[number]]


def others_of(sample, number):
    others = np.delete(np.arange(501), number)
    return network_inputs(sample.train_images[others]), sample.train_labels[others]


@pytest.mark.parametrize("hidden", [(32,), (9, 7)])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_the_path_of_the_chain_rule_ends_at_what_trying_finds(sample, hidden, activation):
    parameters = initial_parameters(NetworkConfig(hidden, activation), 1)
    inputs, labels = one_image(sample, 3)
    passed, last = forward(parameters, inputs), len(hidden) - 1
    for unit in range(4):
        path = chain_path(parameters, passed, labels, unit)
        assert path.terms.shape == (10,)
        assert path.arriving == pytest.approx(path.terms.sum(), abs=1e-6)
        by_trying = {
            index: finite_difference(parameters, inputs, labels, ParameterPlace(last, index))
            for index in ((path.sender, unit), (unit,))
        }
        assert path.derivative == pytest.approx(by_trying[path.sender, unit], abs=1e-5)
        assert path.delta == pytest.approx(by_trying[unit,], abs=1e-5)  # the bias


def test_the_derivatives_at_the_outputs_add_up_to_nothing(sample, start):
    inputs, labels = one_image(sample, 0)
    path = chain_path(start, forward(start, inputs), labels, 0)
    assert path.deltas.sum() == pytest.approx(0, abs=1e-6)
    assert (path.deltas < 0).tolist() == [digit == labels[0] for digit in range(10)]


def test_only_differences_of_logits_matter_so_the_loss_also_falls_if_another_logit_falls(sample, start):
    inputs, labels = one_image(sample, 0)
    logits = forward(start, inputs).logits[0].astype(float)

    def loss(values):
        return float(np.log(np.exp(values).sum()) - values[labels[0]])

    assert loss(logits + 5) == pytest.approx(loss(logits))
    other = int(labels[0] + 1) % 10
    assert loss(logits - 0.1 * np.eye(10)[other]) < loss(logits)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_long_update_for_one_image_ruins_the_others_and_a_short_one_hardly_touches_them(
    sample, start, number
):
    effects = effects_of_step(start, *one_image(sample, number), *others_of(sample, number), RATES)
    at = dict(zip(effects.rates.tolist(), range(len(effects.rates)), strict=True))
    assert effects.own[0] > 1
    assert effects.own[at[1.0]] < 0.05
    assert effects.harms_others(at[1.0])
    assert effects.others[at[1.0]] > 2 * effects.others[0]
    assert effects.same_digit[at[1.0]] < 0.2 * effects.same_digit[0]  # these alone gain
    assert not effects.harms_others(at[0.001])
    assert effects.others[at[10.0]] > 100 * effects.others[0]
    assert np.all(effects.own[1:] <= effects.own[0])  # this image alone never shows the harm


def test_after_a_long_update_the_network_answers_that_image_s_digit_to_nearly_everything(sample, start):
    (inputs, labels), (others, _) = one_image(sample, 0), others_of(sample, 0)
    changed = stepped(start, backward(start, forward(start, inputs), labels), 0.3)
    assert (changed.probabilities(others).argmax(axis=1) == labels[0]).mean() > 0.95


def test_effects_are_the_losses_before_and_after_and_none_of_a_digit_that_is_missing(sample, start):
    inputs, labels = one_image(sample, 0)
    others, other_labels = others_of(sample, 0)
    is_other = other_labels != labels[0]
    effects = effects_of_step(start, inputs, labels, others[is_other], other_labels[is_other], (0.1,))
    assert effects.n_same_digit == 0
    assert np.isnan(effects.same_digit).all()
    assert effects.n_others == is_other.sum()
    assert effects.rates.tolist() == [0.0, 0.1]
    assert len(effects_figure(effects, 1, 3).data) == 2


def test_the_backward_pass_of_the_classic_network_costs_about_as_much_as_the_forward_pass():
    costs = pass_costs(NetworkConfig((32,)))
    assert (costs.forward, costs.backward) == (25_408, 25_728)
    assert costs.n_estimates == 50_900
    deep = pass_costs(NetworkConfig((3, 2)))
    assert deep.forward == 784 * 3 + 3 * 2 + 2 * 10
    assert deep.backward == deep.forward + 3 * 2 + 2 * 10


def test_figures_show_the_ten_products_their_sum_and_both_losses(sample, start):
    inputs, labels = one_image(sample, 0)
    path = chain_path(start, forward(start, inputs), labels, 5)
    figure = chain_figure(path, 5, "pixel (7, 12)")
    written = [note.text for note in figure.layout.annotations]
    for term in path.terms:
        assert f"{term:z.3f}".replace("-", "−") in written
    assert f"<b>sum {path.arriving:z.3f}</b>".replace("-", "−") in written
    assert "pixel (7, 12)" in alt_text(figure)
    effects = StepEffects(np.array([0, 0.1]), np.array([2, 0.5]), np.array([2, 1]), np.array([2, 3]), 4, 9)
    drawn = effects_figure(effects, 1, 7)
    assert [list(trace.y) for trace in drawn.data] == [[0.5], [3], [1]]
    assert title_text(drawn) == "This image: loss 2.000 to 0.500. The 9 others: 2.000 to 3.000"


@pytest.fixture(scope="module")
def descent(sample, start):
    inputs, labels = network_inputs(sample.train_images[:60]), sample.train_labels[:60]
    places = two_steepest(backward(start, forward(start, inputs), labels))
    return inputs, labels, places, descend_two_weights(start, inputs, labels, places, 5.0, 4)


def test_two_weights_go_against_the_two_slopes_that_trying_finds(start, descent):
    inputs, labels, places, way = descent
    assert places[0].index[1] != places[1].index[1]  # to two digits
    tried = [finite_difference(start, inputs, labels, place) for place in places]
    np.testing.assert_allclose(way.gradient, tried, atol=1e-6)
    np.testing.assert_allclose(way.path[1] - way.path[0], -5.0 * way.gradient, atol=1e-12)
    assert np.all(np.diff(way.losses) < 0)


def test_the_landscape_of_two_weights_has_the_losses_of_the_whole_network(start, descent):
    inputs, labels, places, way = descent
    for column, row in ((0, 0), (30, 12)):
        moved = with_weight(start, places[0], way.x[column])
        moved = with_weight(moved, places[1], way.y[row])
        assert way.grid[row, column] == pytest.approx(mean_loss(moved, inputs, labels), abs=1e-6)
    end = with_weight(with_weight(start, places[0], way.path[-1][0]), places[1], way.path[-1][1])
    assert way.losses[-1] == pytest.approx(mean_loss(end, inputs, labels), abs=1e-6)


def test_two_weights_that_run_away_are_followed_no_further(sample, start, descent):
    inputs, labels, places, _ = descent
    way = descend_two_weights(start, inputs, labels, places, 1e6, 10)
    assert len(way.path) == 1
    assert np.isfinite(way.grid).all()


def test_the_arrow_of_the_gradient_points_uphill_from_the_start(descent):
    *_, way = descent
    arrow = two_weights_figure(way, ("a", "b")).layout.annotations[0]
    drawn = np.array([arrow.x - arrow.ax, arrow.y - arrow.ay])
    cosine = drawn @ way.gradient / (np.linalg.norm(drawn) * np.linalg.norm(way.gradient))
    assert cosine == pytest.approx(1)
    assert title_text(two_weights_figure(way, ("a", "b"))).startswith("After 4 updates")


@pytest.mark.parametrize(
    ("number", "n_images", "others"),
    [(1, 100, [0, 2, 3]), (50, 100, [0, 1, 2]), (1, 3, [0, 2]), (2, 3, [0, 1]), (0, 1, [])],
)
def test_the_first_images_but_one_are_as_many_as_there_are(number, n_images, others):
    assert first_others(number, 3, n_images).tolist() == others
