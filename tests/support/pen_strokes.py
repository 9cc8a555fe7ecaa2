"""Strokes as a canvas sends them: of a pen that wrote digits, and at random."""

import numpy as np

from mnist_core.images.drawing import CANVAS, Stroke


def on_canvas(digit, width=18.0, reach=200):
    """A pen-drawn digit of `pen_digits.json` in the middle of the canvas, its longer side `reach` units."""
    points = np.concatenate([np.array(stroke, float) for stroke in digit["strokes"]])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = reach / max(1, (high - low).max())
    return tuple(
        Stroke(tuple(map(tuple, ((np.array(s) - (low + high) / 2) * scale + 140).round(1).tolist())), width)
        for s in digit["strokes"]
    )


def random_drawings(n, seed=0):
    """Drawings of one to three strokes: dots, scribbles, long lines, thin and thick, also at the edges."""
    random = np.random.default_rng(seed)
    return [tuple(_random_stroke(random) for _ in range(random.integers(1, 4))) for _ in range(n)]


def _random_stroke(random):
    pace = random.choice([1, 10, 60])
    points = random.uniform(-20, CANVAS + 20, (1, 2)) + np.cumsum(
        random.normal(0, pace, (random.integers(1, 12), 2)), axis=0
    )
    places = np.clip(points, 0, CANVAS).round(1).tolist()
    return Stroke(tuple(map(tuple, places)), float(random.choice([4, 10, 17.3, 18, 30, 60])))
