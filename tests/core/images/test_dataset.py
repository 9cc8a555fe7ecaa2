import numpy as np
import pytest

from mnist_core.images import dataset
from mnist_core.images.preparation import normalise


def _save(path, **changes):
    rng = np.random.default_rng(0)
    arrays = {
        "x_train": rng.integers(0, 256, (20, 28, 28)).astype(np.uint8),
        "y_train": (np.arange(20) % 10).astype(np.uint8),
        "x_test": rng.integers(0, 256, (10, 28, 28)).astype(np.uint8),
        "y_test": np.arange(10, dtype=np.uint8),
    } | changes
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


def test_a_good_file_is_read_and_its_arrays_are_read_only(tmp_path):
    read = dataset.read_npz("path", _save(tmp_path / "m.npz"))
    assert read.train_images.shape == (20, 28, 28)
    with pytest.raises(ValueError, match="read-only"):
        read.train_images[0] = 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x_train": np.zeros((20, 784), np.uint8)}, "expected uint8"),
        ({"x_train": np.zeros((20, 28, 28))}, "expected uint8"),
        ({"y_train": np.zeros(19, np.uint8)}, "expected whole numbers"),
        ({"y_test": np.full(10, 10, np.uint8)}, "not digits"),
        ({"y_test": None}, "lacks the arrays y_test"),
        ({"x_test": np.array([{"a": 1}], dtype=object)}, "cannot be read"),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence(tmp_path, changes, message):
    with pytest.raises(dataset.DataError, match=message):
        dataset.read_npz("path", _save(tmp_path / "m.npz", **changes))


@pytest.mark.parametrize("content", [b"", b"not a zip at all"])
def test_a_damaged_file_is_refused(tmp_path, content):
    path = tmp_path / "m.npz"
    path.write_bytes(content)
    with pytest.raises(dataset.DataError, match="damaged"):
        dataset.read_npz("path", path)


def test_a_truncated_file_is_refused(tmp_path):
    path = _save(tmp_path / "m.npz")
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(dataset.DataError, match="damaged"):
        dataset.read_npz("path", path)


def test_a_bad_named_file_is_said_and_the_next_source_is_used(tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_PATH", str(tmp_path / "missing.npz"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("pooch.os_cache", lambda project: tmp_path)
    loaded = dataset.load_dataset()
    assert loaded.origin.kind == "embedded"
    assert len(loaded.problems) == 1
    assert loaded.problems[0] == f"The file named by MNIST_PATH ({tmp_path / 'missing.npz'}) does not exist."


def test_the_embedded_split_has_the_same_number_of_every_digit(sample):
    assert np.bincount(sample.train_labels).tolist() == [400] * 10
    assert np.bincount(sample.test_labels).tolist() == [100] * 10


def test_the_embedded_images_are_labelled_mnist_images(sample, mnist):
    known = {
        image.tobytes(): label for image, label in zip(mnist.train_images, mnist.train_labels, strict=True)
    }
    for image, label in zip(sample.train_images[:500], sample.train_labels[:500], strict=True):
        assert known[image.tobytes()] == label


def test_the_same_origin_gives_the_same_images(sample):
    assert dataset.load_origin(sample.origin).fingerprint == sample.fingerprint


def test_normalising_maps_0_and_255_to_0_and_1():
    assert normalise(np.array([0, 51, 255], np.uint8)).tolist() == [0.0, pytest.approx(0.2), 1.0]
