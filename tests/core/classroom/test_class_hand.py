"""The class's hand: whole people teach or test, and nobody does both."""

import numpy as np
import pytest

from mnist_core.classroom.class_hand import class_mixture, n_writers
from mnist_core.classroom.walls import Wall

RANDOM = np.random.default_rng(5)


def wall_of(*members):
    """A wall on which each member has a 0, a 1 and a 2; each image begins with its member and its digit."""
    wall = Wall()
    for digit in range(3):
        wall.ask(digit)
        for member in members:
            image = RANDOM.integers(0, 256, (28, 28)).astype(np.uint8)
            image[0, :2] = ord(member), digit
            wall.add(member, digit, image)
    return wall


def test_writers_are_numbers_in_the_order_in_which_they_first_handed_in():
    view = wall_of("b", "a", "c").view()
    assert view.writers == (0, 1, 2) * 3
    assert "b" not in repr(view.writers)


def test_every_other_person_teaches_with_all_drawings_and_the_others_test():
    view = wall_of("a", "b", "c", "d", "e").view()
    mixture = class_mixture(view, 0.2, 6)
    assert {chr(image[0, 0]) for image in mixture.images} == {"a", "c", "e"}
    assert {chr(image[0, 0]) for image in mixture.test_images} == {"b", "d"}
    assert mixture.images[:, 0, 1].tolist() == mixture.labels.tolist()
    assert mixture.test_images[:, 0, 1].tolist() == mixture.test_labels.tolist()
    assert n_writers(view) == (3, 2)
    assert (mixture.source, mixture.share, mixture.first_epoch) == ("class", 0.2, 6)
    assert mixture.words == "9 images of a class (20% of each epoch from epoch 6 on)"


def test_who_has_nothing_on_the_wall_any_more_is_on_no_side():
    wall = wall_of("a", "b", "c", "d")
    wall.remove_all_of("b")
    mixture = class_mixture(wall.view(), 0.2)
    assert {chr(image[0, 0]) for image in mixture.test_images} == {"c"}
    assert n_writers(wall.view()) == (2, 1)


@pytest.mark.parametrize("members", ["", "a"])
def test_one_person_alone_cannot_teach_and_test(members):
    with pytest.raises(ValueError, match="Two people"):
        class_mixture(wall_of(*members).view(), 0.2)


def test_the_largest_wall_is_a_mixture():
    wall = Wall()
    for digit in range(10):
        wall.ask(digit)
        for member in range(200):
            wall.add(str(member), digit, np.full((28, 28), digit, np.uint8))
    mixture = class_mixture(wall.view(), 0.1)
    assert len(mixture.labels) == len(mixture.test_labels) == 1_000
