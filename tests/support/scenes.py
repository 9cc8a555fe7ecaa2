"""What photographs of digits may be like: paper, pen, light and camera, drawn by a seed for each kind."""

import math
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Scene:
    """What a photograph shows and how it was taken; shares are of the picture's shorter side.

    Attributes:
        size: Width and height in pixels.
        digit: Share that the digit's longer side takes.
        width: Of the pen, as a share of the digit's longer side.
        ink, paper: RGB from 0 to 1.
        pressure: How much of the ink the pen leaves; it varies by `shake` along a line.
        ruling: Kind of lines, their spacing and width as shares, and their RGB.
        marks: More that stands on the paper: "box", "margin", "spot", "table", "writing".
        light: Gradient, depth of a shadow, softness of its edge, level of the whole.
        turn, tilt: Degrees, and how far the corners are moved by perspective.
        blur, noise: Pixels, and levels from 0 to 1.
    """

    size: tuple = (1000, 800)
    digit: float = 0.5
    width: float = 0.07
    ink: tuple = (0.12, 0.12, 0.16)
    paper: tuple = (0.9, 0.9, 0.88)
    pressure: float = 1.0
    shake: float = 0.1
    ruling: tuple = ()
    marks: tuple = ()
    light: tuple = (0.2, 0.0, 0.02, 1.0)
    turn: float = 0.0
    tilt: float = 0.0
    blur: float = 0.7
    noise: float = 0.012
    place: tuple = (0.5, 0.5)
    file: str = "jpeg"
    quality: int = 85
    more: dict = field(default_factory=dict)


INKS = (
    (0.1, 0.1, 0.12),
    (0.1, 0.15, 0.45),
    (0.15, 0.2, 0.6),
    (0.6, 0.1, 0.12),
    (0.1, 0.35, 0.2),
    (0.25, 0.15, 0.4),
)
LINES = (
    (0.6, 0.72, 0.88),
    (0.62, 0.62, 0.65),
    (0.45, 0.55, 0.75),
    (0.85, 0.6, 0.6),
    (0.4, 0.4, 0.42),
    (0.6, 0.8, 0.7),
)


def any_scene(random):
    """A usual photograph: what every kind begins with."""
    pick = lambda options: options[random.integers(len(options))]  # noqa: E731
    long_side = int(math.exp(random.uniform(math.log(500), math.log(2400))))
    shape = pick((1.0, 0.75, 0.75, 0.6))
    size = (long_side, int(long_side * shape))
    paper = np.clip(random.uniform(0.75, 0.97) + random.normal(0, 0.025, 3), 0, 1)
    return Scene(
        size=size if random.random() < 0.5 else size[::-1],
        digit=math.exp(random.uniform(math.log(0.2), math.log(0.85))),
        width=math.exp(random.uniform(math.log(0.025), math.log(0.15))),
        ink=pick(INKS),
        paper=tuple(paper),
        light=(random.uniform(0, 0.4), 0.0, 0.02, random.uniform(0.7, 1.0)),
        turn=random.normal(0, 2.0),
        tilt=random.uniform(0, 0.03),
        blur=random.uniform(0.3, 1.2),
        noise=random.uniform(0.004, 0.02),
        place=tuple(random.uniform(0.4, 0.6, 2)),
        quality=int(random.integers(55, 95)),
    )


def _ruled(scene, random, kind, is_strong):
    spacing = math.exp(random.uniform(math.log(0.04), math.log(0.16)))
    level = LINES[random.integers(len(LINES))]
    if is_strong:
        level = tuple(0.7 * np.array(level))
    scene.ruling = (kind, spacing, random.uniform(0.025, 0.06) * spacing, level)
    scene.width = max(scene.width, 0.035)


def plain(scene, random):
    """Plain paper."""


def uneven_light(scene, random):
    """One side much darker than the other."""
    scene.light = (random.uniform(0.5, 0.75), 0.0, 0.02, random.uniform(0.7, 1))


def shadow(scene, random):
    """The edge of a shadow across the paper, hard or soft."""
    scene.light = (random.uniform(0, 0.3), random.uniform(0.25, 0.6), random.uniform(0.005, 0.08), 1.0)


def ruled(scene, random):
    """Ruled paper."""
    _ruled(scene, random, "ruled", random.random() < 0.5)


def ruled_and_margin(scene, random):
    """Ruled paper with strong lines and a margin."""
    _ruled(scene, random, "ruled", True)
    scene.marks = ("margin",)


def squared(scene, random):
    """Squared paper."""
    _ruled(scene, random, "squared", random.random() < 0.5)


def dotted(scene, random):
    """Dotted paper."""
    _ruled(scene, random, "dotted", random.random() < 0.5)


def printed_box(scene, random):
    """A printed box around the digit, as on a form."""
    scene.marks = ("box",)
    scene.digit = min(scene.digit, 0.6)


def thin_pen(scene, random):
    """A thin ball pen on a large photograph."""
    scene.size = (4000, 3000) if random.random() < 0.5 else (3000, 4000)
    scene.digit = random.uniform(0.08, 0.3)
    scene.width = random.uniform(0.015, 0.04)
    scene.place = tuple(random.uniform(0.25, 0.75, 2))


def hard_pencil(scene, random):
    """A hard pencil: gray, and thin."""
    scene.ink = (random.uniform(0.45, 0.6),) * 3
    scene.width = random.uniform(0.02, 0.05)
    scene.shake = 0.3


def blue_in_the_dark(scene, random):
    """A blue pen in a dark room: the contrast is in the colour."""
    level = random.uniform(0.2, 0.35)
    scene.paper = (0.95, 0.8, 0.62)
    scene.ink = tuple(np.array((0.2, 0.3, 0.85)) * random.uniform(0.8, 1.1))
    scene.light = (random.uniform(0, 0.3), 0.0, 0.02, level)
    scene.noise = random.uniform(0.005, 0.012)


def marker(scene, random):
    """A thick marker on a small piece of paper."""
    scene.width = random.uniform(0.13, 0.24)
    scene.digit = random.uniform(0.6, 0.78)


def turned_and_tilted(scene, random):
    """Held at an angle."""
    scene.turn = random.uniform(-10, 10)
    scene.tilt = random.uniform(0.05, 0.12)


def noisy(scene, random):
    """A bad camera: out of focus, and noisy."""
    scene.blur = random.uniform(0.002, 0.006) * max(scene.size)
    scene.noise = random.uniform(0.03, 0.06)
    scene.width = max(scene.width, 0.045)


def small(scene, random):
    """Few pixels, and a JPEG of low quality."""
    scene.size = (int(random.integers(240, 360)), int(random.integers(240, 360)))
    scene.digit = max(scene.digit, 0.35)
    scene.width = max(scene.width, 0.04)
    scene.quality = int(random.integers(38, 55))


def on_a_table(scene, random):
    """A sheet on a dark table that is seen around it."""
    scene.marks = ("table",)
    scene.digit = min(scene.digit, 0.5)


def chalk(scene, random):
    """Light on dark."""
    scene.paper = tuple(np.array((0.1, 0.16, 0.13)) + random.uniform(0, 0.12))
    scene.ink = (0.9, 0.9, 0.82)
    scene.shake = 0.25


def spot_and_edge(scene, random):
    """Far from the middle, and a spot beside it."""
    scene.marks = ("spot",)
    scene.digit = random.uniform(0.3, 0.9)
    scene.place = tuple(random.choice([0.3, 0.7], 2) + random.uniform(-0.1, 0.1, 2))


def transparent(scene, random):
    """Ink on transparency, light or dark."""
    scene.file = ("rgba", "la", "pa", "gif-like")[random.integers(4)]
    scene.ink = (1.0, 1.0, 1.0) if random.random() < 0.5 else (0.0, 0.0, 0.0)


def other_files(scene, random):
    """16 bits, CMYK, palettes, WebP, two pictures in one, turned by EXIF."""
    scene.file = ("gray16", "gray12", "cmyk", "palette", "webp", "mpo", "exif", "bilevel")[random.integers(8)]


KINDS = {
    "plain paper": plain, "uneven light": uneven_light, "edge of a shadow": shadow, "ruled": ruled,
    "strong lines and margin": ruled_and_margin, "squared": squared, "dotted": dotted,
    "printed box": printed_box,
    "thin pen, 12 megapixels": thin_pen, "hard pencil": hard_pencil, "blue pen in the dark": blue_in_the_dark,
    "thick marker": marker, "turned and tilted": turned_and_tilted, "blurred and noisy": noisy,
    "small, coarse JPEG": small, "sheet on a table": on_a_table, "light on dark": chalk,
    "a spot, off centre": spot_and_edge, "transparent": transparent, "other kinds of file": other_files,
}  # fmt: skip
"""What a photograph may be like; 600 are 30 of each."""
