"""Which drawings deserve no sure answer, and why."""

import json

import numpy as np
import pytest
from not_digits import DOODLES, LETTERS, drawn
from paths import SHARED_DATA
from PIL import Image, ImageDraw, ImageFont

from mnist_core.images.dataset import load_embedded
from mnist_core.images.doubt import Familiar, count_digits, edges_of, find_doubt
from mnist_core.images.drawing import Stroke, parse_strokes, prepare_like_mnist, render
from mnist_core.images.sample_drawings import sample

SURE = np.eye(10)
STROKES = SHARED_DATA.parent / "cases" / "canvas_strokes.json"


@pytest.fixture(scope="module")
def familiar():
    dataset = load_embedded()
    return Familiar.of_images(dataset.train_images, dataset.train_labels)


def doubt(picture, familiar, digit=None):
    """Where the network is sure of a digit, or of the one that the drawing looks like."""
    prepared = prepare_like_mnist(picture)
    if digit is None:
        digit = familiar.strangeness(prepared.image[None].repeat(10, axis=0), np.arange(10)).argmin()
    return find_doubt(prepared, SURE[digit], familiar)


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
def test_a_digit_gets_a_sure_answer(familiar, digit):
    assert doubt(render(sample(digit)), familiar, digit) is None


def test_a_digit_that_is_read_as_one_that_looks_different_gets_none(familiar):
    assert doubt(render(sample(3)), familiar, 4) == "unlike"


def test_a_digit_of_which_no_output_is_large_gets_none(familiar):
    prepared = prepare_like_mnist(render(sample(3)))
    assert find_doubt(prepared, np.eye(10)[3] * 0.4, familiar) == "weak"


def test_digits_side_by_side_are_counted(familiar):
    assert doubt(beside(4, 2), familiar) == "several"
    assert [count_digits(beside(*digits)) for digits in ((7,), (4, 2))] == [1, 2]
    assert count_digits(np.zeros((560, 560), np.uint8)) == 0


@pytest.mark.parametrize(
    ("strokes", "reason"),
    [
        ([((140, 140),)], "blot"),
        ([((20, 140), (260, 140))], "wide"),
        ([((40, 40), (240, 40), (240, 240), (40, 240), (40, 40), (240, 240))], "unlike"),
    ],
)
def test_what_is_no_digit_gets_no_sure_answer(familiar, strokes, reason):
    assert doubt(render(tuple(Stroke(points, 18.0) for points in strokes)), familiar) == reason


def test_a_line_of_print_gets_no_sure_answer(familiar):
    assert doubt(writing("Handwriting"), familiar) in ("several", "wide")


def test_of_other_training_images_few_get_none(familiar):
    dataset = load_embedded()
    images, labels = dataset.test_images[:400], dataset.test_labels[:400]
    assert sum(familiar.strangeness(images, labels) > familiar.limit) <= 16


def test_many_letters_and_doodles_are_unlike_even_the_digit_that_they_look_like_most(familiar):
    random = np.random.default_rng(0)
    shapes = [*LETTERS.values(), *DOODLES.values()]
    doubts = [doubt(render(drawn(strokes, random)), familiar) for strokes in shapes]
    assert sum(reason is not None for reason in doubts) > 0.4 * len(shapes)


def test_edges_are_counted_by_block_and_direction():
    image = np.zeros((28, 28), np.uint8)
    image[:, 14:] = 255  # paper left, ink right: an edge across columns 13 and 14
    edges = edges_of(image[None]).reshape(6, 7, 7)
    assert edges[0, 3, 3] == pytest.approx(8)  # four rows of two pixels, each with a difference of 1
    assert edges[0].argmax(axis=1).tolist() == [3] * 7
    assert edges[3, 3, 3] == pytest.approx(0, abs=1e-5)  # at right angles to it
    assert edges[1, 3, 3] == pytest.approx(8 * np.cos(np.pi / 6) ** 4)


def test_a_digit_without_training_images_is_like_nothing():
    dataset = load_embedded()
    is_kept = dataset.train_labels != 9
    without = Familiar.of_images(dataset.train_images[is_kept], dataset.train_labels[is_kept])
    assert np.isfinite(without.limit)
    assert np.isinf(without.strangeness(dataset.test_images[:1], np.array([9])))


def test_the_drawings_of_the_cases_get_what_they_should(familiar):
    if not STROKES.is_file():
        pytest.skip("the cases are not on this machine (../shared/cases)")
    cases = json.loads(STROKES.read_text())
    doubts = {name: doubt(render(parse_strokes(case["strokes"])), familiar) for name, case in cases.items()}
    assert doubts["two_digits_42"] == "several"
    assert doubts["single_tap"] == "blot"
    assert doubts["one_line_across"] == "wide"
    assert doubts["medium"] is doubts["thin_brush_large"] is None
