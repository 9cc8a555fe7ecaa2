"""Which drawings deserve no sure answer, and why."""

import json

import numpy as np
import pytest
from not_digits import DOODLES, LETTERS, drawn, scribble
from paths import SHARED_DATA
from pen_strokes import on_canvas
from PIL import Image, ImageDraw, ImageFont

from mnist_core.images.dataset import load_embedded
from mnist_core.images.doubt import count_digits, find_doubt, may_be_an_edge
from mnist_core.images.drawing import Stroke, parse_strokes, prepare_like_mnist, render
from mnist_core.images.sample_drawings import sample
from mnist_core.images.second_network import FILE, NO_DIGIT, SecondNetwork, edges_of, features_of
from mnist_core.images.sharp_turns import MOST_OF_A_DIGIT, count_sharp_turns

SURE = np.eye(10)
STROKES = SHARED_DATA.parent / "cases" / "canvas_strokes.json"


def doubt(picture, digit=None, strokes=()):
    """Where the network is sure of a digit, or of the one that the second network prefers."""
    prepared = prepare_like_mnist(picture)
    if digit is None:
        digit = SecondNetwork.load().probabilities(prepared.image[None])[0, :NO_DIGIT].argmax()
    return find_doubt(prepared, SURE[digit], strokes)


def beside(*digits):
    strokes = [
        Stroke(tuple((x * 0.45 + 130 * place + 5, y) for x, y in stroke.points), 14.0)
        for place, digit in enumerate(digits)
        for stroke in sample(digit)
    ]
    return render(tuple(strokes))


def writing(text):
    picture = Image.new("L", (560, 560))
    ImageDraw.Draw(picture).text((280, 280), text, 255, font=ImageFont.load_default(60), anchor="mm")
    return np.asarray(picture)


@pytest.mark.parametrize("digit", range(10))
def test_a_digit_gets_a_sure_answer(digit):
    assert doubt(render(sample(digit)), digit, sample(digit)) is None


def test_a_digit_that_is_read_as_one_that_looks_different_gets_none():
    assert doubt(render(sample(3)), 4) == "no digit"


def test_a_digit_of_which_no_output_is_large_gets_none():
    prepared = prepare_like_mnist(render(sample(3)))
    assert find_doubt(prepared, np.eye(10)[3] * 0.4) == "weak"


def test_digits_side_by_side_are_counted():
    assert doubt(beside(4, 2)) == "several"
    assert [count_digits(beside(*digits)) for digits in ((7,), (4, 2))] == [1, 2]
    assert count_digits(np.zeros((560, 560), np.uint8)) == 0


def test_the_two_strokes_of_an_open_4_are_one_digit_and_a_1_on_the_same_line_is_another():
    hook = Stroke(((90, 60), (75, 100), (90, 140), (125, 145), (150, 128)), 10.0)
    leg, one = (Stroke(((175.0, top), (171.0, top + 100)), 10.0) for top in (105, 55))
    assert count_digits(render((hook, leg))) == count_digits(render((leg, hook))) == 1
    assert count_digits(render((hook, one))) == 2


@pytest.mark.parametrize(
    ("strokes", "reason"),
    [
        ([((140, 140),)], "blot"),
        ([((20, 140), (260, 140))], "wide"),
        ([((40, 40), (240, 40), (240, 240), (40, 240), (40, 40), (240, 240))], "no digit"),
    ],
)
def test_what_is_no_digit_gets_no_sure_answer(strokes, reason):
    assert doubt(render(tuple(Stroke(points, 18.0) for points in strokes))) == reason


def test_a_line_of_print_gets_no_sure_answer():
    assert doubt(writing("Handwriting")) in ("several", "wide")


def test_the_second_network_agrees_with_nearly_all_labels_of_digits():
    dataset = load_embedded()
    images, labels = dataset.test_images[:400], dataset.test_labels[:400]
    assert SecondNetwork.load().agrees(images, labels).mean() >= 0.96


def test_most_letters_and_doodles_get_none_even_as_the_digit_that_they_look_like_most():
    random = np.random.default_rng(0)
    shapes = [*LETTERS.values(), *DOODLES.values()]
    doubts = [doubt(render(drawn(strokes, random))) for strokes in shapes]
    assert sum(reason is not None for reason in doubts) > 0.9 * len(shapes)


def test_scribbles_get_none():
    random = np.random.default_rng(1)
    scribbles = [scribble(random) for _ in range(200)]
    doubts = [doubt(render(strokes), strokes=strokes) for strokes in scribbles]
    assert sum(reason is not None for reason in doubts) > 0.85 * len(doubts)


def zigzag(n, *, size=1.0, width=30):
    """A stroke with so many sharp turns."""
    points = [(60 + size * width * k, 60 + size * 120 * (k % 2)) for k in range(n + 2)]
    return (Stroke(tuple((min(x, 280.0), y) for x, y in points), 18.0),)


@pytest.mark.parametrize("n", [0, 1, 2, 4, 5])
@pytest.mark.parametrize("size", [0.5, 1.0])
def test_sharp_turns_of_the_pen_are_counted_whatever_the_size_of_the_drawing(n, size):
    strokes = zigzag(n, size=size)
    assert count_sharp_turns(strokes) == n
    assert count_sharp_turns((*strokes, *strokes)) == 2 * n, "and none from one stroke to the next"
    if n > MOST_OF_A_DIGIT:
        assert doubt(render(sample(3)), 3, strokes) == "scribble"


def test_a_bow_a_dot_and_a_stroke_that_rests_have_no_sharp_turn():
    angles = np.linspace(0, 6.2, 60)
    ring = tuple((140 + 80 * np.cos(a), 140 + 80 * np.sin(a)) for a in angles)
    for points in (
        ring,
        ((140.0, 140.0),),
        ((140.0, 140.0),) * 3,
        ((20.0, 20.0),) * 3 + ((20.0, 220.0),) * 2,
    ):
        assert count_sharp_turns((Stroke(points, 18.0),)) == 0
    assert count_sharp_turns(()) == 0


def test_no_more_than_one_of_two_hundred_pen_digits_has_the_turns_of_a_scribble():
    file = SHARED_DATA / "pen_digits.json"
    if not file.is_file():
        pytest.skip("the pen-drawn digits are not on this machine (../shared/data/pen_digits.json)")
    digits = [on_canvas(digit) for digit in json.loads(file.read_text())]
    assert np.mean([count_sharp_turns(strokes) > MOST_OF_A_DIGIT for strokes in digits]) <= 0.005


def test_the_second_network_has_eleven_probabilities_and_a_small_file():
    dataset = load_embedded()
    probabilities = SecondNetwork.load().probabilities(dataset.test_images[:20])
    assert probabilities.shape == (20, 11)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert FILE.stat().st_size < 320_000


def test_its_inputs_are_roots_of_edges_and_means_of_four_pixels():
    image = load_embedded().test_images[:1]
    features = features_of(image)[0]
    np.testing.assert_allclose(features[:294] ** 2, edges_of(image)[0], rtol=1e-4, atol=1e-5)
    assert features[294 + 14 * 7 + 7] == pytest.approx(image[0, 14:16, 14:16].mean() / 255)


def test_edges_are_counted_by_block_and_direction():
    image = np.zeros((28, 28), np.uint8)
    image[:, 14:] = 255  # paper left, ink right: an edge across columns 13 and 14
    edges = edges_of(image[None]).reshape(6, 7, 7)
    assert edges[0, 3, 3] == pytest.approx(8)  # four rows of two pixels, each with a difference of 1
    assert edges[0].argmax(axis=1).tolist() == [3] * 7
    assert edges[3, 3, 3] == pytest.approx(0, abs=1e-5)  # at right angles to it
    assert edges[1, 3, 3] == pytest.approx(8 * np.cos(np.pi / 6) ** 4)


def test_the_drawings_of_the_cases_get_what_they_should():
    if not STROKES.is_file():
        pytest.skip("the cases are not on this machine (../shared/cases)")
    cases = json.loads(STROKES.read_text())
    drawings = {name: parse_strokes(case["strokes"]) for name, case in cases.items()}
    doubts = {name: doubt(render(strokes), strokes=strokes) for name, strokes in drawings.items()}
    assert doubts["two_digits_42"] == "several"
    assert doubts["single_tap"] == "blot"
    assert doubts["one_line_across"] == "wide"
    assert doubts["medium"] is doubts["thin_brush_large"] is None


@pytest.mark.parametrize(
    ("frame", "digit", "may_be"),
    [
        ((0.0, 0.217, 1.0, 0.272), 1, True),  # a table beside a sheet
        ((0.088, 0.968, 0.16, 1.0), 1, True),  # a strip at the right
        ((0.872, 0.192, 0.887, 0.199), 1, True),  # a bit of a squared line
        ((0.872, 0.192, 0.887, 0.199), 8, True),
        ((0.2, 0.4, 1.0, 0.6), 7, False),  # a digit that was cut
        ((0.437, 0.242, 0.629, 0.347), 1, False),
        ((0.5, 0.5, 0.53, 0.51), 1, False),  # small on a large sheet
    ],
)  # fmt: skip
def test_a_strip_at_the_edge_of_a_photograph_and_a_speck_may_be_no_digit(frame, digit, may_be):
    assert may_be_an_edge(frame, digit) == may_be
