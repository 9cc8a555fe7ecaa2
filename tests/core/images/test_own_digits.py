"""A visitor's own digits: which teach and which test, and their file, which anybody may have written."""

import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_core.bounds import MAX_OWN_DIGITS, MAX_OWN_FILE_BYTES, MAX_OWN_POINTS
from mnist_core.images.drawing import Stroke, prepare_like_mnist, render
from mnist_core.images.own_digits import (
    OwnDigit,
    OwnDigitsError,
    add,
    images_of,
    joined,
    labels_of,
    relabel,
    remove,
)
from mnist_core.images.own_digits_file import from_text, read_npz, to_npz, to_text
from mnist_core.images.sample_drawings import sample

RANDOM = np.random.default_rng(3).integers(0, 256, (MAX_OWN_DIGITS + 1, 28, 28)).astype(np.uint8)


def collection(labels):
    kept = ()
    for image, label in zip(RANDOM, labels, strict=False):
        kept = add(kept, image, label)
    return kept


def packed(**changes):
    """A file with other arrays than it should have; None leaves one out."""
    arrays = {
        "images": RANDOM[:2],
        "labels": np.array([3, 7], np.uint8),
        "is_test": np.array([False, True]),
        "strokes": np.frombuffer(b"[[],[]]", np.uint8),
    } | changes
    file = io.BytesIO()
    np.savez_compressed(file, **{name: array for name, array in arrays.items() if array is not None})
    return file.getvalue()


def test_every_other_image_of_each_digit_tests_in_the_order_of_writing():
    kept = collection([7, 7, 1, 7, 1, 7, 7])
    assert [digit.is_test for digit in kept] == [False, True, False, False, True, True, False]


def test_an_image_keeps_its_part_when_others_are_removed_or_it_is_relabelled():
    kept = collection([7, 7, 7, 7])
    parts = {digit.pixels: digit.is_test for digit in kept}
    fewer = relabel(remove(kept, kept[0].number), kept[2].number, 1)
    assert [digit.label for digit in fewer] == [7, 1, 7]
    assert all(parts[digit.pixels] == digit.is_test for digit in fewer)
    again = add(fewer, RANDOM[9], 7)
    assert not again[-1].is_test, "two 7s test, so the next one teaches"


def test_an_image_that_is_kept_already_gets_the_new_label_and_cannot_both_teach_and_test():
    kept = add(collection([7]), RANDOM[0], 1)
    assert [(digit.label, digit.is_test) for digit in kept] == [(1, False)]


def test_images_and_labels_are_arrays_as_a_dataset_has_them():
    kept = collection([7, 1])
    np.testing.assert_array_equal(images_of(kept), RANDOM[:2])
    assert labels_of(kept).tolist() == [7, 1]
    assert images_of(()).shape == (0, 28, 28)
    assert images_of(kept).dtype == labels_of(kept).dtype == np.uint8


def test_a_collection_holds_so_many_and_no_more():
    kept = collection([n % 10 for n in range(MAX_OWN_DIGITS)])
    with pytest.raises(OwnDigitsError, match="At most 200 images are kept"):
        add(kept, RANDOM[-1], 0)
    assert len(add(kept, RANDOM[5], 0)) == MAX_OWN_DIGITS
    assert len(to_npz(kept)) < MAX_OWN_FILE_BYTES, "the largest collection can be loaded again"


@pytest.mark.parametrize("label", [-1, 10, True, 3.0, "3", None])
def test_a_label_is_a_digit(label):
    with pytest.raises(OwnDigitsError, match="digit from 0 to 9"):
        add((), RANDOM[0], label)


@pytest.mark.parametrize("image", [RANDOM[0].astype(np.float32), RANDOM[0][:27], RANDOM[:1]])
def test_an_image_is_28_by_28_bytes(image):
    with pytest.raises(OwnDigitsError, match="28 × 28 bytes"):
        add((), image, 3)


def test_a_drawing_keeps_its_strokes_and_is_the_same_image_when_it_is_drawn_again():
    image = prepare_like_mnist(render(sample(4))).image
    [digit] = add((), image, 4, sample(4))
    again = prepare_like_mnist(render(digit.strokes)).image
    assert np.abs(again.astype(int) - image).mean() < 6
    long = (Stroke(tuple((float(n % 280), 5.0) for n in range(MAX_OWN_POINTS + 1)), 18.0),)
    [without] = add((), image, 4, long)
    assert without.strokes == ()


def test_a_collection_comes_back_from_its_file_and_from_its_text():
    kept = add(collection([7, 7, 1]), prepare_like_mnist(render(sample(4))).image, 4, sample(4))
    assert read_npz(to_npz(kept)) == kept
    assert from_text(json.loads(json.dumps(to_text(kept)))) == kept
    with np.load(io.BytesIO(to_npz(kept)), allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["images"], images_of(kept))


def test_loading_adds_what_is_not_there_yet():
    kept, loaded = collection([7, 7]), relabel(collection([7, 7, 1]), collection([7])[0].number, 2)
    both = joined(kept, loaded)
    assert [digit.label for digit in both] == [7, 7, 1]


def test_of_equal_images_in_a_file_the_first_counts():
    [digit] = read_npz(packed(images=RANDOM[[0, 0]]))
    assert (digit.label, digit.is_test) == (3, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"images": RANDOM[:2].astype(np.float64)},
        {"images": np.full((2, 28, 28), np.nan, np.float32)},
        {"images": RANDOM[:2].astype(object)},
        {"images": RANDOM[:2, :27]},
        {"images": RANDOM[:2].reshape(2, 784)},
        {"images": RANDOM[:2].T},
        {"images": RANDOM[:0], "labels": np.zeros(0, np.uint8), "is_test": np.zeros(0, bool)},
        {"images": RANDOM[:1]},
        {"images": None},
        {"labels": np.array([3, 10], np.uint8)},
        {"labels": np.array([3.0, 7.0])},
        {"labels": np.array([3, np.nan])},
        {"labels": np.array([[3], [7]], np.uint8)},
        {"labels": np.array([3], np.uint8)},
        {"is_test": np.array([0, 1], np.uint8)},
        {"is_test": np.array([False, True, True])},
        {"strokes": np.frombuffer(b"[[]]", np.uint8)},
        {"strokes": np.frombuffer(b"[[],[[18,1]]]", np.uint8)},
        {"strokes": np.frombuffer(b"[[],[[18,1,NaN]]]", np.uint8)},
        {"strokes": np.frombuffer(b"[[],[[18,1,1e9]]]", np.uint8)},
        {"strokes": np.frombuffer(b"[" * 100_000, np.uint8)},
        {"strokes": np.frombuffer(json.dumps([[], [[18, *[5] * 2_000]]]).encode(), np.uint8)},
        {"more": np.zeros(3)},
    ],
)
def test_a_file_with_other_arrays_is_refused_in_a_sentence(changes):
    with pytest.raises(OwnDigitsError) as refused:
        read_npz(packed(**changes))
    assert str(refused.value).endswith(".")
    assert len(str(refused.value)) < 200


def claiming(shape, n_bytes):
    """A file whose first array claims a shape, and is so many zeros."""
    head = str({"descr": "|u1", "fortran_order": False, "shape": shape}).encode() + b"\n"
    npy = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + bytes(n_bytes)
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(packed())) as whole,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in whole.namelist():
            new.writestr(name, npy if name == "images.npy" else whole.read(name))
    return file.getvalue()


@pytest.mark.parametrize(
    ("shape", "n_bytes"),
    [
        ((10**12, 28, 28), 100),
        ((2**63, 28, 28), 100),
        ((-2, 28, 28), 100),
        ((2, 28, 28), 100),
        ((2, 28, 28), 20_000_000),
        ((200, 28, 28), 200 * 784),
    ],
)
def test_a_file_that_claims_or_unpacks_to_more_than_it_may_is_refused_before_room_is_made_for_it(
    shape, n_bytes
):
    content = claiming(shape, n_bytes)
    assert len(content) < MAX_OWN_FILE_BYTES
    with pytest.raises(OwnDigitsError):
        read_npz(content)


def test_a_file_that_is_too_large_is_not_opened():
    with pytest.raises(
        OwnDigitsError, match=r"at most 1,000 kB, and this one has 1,\d{3} kB\. Choose a file"
    ):
        read_npz(packed() + bytes(MAX_OWN_FILE_BYTES))


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_in_a_sentence(content):
    with pytest.raises(OwnDigitsError):
        read_npz(content)


GOOD = packed()


@settings(max_examples=200)
@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=6))
def test_a_damaged_file_is_read_as_it_is_or_refused_in_a_sentence(place, bytes_):
    try:
        digits = read_npz(GOOD[:place] + bytes_ + GOOD[place + len(bytes_) :])
    except OwnDigitsError:
        return
    assert 1 <= len(digits) <= 2
    assert all(isinstance(digit, OwnDigit) for digit in digits)


@pytest.mark.parametrize(
    "values", ["x", [[]], [["AA==", 3, 0, []]], [["é", 3, 0, []]], [["", 11, 0, []]], [[1, 2]] * 201, None]
)
def test_a_damaged_text_is_no_collection(values):
    with pytest.raises((ValueError, TypeError)):
        from_text(values)
