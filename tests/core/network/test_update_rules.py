"""The update rules against Keras and by hand, and the surfaces they are watched on."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mnist_core.config import LIMITS, OPTIMIZERS, USUAL_LEARNING_RATE
from mnist_core.lessons.surfaces import SURFACES
from mnist_core.network import update_rules
from mnist_core.network.update_rules import (
    EPSILON,
    LARGEST,
    MEMORY,
    RULES,
    OptimizerState,
    descend,
    start,
    update,
)

N_STEPS = 100
every_optimizer = pytest.mark.parametrize("optimizer", OPTIMIZERS)
every_surface = pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
both = (-10.0, 10.0)
gradients = arrays(np.float64, 3, elements=st.floats(*both).filter(lambda g: abs(g) > 0.01))


def path_on(name, optimizer, n_steps=N_STEPS):
    surface = SURFACES[name]
    return descend(optimizer, surface.start, surface.gradient, surface.rates[optimizer], n_steps)


def distances(name, optimizer):
    """From the nearest minimum, after each update."""
    offsets = path_on(name, optimizer)[:, None] - SURFACES[name].minima
    return np.linalg.norm(offsets, axis=-1).min(axis=-1)


# The rules


def path_of_keras(theirs, gradients):
    """What a Keras optimizer makes of float64 zeros, update by update."""
    import keras

    variable = keras.Variable(np.zeros_like(gradients[0]), dtype="float64")
    path = [np.zeros_like(gradients[0])]
    for gradient in gradients:
        theirs.apply([keras.ops.convert_to_tensor(gradient, "float64")], [variable])
        path.append(np.asarray(variable).copy())
    return np.stack(path)


def same_in_keras(optimizer, rate):
    """The Keras optimizer that has this project's constants."""
    import keras

    return {
        "sgd": lambda: keras.optimizers.SGD(rate),
        "momentum": lambda: keras.optimizers.SGD(rate, momentum=update_rules.MOMENTUM),
        "rmsprop": lambda: keras.optimizers.RMSprop(rate, rho=update_rules.RHO, epsilon=update_rules.EPSILON),
        "adam": lambda: keras.optimizers.Adam(
            rate, update_rules.BETA_1, update_rules.BETA_2, epsilon=update_rules.EPSILON
        ),
    }[optimizer]()


@every_optimizer
def test_a_hundred_updates_are_those_of_keras(monkeypatch, optimizer):
    """Small gradients show where epsilon is added.

    Also in float64, Keras takes the learning rate, the momentum and the powers of beta through float32;
    with constants that float32 holds exactly, nothing but the rule is compared.
    """
    for name in ("MOMENTUM", "RHO", "BETA_1", "BETA_2"):
        monkeypatch.setattr(update_rules, name, float(np.float32(getattr(update_rules, name))))
    exact = partial(update_rules.momentum, kept=update_rules.MOMENTUM)
    monkeypatch.setitem(update_rules.RULES, "momentum", exact)
    rate = 2.0**-7
    sizes = np.array([[1.0], [1e-3], [1e-7]])  # of each row
    gradients = sizes * np.random.default_rng(0).normal(size=(N_STEPS, 3, 2))
    ours = descend(optimizer, np.zeros((3, 2)), lambda _, t: gradients[t], rate, N_STEPS)
    theirs = path_of_keras(same_in_keras(optimizer, rate), gradients)
    for row in range(3):
        atol = 1e-12 * np.abs(theirs[:, row]).max()
        np.testing.assert_allclose(ours[:, row], theirs[:, row], rtol=1e-9, atol=atol)


@every_optimizer
def test_a_hundred_updates_with_the_usual_constants_are_those_of_keras(optimizer):
    """Up to float32: 0.999 is 1.3e-8 off there, which is 1.3e-5 of 1 − 0.999 and half that of its root."""
    rate = USUAL_LEARNING_RATE[optimizer]
    gradients = np.random.default_rng(0).normal(size=(N_STEPS, 3, 2))
    ours = descend(optimizer, np.zeros((3, 2)), lambda _, t: gradients[t], rate, N_STEPS)
    theirs = path_of_keras(same_in_keras(optimizer, rate), gradients)
    tolerance = 1e-5 if optimizer == "adam" else 1e-6
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * np.abs(theirs).max())


def test_the_constants_are_what_keras_uses_when_nothing_is_said():
    import keras

    adam, rmsprop = keras.optimizers.Adam(), keras.optimizers.RMSprop()
    assert (adam.beta_1, adam.beta_2, adam.epsilon) == (update_rules.BETA_1, update_rules.BETA_2, EPSILON)
    assert (rmsprop.rho, rmsprop.epsilon) == (update_rules.RHO, EPSILON)


def test_the_first_updates_of_momentum_as_worked_by_hand():
    first = update("momentum", start("momentum", [1.0]), [2.0], 0.1)
    assert first.terms["velocity"] == pytest.approx([-0.2])  # 0.9·0 − 0.1·2
    assert first.state.values == pytest.approx([0.8])
    second = update("momentum", first.state, [1.0], 0.1)
    assert second.step == pytest.approx([-0.28])  # 0.9·(−0.2) − 0.1·1
    assert second.state.values == pytest.approx([0.52])


def test_the_first_updates_of_rmsprop_as_worked_by_hand():
    first = update("rmsprop", start("rmsprop", [1.0]), [2.0], 0.1)
    assert first.terms["v"] == pytest.approx([0.4])  # 0.1·2²
    assert first.step == pytest.approx([-0.2 / (0.4 + 1e-7) ** 0.5], rel=1e-12)
    second = update("rmsprop", first.state, [-1.0], 0.1)
    assert second.terms["v"] == pytest.approx([0.46])  # 0.9·0.4 + 0.1·1
    assert second.step == pytest.approx([0.1 / (0.46 + 1e-7) ** 0.5], rel=1e-12)


def test_the_first_updates_of_adam_as_worked_by_hand():
    first = update("adam", start("adam", [1.0]), [2.0], 0.1)
    terms = {name: float(term[0]) for name, term in first.terms.items()}
    assert list(terms) == ["m", "v", "m_hat", "v_hat", "rate", "step"]
    assert terms["m"] == pytest.approx(0.2)  # 0.1·2
    assert terms["v"] == pytest.approx(0.004)  # 0.001·2²
    assert (terms["m_hat"], terms["v_hat"]) == pytest.approx((2.0, 4.0))  # the gradient and its square
    assert terms["step"] == pytest.approx(-0.1 * 2 / (2 + EPSILON / 0.001**0.5), rel=1e-12)
    second = update("adam", first.state, [-1.0], 0.1)
    assert second.terms["m_hat"] == pytest.approx([0.08 / 0.19])  # (0.9·0.2 − 0.1) / (1 − 0.81)
    assert second.terms["v_hat"] == pytest.approx([0.004996 / 0.001999])
    assert second.step == pytest.approx([-0.1 * (0.08 / 0.19) / (0.004996 / 0.001999) ** 0.5], rel=1e-5)


@settings(deadline=None)
@given(gradients, st.floats(0.1, 1000.0))
def test_the_first_step_of_adam_is_the_learning_rate_whatever_the_gradients_size(gradient, factor):
    step = update("adam", start("adam", np.zeros(3)), gradient * factor, 0.01).step
    np.testing.assert_allclose(step, -0.01 * np.sign(gradient), rtol=4e-3)


@settings(deadline=None)
@given(gradients, st.floats(0.1, 1000.0), st.sampled_from(["adam", "rmsprop"]))
def test_rules_with_a_rate_per_value_do_not_care_about_the_loss_scale(gradient, factor, optimizer):
    once, scaled = (
        descend(optimizer, np.zeros(3), lambda _, t, f=f: f * gradient * np.cos(t), 0.01, 20)
        for f in (100.0, 100.0 * factor)  # so that the smallest gradient is 0.1, and ε nothing beside it
    )
    np.testing.assert_allclose(once, scaled, atol=2e-3 * np.abs(once).max())


@settings(deadline=None)
@given(gradients, gradients, st.floats(*both), st.sampled_from(["sgd", "momentum"]))
def test_steps_of_sgd_and_momentum_are_linear_in_the_gradients(first, second, factor, optimizer):
    def moved(gradient):
        return descend(optimizer, np.zeros(3), lambda _, t: gradient * (t + 1), 0.1, 5)

    np.testing.assert_allclose(
        moved(first + factor * second), moved(first) + factor * moved(second), atol=1e-9, rtol=1e-9
    )


@settings(deadline=None)
@given(gradients, st.sampled_from(OPTIMIZERS))
def test_the_first_step_goes_against_the_gradient_and_in_proportion_to_the_rate(gradient, optimizer):
    once, twice = (update(optimizer, start(optimizer, np.zeros(3)), gradient, rate) for rate in (0.1, 0.2))
    assert (np.sign(once.step) == -np.sign(gradient)).all()
    np.testing.assert_allclose(twice.step, 2 * once.step)


@every_optimizer
def test_without_a_gradient_nothing_moves_at_the_start(optimizer):
    taken = update(optimizer, start(optimizer, np.ones((2, 3))), np.zeros((2, 3)), 1.0)
    np.testing.assert_array_equal(taken.state.values, np.ones((2, 3)))


def test_momentum_that_keeps_nothing_is_sgd_and_one_that_keeps_more_grows_to_a_longer_step():
    gradients = np.random.default_rng(0).normal(size=(20, 2))
    paths = [
        descend(rule, np.zeros(2), lambda _, t: gradients[t], 0.1, 20, **constants)
        for rule, constants in (("sgd", {}), ("momentum", {"kept": 0.0}))
    ]
    np.testing.assert_array_equal(*paths)
    steady = descend("momentum", 0.0, lambda *_: 1.0, 0.1, 3000, kept=0.99)
    assert np.diff(steady)[-1] == pytest.approx(-0.1 / (1 - 0.99))


def test_under_a_steady_gradient_momentum_ends_ten_times_as_fast_as_sgd():
    path = descend("momentum", 0.0, lambda *_: 1.0, 0.1, 200)
    assert path[-1] - path[-2] == pytest.approx(-1.0)


@every_optimizer
def test_an_update_tells_how_the_next_state_came_about_and_leaves_the_old_one(optimizer):
    before = start(optimizer, [[1.0, -2.0]])
    taken = update(optimizer, before, [[0.5, 3.0]], 0.1)
    np.testing.assert_array_equal(taken.state.values, before.values + taken.step)
    assert (before.t, taken.state.t) == (0, 1)
    assert tuple(before.memory) == tuple(taken.state.memory) == MEMORY[optimizer]
    for name, remembered in taken.state.memory.items():
        np.testing.assert_array_equal(remembered, taken.terms[name])
    assert list(taken.terms)[-1] == "step"
    everything = (taken.gradient, taken.state.values, *taken.terms.values(), *taken.state.memory.values())
    for array in everything:
        assert array.dtype == np.float64
        assert not array.flags.writeable


def test_a_state_does_not_follow_the_array_it_was_made_from():
    values = np.ones(2)
    state = OptimizerState(values, 0, {"velocity": values})
    values[:] = 7.0
    assert state.values.tolist() == state.memory["velocity"].tolist() == [1.0, 1.0]


def test_a_gradient_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"\(2,\), not \(\)"):
        update("sgd", start("sgd", [1.0, 2.0]), 1.0, 0.1)


def test_every_optimizer_of_the_dashboard_has_its_rule():
    assert set(RULES) == set(MEMORY) == set(OPTIMIZERS)


# Descents


@every_optimizer
def test_a_descent_is_its_updates_one_after_the_other(optimizer):
    path = descend(optimizer, [1.0, -2.0], lambda values, t: values + t, 0.1, 3)
    state = start(optimizer, [1.0, -2.0])
    for t in range(3):
        np.testing.assert_array_equal(path[t], state.values)
        state = update(optimizer, state, state.values + t, 0.1).state
    np.testing.assert_array_equal(path[3:], [state.values])


def test_a_descent_of_no_steps_is_its_start():
    np.testing.assert_array_equal(descend("adam", [1.0, 2.0], lambda values, _: values, 0.1, 0), [[1.0, 2.0]])


@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
@every_surface
def test_a_descent_with_too_large_a_rate_ends_early_and_finite(surface, optimizer):
    path = descend(optimizer, surface.start, surface.gradient, 100.0, 1000)
    assert 1 <= len(path) < 1001
    assert np.abs(path).max() <= LARGEST
    assert np.isfinite(surface.loss(path)).all()


@every_optimizer
@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e300])
def test_a_descent_stops_before_a_gradient_it_cannot_use(optimizer, bad):
    path = descend(optimizer, [1.0], lambda values, t: np.full_like(values, bad if t == 3 else 0.1), 0.1, 9)
    assert path.shape == (4, 1)
    assert np.isfinite(path).all()


# The surfaces


@every_surface
@settings(deadline=None, max_examples=30)
@given(point=arrays(np.float64, 2, elements=st.floats(-2.0, 2.0)))
def test_slopes_are_the_derivatives_of_the_losses(surface, point):
    shifts = 1e-5 * np.eye(2)
    differences = (surface.loss(point + shifts) - surface.loss(point - shifts)) / 2e-5
    np.testing.assert_allclose(surface.slope(point), differences, atol=1e-6, rtol=1e-6)


@every_surface
def test_surfaces_take_a_grid_of_points(surface):
    grid = np.random.default_rng(0).normal(size=(3, 4, 2))
    assert surface.loss(grid).shape == (3, 4)
    assert surface.slope(grid).shape == (3, 4, 2)
    assert surface.loss(grid)[1, 2] == surface.loss(grid[1, 2])
    np.testing.assert_array_equal(surface.slope(grid)[1, 2], surface.slope(grid[1, 2]))


@every_surface
def test_nothing_shown_of_a_surface_is_lower_than_its_minima(surface):
    np.testing.assert_allclose(surface.slope(surface.minima), 0, atol=1e-12)
    axes = [np.linspace(low, high, 201) for low, high in surface.extent]
    losses = surface.loss(np.stack(np.meshgrid(*axes), axis=-1))
    assert losses.min() >= surface.loss(surface.minima).max() - 1e-12


@every_surface
def test_rates_are_ones_the_dashboard_allows(surface):
    assert set(surface.rates) == set(OPTIMIZERS)
    assert all(LIMITS["learning_rate"].allows(rate) for rate in surface.rates.values())


def test_the_noise_is_the_same_in_every_race_and_another_in_every_step():
    surface = SURFACES["noisy bowl"]
    point = np.array([1.0, -1.0])
    np.testing.assert_array_equal(surface.gradient(point, 5), surface.gradient(point, 5))
    noise = np.array([surface.gradient(point, step) - surface.slope(point) for step in range(2000)])
    assert len(np.unique(noise)) == noise.size
    np.testing.assert_allclose(noise.mean(axis=0), 0, atol=4 * surface.noise / 2000**0.5)
    np.testing.assert_allclose(noise.std(axis=0), surface.noise, rtol=0.07)


@pytest.mark.parametrize("name", ["ravine", "saddle"])
def test_without_noise_an_optimizer_sees_the_exact_gradient(name):
    surface = SURFACES[name]
    np.testing.assert_array_equal(surface.gradient(surface.start, 3), surface.slope(surface.start))


# What the race shows


@every_surface
@every_optimizer
def test_every_rule_ends_lower_than_it_started_and_stays_in_the_picture(surface, optimizer):
    path = descend(optimizer, surface.start, surface.gradient, surface.rates[optimizer], N_STEPS)
    losses = surface.loss(path)
    assert len(path) == N_STEPS + 1
    assert losses[-1] < losses[0]
    low, high = np.transpose(surface.extent)
    assert ((path >= low) & (path <= high)).all()


def test_in_the_ravine_sgd_zigzags_across_and_crawls_along():
    path = path_on("ravine", "sgd")
    assert (path[1:40, 1] * path[:39, 1] < 0).all()
    assert (np.diff(path[:, 0]) > 0).all()
    assert distances("ravine", "sgd")[-1] > 0.5
    assert max(distances("ravine", other)[-1] for other in ("momentum", "rmsprop", "adam")) < 0.05


def test_in_the_ravine_momentum_overshoots_the_minimum():
    assert path_on("ravine", "sgd")[:, 0].max() < 0
    assert path_on("ravine", "momentum")[:, 0].max() > 0.2


@pytest.mark.parametrize("optimizer", ["rmsprop", "adam"])
def test_in_the_ravine_a_rate_per_value_makes_the_way_straight(optimizer):
    lengths = {
        name: np.linalg.norm(np.diff(path_on("ravine", name), axis=0), axis=1).sum()
        for name in ("sgd", "momentum", optimizer)
    }
    assert lengths[optimizer] < 1.3 * np.hypot(4, 3)
    assert min(lengths["sgd"], lengths["momentum"]) > 4 * lengths[optimizer]


def test_on_the_saddle_sgd_lingers_longest():
    n_waiting = {name: int((path_on("saddle", name)[:, 1] < 0.7).sum()) for name in OPTIMIZERS}
    assert 60 < n_waiting["sgd"] < N_STEPS
    assert n_waiting["momentum"] < n_waiting["sgd"] / 2
    assert max(n_waiting["rmsprop"], n_waiting["adam"]) < n_waiting["momentum"]


@every_optimizer
def test_on_the_noisy_bowl_a_fixed_rate_keeps_jittering_and_a_smaller_one_less(optimizer):
    surface = SURFACES["noisy bowl"]

    def late_loss(gradient_of, rate):
        path = descend(optimizer, surface.start, gradient_of, rate, 600)
        return surface.loss(path[300:]).mean()

    rate = surface.rates[optimizer]
    jitter = late_loss(surface.gradient, rate)
    assert jitter > 0.1
    assert late_loss(lambda point, _: surface.slope(point), rate) < jitter / 10
    assert late_loss(surface.gradient, rate / 5) < jitter / 2
