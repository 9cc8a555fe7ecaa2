"""A drawing that is moved, turned and made thicker a little, and what the network then reads."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from mnist_core.analysis.nudges import SPANS, Nudges, Sweep, Turn, nudge, sweep
from mnist_core.config import NetworkConfig
from mnist_core.figures.lab.nudges import nudge_figure
from mnist_core.figures.style import alt_text, title_text
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import initial_parameters


def test_without_a_nudge_every_pixel_stays(five):
    assert (nudge(five, Nudges()) == five).all()


def test_a_shift_by_whole_pixels_moves_the_pixels(five):
    assert (nudge(five, Nudges(right=3, down=-2)) == np.roll(five, (-2, 3), axis=(0, 1))).all()


@pytest.mark.parametrize(
    "nudges",
    [
        Nudges(angle=33),
        Nudges(angle=-90),
        Nudges(size=60),
        Nudges(size=145),
        Nudges(right=2.5, down=1.5, angle=-21, size=80),
    ],
)
def test_a_movement_is_scipys(five, nudges):
    """SciPy counts places from the middle of the first pixel, where the middle of mass is (14, 14)."""
    angle, scale = math.radians(nudges.angle), nudges.size / 100
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]) / scale
    offset = np.array([14, 14]) - turn @ np.array([14 + nudges.down, 14 + nudges.right])
    expected = ndimage.affine_transform(five.astype(float), turn, offset, order=1, mode="constant")
    assert np.abs(nudge(five, nudges) - expected).max() <= 1.5


def test_a_rotation_is_clockwise():
    image = np.zeros((28, 28), np.uint8)
    image[4, 14] = 255
    turned = nudge(image, Nudges(angle=90))
    assert np.unravel_index(turned.argmax(), turned.shape) == (14, 24)


@pytest.mark.parametrize("amount", [1, 2, 3, -1])
def test_thicker_by_whole_pixels_is_scipys_dilation_and_thinner_its_erosion(five, amount):
    plus = ndimage.generate_binary_structure(2, 1)
    change = ndimage.grey_dilation if amount > 0 else ndimage.grey_erosion
    expected = five
    for _ in range(abs(amount)):
        expected = change(expected, footprint=plus, mode="constant")
    assert (nudge(five, Nudges(thickness=amount)) == expected).all()


def test_between_two_thicknesses_lies_their_mean(five):
    low, high = (nudge(five, Nudges(thickness=amount)).astype(float) for amount in (1, 2))
    assert np.abs(nudge(five, Nudges(thickness=1.5)) - (low + high) / 2).max() <= 0.5


def test_noise_has_the_standard_deviation_it_says():
    gray = np.full((28, 28), 128, np.uint8)
    noisy = nudge(gray, Nudges(noise=10)).astype(float)
    assert noisy.std() == pytest.approx(25.5, rel=0.1)
    assert (nudge(gray, Nudges(noise=10)) == noisy).all()


@pytest.mark.parametrize("kind", SPANS)
def test_an_amount_outside_its_span_is_refused(kind):
    for amount in (SPANS[kind].lowest - 0.1, SPANS[kind].highest + 0.1, float("nan")):
        with pytest.raises(ValueError, match=f"{kind} must be from"):
            Nudges(**{kind: amount})


@pytest.mark.parametrize("kind", SPANS)
def test_a_sweep_is_what_the_network_reads_at_each_amount(five, kind):
    parameters = initial_parameters(NetworkConfig((16,)), seed=4)
    others = replace(Nudges(right=1, angle=6, thickness=0.3), **{kind: SPANS[kind].neutral})
    swept = sweep(parameters, five, others, kind)
    assert (swept.amounts[0], swept.amounts[-1]) == (SPANS[kind].lowest, SPANS[kind].highest)
    assert SPANS[kind].neutral in swept.amounts.round(6)
    for place in (0, len(swept.amounts) // 3, -1):
        image = nudge(five, replace(others, **{kind: float(swept.amounts[place])}))
        expected = parameters.probabilities(network_inputs(image[None]))[0]
        assert swept.probabilities[place] == pytest.approx(expected, abs=1e-6)
    assert (swept.predictions == swept.probabilities.argmax(axis=1)).all()
    changes = [int(b) for a, b in itertools.pairwise(swept.predictions) if a != b]
    assert [turn.after for turn in swept.turns] == changes


def made_sweep(predictions):
    n = len(predictions)
    amounts = np.linspace(-8, 8, n)
    probabilities = np.full((n, 10), 0.05, np.float32)
    probabilities[np.arange(n), predictions] = 0.55
    turns = tuple(
        Turn(float(amounts[i + 1]), predictions[i], predictions[i + 1])
        for i in range(n - 1)
        if predictions[i] != predictions[i + 1]
    )
    return Sweep("right", amounts, probabilities, np.array(predictions), turns)


def test_the_stretch_around_an_amount_ends_where_another_digit_is_read():
    swept = made_sweep([3, 3, 5, 5, 5, 3, 3, 3, 3])
    assert swept.held(-4) == (5, -4, 0)
    assert swept.held(0) == (5, -4, 0)
    assert swept.held(8) == (3, 2, 8)
    assert swept.held(-8) == (3, -8, -6)


def test_the_curves_say_where_the_network_changes_its_mind():
    figure = nudge_figure(made_sweep([3, 3, 5, 5, 5, 5, 5, 3, 3]), 0.0)
    assert title_text(figure) == "Shift right: read as a 5 from −4 to 4 pixels"
    assert "3 becomes 5 at −4; 5 becomes 3 at 6" in alt_text(figure)
    assert [note.text for note in figure.layout.annotations] == ["<b>3</b>", "<b>5</b>", "<b>3</b>"]
    assert [shape.x0 for shape in figure.layout.shapes] == [-4.25, 5.75, 0.0]
    assert len(figure.data) == 10
    assert max(figure.data[5].y) == pytest.approx(55)
    constant = nudge_figure(made_sweep([7] * 9), -8.0)
    assert title_text(constant) == "Shift right: read as a 7 all the way"
    assert "never changes" in alt_text(constant)
