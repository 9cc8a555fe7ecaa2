"""Scribbles of several kinds, by a seed: what a hasty or bored hand draws that is no digit.

Each function gives the lines of one drawing, as those of `no_digits` do.
"""

import math
from typing import Final

import numpy as np

from benchmarks.harness.no_digits import Points, finer, fitted, smooth, turn


def joined_points(random: np.random.Generator) -> list[Points]:
    """Places anywhere in a rectangle, joined by angular or smooth lines."""
    places = random.uniform(0, 1, (int(random.integers(4, 14)), 2)) * random.uniform(0.3, 1, 2)
    return [fitted(smooth(finer(places, 8), int(random.choice([1, 1, 5, 9]))))]


def wandering(random: np.random.Generator) -> list[Points]:
    """A line whose direction changes by chance, and mostly to one side."""
    n = int(random.integers(20, 90))
    changes = random.normal(0, random.uniform(0.1, 0.9), n)
    directions = np.cumsum(changes) + random.normal(0, 0.15) * np.arange(n)
    return [fitted(np.cumsum(np.stack([np.cos(directions), np.sin(directions)], axis=1), axis=0))]


def hatching(random: np.random.Generator) -> list[Points]:
    """To and fro, three to eight times."""
    n = 2 * int(random.integers(3, 9))
    across = np.linspace(0, random.uniform(0.2, 1.4), n) + random.normal(0, 0.05, n)
    along = np.tile([0.0, 1.0], n // 2) + random.normal(0, 0.15, n)
    points = finer(np.stack([across, along], axis=1), 8)
    return [fitted(smooth(points, int(random.choice([1, 5, 7]))) @ turn(random.uniform(0, math.pi)))]


def loops(random: np.random.Generator) -> list[Points]:
    """Round and round, while the middle moves."""
    angles = np.linspace(0, random.uniform(8, 30), 120)
    radii, drift = random.uniform(0.2, 0.5, 2), random.uniform(0.01, 0.08)
    rings = radii * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    way = np.outer(drift * angles, turn(random.uniform(0, 2 * math.pi))[0])
    tremble = 0.1 * np.sin(np.outer(angles, random.uniform(0.2, 2, 2)) + random.uniform(0, 6, 2))
    return [fitted(rings + way + tremble)]


def even_steps(random: np.random.Generator) -> list[Points]:
    """A walk in steps of about the same length, in any direction."""
    n = int(random.integers(4, 12))
    directions, lengths = random.uniform(0, 2 * math.pi, n), random.uniform(0.6, 1.4, n)
    steps = lengths[:, None] * np.stack([np.cos(directions), np.sin(directions)], axis=1)
    return [fitted(np.cumsum(steps, axis=0))]


KINDS: Final = (joined_points, wandering, hatching, loops, even_steps)


def any_scribble(random: np.random.Generator) -> list[Points]:
    """One of all kinds."""
    return KINDS[random.integers(len(KINDS))](random)
