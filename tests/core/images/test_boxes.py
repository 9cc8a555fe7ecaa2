"""A printed box that its digit touches: the sides go, the digit stays."""

import io

import numpy as np
import pytest
from photographed import likeness
from PIL import Image, ImageDraw

from mnist_core.images.boxes import box_sides, without_box
from mnist_core.images.drawing import prepare_like_mnist, render
from mnist_core.images.photographs import read_photograph
from mnist_core.images.pieces import label_pieces
from mnist_core.images.sample_drawings import sample

SIDE = 6
"""Pixels of thickness of a box."""


def inked(digit):
    """The digit, cut out to its ink, bool (h, w)."""
    return prepare_like_mnist(render(sample(digit))).crop > 127


def boxed(digit, n_boxes=1, place=0, overlap=-2):
    """The digit that touches all sides of its box, and the digit alone: two arrays of one size."""
    ink = inked(digit)
    height, width = ink.shape
    room = max(width - 2 * overlap, height // 2)  # a 1 touches the sides above and below only
    size = (n_boxes * room + 40, height + 40)
    alone = Image.new("1", (size[0] + 20, size[1] + 20))
    alone.paste(Image.fromarray(ink), (20 + place * room + (room - width) // 2, 20))
    both = alone.copy()
    pen = ImageDraw.Draw(both)
    top, bottom = 20 + overlap, 20 + height - overlap
    for x in range(20, 21 + n_boxes * room, room):
        pen.line((x, top, x, bottom), 1, SIDE)
    for y in (top, bottom):
        pen.line((20 - SIDE // 2, y, size[0] - 20, y), 1, SIDE)
    return np.asarray(both), np.asarray(alone)


def alike(ink, wanted):
    images = [
        prepare_like_mnist(picture.astype(np.uint8) * 255).image.astype(int) for picture in (ink, wanted)
    ]
    return likeness(*images)


def largest(ink):
    """The largest piece of ink alone."""
    labels, _ = label_pieces(ink)
    return labels == np.bincount(labels.ravel())[1:].argmax() + 1


def freed(both):
    sides = box_sides(*label_pieces(both))
    assert sides.any()
    return largest(both & ~sides)


@pytest.mark.parametrize("digit", [2, 3, 4, 5, 6, 7, 8, 9])
def test_a_digit_comes_out_of_the_box_that_it_touches(digit):
    both, alone = boxed(digit)
    assert alike(freed(both), alone) > 0.85


@pytest.mark.parametrize("place", [0, 1, 2])
def test_lines_between_boxes_in_a_row_go_too(place):
    both, alone = boxed(3, n_boxes=3, place=place)
    assert alike(freed(both), alone) > 0.8


def test_a_box_may_stand_askew():
    both, alone = (np.asarray(Image.fromarray(picture).rotate(4, expand=True)) for picture in boxed(5))
    assert alike(freed(both), alone) > 0.85


@pytest.mark.parametrize("digit", range(10))
def test_a_digit_without_a_box_stays_whole(digit):
    assert without_box(inked(digit)) is None


def test_a_rectangle_with_nothing_in_it_is_no_box():
    empty = np.zeros((200, 120), bool)
    empty[:] = True
    empty[6:-6, 6:-6] = False
    assert without_box(empty) is None


def test_on_a_photograph_the_box_is_shown_as_a_line():
    both, alone = boxed(4)
    gray = Image.new("L", (800, 700), 220)
    gray.paste(40, (200, 100), Image.fromarray(both))
    noisy = np.asarray(gray, float) + np.random.default_rng(0).normal(0, 3, (700, 800))
    photo = read_photograph(_png(noisy.clip(0, 255).astype(np.uint8)))
    assert photo.n_found == 1
    assert photo.lines.any()
    assert alike(photo.digits[0].ink > 127, alone) > 0.75


def _png(gray):
    file = io.BytesIO()
    Image.fromarray(gray).save(file, "PNG")
    return file.getvalue()
