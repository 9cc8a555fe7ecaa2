"""An image, a change of all its pixels, and how many images changes of each size fool."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mnist_core.analysis.adversarial import SIZES, ChangedImage, FoolingReport
from mnist_core.analysis.intervals import wilson_interval
from mnist_core.arrays import ByteArray
from mnist_core.figures.lab.drawing import Picture
from mnist_core.figures.lab.neurons import signed_pixels
from mnist_core.figures.layers import add_line, error_bars
from mnist_core.figures.line_names import name_lines
from mnist_core.figures.png import packed
from mnist_core.figures.style import (
    MUTED,
    NEURON,
    TEST,
    article,
    fixed_axis,
    legend_inside,
    n_of,
    series_look,
    share_text,
    styled,
)

_SPAN: Final = (-3.0, 103.0)
"""Ends of the axis of accuracies, in percent."""
_SCALE: Final = 5
_GAP: Final = 24
"""Pixels between two images, for the sign that stands there."""
_SIDE: Final = 28 * _SCALE
_PLUS: Final = ((-7, 0, 7, 0), (0, -7, 0, 7))
_EQUALS: Final = ((-7, -3, 7, -3), (-7, 3, 7, 3))
"""Strokes of the two signs, around their middle."""


def change_picture(image: ByteArray, changed: ChangedImage, size: int, name: str) -> Picture:
    """Before + change = after, side by side; the change by its sign, whatever its size.

    Args:
        image: uint8 (28, 28), before.
        changed: After.
        size: Gray levels.
        name: What the change is.
    """
    change = changed.signs * np.sign(size)
    pictures = (
        Image.fromarray(image),
        Image.fromarray(signed_pixels(change, 1)),
        Image.fromarray(changed.image),
    )
    canvas = Image.new("RGBA", (3 * _SIDE + 2 * _GAP, _SIDE), (0, 0, 0, 0))
    pencil = ImageDraw.Draw(canvas)
    for place, picture in enumerate(pictures):
        left = place * (_SIDE + _GAP)
        canvas.paste(picture.convert("RGBA").resize((_SIDE, _SIDE), Image.Resampling.NEAREST), (left, 0))
        pencil.rectangle((left, 0, left + _SIDE - 1, _SIDE - 1), outline=MUTED)
    for place, strokes in ((1, _PLUS), (2, _EQUALS)):
        x, y = place * (_SIDE + _GAP) - _GAP // 2, _SIDE // 2
        for left, top, right, bottom in strokes:
            pencil.line((x + left, y + top, x + right, y + bottom), fill=MUTED, width=2)
    told = f"The image, plus {name} of {n_of(size, 'gray level')}, makes an image that is read as "
    return Picture(packed(canvas, compress_level=1), f"{told}{article(changed.digit)} {changed.digit}.")


def fooling_figure(report: FoolingReport, size: int, height: int = 380) -> go.Figure:
    """The accuracy after changes of each size: along the gradient, and with random signs.

    Args:
        report: Of a network.
        size: The one of `SIZES` that is looked at.
        height: Pixels.
    """
    n = len(report.numbers)
    figure = go.Figure()
    curves = {
        "one step": (report.after_step, TEST, "solid"),
        "random signs": (report.after_noise, MUTED, "dash"),
    }
    for name, (is_right, color, dash) in curves.items():
        _add_accuracies(figure, is_right, color, dash, name)
    _mark(figure, size)
    place, levels = SIZES.index(size), n_of(size, "gray level")
    step, noise = (100 * after[place].mean() for after in (report.after_step, report.after_noise))
    return styled(
        figure,
        f"{levels}: {step:.1f}% read correctly after a step, {noise:.1f}% after random signs",
        f"Accuracy on {n:,} test images by the size of the change, with 95% intervals. Unchanged "
        f"{share_text(report.after_step[0].mean())}; at {levels} {step:.1f}% along the gradient "
        f"and {noise:.1f}% with random signs.",
        height=height,
        xaxis=_size_axis(),
        yaxis=_accuracy_axis(n),
        **name_lines(figure, _SPAN, height),
    )


def robustness_figure(reports: Mapping[str, FoolingReport], size: int, height: int = 380) -> go.Figure:
    """The accuracy of several networks after steps of each size, each along the network's own gradient.

    Args:
        reports: By the name of the network, all on the same images.
        size: The one of `SIZES` that is looked at.
        height: Pixels.
    """
    figure, told = go.Figure(), []
    for number, (name, report) in enumerate(reports.items()):
        color, dash, _ = series_look(number)
        _add_accuracies(figure, report.after_step, color, dash, name)
        told.append(f"{name} {share_text(report.after_step[SIZES.index(size)].mean())}")
    _mark(figure, size)
    n = len(next(iter(reports.values())).numbers)
    finding = f"Read correctly after a step of {n_of(size, 'gray level')}: {', '.join(told)}"
    return styled(
        figure,
        finding,
        f"Accuracy on {n:,} test images by the size of a step along each network's own gradient, with 95% "
        f"intervals. {finding}.",
        height=height,
        xaxis=_size_axis(),
        yaxis=_accuracy_axis(n),
        legend=legend_inside("top right"),
    )


def _add_accuracies(figure: go.Figure, is_right: NDArray[np.bool_], color: str, dash: str, name: str) -> None:
    """The accuracies in percent by the size of the change, with their intervals."""
    n = is_right.shape[1]
    accuracies = (100 * is_right.mean(axis=1)).tolist()
    intervals = [wilson_interval(int(n_right), n) for n_right in is_right.sum(axis=1)]
    bars = error_bars(accuracies, intervals, thickness=1.5, width=3)
    hover = f"{name}: %{{y:.1f}}% at size %{{x}}"
    marks = {"size": 6}
    add_line(figure, SIZES, accuracies, color, dash=dash, marks=marks, hover=hover, name=name, error_y=bars)


def _mark(figure: go.Figure, size: int) -> None:
    line = {"color": NEURON, "width": 3}
    figure.add_shape(type="line", x0=size, x1=size, y0=_SPAN[0], y1=_SPAN[1], line=line, layer="below")


def _accuracy_axis(n: int) -> dict[str, Any]:
    return fixed_axis(f"Accuracy on {n:,} test images (%)", range=list(_SPAN))


def _size_axis() -> dict[str, Any]:
    return fixed_axis("Size of the change (gray levels of 255)", range=[-2, SIZES[-1] + 2])
