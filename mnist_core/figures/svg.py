"""A run's curves as SVG, for a page that opens anywhere: some kilobytes, where Plotly takes megabytes."""

import math
from collections.abc import Callable, Sequence
from html import escape
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.figures.curves import (
    FINE_OPACITY,
    PlacedBorder,
    Quantity,
    border_in_words,
    place_borders,
    values_of,
)
from mnist_core.figures.style import INK, TRAINING, VALIDATION, n_of
from mnist_core.training.history import History
from mnist_core.training.stretches import Border, Timeline

WIDTH, HEIGHT = 420, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 410, 26, 204
_N_TICKS: Final = 4
_STEPS: Final = (1.0, 2.0, 5.0)
_CHARACTERS: Final = 56
"""That the width of the plot has room for."""
_NAMES: Final = {"loss": "Loss (nats)", "accuracy": "Accuracy (%)"}

Points = Sequence[tuple[float, float]]


def curve_svg(
    history: History, quantity: Quantity, timeline: Timeline, borders: Sequence[Border] = ()
) -> str:
    """Loss or accuracy within the epochs, over each epoch, and on the validation images.

    Args:
        history: What a run reported; what is not a finite number is left out.
        quantity: Which of the two.
        timeline: Of the run, to turn updates into epochs.
        borders: Between its chapters.

    Returns:
        One `<svg>` element.
    """
    epochs = np.arange(1.0, len(history.training_loss) + 1)
    fine = _finite(timeline.epochs_at(history.curve_step), values_of(history, "curve", quantity))
    training = _finite(epochs, values_of(history, "training", quantity))
    measured = values_of(history, "validation", quantity)
    validation = _finite(epochs[: len(measured)], measured)
    values = [y for points in (fine, training, validation) for _, y in points] or [0.0, 1.0]
    ticks = _ticks(min(values), max(values))
    last = max([x for points in (fine, training) for x, _ in points] or [1.0])

    def place(points: Points) -> Points:
        span = (ticks[-1] - ticks[0]) or 1
        return [
            (_LEFT + (_RIGHT - _LEFT) * x / last, _BOTTOM - (_BOTTOM - _TOP) * (y - ticks[0]) / span)
            for x, y in points
        ]

    parts = _frame(_NAMES[quantity], ticks, last, place)
    parts.append(_line(place(fine), TRAINING, f'stroke-opacity="{FINE_OPACITY}"'))
    for points, color, look in ((training, TRAINING, ""), (validation, VALIDATION, 'stroke-dasharray="5 4"')):
        placed = place(points)
        parts.append(_line(placed, color, f'stroke-width="2.5" {look}'))
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{color}"/>' for x, y in placed]
    for row, border in enumerate(place_borders(borders, last, _CHARACTERS)):
        ((x, _),) = place([(border.epoch, ticks[0])])
        parts.append(_border(x, row, border))
    words = f"{_NAMES[quantity]} over {n_of(len(epochs), 'epoch')}." + "".join(map(border_in_words, borders))
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
    return f'{opening} aria-label="{words}" font-size="12" fill="{INK["light"]}">{"".join(parts)}</svg>'


def _finite(x: NDArray[np.floating], y: NDArray[np.floating]) -> Points:
    return [(float(a), float(b)) for a, b in zip(x, y, strict=True) if math.isfinite(b)]


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers that hold all values between them."""
    raw = max(high - low, 1e-9) / _N_TICKS
    power = 10 ** math.floor(math.log10(raw))
    step = next((s * power for s in _STEPS if s * power >= raw), 10 * power)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [step * number for number in range(first, max(last, first + 1) + 1)]


def _frame(name: str, ticks: Sequence[float], last: float, place: Callable[[Points], Points]) -> list[str]:
    parts = [f'<text x="4" y="14" font-weight="600">{name}</text>']
    for value in ticks:
        ((_, y),) = place([(0, value)])
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{_RIGHT}" stroke="#d5dbe1"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.6g}</text>')
    step = max(1, math.ceil(last / 10))
    for epoch in range(0, math.floor(last) + 1, step):
        ((x, _),) = place([(epoch, ticks[0])])
        parts.append(f'<text x="{x:.1f}" y="{_BOTTOM + 16}" text-anchor="middle">{epoch}</text>')
    middle = (_LEFT + _RIGHT) / 2
    parts.append(f'<text x="{middle:.0f}" y="{_BOTTOM + 32}" text-anchor="middle">Epoch</text>')
    return parts


def _border(x: float, row: int, border: PlacedBorder) -> str:
    """A thin line where a chapter ends, with what changes there beside it, in the middle of the height."""
    side, beside = ("end", x - 5) if border.is_left else ("start", x + 5)
    line = f'<path d="M{x:.1f} {_TOP}V{_BOTTOM}" stroke="{INK["light"]}" stroke-opacity=".6"/>'
    y, texts = (_TOP + _BOTTOM) / 2 + 30 * row, []
    for number, words in enumerate(border.label.split("\n")):
        place = f'x="{beside:.1f}" y="{y + 15 * number:.1f}" text-anchor="{side}"'
        texts.append(
            f'<text {place} stroke="white" stroke-width="4" paint-order="stroke">{escape(words)}</text>'
        )
    return line + "".join(texts)


def _line(points: Points, color: str, look: str) -> str:
    if not points:
        return ""
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path d="M{path}" fill="none" stroke="{color}" {look}/>'
