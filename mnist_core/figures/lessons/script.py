"""The course in one drawing: a card for each lesson, in the order in which an image and its correction go.

SVG whose cards are links. The first half of the lessons goes from left to right, the second half back; on a
phone they stand in two columns. Colours are the page's own, by the variables of the component around it.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Final

import numpy as np

from mnist_core.config import OPTIMIZER_NAMES
from mnist_core.figures.digits import to_png
from mnist_core.figures.layers import answer_look
from mnist_core.figures.png import data_uri
from mnist_core.figures.style import NEGATIVE, NEURON, POSITIVE, TEST, TRAINING, share_text, with_article
from mnist_core.lessons.script import Recap
from mnist_core.network.initializers import glorot_limit

WIDTH, HEIGHT = 220, 176
"""Of a card."""
_GAP: Final = 44
_MARGIN: Final = 40
"""At the right of more than two rows, for the way back."""
_N_ROWS: Final = 2
_FLOOR: Final = 122
"""Where drawings in a card stand."""

Drawn = tuple[str, Sequence[str]]
"""What is drawn in a card, and the lines of words below it."""


def course_map(recap: Recap, lessons: Mapping[str, str], n_columns: int) -> str:
    """The drawing.

    Args:
        recap: The numbers in it.
        lessons: Titles by the address that their card leads to, in teaching order.
        n_columns: Cards side by side: half of the lessons, or 2 on a phone.
    """
    places = dict(zip(lessons, _places(len(lessons), n_columns), strict=True))
    cards = (
        _card(number, address, title, places[address], _DRAWN.get(address, _nothing)(recap))
        for number, (address, title) in enumerate(lessons.items(), start=1)
    )
    ways = [_way(*ends) for ends in pairwise(places.values())]
    if {"optimizers", "neurons"} <= set(places):
        ways.append(_back(places["optimizers"], places["neurons"]))
    n_rows = math.ceil(len(lessons) / n_columns)
    width = n_columns * (WIDTH + _GAP) - _GAP + 8 + (_MARGIN if n_rows > _N_ROWS else 0)
    height = n_rows * (HEIGHT + _GAP) - _GAP + 8
    return (
        f'<svg viewBox="-4 -4 {width} {height}" role="group" aria-label="The course in one drawing">'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="6" markerHeight="6" '
        'orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" fill="context-stroke"/></marker></defs>'
        f"{''.join(ways)}{''.join(cards)}</svg>"
    )


def _places(n: int, n_columns: int) -> list[tuple[int, int]]:
    """Left and top of each card: the rows are read by turns from the left and from the right."""
    places = []
    for number in range(n):
        row, column = divmod(number, n_columns)
        column = n_columns - 1 - column if row % 2 else column
        places.append((column * (WIDTH + _GAP), row * (HEIGHT + _GAP)))
    return places


def _card(number: int, address: str, title: str, place: tuple[int, int], drawn: Drawn) -> str:
    picture, lines = drawn
    words = "".join(
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 28 + 18 * row}">{escape(line)}</text>'
        for row, line in enumerate(lines)
    )
    return (
        f'<a href="{address}" transform="translate({place[0]} {place[1]})">'
        f'<rect class="card" width="{WIDTH}" height="{HEIGHT}" rx="10"/>'
        f'<text class="title" x="{WIDTH / 2}" y="24">{number}. {escape(title)}</text>{picture}{words}</a>'
    )


def _way(start: tuple[int, int], end: tuple[int, int]) -> str:
    """An arrow from a card to the next one, beside or below it."""
    (x1, y1), (x2, y2) = start, end
    if y1 == y2:
        forward = x2 > x1
        first, last = (x1 + WIDTH + 4, x2 - 6) if forward else (x1 - 4, x2 + WIDTH + 6)
        return f'<path class="way" d="M{first} {y1 + HEIGHT / 2}H{last}"/>'
    return f'<path class="way" d="M{x1 + WIDTH / 2} {y1 + HEIGHT + 4}V{y2 - 6}"/>'


def _back(start: tuple[int, int], end: tuple[int, int]) -> str:
    """The dashed arrow by which the new weights come back to the network, from the next row or past all."""
    (x1, y1), (x2, y2) = start, end
    if y1 - y2 > HEIGHT + _GAP:
        edge, middle = max(x1, x2) + WIDTH + _MARGIN - 20, (y1 + y2 + HEIGHT) / 2
        path = f"M{x1 + WIDTH + 2} {y1 + HEIGHT / 2}H{edge}V{y2 + HEIGHT / 2}H{x2 + WIDTH + 6}"
        place = f'x="{edge + 14}" y="{middle}" transform="rotate(90 {edge + 4} {middle})"'
    else:
        x, middle = x2 + WIDTH / 2 - 40, y2 + HEIGHT + _GAP / 2
        path = f"M{x1 + WIDTH / 2 - 40} {y1 - 4}V{middle}H{x}V{y2 + HEIGHT + 6}"
        place = f'x="{x + 8}" y="{middle - 5}"'
    return f'<path class="way again" d="{path}"/><text class="by" {place}>new weights</text>'


def _nothing(recap: Recap) -> Drawn:
    return "", ()


def _images(recap: Recap) -> Drawn:
    source = data_uri(to_png(recap.image, 3))
    return f'<image href="{source}" x="68" y="36" width="86" height="86"/>', (
        f"{with_article(recap.label)}, as 784 numbers",
        "from 0 to 1",
    )


def _network(recap: Recap, color: str, is_backward: bool = False) -> str:
    """Three columns of the network with threads between them, and an arrow that says which way it is read."""
    columns = [(40, 5), (110, 6), (180, 10)]
    points = [[(x, 42 + 70 * row / (n - 1)) for row in range(n)] for x, n in columns]
    threads = "".join(
        f'<line class="thread" x1="{x1}" y1="{y1:.0f}" x2="{x2}" y2="{y2:.0f}" stroke="{color}"/>'
        for left, right in pairwise(points)
        for x1, y1 in left
        for x2, y2 in right
    )
    squares = "".join(
        f'<rect class="part" x="{x - 4}" y="{y - 4:.0f}" width="8" height="8"/>' for x, y in points[0]
    )
    circles = "".join(
        f'<circle class="part" cx="{x}" cy="{y:.0f}" r="3.8"/>' for column in points[1:] for x, y in column
    )
    start, end = (180, 40) if is_backward else (40, 180)
    arrow = f'<path class="way" d="M{start} 126H{end}" style="stroke: {color}"/>'
    return threads + squares + circles + arrow


def _neurons(recap: Recap) -> Drawn:
    hidden, n_outputs = recap.network.hidden_units, recap.network.layer_sizes[-1]
    counted = " + ".join(map(str, (*hidden, n_outputs)))
    return _network(recap, POSITIVE), (f"{counted} neurons", f"{recap.network.n_parameters:,} parameters")


def _activations(recap: Recap) -> Drawn:
    bend = '<path class="curve" d="M16 110H52L88 50"/>'
    fills = answer_look(int(np.argmax(recap.probabilities)), recap.label)["color"]
    bars = "".join(
        f'<rect x="{104 + 10 * digit}" y="{_FLOOR - 14 - 64 * p:.1f}" width="8" height="{64 * p + 0.8:.1f}" '
        f'fill="{fills[digit]}"/><text class="small" x="{108 + 10 * digit}" y="{_FLOOR}">{digit}</text>'
        for digit, p in enumerate(recap.probabilities)
    )
    p = share_text(float(recap.probabilities[recap.label]))
    return bend + bars, ("ReLU, then softmax:", f"p = {p} for the {recap.label}")


def _loss(recap: Recap) -> Drawn:
    def place(p: float) -> tuple[float, float]:
        return 30 + 160 * p, _FLOOR - 16 * min(-math.log(p), 4.8)

    curve = "L".join("{:.1f} {:.1f}".format(*place(0.01 + 0.99 * k / 60)) for k in range(61))
    x, y = place(max(math.exp(-recap.loss), 0.01))
    dot = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{NEURON}"/>'
    axis = f'<path class="axis" d="M30 {_FLOOR}H192"/>'
    return f'{axis}<path class="curve" d="M{curve}"/>{dot}', (
        "how wrong the answer is:",
        f"−ln p = {recap.loss:.3f}",
    )


def _learning(recap: Recap) -> Drawn:
    return _network(recap, NEGATIVE, is_backward=True), (
        "backpropagation: a slope",
        f"for all {recap.network.n_parameters:,} parameters",
    )


def _batches(recap: Recap) -> Drawn:
    n, per_row = recap.batch_size, math.ceil(math.sqrt(2 * recap.batch_size))
    side = 128 / per_row
    squares = "".join(
        f'<rect x="{46 + side * (k % per_row):.1f}" y="{44 + side * (k // per_row):.1f}" '
        f'width="{side - 3:.1f}" height="{side - 3:.1f}" fill="{TRAINING}"/>'
        for k in range(n)
    )
    return squares, (f"the mean of {n} images,", f"{recap.updates_per_epoch:,} times per epoch")


def _optimizers(recap: Recap) -> Drawn:
    points = [(40 + 70 * (1 - 0.62**k), 50 + 68 * (1 - 0.38**k)) for k in range(5)]
    valley = "L".join(f"{x} {118 - 68 * ((x - 110) / 70) ** 2:.1f}" for x in range(40, 181, 5))
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{118 - 68 * ((x - 110) / 70) ** 2:.1f}" r="4.5" fill="{NEURON}"/>'
        for x, _ in points
    )
    name = OPTIMIZER_NAMES[recap.optimizer]
    return f'<path class="curve" d="M{valley}"/>{dots}', (
        f"{name} changes the weights,",
        f"{recap.updates:,} times in all",
    )


def _starting_weights(recap: Recap) -> Drawn:
    limit = glorot_limit(*recap.network.layer_sizes[:2])
    box = '<path class="curve" d="M30 118H58V60H162V118H190"/>'
    ends = "".join(
        f'<text class="small" x="{x}" y="132">{words}</text>'
        for x, words in ((58, f"−{limit:.2f}"), (162, f"{limit:.2f}"))
    )
    return box + ends, ("drawn at random,", "then each neuron differs")


def _generalizing(recap: Recap) -> Drawn:
    points = [(70 + 80 * (unit % 2), 46 + 24 * (unit // 2)) for unit in range(8)]
    left_out = {1, 2, 6}
    circles = "".join(f'<circle class="part" cx="{x}" cy="{y}" r="8"/>' for x, y in points)
    crosses = "".join(
        f'<path class="curve" d="M{x - 8} {y - 8}L{x + 8} {y + 8}M{x - 8} {y + 8}L{x + 8} {y - 8}"/>'
        for unit, (x, y) in enumerate(points)
        if unit in left_out
    )
    return circles + crosses, ("dropout, shifted copies", "and other cures for overfitting")


def _testing(recap: Recap) -> Drawn:
    width = 160 * recap.accuracy
    bar = f'<rect x="30" y="62" width="{width:.1f}" height="34" fill="{TEST}"/>'
    frame = '<rect class="frame" x="30" y="62" width="160" height="34"/>'
    return bar + frame, (f"{share_text(recap.accuracy)} of {recap.n_test:,}", "new images read correctly")


_DRAWN: Final[Mapping[str, Callable[[Recap], Drawn]]] = {
    "images": _images,
    "neurons": _neurons,
    "activations": _activations,
    "loss": _loss,
    "learning": _learning,
    "batches": _batches,
    "optimizers": _optimizers,
    "starting_weights": _starting_weights,
    "testing": _testing,
    "generalizing": _generalizing,
}
"""What each lesson's card shows, by the lesson's address."""
