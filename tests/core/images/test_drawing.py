import io
import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paths import SHARED_DATA
from pen_strokes import on_canvas
from PIL import Image
from scipy import ndimage

from mnist_core.bounds import MAX_POINTS, MAX_STROKES
from mnist_core.config import CLASSIC, NetworkConfig
from mnist_core.figures.lab.drawing import SIDE, image_picture, step_pictures
from mnist_core.images.drawing import (
    CANVAS,
    DrawingError,
    Stroke,
    centre_of_mass,
    paint_weights,
    parse_strokes,
    prepare_like_mnist,
    render,
    shrink,
)
from mnist_core.images.preparation import network_inputs
from mnist_core.images.sample_drawings import sample as drawn_sample
from mnist_core.training.loop import train

PEN_DIGITS = SHARED_DATA / "pen_digits.json"


@pytest.fixture(scope="module")
def pen_digits():
    if not PEN_DIGITS.is_file():
        pytest.skip("the pen-drawn digits are not on this machine (../shared/data/pen_digits.json)")
    return json.loads(PEN_DIGITS.read_text())


@pytest.fixture(scope="module")
def classic(mnist):
    return train(CLASSIC, mnist).parameters


def share_read(parameters, images, labels):
    return float((parameters.logits(network_inputs(np.stack(images))).argmax(axis=1) == labels).mean())


# The preparation


@pytest.mark.full_mnist
def test_mnists_own_images_are_scaled_and_centred_as_they_were_but_for_less_than_a_pixel(mnist):
    images = mnist.train_images[:1000]
    prepared = [prepare_like_mnist(np.kron(image, np.ones((7, 7), np.uint8))) for image in images]
    boxes = [prepare_like_mnist(image).crop for image in images]
    same = [
        a.box.shape == b.shape and np.abs(a.box.astype(int) - b).max() <= 1
        for a, b in zip(prepared, boxes, strict=True)
    ]
    assert np.mean(same) > 0.99
    corners = [np.argwhere(image.any(axis=axis))[0, 0] for image in images for axis in (1, 0)]
    moved = np.ravel([each.corner for each in prepared]) - corners
    assert np.mean(np.abs(moved) < 0.51) > 0.99  # MNIST's were moved to the nearest whole pixel
    assert abs(moved.mean()) < 0.03, "the middle is that of MNIST's images"


@pytest.mark.full_mnist
def test_pen_drawn_digits_are_read_and_without_the_preparation_they_are_not(mnist, classic, pen_digits):
    labels = np.array([digit["label"] for digit in pen_digits])
    prepared = [prepare_like_mnist(render(on_canvas(digit))) for digit in pen_digits]
    images, shrunk = [p.image for p in prepared], [p.shrunk for p in prepared]
    wide = train(replace(CLASSIC, network=NetworkConfig((128,))), mnist).parameters
    assert share_read(classic, images, labels) >= 0.88
    assert share_read(wide, images, labels) >= 0.91
    assert share_read(classic, shrunk, labels) < 0.65


@pytest.mark.full_mnist
def test_the_ten_sample_drawings_are_read(classic):
    images = [prepare_like_mnist(render(drawn_sample(digit))).image for digit in range(10)]
    assert share_read(classic, images, np.arange(10)) == 1


def test_a_rectangle_is_prepared_as_a_calculation_by_hand_says():
    picture = np.zeros((100, 100), np.uint8)
    picture[10:90, 5:45] = 255
    prepared = prepare_like_mnist(picture)
    assert prepared.window == (10, 5, 90, 45)
    assert prepared.crop.shape == (80, 40)
    assert prepared.box.shape == (20, 10)
    assert prepared.mass == (9.5, 4.5)
    assert prepared.corner == (4.5, 9.5)
    rows, columns = np.nonzero(prepared.image)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (4, 24, 9, 19)
    half, quarter = 128, 64
    assert prepared.image[4, 9:20].tolist() == [quarter, *[half] * 9, quarter]
    assert prepared.image[5, 9:20].tolist() == [half, *[255] * 9, half]


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_the_mass_is_scipys_and_no_ink_is_lost(seed):
    random = np.random.default_rng(seed)
    picture = (random.random(random.integers(1, 90, 2)) ** 8 * 255).astype(np.uint8)
    picture[random.integers(picture.shape[0]), random.integers(picture.shape[1])] = 200
    prepared = prepare_like_mnist(picture)
    assert prepared.image.shape == (28, 28)
    assert max(prepared.box.shape) == 20
    assert abs(int(prepared.image.sum()) - int(prepared.box.sum())) <= 0.5 * prepared.image.size
    assert prepared.mass == pytest.approx(ndimage.center_of_mass(prepared.box.astype(float)))
    is_inside = all(0 < at < 28 - side for at, side in zip(prepared.corner, prepared.box.shape, strict=True))
    if is_inside and prepared.image.mean() > 10:  # each level is rounded
        assert centre_of_mass(prepared.image) == pytest.approx((14, 14), abs=0.1)


def test_a_digit_that_is_turned_a_little_more_changes_its_image_a_little_more_and_never_jumps():
    def turned(degrees):
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        points = [(x - 140, y - 140) for x, y in drawn_sample(7)[0].points]
        moved = tuple((140 + cos * x - sin * y, 140 + sin * x + cos * y) for x, y in points)
        return prepare_like_mnist(render((Stroke(moved, 18),)))

    steps = [
        np.abs(before.image.astype(int) - after.image).mean()
        for before, after in itertools.pairwise(map(turned, np.arange(0, 12, 0.25)))
        if before.box.shape == after.box.shape
    ]
    assert len(steps) > 30
    assert max(steps) < 2, "of 255; a jump by a pixel would be 20"


def test_neither_the_place_nor_the_size_of_a_drawing_changes_its_image():
    def at(scale, x, y):
        points = tuple((x + scale * px, y + scale * py) for px, py in drawn_sample(5)[0].points)
        return prepare_like_mnist(render((Stroke(points, 18 * scale),))).image.astype(int)

    for other in (at(1, -40, 30), at(0.5, 60, 60), at(0.5, 0, 0)):
        assert np.abs(at(1, 0, 0) - other).mean() < 3


def test_ink_that_would_leave_the_image_is_moved_back_into_it():
    picture = np.zeros((200, 200), np.uint8)
    picture[0:40, 0:40] = 255
    picture[199, 199] = 255
    prepared = prepare_like_mnist(picture)
    assert prepared.corner == (8, 8)
    assert prepared.image.sum() == prepared.box.sum()


def test_a_picture_without_ink_gives_nothing():
    assert prepare_like_mnist(np.zeros((560, 560), np.uint8)) is None


def test_what_was_prepared_cannot_be_written_to():
    prepared = prepare_like_mnist(render(drawn_sample(3)))
    for array in (prepared.picture, prepared.crop, prepared.box, prepared.image, prepared.shrunk):
        assert not array.flags.writeable


def test_shrinking_keeps_the_mean_and_sets_a_wide_picture_in_the_middle():
    random = np.random.default_rng(0).integers(0, 256, (560, 560)).astype(np.uint8)
    assert shrink(random).mean() == pytest.approx(random.mean(), abs=0.5)
    wide = shrink(np.full((140, 280), 200, np.uint8))
    assert (wide[7:21] == 200).all()
    assert not wide[:7].any()
    assert not wide[21:].any()


# Strokes


@pytest.mark.parametrize("width", [10.0, 18.0, 30.0])
def test_a_dot_is_as_large_as_its_brush_and_a_line_as_long_and_wide(width):
    dot = render((Stroke(((140.0, 140.0),), width),))
    assert (dot > 0).sum() / 4 == pytest.approx(math.pi * width**2 / 4, rel=0.05)
    line = render((Stroke(((60.0, 100.0), (220.0, 100.0)), width),))
    assert (line > 0).sum() / 4 == pytest.approx(160 * width + math.pi * width**2 / 4, rel=0.05)
    assert centre_of_mass(line) == pytest.approx((200, 280), abs=1.5)


def stroke(*points, width=18):
    return {"width": width, "points": [list(point) for point in points]}


def test_painted_weights_are_the_ink_of_each_pixels_area_and_the_last_stroke_lies_on_top():
    line = ((0.0, 145.0), (280.0, 145.0))  # the middle of row 14
    weights = paint_weights((Stroke(line, 20),)).reshape(28, 28)
    assert weights[14, 5:23] == pytest.approx(1, abs=0.01)
    assert weights[13, 5:23] == pytest.approx(0.5, abs=0.06)  # the brush reaches half a pixel into it
    assert not weights[[12, 16]].any()
    over = paint_weights((Stroke(line, 20), Stroke(line, 40, -1))).reshape(28, 28)
    assert over[14, 5:23] == pytest.approx(-1, abs=0.01)
    erased = paint_weights((Stroke(line, 20), Stroke(line, 40, 0)))
    assert not erased.any()
    assert not paint_weights(()).any()
    assert weights.dtype == np.float32


def test_strokes_of_the_browser_become_strokes():
    assert parse_strokes([stroke((0, 280), (1.5, 2)), stroke((7, 7), width=30)]) == (
        Stroke(((0.0, 280.0), (1.5, 2.0)), 18.0),
        Stroke(((7.0, 7.0),), 30.0),
    )
    assert parse_strokes([]) == ()
    assert len(parse_strokes([stroke((1, 1))] * MAX_STROKES)) == MAX_STROKES
    assert len(parse_strokes([stroke(*[(1, 1)] * MAX_POINTS)])[0].points) == MAX_POINTS


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "strokes",
        {"strokes": []},
        [1],
        [None],
        [{}],
        [{"width": 18}],
        [{"width": 18, "points": []}],
        [{"width": 18, "points": "abc"}],
        [{"points": [[1, 1]]}],
        [stroke((1, 1), width=float("nan"))],
        [stroke((1, 1), width=1000)],
        [stroke((1, 1), width=True)],
        [stroke((1, 1)) | {"ink": 2}],
        [stroke((1, 1)) | {"ink": "blue"}],
        [stroke((1, 1), width="18")],
        [stroke((1, 2, 3))],
        [stroke((1,))],
        [{"width": 18, "points": [7]}],
        [stroke((1, -0.1))],
        [stroke((CANVAS + 0.1, 1))],
        [stroke((float("nan"), 1))],
        [stroke((float("inf"), 1))],
        [stroke((True, 1))],
        [stroke((None, 1))],
        [stroke(([1], 1))],
        [stroke((10**400, 1))],
        [stroke((1, 1))] * (MAX_STROKES + 1),
        [stroke(*[(1, 1)] * MAX_POINTS), stroke((1, 1))],
    ],
)
def test_anything_else_is_refused_in_one_sentence(sent):
    with pytest.raises(DrawingError) as raised:
        parse_strokes(sent)
    message = str(raised.value)
    assert message.endswith(".")
    assert len(message) < 120


# Pictures


def opened(picture):
    return np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGB"))


def test_the_steps_are_shown_in_their_order_all_of_one_size():
    prepared = prepare_like_mnist(render(drawn_sample(4)))
    gray = np.full((30, 50), 200, np.uint8)
    assert list(step_pictures(prepared, False)) == ["ink", "crop", "box", "centred"]
    assert list(step_pictures(prepared, False, gray)) == [
        "gray", "photographed ink", "crop", "box", "centred",
    ]  # fmt: skip
    assert list(step_pictures(prepared, True)) == ["whole", "shrunk"]
    for step in step_pictures(prepared, False, gray).values():
        assert opened(step).shape == (SIDE, SIDE, 3)
        assert step.alt.endswith(".")
        assert len(step.png) < 40_000


def test_a_picture_shows_the_pixels_of_its_image():
    image = np.random.default_rng(0).integers(0, 256, (28, 28)).astype(np.uint8)
    assert (opened(image_picture(image, ""))[5::10, 5::10, 0] == image).all()


def test_the_rectangle_of_the_first_step_holds_the_ink():
    pixels = opened(step_pictures(prepare_like_mnist(render(drawn_sample(8))), False)["ink"]).astype(int)
    is_marked = pixels[..., 0] - pixels[..., 1] > 60
    is_ink = pixels[..., 1] > 240
    rows, columns = np.nonzero(is_marked)
    ink_rows, ink_columns = np.nonzero(is_ink)
    assert rows.min() <= ink_rows.min() < ink_rows.max() <= rows.max()
    assert columns.min() <= ink_columns.min() < ink_columns.max() <= columns.max()
    assert ink_rows.min() - rows.min() < 6
    assert columns.max() - ink_columns.max() < 6
