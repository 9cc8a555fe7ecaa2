"""The look at test images, moved ones and drawings counts what is read, image by image."""

from dataclasses import replace

import numpy as np
import pytest
from networks import network, record_of
from paths import ROOT

from mnist_core.config import NetworkConfig
from mnist_core.images.preparation import network_inputs
from mnist_core.lessons.moved_digits import (
    FARTHEST,
    MEASURED,
    ON_ALL,
    SIDE,
    drawings,
    drawings_in_all_places,
    look_outside,
)
from mnist_core.training.training_set import training_images


@pytest.fixture(scope="module")
def record():
    made = record_of([network(NetworkConfig((12,)), seed) for seed in (1, 2)])
    return replace(made, config=ON_ALL["nothing"].with_changes(hidden_units=(12,), epochs=1))


def test_networks_for_all_images_differ_in_their_cure_alone_and_take_all_images():
    base = ON_ALL["nothing"]
    changes = {
        cure: {name for name, value in config.to_dict().items() if value != base.to_dict().get(name)}
        for cure, config in ON_ALL.items()
    }
    assert changes == {"nothing": set(), "L2": {"l2"}, "dropout": {"dropout"}, "shifted copies": {"shift"}}
    assert base.training.n_training_images is None


def test_what_was_measured_on_the_whole_mnist_is_what_the_document_says():
    rows = [line.split("|") for line in (ROOT / "docs" / "performance.md").read_text().splitlines()]
    found = {
        row[1].split(",")[0].strip(): (row[4].strip(), row[5].strip())
        for row in rows
        if len(row) == 8 and "of 490" in row[6]
    }
    written = {cure: tuple(f"{100 * share:.1f}%" for share in shares) for cure, shares in MEASURED.items()}
    assert found == written
    assert list(MEASURED) == list(ON_ALL)


def test_every_kind_of_image_is_read_by_the_network_and_counted(record, sample):
    def accuracy(images, labels):
        return (record.parameters.logits(network_inputs(images)).argmax(axis=1) == labels).mean()

    seen, chosen = look_outside(record, sample), training_images(record.config, sample)
    assert seen.training.accuracy == pytest.approx(accuracy(chosen.images, chosen.labels))
    assert seen.validation.accuracy == pytest.approx(
        accuracy(chosen.validation_images, chosen.validation_labels)
    )
    assert seen.test.accuracy == pytest.approx(accuracy(sample.test_images, sample.test_labels))
    random = np.random.default_rng(0)
    right, down = random.integers(-FARTHEST, FARTHEST + 1, (2, len(sample.test_labels)))
    padded = np.pad(sample.test_images, ((0, 0), (3, 3), (3, 3)))
    moved = [image[3 - y : 31 - y, 3 - x : 31 - x] for image, x, y in zip(padded, right, down, strict=True)]
    assert seen.moved.accuracy == pytest.approx(accuracy(np.array(moved), sample.test_labels))


def test_drawings_lie_in_the_middle_of_their_squares_and_lose_little_ink_at_the_edge(record, sample):
    images, digits = drawings_in_all_places()
    places = images.reshape(10, SIDE, SIDE, 28, 28)
    np.testing.assert_array_equal(places[:, FARTHEST, FARTHEST], drawings())
    assert digits.reshape(10, SIDE, SIDE)[:, 0, 0].tolist() == list(range(10))
    ink = places.reshape(10, SIDE * SIDE, -1).astype(int).sum(axis=2)
    middle = SIDE * SIDE // 2
    assert (ink > 0.9 * ink[:, [middle]]).all()
    np.testing.assert_array_equal(places[4, FARTHEST, FARTHEST + 2][:, 2:], drawings()[4][:, :-2])
    read = look_outside(record, sample).drawn
    answers = record.parameters.logits(network_inputs(images)).argmax(axis=1).reshape(read.shape)
    np.testing.assert_array_equal(read, answers == np.arange(10)[:, None, None])
