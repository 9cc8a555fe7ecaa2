"""What the question of a lesson is about, as a picture beside it that does not give the answer away.

Each is HTML: a row of panes, each an image or a small drawing with its name below.
"""

import base64
from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Final

import numpy as np

from mnist_core.arrays import ByteArray
from mnist_core.config import CLASSIC
from mnist_core.figures.digits import digit_grid, framed, to_png
from mnist_core.figures.png import data_uri
from mnist_core.figures.style import MUTED, NEURON, WRONG, with_article, with_minus
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import shuffle_pixels
from mnist_core.lessons.generalizing import N_IMAGES
from mnist_core.lessons.images import mean_digits
from mnist_core.network.parameters import initial_parameters
from mnist_core.training.training_set import make_wrong_labels, shuffled_order

_SMALL: Final = 14
"""Pixels of an image's side where there are hundreds of them: half of what it has."""
_LEVEL: Final = 51
"""Such small images need six gray levels, and their file is then a third of what it would be."""
_LARGE_BATCH: Final = 1_024
_N_OTHERS: Final = 96
_N_LABELLED: Final = 10
_WRONG_SHARE: Final = 0.3
_NUMBERS: Final = (6, 3)
"""Rows and columns of the weights that are written out."""
_TANGENTS: Final = (0.5, 0.005)
"""The two gradients of the question on optimisers."""
_PROBABILITIES: Final = (0.1, 0.001)
"""What the two networks of the question on the loss give the true digit."""

_LINE: Final = f'stroke="{NEURON}" stroke-width="4" fill="none"'


def shuffling(images: Dataset) -> str:
    """Four digits, and the same ones with their pixels in another order."""
    four = images.train_images[:4]
    shown = {"four images": four, "the same, shuffled": shuffle_pixels(four)}
    return _row(_picture(digit_grid(each, 2, 2), name) for name, each in shown.items())


def matching(images: Dataset) -> str:
    """The weights of the question, a 3 and an 8."""
    mean = mean_digits(images.train_images, images.train_labels)[3]
    panes = [_picture(framed(mean), "its weights")]
    for digit in (3, 8):
        is_digit = images.test_labels == digit
        if is_digit.any():
            panes.append(_picture(framed(images.test_images[is_digit.argmax()]), with_article(digit)))
    return _row(panes)


def bending(_images: Dataset) -> str:
    """What a neuron outputs for its sum, with ReLU and without a bend."""
    axes = f'<path d="M10 60H110M60 10V110" stroke="{MUTED}"/>'
    curves = {"with ReLU": "M10 60H60L105 15", "without it": "M15 105L105 15"}
    return _row(
        _drawing(f'{axes}<path d="{path}" {_LINE}/>', f"output {name}") for name, path in curves.items()
    )


def two_networks(images: Dataset) -> str:
    """A digit, and how probable two networks find it."""
    true = f"true: {with_article(int(images.test_labels[0]))}"
    bars = "".join(
        f'{name}: p = {100 * p:g}%<i style="background: linear-gradient(90deg, {MUTED} {100 * p:g}%, '
        f'{MUTED}44 {100 * p:g}%)"></i>'
        for name, p in zip(("one network", "another network"), _PROBABILITIES, strict=True)
    )
    return _row(
        [
            _picture(framed(images.test_images[0]), true),
            _pane(f'<div class="bars">{bars}</div>', "how probable each finds it", share=2),
        ]
    )


def one_and_others(images: Dataset) -> str:
    """One training image large, and many of the others."""
    others = images.train_images[1 : 1 + _N_OTHERS]
    return _row(
        [
            _picture(framed(images.train_images[0]), "the one image"),
            _picture(_sheet(others, 12), f"{len(others)} of the others", share=2),
        ]
    )


def batches(images: Dataset) -> str:
    """The first batch of an epoch, of two sizes."""
    n_images = len(images.train_images)
    order = shuffled_order(n_images, 1, CLASSIC.training.seed)
    sizes = {CLASSIC.training.batch_size: 4, min(_LARGE_BATCH, n_images): 40}
    return _row(
        _picture(_sheet(images.train_images[order[:size]], n_columns), f"{size:,} images", share=share)
        for (size, n_columns), share in zip(sizes.items(), (2, 5), strict=True)
    )


def slopes(_images: Dataset) -> str:
    """How the loss rises with each of two weights, to scale."""
    axes = f'<path d="M10 10V110H110" stroke="{MUTED}" fill="none"/>'
    dot = f'<circle cx="60" cy="60" r="6" fill="{NEURON}"/>'
    return _row(
        _drawing(
            f'{axes}<path d="M15 {60 + 45 * g:g}L105 {60 - 45 * g:g}" {_LINE}/>{dot}',
            f"loss, gradient {g:g}",
        )
        for g in _TANGENTS
    )


def starts(_images: Dataset) -> str:
    """Some weights of the hidden layer that are all 0, and the usual ones."""
    rows, columns = _NUMBERS
    usual = initial_parameters(CLASSIC.network, CLASSIC.training.seed).weights[0][:rows, :columns]
    shown: dict[str, np.ndarray] = {"all weights at 0": np.zeros((rows, columns)), "the usual start": usual}
    return _row(_pane(_numbers(weights), name) for name, weights in shown.items())


def all_by_heart(images: Dataset) -> str:
    """Every training image of the question."""
    few = images.train_images[:N_IMAGES]
    return _row([_picture(_sheet(few, 32), f"all {len(few)} training images")])


def wrong_labels(images: Dataset) -> str:
    """Training images with the labels that they are taught, of which some are wrong."""
    digits = images.train_labels[:_N_LABELLED]
    taught = make_wrong_labels(digits, _WRONG_SHARE, CLASSIC.training.seed)
    panes = []
    for image, digit, label in zip(images.train_images, digits, taught, strict=False):
        mark = f' <b style="color: {WRONG}">✗</b>' if label != digit else ""
        alt = f"{with_article(int(digit))}, taught as {with_article(int(label))}"
        panes.append(_pane(_image(framed(image), alt), f"“{label}”{mark}"))
    return _row(panes, n_columns=_N_LABELLED // 2)


def _row(panes: Iterable[str], n_columns: int = 0) -> str:
    """Panes beside each other, or so many in a row."""
    grid = f' style="--per-row: {n_columns}"' if n_columns else ""
    return f'<div class="asked{" in-rows" * bool(n_columns)}"{grid}>{"".join(panes)}</div>'


def _pane(content: str, name: str, share: int = 1) -> str:
    """Something with its name below, both HTML, and how much of the width it has beside the others."""
    return f'<figure style="flex: {share}">{content}<figcaption>{name}</figcaption></figure>'


def _picture(png: bytes, name: str, share: int = 1) -> str:
    """An image whose name says what it is."""
    return _pane(_image(png, name), escape(name), share)


def _image(png: bytes, alt: str) -> str:
    return f'<img src="{data_uri(png)}" alt="{escape(alt)}">'


def _drawing(shapes: str, name: str) -> str:
    """Shapes of SVG in a square of 120, as an image: a page lets no drawing in."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 120">{shapes}</svg>'
    address = f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
    return _pane(f'<img src="{address}" alt="{escape(name)}">', escape(name))


def _sheet(images: ByteArray, n_columns: int) -> bytes:
    """Many images, uint8 (n, 28, 28), each at half its size, in rows of so many, as a PNG."""
    half = images.reshape(len(images), _SMALL, 2, _SMALL, 2).mean(axis=(2, 4))
    levels = (half / _LEVEL).round().astype(np.uint8) * np.uint8(_LEVEL)
    cells = np.pad(levels, ((0, -len(half) % n_columns), (0, 0), (0, 0)))
    rows = cells.reshape(-1, n_columns, _SMALL, _SMALL).swapaxes(1, 2)
    return to_png(rows.reshape(-1, n_columns * _SMALL), 1)


def _numbers(weights: np.ndarray) -> str:
    """Some weights, and that there are more of them."""
    rows = [[with_minus(f"{weight:z.2f}") if weight else "0" for weight in row] for row in weights.tolist()]
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in (*row, '…'))}</tr>" for row in rows)
    return f"<table>{body}</table>"


ASKED: Final[Mapping[str, Callable[[Dataset], str]]] = {
    "images": shuffling,
    "neurons": matching,
    "activations": bending,
    "loss": two_networks,
    "learning": one_and_others,
    "batches": batches,
    "optimizers": slopes,
    "starting_weights": starts,
    "testing": wrong_labels,
    "generalizing": all_by_heart,
}
"""What draws the picture of a lesson's question, by the stem of its files; HTML."""
