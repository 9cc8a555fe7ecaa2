"""The picture beside the question of each lesson: what it says is true of the images that it is made of."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from dashboard.site_map import COURSE
from mnist_core.config import CLASSIC
from mnist_core.figures.lessons.asked import ASKED
from mnist_core.images.preparation import pixel_order
from mnist_core.network.parameters import initial_parameters
from mnist_core.training.training_set import make_wrong_labels, shuffled_order

IMAGE = re.compile(r'<img src="data:image/png;base64,([^"]+)" alt="([^"]*)">')


def images_of(html):
    """The gray levels of each PNG of a picture, by its text alternative."""
    return {
        alt: np.asarray(Image.open(io.BytesIO(base64.b64decode(png)))) for png, alt in IMAGE.findall(html)
    }


@pytest.mark.parametrize("stem", ASKED)
def test_a_picture_names_each_of_its_parts_and_is_small_enough_for_a_hall_of_phones(stem, sample):
    html = ASKED[stem](sample)
    assert html.count("<figcaption>") == html.count("<figure") > 0
    assert not re.search(r'alt=""|<figcaption></', html)
    assert len(html) < 80_000


def test_each_lesson_but_the_one_on_the_script_has_one():
    assert {page.stem for page in COURSE} - set(ASKED) == {"script"}


def test_the_shuffled_images_have_the_same_pixels_in_the_order_of_the_lesson(sample):
    shown = images_of(ASKED["images"](sample))
    stored, shuffled = (image[:56:2, :56:2] for image in shown.values())
    assert np.array_equal(stored, sample.train_images[0])
    assert np.array_equal(shuffled.ravel(), stored.ravel()[pixel_order()])


def test_the_weights_are_the_mean_of_all_3s_and_the_images_beside_them_are_of_a_3_and_an_8(sample):
    shown = images_of(ASKED["neurons"](sample))
    assert list(shown) == ["its weights", "a 3", "an 8"]
    own = shown["its weights"][3:-3:3, 3:-3:3]
    threes = sample.train_images[sample.train_labels == 3]
    assert np.abs(own - threes.mean(axis=0)).max() < 1
    for digit, alt in ((3, "a 3"), (8, "an 8")):
        image = shown[alt][3:-3:3, 3:-3:3]
        assert digit in sample.test_labels[(sample.test_images == image).all(axis=(1, 2))]


def test_both_batches_are_the_first_of_the_first_epoch(sample):
    html = ASKED["batches"](sample)
    assert re.findall("<figcaption>(.*?)</figcaption>", html) == ["32 images", "1,024 images"]
    order = shuffled_order(len(sample.train_images), 1, CLASSIC.training.seed)
    for sheet, n_columns in zip(images_of(html).values(), (4, 40), strict=True):
        last = sample.train_images[order[n_columns - 1]].reshape(14, 2, 14, 2).mean(axis=(1, 3))
        assert np.abs(sheet[:14, -14:] - last).max() <= 26  # six gray levels, 51 apart


def test_labels_that_differ_from_the_digit_are_marked_and_no_others(sample):
    html = ASKED["testing"](sample)
    digits = sample.train_labels[:10]
    taught = make_wrong_labels(digits, 0.3, CLASSIC.training.seed)
    named = re.findall("<figcaption>“(.)”(.*?)</figcaption>", html)
    assert [int(label) for label, _ in named] == taught.tolist()
    assert [bool(mark) for _, mark in named] == (taught != digits).tolist()
    assert sum(bool(mark) for _, mark in named) == 3  # 30% of ten


def test_the_numbers_of_the_usual_start_are_those_of_the_classic_network(sample):
    zeros, usual = ASKED["starting_weights"](sample).split("</table>")[:2]
    weights = initial_parameters(CLASSIC.network, CLASSIC.training.seed).weights[0][:6, :3]
    written = [float(cell.replace("−", "-")) for cell in re.findall("<td>([−0-9.]+)</td>", usual)]
    assert written == pytest.approx(weights.ravel(), abs=0.005)
    assert set(re.findall("<td>([^…]+?)</td>", zeros)) == {"0"}
