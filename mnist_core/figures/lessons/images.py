"""An image as numbers: one pixel, its surroundings, all of them in a row or shuffled; how many images."""

from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from mnist_core.figures.digits import to_png
from mnist_core.figures.layers import (
    add_bars,
    add_clickable_squares,
    add_frames,
    add_gray_image,
    add_marks,
    add_picture,
    add_texts,
    hover_of,
    note,
)
from mnist_core.figures.style import FONT_SIZE, HIDDEN_AXIS, MUTED, TRAINING, fixed_axis, styled, with_article

PICKED: Final = "#c2579a"
"""The pixel that was picked, and the row that is unrolled."""
SIDE: Final = 28
HEIGHT: Final = 310
"""Pixels of an image, and of its numbers, side by side."""
_SIZE_IF_LOW: Final = 10.5
REACH: Final = 3
"""Pixels shown to each side of the one picked."""


def pixel_figure(
    image: np.ndarray, normalised: np.ndarray, picked: tuple[int, int], title: str, height: int = HEIGHT
) -> go.Figure:
    """One image whose pixels tell their numbers and can be clicked; `customdata` is its number, 0 to 783.

    Args:
        image: uint8 (28, 28).
        normalised: The same pixels from 0 to 1.
        picked: Row of the picked pixel, from 0 at the top, and column, from 0 at the left.
        title: What the image is.
        height: Pixels.
    """
    row, column = picked
    rows, columns = np.indices(image.shape, np.uint8).reshape(2, -1)
    numbers = zip(image.ravel().tolist(), normalised.ravel().tolist(), strict=True)
    figure = go.Figure()
    add_gray_image(figure, image)
    add_clickable_squares(
        figure,
        columns,
        rows,
        11 * height / HEIGHT,
        customdata=list(range(image.size)),  # a selection does not send NumPy
        text=[f"stored {gray}, divided by 255: {value:.3f}" for gray, value in numbers],
        **hover_of("row %{y}, column %{x}<br>%{text}"),
    )
    top, left = _window_start(row), _window_start(column)
    _outline(figure, left, top, 2 * REACH + 1, line={"color": MUTED, "width": 2})
    _outline(figure, column, row)
    look = {"tickvals": [0, 9, 18, 27], "showgrid": False, "constrain": "domain"}
    return styled(
        figure,
        title,
        f"{title}, 28 × 28 pixels. The pixel in row {row}, column {column} is {image[row, column]}, "
        f"divided by 255 it is {normalised[row, column]:.3f}.",
        height=height,
        xaxis=fixed_axis("Column", range=[-0.5, 27.5], **look),
        yaxis=fixed_axis("Row", range=[27.5, -0.5], scaleanchor="x", **look),
        hovermode="closest",
        hoverlabel={"bgcolor": "#2b3440", "font": {"color": "white", "size": FONT_SIZE + 1}},
    )


def neighbourhood_figure(values: np.ndarray, row: int, column: int, height: int = HEIGHT) -> go.Figure:
    """The numbers around one pixel, written into a picture of them.

    Args:
        values: (28, 28), uint8 from 0 to 255 or float from 0 to 1.
        row: Of the pixel in the middle; near an edge it is not in the middle.
        column: The same.
        height: Pixels; the numbers are smaller in a lower picture, without the names of axes.
    """
    top, left = _window_start(row), _window_start(column)
    window = slice(top, top + 2 * REACH + 1), slice(left, left + 2 * REACH + 1)
    is_stored = values.dtype == np.uint8
    shown, brightest = values[window], 255 if is_stored else 1
    text = "%{z}" if is_stored else "%{z:.3f}"
    rows, columns = list(range(28))[window[0]], list(range(28))[window[1]]
    figure = go.Figure()
    hover = f"row %{{y}}, column %{{x}}: {text}"
    add_gray_image(figure, shown, brightest, hover, x=columns, y=rows)
    is_low = height < HEIGHT
    texts = [f"{v}" if is_stored else f"{v:.{2 if is_low else 3}f}" for v in shown.ravel()]
    colors = ["black" if v > brightest / 2 else "white" for v in shown.ravel()]
    lines = [r for r in rows for _ in columns]
    add_texts(
        figure,
        columns * len(rows),
        lines,
        texts,
        {"size": _SIZE_IF_LOW if is_low else FONT_SIZE, "color": colors},
    )
    _outline(figure, column, row)
    look = {"showgrid": False, "constrain": "domain"}
    value = f"{values[row, column]}" if is_stored else f"{values[row, column]:.3f}"
    return styled(
        figure,
        f"The picked pixel is {value} on a scale from 0 to {brightest}",
        f"The {len(rows)} × {len(columns)} values around row {row}, column {column}, where it is {value}.",
        height=height,
        xaxis=fixed_axis("" if is_low else "Column", tickvals=columns, **look),
        yaxis=fixed_axis(
            "" if is_low else "Row", tickvals=rows, autorange="reversed", scaleanchor="x", **look
        ),
    )


def unrolled_figure(image: np.ndarray, values: np.ndarray, row: int, column: int, index: int) -> go.Figure:
    """Rows of an image that leave it one by one for one long row; it plays in the browser.

    Args:
        image: uint8 (28, 28).
        values: The same as `preparation.flatten` makes it, uint8 (784,).
        row: Of the picked pixel.
        column: Of the picked pixel.
        index: Its place in the long row, 0 to 783.
    """
    figure = go.Figure()
    strip = {"xaxis": "x2", "yaxis": "y2"}
    # As pictures, because an animation that draws little loses heatmaps.
    for pixels, axes in ((image, ("x", "y")), (values[np.newaxis], ("x2", "y2"))):
        add_picture(figure, to_png(pixels, 4), pixels.shape, *axes)
    cover: dict[str, Any] = {"fill": "toself", "line": {"width": 0}}
    frame: dict[str, Any] = {"line": {"color": PICKED, "width": 3}}
    looks = (
        cover | {"fillcolor": "rgba(138,148,163,0.6)"},
        cover | {"fillcolor": MUTED} | strip,
        frame,
        frame | strip,
    )
    for look, box in zip(looks, _unrolled(0), strict=True):
        figure.add_scatter(mode="lines", hoverinfo="skip", **look, **box)
    add_marks(figure, [column], [row], PICKED, 11, symbol="square-open", edge={"width": 3})
    label = {"text": [f"<b>{index}</b>"], "textposition": "bottom center", "textfont": {"color": PICKED}}
    look = {"symbol": "triangle-up", "cliponaxis": False, **strip, **label}
    add_marks(figure, [index], [0.75], PICKED, 13, **look)
    frames = [go.Frame(name=str(n), data=_unrolled(n), traces=[0, 1, 2, 3]) for n in range(SIDE + 1)]
    add_frames(figure, frames, "Rows unrolled", begin=0)
    return styled(
        figure,
        "28 rows of 28 become one row of 784, and every value comes along",
        f"An image above and its 784 values in one row below, filled row by row. Row {row}, column {column} "
        f"becomes number {index}.",
        height=315,
        margin={"l": 10, "r": 10, "t": 6, "b": 10},
        xaxis={**HIDDEN_AXIS, "range": [-0.7, 27.7], "anchor": "y"},
        yaxis={**HIDDEN_AXIS, "range": [27.7, -0.7], "scaleanchor": "x", "domain": [0.34, 1]},
        xaxis2={**HIDDEN_AXIS, "range": [-6, 789], "anchor": "y2"},
        yaxis2={**HIDDEN_AXIS, "range": [1.6, -0.6], "domain": [0.02, 0.28]},
    )


def shuffle_figure(
    image: np.ndarray, shuffled: np.ndarray, old: tuple[int, int], new: tuple[int, int]
) -> go.Figure:
    """An image beside the same values in another order, with one pixel's way.

    Args:
        image: uint8 (28, 28).
        shuffled: The same pixels at other places.
        old: Row and column of the picked pixel.
        new: Where it went.
    """
    figure = go.Figure()
    parts = (("", image, old, "as stored"), ("2", shuffled, new, "shuffled"))
    for number, picture, (row, column), name in parts:
        x, y = f"x{number}", f"y{number}"
        hover = f"{name}: row %{{y}}, column %{{x}}: %{{z}}"
        add_gray_image(figure, picture, hover=hover, xaxis=x, yaxis=y)
        _outline(figure, column, row, xref=x, yref=y)
        place = {"xref": f"{x} domain", "yref": f"{y} domain", "yanchor": "bottom"}
        figure.add_annotation(note(0.5, 1, name, **place))
    return styled(
        figure,
        "The same 784 values, at other places",
        f"An image and the same pixels shuffled; the pixel of row {old[0]}, column {old[1]} is now in "
        f"row {new[0]}, column {new[1]}.",
        height=350,
        margin={"l": 10, "r": 10, "t": 70, "b": 10},
        xaxis={**HIDDEN_AXIS, "domain": [0, 0.48]},
        yaxis={**HIDDEN_AXIS, "autorange": "reversed", "scaleanchor": "x"},
        xaxis2={**HIDDEN_AXIS, "domain": [0.52, 1], "anchor": "y2"},
        yaxis2={**HIDDEN_AXIS, "autorange": "reversed", "scaleanchor": "x2", "anchor": "x2"},
    )


def class_figure(counts: np.ndarray) -> go.Figure:
    """How many training images there are of each digit, shape (10,)."""
    most, fewest = int(counts.argmax()), int(counts.argmin())
    figure = go.Figure()
    add_bars(figure, list(range(len(counts))), counts, TRAINING, "digit %{x}: %{y:,} images")
    figure.add_hline(y=float(counts.mean()), line={"color": MUTED, "dash": "dash"})
    few, many = (f"{counts[digit]:,} images of {with_article(digit)}" for digit in (fewest, most))
    title = f"From {few} to {many}"
    if counts[most] == counts[fewest]:
        title = f"Each digit has {counts[most]:,} images"
    return styled(
        figure,
        title,
        f"Training images of each digit: {', '.join(f'{d}: {n:,}' for d, n in enumerate(counts))}.",
        height=340,
        xaxis=fixed_axis("Label", dtick=1, showgrid=False),
        yaxis=fixed_axis("Training images", rangemode="tozero"),
        bargap=0.25,
    )


def _window_start(place: int) -> int:
    return min(max(place - REACH, 0), SIDE - 2 * REACH - 1)


def _outline(figure: go.Figure, left: float, top: float, size: int = 1, **more: Any) -> None:
    """A frame around a square of pixels, whose centres are whole numbers."""
    look = {"line": {"color": PICKED, "width": 3}} | more
    x0, y0 = left - 0.5, top - 0.5
    figure.add_shape(type="rect", x0=x0, y0=y0, x1=x0 + size, y1=y0 + size, **look)


def _unrolled(n_rows: int) -> list[dict[str, list[float]]]:
    """What moves while rows are unrolled: the rows gone, the places still empty, the row under way twice."""
    n_values, first = SIDE * n_rows, max(n_rows - 1, 0)
    return [
        _box(-0.5, 27.5, -0.5, n_rows - 0.5),
        _box(n_values - 0.5, 784, -0.52, 0.52),
        _box(-0.5, 27.5, first - 0.5, n_rows - 0.5),
        _box(SIDE * first - 0.5, n_values - 0.5, -0.5, 0.5),
    ]


def _box(left: float, right: float, top: float, bottom: float) -> dict[str, list[float]]:
    return {"x": [left, right, right, left, left], "y": [top, top, bottom, bottom, top]}
