"""Drawings of what is no digit, by a seed: letters, signs, doodles, digits that lie on their side."""

import math

import numpy as np

from mnist_core.images.drawing import Stroke


def _arc(x, y, across, down, begin=0, end=360):
    """Points of an ellipse; degrees from the right, clockwise on the canvas."""
    return [
        (x + across * math.cos(math.radians(a)), y + down * math.sin(math.radians(a)))
        for a in np.linspace(begin, end, max(6, int(abs(end - begin) / 15)))
    ]


def _away(distance, angle):
    return 0.5 + distance * math.cos(angle), 0.5 + distance * math.sin(angle)


LETTERS = {
    "A": [[(0, 1), (0.5, 0), (1, 1)], [(0.2, 0.65), (0.8, 0.65)]],
    "D": [[(0, 0), (0, 1)], [(0, 0), *_arc(0.1, 0.5, 0.7, 0.5, -90, 90), (0, 1)]],
    "E": [[(0.9, 0), (0, 0), (0, 1), (0.9, 1)], [(0, 0.5), (0.7, 0.5)]],
    "F": [[(0.9, 0), (0, 0), (0, 1)], [(0, 0.5), (0.7, 0.5)]],
    "G": [[*_arc(0.5, 0.5, 0.5, 0.5, -50, -350), (0.55, 0.55)]],
    "H": [[(0, 0), (0, 1)], [(0.9, 0), (0.9, 1)], [(0, 0.5), (0.9, 0.5)]],
    "K": [[(0, 0), (0, 1)], [(0.8, 0), (0, 0.55), (0.85, 1)]],
    "L": [[(0, 0), (0, 1), (0.8, 1)]],
    "M": [[(0, 1), (0.1, 0), (0.5, 0.7), (0.9, 0), (1, 1)]],
    "N": [[(0, 1), (0, 0), (0.8, 1), (0.8, 0)]],
    "P": [[(0, 1), (0, 0), *_arc(0.2, 0.27, 0.55, 0.27, -90, 90), (0, 0.54)]],
    "Q": [_arc(0.5, 0.5, 0.45, 0.5), [(0.55, 0.65), (1, 1.1)]],
    "R": [[(0, 1), (0, 0), *_arc(0.2, 0.27, 0.55, 0.27, -90, 90), (0, 0.54), (0.8, 1)]],
    "T": [[(0, 0), (1, 0)], [(0.5, 0), (0.5, 1)]],
    "U": [[(0, 0), (0, 0.5), *_arc(0.4, 0.6, 0.4, 0.4, 180, 0), (0.8, 0)]],
    "V": [[(0, 0), (0.45, 1), (0.9, 0)]],
    "W": [[(0, 0), (0.25, 1), (0.5, 0.3), (0.75, 1), (1, 0)]],
    "X": [[(0, 0), (0.8, 1)], [(0.8, 0), (0, 1)]],
    "Y": [[(0, 0), (0.4, 0.5)], [(0.8, 0), (0.4, 0.5), (0.4, 1)]],
    "a": [_arc(0.45, 0.55, 0.4, 0.4), [(0.85, 0.15), (0.85, 0.85), (1, 0.95)]],
    "d": [_arc(0.4, 0.7, 0.38, 0.3), [(0.78, 0), (0.78, 1)]],
    "e": [[(0.05, 0.5), (0.9, 0.5), *_arc(0.47, 0.5, 0.45, 0.45, -10, -310)]],
    "f": [[*_arc(0.65, 0.2, 0.3, 0.2, -20, -180), (0.35, 1)], [(0.05, 0.45), (0.7, 0.45)]],
    "h": [[(0, 0), (0, 1)], [(0, 0.7), *_arc(0.35, 0.65, 0.33, 0.25, -150, 0), (0.68, 1)]],
    "k": [[(0, 0), (0, 1)], [(0.6, 0.4), (0, 0.7), (0.65, 1)]],
    "m": [
        [(0, 1), (0, 0.3)],
        [(0, 0.5), *_arc(0.25, 0.5, 0.22, 0.2, -150, 0), (0.47, 1)],
        [(0.47, 0.5), *_arc(0.72, 0.5, 0.22, 0.2, -150, 0), (0.94, 1)],
    ],
    "n": [[(0, 1), (0, 0.2)], [(0, 0.5), *_arc(0.4, 0.45, 0.38, 0.25, -150, 0), (0.78, 1)]],
    "p": [[(0, 0.1), (0, 1)], _arc(0.32, 0.35, 0.32, 0.25)],
    "t": [[(0.4, 0), (0.4, 0.8), *_arc(0.6, 0.8, 0.2, 0.2, 180, 30)], [(0.05, 0.3), (0.8, 0.3)]],
    "w": [[(0, 0.2), (0.2, 0.9), (0.45, 0.3), (0.7, 0.9), (0.9, 0.2)]],
}
"""Strokes of letters, x and y from 0 to 1, but for those that look like digits."""

DOODLES = {
    "smiley": [
        _arc(0.5, 0.5, 0.5, 0.5),
        [(0.3, 0.35), (0.32, 0.4)],
        [(0.68, 0.35), (0.7, 0.4)],
        _arc(0.5, 0.55, 0.28, 0.22, 20, 160),
    ],
    "heart": [
        [
            (0.5, 1),
            *_arc(0.25, 0.27, 0.25, 0.25, 170, 370),
            *_arc(0.75, 0.27, 0.25, 0.25, 170, 370),
            (0.5, 1),
        ]
    ],
    "arrow": [[(0, 0.5), (1, 0.5)], [(0.65, 0.2), (1, 0.5), (0.65, 0.8)]],
    "arrow up": [[(0.5, 1), (0.5, 0)], [(0.2, 0.35), (0.5, 0), (0.8, 0.35)]],
    "check mark": [[(0, 0.6), (0.3, 1), (1, 0)]],
    "star": [[(0.2, 1), (0.5, 0), (0.8, 1), (0, 0.38), (1, 0.38), (0.2, 1)]],
    "house": [
        [(0, 1), (0, 0.4), (0.5, 0), (1, 0.4), (1, 1), (0, 1)],
        [(0.4, 1), (0.4, 0.65), (0.6, 0.65), (0.6, 1)],
    ],
    "triangle": [[(0.5, 0), (1, 0.9), (0, 0.9), (0.5, 0)]],
    "square": [[(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]],
    "plus": [[(0.5, 0), (0.5, 1)], [(0, 0.5), (1, 0.5)]],
    "hash": [[(0.3, 0), (0.2, 1)], [(0.75, 0), (0.65, 1)], [(0, 0.33), (1, 0.3)], [(0, 0.68), (1, 0.65)]],
    "spiral": [[_away(0.018 * t, t / 1.6) for t in range(28)]],
    "flash": [[(0.6, 0), (0.1, 0.55), (0.55, 0.5), (0.2, 1)], [(0.2, 1), (0.9, 0.4), (0.5, 0.42)]],
    "sun": [
        _arc(0.5, 0.5, 0.25, 0.25),
        *([_away(0.35, a), _away(0.5, a)] for a in np.arange(0, 6.2, 0.785)),
    ],
    "wave": [[(t / 20, 0.5 + 0.3 * math.sin(t / 1.6)) for t in range(21)]],
    "fish": [[(1, 0.2), (0.75, 0.5), (1, 0.8)], [(0.75, 0.5), *_arc(0.38, 0.5, 0.37, 0.28), (0.75, 0.5)]],
}
"""Strokes of signs and doodles."""


def drawn(strokes, random, width=18.0):
    """The strokes by a hand that is not steady: leaning, stretched, bent, on the canvas."""
    lean, turn, stretch = random.normal(0, 0.12), random.normal(0, 0.08), math.exp(random.normal(0, 0.12))
    bend = random.normal(0, 0.05, (2, 2, 3))
    moved = [_bent(np.array(stroke, float), bend, random) for stroke in strokes]
    cos, sin = math.cos(turn), math.sin(turn)
    matrix = np.array([[cos, -sin], [sin, cos]]) @ np.array([[0.8 * stretch, lean], [0, 1]])
    moved = [stroke @ matrix.T for stroke in moved]
    every = np.concatenate(moved)
    low, high = every.min(axis=0), every.max(axis=0)
    scale = random.uniform(140, 220) / max(0.01, (high - low).max())
    return tuple(
        Stroke(tuple(map(tuple, ((stroke - (low + high) / 2) * scale + 140).clip(0, 280).tolist())), width)
        for stroke in moved
    )


def _bent(points, bend, random):
    """With many points between, moved by a smooth field and by where the pen was set down."""
    places = np.linspace(0, len(points) - 1, 8 * len(points))
    fine = np.stack([np.interp(places, range(len(points)), points[:, axis]) for axis in (0, 1)], axis=1)
    waves = np.sin(2.5 * fine[:, None, :] + bend[..., 0].T[None] * 20)
    moved = fine + np.stack([(waves * bend[axis, :, 1]).sum(axis=(1, 2)) for axis in (0, 1)], axis=1)
    return moved + random.normal(0, 0.025, 2)


def scribble(random, width=18.0):
    """A line of the pen that goes anywhere."""
    points = 140 + np.cumsum(random.normal(0, 45, (random.integers(6, 16), 2)), axis=0)
    places = np.linspace(0, len(points) - 1, 6 * len(points))
    fine = [np.interp(places, range(len(points)), points[:, axis]).clip(10, 270) for axis in (0, 1)]
    return (Stroke(tuple(zip(*fine, strict=True)), width),)


def side_ways(digit):
    """A digit of `pen_digits.json` turned by a right angle."""
    return {"strokes": [[(-y, x) for x, y in stroke] for stroke in digit["strokes"]]}
