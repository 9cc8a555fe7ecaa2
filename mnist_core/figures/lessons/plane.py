"""The plane of two hidden neurons: a region for each answer, and test images as points."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from mnist_core.figures.layers import add_texts, hover_of, note
from mnist_core.figures.style import DIGIT_COLORS, DIGITS, ZERO_LINE, fixed_axis, share_text, styled
from mnist_core.lessons.plane import Plane

_STEPS: list[list[Any]] = [
    [(digit + end) / len(DIGITS), color] for digit, color in enumerate(DIGIT_COLORS) for end in (0, 1)
]
_FROM_INSIDE: Final = 14
"""Pixels from numbers inside the plot, which reach over its edge, to the name of their axis."""


def plane_frame(first: Sequence[float] = (-5, 20), second: Sequence[float] = (-5, 20)) -> dict[str, Any]:
    """The height and the axes of `plane_figure`, between two ends of each sum."""
    zero = {**ZERO_LINE, "zerolinewidth": 2, "showgrid": False}
    upright = fixed_axis("Sum of neuron 1", range=list(second), ticklabelposition="inside", **zero)
    return {
        "height": 350,
        "xaxis": fixed_axis("Sum of neuron 0", range=list(first), **zero),
        "yaxis": upright | {"title": upright["title"] | {"standoff": _FROM_INSIDE}},
    }


def plane_figure(plane: Plane, name: str) -> go.Figure:
    """Regions in the digits' colours with their digit written in them, and test images as small digits.

    Args:
        plane: Of a network with two hidden neurons.
        name: What its neurons apply to their sums.
    """
    figure = go.Figure()
    figure.add_heatmap(
        z=plane.regions.astype(np.uint8),
        x=plane.first,
        y=plane.second,
        colorscale=_STEPS,
        zmin=-0.5,
        zmax=9.5,
        opacity=0.3,
        showscale=False,
        **hover_of("sums %{x:.1f} and %{y:.1f}: read as %{z}"),
    )
    x, y = plane.points.round(2).T
    colors = [DIGIT_COLORS[label] for label in plane.labels]
    add_texts(figure, x, y, list(map(str, plane.labels)), {"size": 11, "color": colors})
    seen = np.unique(plane.regions)
    finding = f"{name}: {share_text(plane.accuracy)} read correctly"
    return styled(
        figure,
        finding,
        f"{finding}. The plane of two weighted sums has {len(seen)} regions, for the digits "
        f"{', '.join(map(str, seen))}; {len(plane.labels)} test images are points on it.",
        annotations=[_name_of_region(plane, digit) for digit in seen],
        **plane_frame(_ends(plane.first), _ends(plane.second)),
    )


def _ends(values: np.ndarray) -> list[float]:
    return [float(values[0]), float(values[-1])]


def _name_of_region(plane: Plane, digit: int) -> dict[str, Any]:
    """The digit, at the cell of its region that is closest to the region's middle."""
    cells = np.argwhere(plane.regions == digit)
    row, column = cells[np.square(cells - cells.mean(axis=0)).sum(axis=1).argmin()]
    return note(float(plane.first[column]), float(plane.second[row]), f"<b>{digit}</b>", font={"size": 24})
