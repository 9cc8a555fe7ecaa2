"""Photographs of many kinds, drawn by a seed or made after public bug reports: the digit on them is read."""

import numpy as np
import pytest
from paths import SHARED_DATA
from pen_strokes import on_canvas
from photographed import KINDS, image_of, likeness, photograph

from mnist_core.config import CLASSIC
from mnist_core.images.drawing import prepare_like_mnist, render
from mnist_core.images.photographs import read_photograph
from mnist_core.images.preparation import network_inputs
from mnist_core.images.sample_drawings import sample as drawn_sample
from mnist_core.training.loop import train

CASES = SHARED_DATA.parent / "cases"


@pytest.fixture(scope="module")
def classic(mnist):
    return train(CLASSIC, mnist).parameters


@pytest.mark.parametrize("share", [0.02, 0.04, 0.16])
def test_a_pens_width_is_made_the_canvass(share):
    digit = {"strokes": [[list(point) for point in stroke.points] for stroke in drawn_sample(2)]}
    scene = {"size": (640, 480), "digit": 0.6, "width": share, "turn": 0.0, "tilt": 0.0}
    photo = read_photograph(photograph("plain paper", digit, 1, **scene))
    assert likeness(image_of(photo), prepare_like_mnist(render(on_canvas(digit))).image.astype(int)) > 0.85


def test_each_kind_of_photograph_gives_the_image_of_the_strokes():
    alike = []
    for number, kind in enumerate(KINDS):
        digit = {"strokes": [[list(p) for p in stroke.points] for stroke in drawn_sample(number % 10)]}
        content = photograph(
            kind, digit, 3, size=(360, 288), turn=0.0, tilt=0.0, digit=0.55, place=(0.5, 0.5)
        )
        wanted = prepare_like_mnist(render(on_canvas(digit))).image.astype(int)
        alike.append(likeness(image_of(read_photograph(content)), wanted) > 0.7)
    assert sum(alike) >= 0.9 * len(alike)


RIGHT = {
    "a03_black_ink_transparent.png": 5, "a04_white_ink_transparent.png": 5, "a10_gray16_12bit_range.png": 5,
    "a07_palette_white_ink_transparent_black.png": 5, "b01_exif_6.jpg": 5, "b03_mpo_two_pictures.jpg": 5,
    "b06_png_bad_exif_chunk.png": 5, "c02_48_megapixels.jpg": 5, "d05_ruled_strong.jpg": 5,
    "d16_touches_edge_and_a_spot.jpg": 7, "d17_marker_fills_picture.png": 8,
}  # fmt: skip


@pytest.mark.full_mnist
def test_pictures_after_public_bug_reports_are_read(classic):
    if not CASES.is_dir():
        pytest.skip("the cases are not on this machine (../shared/cases)")
    images = [image_of(read_photograph((CASES / name).read_bytes())).astype(np.uint8) for name in RIGHT]
    read = classic.logits(network_inputs(np.stack(images))).argmax(axis=1)
    assert dict(zip(RIGHT, read.tolist(), strict=True)) == RIGHT
