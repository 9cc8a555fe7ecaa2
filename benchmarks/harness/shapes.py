"""Letters, signs and doodles as strokes, drawn by an unsteady hand, and digits drawn by the same.

A stroke is a row of points on a lattice of 10 × 10, x before y, from the top left: "00 99" is a diagonal. A
stroke that begins with "~" is smooth between its ends. Left out are letters that look like digits, such as
O, l, S, Z, B, q, g and b.
"""

import math
import re
from typing import Final

import numpy as np

from benchmarks.harness.no_digits import Points

_LETTERS: Final = """
    A: 09 40 89 | 26 66   A: ~09 20 40 70 89 | 15 85   C: ~81 50 10 04 08 59 88
    D: 00 09 | ~00 60 92 97 69 09   D: ~00 09 09 50 50 99 93 60 00   D: 00 09 ~09 79 96 93 70 00
    E: 80 00 09 89 | 04 64   E: ~81 40 01 04 54 04 06 09 88   F: 80 00 09 | 04 64
    G: ~81 50 00 09 59 86 | 55 95 96   G: ~81 40 00 09 60 99 85 | 45 85 89   H: 00 09 | 80 89 | 05 85
    J: 70 76 ~76 79 39 07   K: 00 09 | 80 05 89   K: 00 09 | ~80 60 25 04 35 69 89   L: 00 09 79
    L: ~10 09 09 49 79   M: 09 10 46 80 99   M: ~09 10 20 47 70 80 99   N: 09 00 89 80
    P: 09 00 ~00 90 94 85 05   P: 00 09 | ~00 40 90 95 55 05   Q: ~40 00 09 49 99 90 40 | 66 99
    R: 09 00 ~00 90 94 75 05 | 35 89   T: 00 90 | 50 59   T: ~01 50 91 | 50 48 69
    U: 00 06 ~06 09 49 89 86 | 86 80   U: ~00 06 09 49 89 86 80 | 80 89   V: 00 49 90   V: ~00 39 59 90
    W: 00 29 43 69 90   W: ~00 19 39 42 59 79 90   X: 00 89 | 80 09   X: ~00 89 99 | ~90 19 09
    Y: 00 44 90 | 44 49   Y: 00 44 | 90 29   a: ~72 31 04 09 58 75 71 | 71 79 99
    a: ~82 40 03 09 59 83 | 82 87 99   c: ~72 40 03 07 49 78   d: ~74 33 06 09 59 77 | 80 89
    e: ~05 85 81 30 04 09 49 88   f: ~80 50 31 39 | 04 74   h: 00 09 | ~06 24 64 76 79
    k: 00 09 | 74 06 79   m: 03 09 | ~05 23 43 45 49 | ~45 63 83 85 89   m: ~03 09 04 33 49 44 73 89 99
    n: 03 09 | ~05 33 73 75 79   n: ~02 09 04 42 74 79 99   p: 02 09 | ~02 52 85 57 06
    r: 02 09 | ~05 23 53 72   t: 40 48 ~48 49 79 88 | 03 83   t: 40 49 | 03 83
    u: 02 06 ~06 09 49 77 72 | 72 79 99   v: 02 49 82   w: 02 29 53 79 92   x: 02 89 | 82 09
    y: 00 44 | 90 18   j: 62 68 ~68 69 39 18 | 60 60   k: ~10 09 05 63 64 25 79   h: ~10 09 05 44 78 99
    d: 00 09 | ~00 90 99 09
"""

_SIGNS: Final = """
    square: 00 90 99 09 00   square: 00 09 99 | 00 90 99   box: ~00 09 09 99 99 90 90 00 00
    box: 02 92 97 07 02   tall box: 20 70 79 29 20   crossed box: 00 90 99 09 00 | 00 99 | 90 09
    triangle: 40 98 08 40   triangle: 01 91 59 01   triangle: 00 94 09 00   rhombus: 50 95 59 05 50
    plus: 50 59 | 05 95   plus: 40 49 | 04 84   cross: 00 99 | 90 09   hash: 20 19 | 70 69 | 03 93 | 06 96
    bars: 10 19 | 40 49 | 70 79   bars: 01 91 | 05 95 | 09 99   equals: 03 93 | 07 97   minus: 05 95
    divided: 05 95 | 50 51 | 58 59   star: 29 50 79 03 93 29   star: 50 59 | 12 87 | 82 17
    star: 50 63 93 65 89 57 19 35 03 33 50   heart: ~52 40 10 03 06 59 59 96 93 80 60 52
    heart: ~53 30 00 05 59 | ~53 60 90 95 59   arrow: 05 95 | 62 95 68   arrow: 50 59 | 23 50 83
    arrow: 05 95 | 32 05 38   arrow: 50 59 | 26 59 86   arrow: 09 90 | 40 90 95
    arrow: ~09 15 83 | 50 83 66   check: 05 39 90   check: ~06 29 39 61 90
    house: 09 04 40 84 89 09 | 39 36 56 59   house: 04 40 84 | 14 19 79 74
    house: 09 03 83 89 09 | 03 40 83   flash: 60 15 55 29   flash: 60 05 44 19 94 55 60
    flash: 50 24 64 39
    sun: ~42 24 47 75 52 42 | 40 41 | 48 49 | 04 14 | 84 94 | 11 22 | 77 88 | 18 27 | 72 81
    moon: ~40 94 49 63 40   moon: ~60 10 19 69 46 43 60   cloud: ~26 05 13 32 51 72 93 96 76 26
    fish: ~92 57 07 02 52 97 | 92 97   fish: ~05 31 84 95 | ~05 38 84 93 | 95 93
    smile: ~50 00 09 59 99 90 50 | 33 34 | 63 64 | ~26 48 76
    smile: ~50 00 09 59 99 90 50 | 33 34 | 63 64 | 37 67   eyes: ~21 03 25 43 21 | ~71 53 75 93 71
    eye: ~05 42 95 48 05 | ~44 35 46 55 44   cat: ~12 05 29 79 95 82 | 12 10 32 62 90 82 | 34 35 | 64 65
    flower: ~54 33 41 61 73 54 54 | 55 59 | ~57 75 96   tree: 50 05 95 50 | 55 59
    tree: 40 03 83 40 | 43 06 86 43 | 46 49
    flower: ~44 20 60 44 | ~44 90 85 44 | ~44 78 38 44 | ~44 08 02 44
    man: ~40 31 42 51 40 | 42 46 | 46 19 | 46 79 | 14 74
    man: ~40 20 22 42 62 60 40 | 42 46 29 | 46 69 | 43 05 | 43 85   cup: 01 09 69 61 01 | ~63 93 96 67
    glass: 00 45 90 00 | 45 49 | 29 69   boat: 05 29 79 95 05 | 45 40 74 45
    envelope: 02 92 98 08 02 | 02 55 92   kite: 50 83 59 23 50 | 50 59 | 23 83   hourglass: 00 90 09 99 00
    bow: 02 97 92 07 02   crown: 09 02 35 50 65 92 99 09   crown: 03 25 40 65 83 79 19 03
    mountains: 09 32 56 74 99   zigzag: 09 20 49 60 89   zigzag: 00 90 03 93 06 96 09 99
    steps: 09 06 36 33 63 60 90   comb: 00 90 | 00 05 | 30 35 | 60 65 | 90 95
    ladder: 20 29 | 70 79 | 22 72 | 25 75 | 28 78   table: 02 92 | 12 19 | 82 89
    gate: 09 00 90 99   gate: 00 09 99 90   fork: 20 24 | 50 59 | 80 84 | 24 84
    fork: ~00 04 46 84 80 | 40 49   corner: 00 09 99   angle: 90 05 99   angle: 00 95 09
    angles: 00 45 09 | 40 85 49   wave: ~05 12 32 58 77 85 95
    waves: ~03 20 50 44 70 93 | ~07 24 54 48 74 97   endless: ~55 82 97 78 33 02 07 38 55
    spiral: ~55 46 34 43 62 75 58 28 05 20 70 94 99   spiral: ~45 54 63 44 26 47 86 92 50 10 04 09
    rings: ~30 00 06 36 66 60 30 | ~63 33 39 69 99 93 63
    rings: ~50 00 09 59 99 90 50 | ~52 22 27 57 77 72 52
    ring and cross: ~50 00 09 59 99 90 50 | 50 59 | 05 95   target: ~50 00 09 59 99 90 50 | ~54 44 46 55 54
    key: ~22 04 27 44 22 | 44 94 97 | 74 76   half: ~00 40 95 59 09 | 09 00   half: ~09 12 50 82 99 | 09 99
    umbrella: ~05 20 70 95 05 | 45 48 ~48 49 68   mushroom: ~05 20 70 95 05 | 35 39 59 55
    balloon: ~40 10 06 46 76 70 40 | ~46 57 38 49   question: ~02 20 70 73 45 46 | 49 49
    exclamation: 50 56 | 59 59   percent: 90 09 | ~20 03 25 42 20 | ~75 58 79 97 75
    and: ~89 12 30 52 06 19 49 86   and: 89 12 ~12 30 51 07 39 86
    at: ~64 44 36 56 64 67 86 81 30 03 08 49 88   dollar: ~81 40 02 45 87 59 18 | 50 59
    euro: ~82 50 20 28 59 87 | 04 54 | 06 56   pound: ~82 60 30 39 | 09 89 | 05 65
    pi: 01 91 | 31 29 | 71 79   sigma: 91 01 55 09 99   omega: 09 29 ~29 02 50 92 79 | 79 99
    psi: ~01 05 46 85 81 | 40 49
    theta: ~50 20 29 59 89 80 50 | 25 85   lambda: 00 20 79 | 44 09   alpha: ~92 58 28 05 22 52 98
    mu: 02 09 | ~06 37 67 72 | 72 87   xi: 00 80 | 14 74 | 09 89   delta: 50 09 99 50
    gamma: ~02 22 47 49 29 47 92   root: 06 16 39 60 90   bracket: 60 20 29 69   bracket: 20 60 69 29
    slash bars: 30 09 | 70 49   note: 30 38 | ~38 17 09 29 38 | ~30 52 54
    notes: 20 28 | 70 78 | 20 70 | ~28 07 19 28 | ~78 57 69 78   anchor: 50 59 | 23 73 | ~06 29 79 96
    cross with foot: 50 59 | 02 92 | 29 79   double cross: 50 59 | 22 82 | 05 95
    scissors: 00 76 | 90 26 | ~26 06 09 29 26 | ~76 96 99 79 76
    glasses: ~23 04 26 44 23 | ~73 54 76 94 73 | 44 54   ghost: 09 03 ~03 20 60 83 89 | 09 27 49 67 89
    bell: 08 15 ~15 20 60 75 88 08   bolt: 20 24 | 24 74 | 74 70 | 49 44
    candle: 34 39 59 54 34 | ~44 31 40 51 44   hook: 20 26 ~26 29 69 86 | 86 84
    loops: ~09 50 60 40 59 80 90 70 99   bow tie: 01 99 91 09 01   knot: ~09 92 90 60 62 99
    pigtail: ~05 36 50 30 56 95
"""

_DIGITS: Final = """
    0: ~50 10 02 07 39 68 84 70 50 41   0: ~50 20 03 07 39 69 95 82 50 30 25
    0: ~40 10 05 29 59 84 61 30 43 61   0: ~51 20 04 28 59 86 83 60 30   0: ~50 10 04 28 59 85 82 50 | 80 19
    1: 50 59   1: 60 39   1: 34 60 59   1: 25 60 69   1: ~25 43 60 | 60 59   1: ~04 34 60 | 60 39
    1: 33 50 59 | 29 89   1: 24 50 49 | 19 79
    2: ~12 30 60 73 45 09 | 09 89   2: ~12 30 70 74 37 09 | 09 49 89   2: ~12 30 70 74 28 08 26 49 89
    2: ~02 40 72 45 09 29 88   2: ~20 61 54 09 | 09 99
    3: ~11 40 71 74 44 | ~44 85 79 39 08   3: 10 70 34 | ~34 75 78 49 08   3: ~01 50 72 54 34 74 88 49 08
    4: 50 06 86 | 60 59   4: 30 05 85 | 63 69   4: 10 05 75 | 70 69   4: 69 60 05 85   4: 20 05 65 | 52 49
    4: ~20 13 05 45 84 | 70 59
    5: 80 20 14 | ~14 54 86 69 18   5: 80 30 | 30 24 | ~24 74 87 59 09   5: 80 30 24 | ~24 64 87 49 08
    6: ~70 30 05 29 69 76 54 15 07   6: ~60 22 06 19 59 77 55 25 08   6: ~80 30 04 18 59 88 75 25 07
    6: ~40 12 06 29 59 67 45 08
    7: 00 80 39   7: 01 80 49 | 24 75   7: ~01 40 80 | 80 55 49   7: 02 00 80 39   7: 00 80 45 39 | 25 75
    7: ~02 21 60 80 55 39 | 35 75
    8: ~71 30 12 44 76 69 29 07 34 72 70   8: ~43 21 40 63 43 | ~43 16 19 59 87 43
    8: ~80 30 02 45 87 69 19 06 45 81 80   8: ~60 20 12 55 78 49 17 44 72 60
    9: ~72 40 03 25 65 72 | 72 69   9: ~72 50 13 35 74 71 | ~71 75 59 19   9: ~60 20 04 45 71 60 | 70 79
    9: ~71 30 03 45 82 71 76 39   9: ~62 30 04 46 73 51 | 62 69
"""


def _strokes(row: str) -> list[Points]:
    """The strokes of one shape, x and y from 0 to 1."""
    lines = []
    for stroke in row.replace(" ~", " |~").split("|"):
        points = [(int(place[0]) / 9, int(place[1]) / 9) for place in stroke.replace("~", "").split()]
        if points:
            lines.append(_line(points, "~" in stroke))
    return lines


def _line(points: list[tuple[float, float]], is_smooth: bool) -> Points:
    """Points of a stroke; a smooth one's corners are cut three times (Chaikin, 1974)."""
    line = np.array(points)
    for _ in range(3 if is_smooth else 0):
        near, far = 0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]
        line = np.concatenate([line[:1], np.stack([near, far], axis=1).reshape(-1, 2), line[-1:]])
    return line


def _shapes(text: str) -> tuple[list[Points], ...]:
    """The strokes behind each name of a table."""
    return tuple(_strokes(row) for row in re.split(r"[A-Za-z][A-Za-z ]*:", text)[1:])


LETTERS: Final = _shapes(_LETTERS)
SIGNS: Final = _shapes(_SIGNS)
"""Strokes of each shape."""
DIGITS: Final = tuple(
    tuple(map(_strokes, re.findall(rf"\b{label}:([^:]+?)(?=\s+\d:|\s*$)", _DIGITS))) for label in range(10)
)
"""Ways of writing each digit, also those that MNIST has few of: a 1 with a foot, a 7 with a bar."""


def letter(random: np.random.Generator) -> list[Points]:
    """A letter, by hand."""
    return by_hand(LETTERS[random.integers(len(LETTERS))], random)


def sign(random: np.random.Generator) -> list[Points]:
    """A sign or a doodle, by hand."""
    return by_hand(SIGNS[random.integers(len(SIGNS))], random)


def digit(label: int, random: np.random.Generator) -> list[Points]:
    """A digit, by hand."""
    return by_hand(DIGITS[label][random.integers(len(DIGITS[label]))], random)


def by_hand(lines: list[Points], random: np.random.Generator) -> list[Points]:
    """Turned, leaning, stretched, not quite straight, with strokes that miss each other a little."""
    turn, stretch = random.normal(0, 0.1), math.exp(random.normal(0, 0.2))
    cos, sin = math.cos(turn), math.sin(turn)
    matrix = np.array([[cos, -sin], [sin, cos]]) @ np.array([[0.8 * stretch, random.normal(0, 0.12)], [0, 1]])
    phases, depth, off = random.uniform(0, 6, 2), random.normal(0, 0.04, 2), random.uniform(0, 0.05)
    drawn = []
    for line in lines:
        places = np.linspace(0, len(line) - 1, 5 * len(line))
        fine = np.stack([np.interp(places, range(len(line)), line[:, axis]) for axis in (0, 1)], axis=1)
        bent = fine + np.sin(4 * fine[:, ::-1] + phases) * depth + random.normal(0, off, 2)
        drawn.append(bent @ matrix.T)
    return drawn
