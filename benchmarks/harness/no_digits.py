"""Images of what is no digit, by a seed: random drawings, digits put together wrongly, mirrored, turned."""

import math
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mnist_core.arrays import ByteArray
from mnist_core.images.drawing import prepare_like_mnist
from mnist_core.images.pen_width import with_usual_width

Points = NDArray[np.float64]
"""Of one line of the pen, shape (n, 2): x and y, about 0 to 1."""

_SIDE: Final = 60  # pixels of the longer side of a drawing
_LARGE: Final = 140  # pixels of the side of an image that is drawn again
_MIRRORED: Final = (2, 3, 4, 5, 6, 7, 9)
_UPSIDE_DOWN: Final = (3, 4, 7)
"""Digits that are none in a mirror or on their side, and when turned by 180°."""


def random_drawings(n: int, draw: Callable[[np.random.Generator], list[Points]], seed: int) -> ByteArray:
    """Drawings prepared like MNIST's, uint8 (n, 28, 28)."""
    random = np.random.default_rng(seed)
    return np.stack([_image(draw(random), random) for _ in range(n)])


def any_lines(random: np.random.Generator) -> list[Points]:
    """One to five lines: straight, bent, arcs, waves, spirals, scribbles; a quarter is symmetrical."""
    n = int(random.choice([1, 2, 3, 4, 5], p=[0.3, 0.3, 0.2, 0.12, 0.08]))
    is_spread = random.random() < 0.5
    lines = []
    for _ in range(n):
        line = _LINES[random.integers(len(_LINES))](random)
        lines.append(line * random.uniform(0.3, 1) + random.uniform(0, 0.6, 2) if is_spread else line)
    if random.random() < 0.25:
        lines += [line * (-1, 1) + (1, 0) for line in lines]
    return lines


def one_scribble(random: np.random.Generator) -> list[Points]:
    """A line of the pen that goes anywhere, angular or smooth."""
    return [_scribble(random)]


def signs(random: np.random.Generator) -> list[Points]:
    """Like letters and signs: the points of a lattice joined by lines and arcs, with rings and dots."""
    n = int(random.integers(2, 5))
    shape = random.uniform(0.6, 1.2), 1.0
    lattice = [np.array([x, y]) / (n - 1) * shape for x in range(n) for y in range(n)]
    lines: list[Points] = []
    for _ in range(int(random.choice(np.arange(1, 7), p=[0.15, 0.25, 0.25, 0.15, 0.1, 0.1]))):
        begin = lines[-1][-1] if lines and random.random() < 0.5 else lattice[random.integers(len(lattice))]
        lines.append(_part_of_sign(random, begin, lattice))
    kind = random.random()
    if kind < 0.2:
        lines += [line * (-1, 1) + (1, 0) for line in lines[:3]]
    elif kind < 0.3:
        lines += [line * (1, -1) + (0, 1) for line in lines[:3]]
    return _by_hand(lines, random)


def put_together(images: ByteArray, n: int, seed: int) -> ByteArray:
    """Halves of two digits, or two digits on top of each other, uint8 (n, 28, 28)."""
    random = np.random.default_rng(seed)
    return np.stack([_two(images, random) for _ in range(n)])


def wrong_way_round(images: ByteArray, labels: ByteArray, n: int, seed: int) -> ByteArray:
    """Digits mirrored, on their side or upside down, where that is no digit any more, uint8 (n, 28, 28)."""
    random = np.random.default_rng(seed)
    turned: list[ByteArray] = []
    for place in random.permutation(len(images)):
        image, label = images[place], int(labels[place])
        way = random.integers(3)
        if way == 0 and label in _MIRRORED:
            turned.append(image[:, ::-1])
        elif way == 1 and label in _MIRRORED:
            turned.append(np.rot90(image, random.choice([1, 3])))
        elif way == 2 and label in _UPSIDE_DOWN:
            turned.append(np.rot90(image, 2))
    return np.stack([_prepared(image) for image in turned[:n]])


def _straight(random: np.random.Generator) -> Points:
    return random.uniform(0, 1, (int(random.integers(2, 4)), 2))


def _bent(random: np.random.Generator) -> Points:
    return random.uniform(0, 1, (int(random.integers(3, 8)), 2))


def _arc(random: np.random.Generator) -> Points:
    begin, length = random.uniform(0, 2 * math.pi), random.uniform(1.5, 6.6) * random.choice([-1, 1])
    angles = np.linspace(begin, begin + length, 24)
    radii, middle = random.uniform(0.1, 0.5, 2), random.uniform(0, 1, 2)
    return middle + radii * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _wave(random: np.random.Generator) -> Points:
    along = np.linspace(0, 1, 40)
    wave = np.sin(2 * math.pi * random.uniform(1, 4) * along)
    wave = wave if random.random() < 0.5 else 2 / math.pi * np.arcsin(wave)
    points = np.stack([along - 0.5, random.uniform(0.05, 0.3) * wave], axis=1)
    return points @ turn(random.uniform(0, 2 * math.pi)) + 0.5


def _spiral(random: np.random.Generator) -> Points:
    angles = np.linspace(0, random.uniform(5, 16), 50)
    return 0.5 + (angles / angles[-1] / 2)[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _scribble(random: np.random.Generator) -> Points:
    points = finer(np.cumsum(random.normal(0, 1, (int(random.integers(4, 16)), 2)), axis=0), 6)
    return fitted(smooth(points, int(random.choice([1, 5, 9]))))


_LINES: Final = (_straight, _bent, _arc, _wave, _spiral, _scribble)


def _part_of_sign(random: np.random.Generator, begin: Points, lattice: list[Points]) -> Points:
    end, kind = lattice[random.integers(len(lattice))], random.random()
    way = end - begin if np.hypot(*(end - begin)) > 0.1 else random.normal(0, 0.3, 2)
    if kind < 0.5:
        points = [begin, begin + way]
        while random.random() < 0.4:
            points.append(lattice[random.integers(len(lattice))])
        return np.stack([*points, points[0]] if random.random() < 0.2 and len(points) > 2 else points)
    if kind < 0.75:
        along = np.linspace(0, 1, 20)[:, None]
        bulge = random.uniform(-1, 1) * np.sin(math.pi * along)
        return np.asarray(begin + along * way + bulge * np.array([-way[1], way[0]]))
    if kind < 0.9:
        radii = random.uniform(0.08, 0.5) * np.array([1, random.uniform(0.6, 1.4)])
        length = 2 * math.pi if random.random() < 0.6 else random.uniform(2, 5.5)
        angles = random.uniform(0, 2 * math.pi) + np.linspace(0, length, 24)
        middle = begin if random.random() < 0.5 else np.full(2, 0.5)
        return np.asarray(middle + radii * np.stack([np.cos(angles), np.sin(angles)], axis=1))
    return np.stack([begin, begin + random.normal(0, 0.02, 2)])


def _by_hand(lines: list[Points], random: np.random.Generator) -> list[Points]:
    """Leaning, stretched, not quite straight."""
    lean = np.eye(2) + random.normal(0, 0.1, (2, 2))
    return [
        (fine + np.sin(4 * fine[:, ::-1] + random.uniform(0, 6, 2)) * random.normal(0, 0.03, 2)
         + random.normal(0, 0.015, 2)) @ lean
        for fine in (finer(line, 5) for line in lines)
    ]  # fmt: skip


def finer(points: Points, times: int) -> Points:
    """A line with so many times the points, on the straight lines between them."""
    places = np.linspace(0, len(points) - 1, max(2, times * len(points)))
    return np.stack([np.interp(places, range(len(points)), points[:, axis]) for axis in (0, 1)], axis=1)


def smooth(points: Points, width: int) -> Points:
    """Each point the mean of its neighbours, so many; as it is where the line is too short."""
    if len(points) <= 2 * width:
        return points
    kernel = np.ones(width) / width
    return np.stack([np.convolve(points[:, axis], kernel, "valid") for axis in (0, 1)], axis=1)


def fitted(points: Points) -> Points:
    """From 0 to 1 along the longer side."""
    return np.asarray((points - points.min(axis=0)) / max(0.01, float(np.ptp(points, axis=0).max())))


def turn(angle: float) -> Points:
    """A matrix that turns points, shape (2, 2)."""
    return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


def _image(lines: list[Points], random: np.random.Generator) -> ByteArray:
    points = np.concatenate(lines)
    low, high = points.min(axis=0), points.max(axis=0)
    scale, width = (_SIDE - 1) / max(0.01, (high - low).max()), _SIDE * random.uniform(0.06, 0.13)
    picture = Image.new("L", tuple(np.ceil((high - low) * scale + 2 * width + 2).astype(int).tolist()))
    pen = ImageDraw.Draw(picture)
    for line in lines:
        places = [tuple(place) for place in ((line - low) * scale + width).tolist()]
        pen.line(places, fill=255, width=max(1, round(width)), joint="curve")
        for end in (places[0], places[-1]):
            pen.circle(end, width / 2, fill=255)
    return _prepared(np.asarray(picture))


def _two(images: ByteArray, random: np.random.Generator) -> ByteArray:
    first, second = images[random.integers(len(images), size=2)]
    cut, way = random.integers(11, 18), random.integers(5)
    if way == 0:
        return _prepared(np.concatenate([first[:cut], second[cut:]]))
    if way == 1:
        return _prepared(np.concatenate([first[:, :cut], second[:, cut:]], axis=1))
    if way == 2:
        return _prepared(np.concatenate([first[::2], second[::2]]))
    return _prepared(np.maximum(first, second if way == 3 else np.rot90(second, random.integers(1, 4))))


def _prepared(picture: ByteArray) -> ByteArray:
    prepared = prepare_like_mnist(np.ascontiguousarray(picture))
    assert prepared is not None, "there is ink in each"
    return prepared.image


def tilted(images: ByteArray, seed: int) -> Iterator[ByteArray]:
    """The same digits turned, leaning and stretched a little, each uint8 (28, 28)."""
    random = np.random.default_rng(seed)
    for image in images:
        matrix = turn(math.radians(random.normal(0, 4))) + np.array([[0, random.normal(0, 0.08)], [0, 0]])
        matrix = matrix * math.exp(random.normal(0, 0.05))
        middle = np.full(2, 14) - matrix @ np.full(2, 14)
        numbers = (*matrix[0], middle[0], *matrix[1], middle[1])
        bilinear = Image.Resampling.BILINEAR
        yield np.asarray(
            Image.fromarray(image).transform((28, 28), Image.Transform.AFFINE, numbers, bilinear)
        )


def redrawn(images: ByteArray) -> Iterator[ByteArray]:
    """The same digits with lines as even as those of the canvas's brush, each uint8 (28, 28).

    Without them, even lines would be what tells a drawing that is no digit from MNIST's digits.
    """
    for image in images:
        large = Image.fromarray(image).resize((_LARGE, _LARGE), Image.Resampling.BICUBIC)
        yield _prepared(with_usual_width(np.asarray(large) > 127))
