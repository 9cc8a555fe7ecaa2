"""What stands beside, below or around a digit on a photograph is not read with it."""

import io
import math
import warnings
from dataclasses import replace

import numpy as np
import pytest
from photographed import image_of, likeness
from PIL import Image, ImageDraw

from mnist_core.images.drawing import prepare_like_mnist, render
from mnist_core.images.ink import _is_whole
from mnist_core.images.level_lines import line_below, turn_of
from mnist_core.images.photographs import read_photograph
from mnist_core.images.pieces import Group
from mnist_core.images.ruling import without_lines
from mnist_core.images.sample_drawings import sample

PAPER, INK = 225, 60


def ink_of(digit, height=200):
    """The digit as a mask, cut out to its ink."""
    crop = prepare_like_mnist(render(sample(digit))).crop
    return Image.fromarray(crop).resize((max(8, height * crop.shape[1] // crop.shape[0]), height))


def nothing(pen, frame):
    pass


def sheet(digit, beside=nothing, size=(640, 480)):
    """A photograph of a digit in the middle, and of what `beside` draws around its four edges."""
    picture, mask = Image.new("L", size, PAPER), ink_of(digit)
    x, y = (size[0] - mask.width) // 2, (size[1] - mask.height) // 2
    beside(ImageDraw.Draw(picture), (x, y, x + mask.width, y + mask.height))
    picture.paste(INK, (x, y), mask)
    return picture


def read(picture):
    noisy = np.asarray(picture) + np.random.default_rng(0).normal(0, 2, np.asarray(picture).shape)
    file = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(file, "PNG")
    return read_photograph(file.getvalue())


def as_alone(picture, digit):
    wanted = prepare_like_mnist(render(sample(digit))).image.astype(int)
    return likeness(image_of(read(picture)), wanted) > 0.9


def form_line(pen, frame):
    pen.line((50, frame[3] + 8, 590, frame[3] + 8), 90, 3)


def line_that_it_stands_on(pen, frame):
    pen.line((50, frame[3] - 6, 590, frame[3] - 6), 90, 3)


def underline(pen, frame):
    pen.line((frame[0] - 10, frame[3] + 18, frame[2] + 10, frame[3] + 14), INK, 12)


def shadow_on_two_sides(pen, frame):
    pen.line(
        (frame[0] - 40, frame[3] + 40, frame[2] + 40, frame[3] + 40, frame[2] + 40, frame[1] - 40), 120, 8
    )


def reflection(pen, frame):
    pen.ellipse((440, 40, 600, 160), 255)


@pytest.mark.parametrize(
    ("digit", "beside"),
    [(9, form_line), (2, line_that_it_stands_on), (9, underline), (2, shadow_on_two_sides), (9, reflection)],
)
def test_what_is_beside_a_digit_is_not_read_with_it(digit, beside):
    assert as_alone(sheet(digit, beside), digit)


@pytest.mark.parametrize("digit", [2, 4, 5, 7])
def test_a_digits_own_level_lines_stay(digit):
    ink = np.asarray(sheet(digit)) < 140
    assert line_below(ink, ink) is None


def ruled(degrees, size=(300, 400), upright=False):
    """Lines across, and upright ones, turned clockwise in the picture."""
    picture = Image.new("1", (size[1], size[0]))
    pen, slope = ImageDraw.Draw(picture), math.tan(math.radians(degrees))
    for place in range(-200, 700, 40):
        pen.line((0, place, size[1], place + slope * size[1]), 1, 2)
        if upright:
            pen.line((place, 0, place - slope * size[0], size[0]), 1, 2)
    return np.asarray(picture)


@pytest.mark.parametrize("degrees", [-7.0, -1.5, 0.0, 3.0])
@pytest.mark.parametrize("upright", [False, True])
def test_printed_lines_say_how_the_paper_is_turned(degrees, upright):
    turn = turn_of(ruled(degrees, upright=upright), (100, 150, 200, 250))
    assert math.degrees(turn) == pytest.approx(degrees, abs=0.4)


def test_without_lines_or_with_others_nothing_is_turned():
    rings = Image.new("1", (400, 300))
    for radius in range(20, 200, 30):
        ImageDraw.Draw(rings).circle((200, 150), radius, outline=1, width=2)
    for lines in (np.zeros((300, 400), bool), np.asarray(rings)):
        assert turn_of(lines, (100, 150, 200, 250)) == 0


def test_a_digit_on_turned_lines_is_turned_back():
    degrees = 5.0

    def lines(pen, frame):
        for y in range(-380, 480, 45):
            pen.line((-400, y, 1040, y), 150, 2)

    flat = sheet(7, lines)
    turned = flat.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=PAPER).crop((80, 60, 560, 420))
    photo = read(turned)
    assert photo.digits[photo.best].turn == pytest.approx(degrees, abs=0.6)
    assert likeness(image_of(photo), image_of(read(flat))) > 0.93


def test_a_stroke_on_a_line_stays_where_it_is_darker():
    strength = np.zeros((200, 300), np.float32)
    for row in (50, 100, 150):
        strength[row : row + 3] = 60
    strength[100:103, 120:200] = 120  # the bar of a 7 on the second line
    left, lines = without_lines(strength > 30, strength > 20, strength)
    assert left[101, 125:195].all()
    assert not left[51].any()
    assert lines[101, :110].all()


def test_a_line_that_lies_on_one_row_of_pixels_goes_like_those_that_are_shared_by_two():
    strength = np.zeros((200, 300), np.float32)
    for row in range(20, 200, 20):
        strength[row : row + 2] = 50
    strength[100:103] = np.array([25, 70, 25])[:, None]
    strength[60:140, 140:152] = 120
    left, lines = without_lines(strength > 20, strength > 10, strength)
    assert lines[101, 10:130].all()
    assert not left[:, 10:130].any()
    assert left[60:140, 142:150].all(), "the stroke stays"


def test_a_digit_in_one_piece_goes_before_fragments_of_it_and_not_before_another_digit():
    away = (0.0, 0.0, 0.0, 0.0)
    fragments = Group((3, 4), (40, 20, 108, 58), away)
    assert _is_whole(Group((1,), (10, 10, 110, 60), away), fragments)
    assert not _is_whole(Group((1,), (10, 10, 110, 60), (0.0, 0.1, 0.0, 0.0)), fragments), (
        "a line of the paper"
    )
    assert not _is_whole(Group((1,), (10, 10, 210, 260), away), fragments), "a sheet"
    assert not _is_whole(Group((1,), (10, 200, 110, 250), away), fragments), "beside it"
    assert not _is_whole(Group((1, 2), (10, 10, 110, 60), away), fragments)


def test_a_markers_digit_that_touches_an_edge_stays_whole():
    drawing = render(tuple(replace(stroke, width=36.0) for stroke in sample(3)))
    rows, columns = np.flatnonzero(drawing.any(axis=1)), np.flatnonzero(drawing.any(axis=0))
    paper = np.zeros((560, 760), np.uint8)
    cut = drawing[rows[0] : rows[-1] - 5, columns[0] : columns[-1]]
    paper[-len(cut) :, 60 : 60 + cut.shape[1]] = cut
    photo = read(Image.fromarray((225 - 0.7 * paper).astype(np.uint8)))
    assert likeness(image_of(photo), prepare_like_mnist(paper).image.astype(int)) > 0.7


def test_upright_strokes_in_a_row_of_digits_are_no_ruled_lines():
    row = np.concatenate([render(sample(digit))[::2, ::2] for digit in (7, 4, 3, 1, 2)], axis=1)
    photo = read(Image.fromarray(255 - row))
    assert photo.n_found == 5
    assert not photo.lines.any()


def test_a_picture_of_few_pixels_gives_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        image = np.pad(np.full((20, 3), 255, np.uint8), ((4, 4), (12, 13)))
        read(Image.fromarray(image))
