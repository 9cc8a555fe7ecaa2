"""Photographs of pen strokes, made up: paper, pen, light, camera and file vary by a seed and a kind."""

import io
import math
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from mnist_core.images.drawing import CANVAS, Stroke

REACH = 200
"""Units of the canvas that the longer side of a digit takes there."""


def on_canvas(digit, width=18.0, reach=REACH):
    """The strokes of a digit of `pen_digits.json` in the canvas's middle, its longer side `reach` units."""
    points = np.concatenate([np.array(stroke, float) for stroke in digit["strokes"]])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = reach / max(1, (high - low).max())
    return tuple(
        Stroke(
            tuple(map(tuple, ((np.array(s) - (low + high) / 2) * scale + CANVAS / 2).round(1).tolist())),
            width,
        )
        for s in digit["strokes"]
    )


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


def photograph(kind, digit, seed, /, **changes):
    """A file with the strokes of a digit.

    Args:
        kind: One of `KINDS`.
        digit: As in `pen_digits.json`: {"strokes": [[[x, y], …], …]}.
        seed: For all that varies.
        changes: Fields of the scene that are as the test says.
    """
    random = np.random.default_rng([seed, list(KINDS).index(kind)])
    scene = any_scene(random)
    KINDS[kind](scene, random)
    for name, value in changes.items():
        setattr(scene, name, value)
    return saved(scene, *taken(scene, digit["strokes"], random), random)


def taken(scene, strokes, random):
    """The picture, float (h, w, 3) from 0 to 1, and how much of each pixel is ink, (h, w)."""
    width, height = scene.size
    short = min(scene.size)
    to_pixels = _camera(scene, random)
    points = np.concatenate([np.array(stroke, float) for stroke in strokes])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = scene.digit * short / max(1, (high - low).max())
    margin = (scene.width / 2 + 0.02) * scene.digit * short
    half = (high - low) * scale / 2 + margin
    middle = np.array(scene.place) * scene.size
    centre = np.array(scene.size) / 2
    middle = np.clip(middle, np.minimum(half, centre), np.maximum(scene.size - half, centre))
    lines = [(np.array(stroke, float) - (low + high) / 2) * scale + middle for stroke in strokes]
    pen = scene.width * scene.digit * short
    ink = _drawn([to_pixels(line) for line in lines], pen, scene.size)
    ink *= scene.pressure * (1 - scene.shake * _smooth_noise(random, (height, width), 40))
    base = np.ones((height, width, 3)) * scene.paper
    base *= 1 - 0.03 * _smooth_noise(random, (height, width), 8)[..., None]
    for mask, colour in _marks(scene, middle, half, pen, to_pixels, random):
        base = base * (1 - mask[..., None]) + np.array(colour) * mask[..., None]
    picture = base * (1 - ink[..., None]) + np.array(scene.ink) * ink[..., None]
    picture *= _light(scene, random)[..., None]
    picture = ndimage.gaussian_filter(picture.astype(np.float32), (scene.blur, scene.blur, 0))
    coarse = random.normal(0, 1, picture.shape).astype(np.float32)
    return (picture + scene.noise * coarse * np.sqrt(np.clip(picture, 0.1, 1))).clip(0, 1), ink.clip(0, 1)


def _camera(scene, random):
    """From places on the paper to places in the picture: turned, then tilted."""
    size = np.array(scene.size, float)
    angle = math.radians(scene.turn)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    lean = random.uniform(-1, 1, 2) * scene.tilt

    def to_pixels(points):
        centred = (np.asarray(points, float) - size / 2) @ turn.T / size
        depth = 1 + centred @ (2 * lean)
        return (centred / depth[:, None]) * size + size / 2

    return to_pixels


def _drawn(lines, width, size):
    """Round lines with soft edges, (h, w) from 0 to 1."""
    detail = 1 if max(size) > 2500 else 2 if max(size) > 700 else 4
    picture = Image.new("L", (size[0] * detail, size[1] * detail))
    pen = ImageDraw.Draw(picture)
    brush = max(width * detail, 1.0)
    for line in lines:
        points = [(x * detail - 0.5, y * detail - 0.5) for x, y in line]
        if len(points) > 1:
            pen.line(points, fill=255, width=max(1, round(brush)))
        for x, y in points:
            pen.circle((x, y), max(0.5, (brush - 1) / 2), fill=255)
    return (
        np.asarray(picture.reduce(detail) if detail > 1 else picture, np.float64)
        / 255
        * min(1, width * detail)
    )


def _smooth_noise(random, shape, cells):
    """From 0 to 1, as many cells from edge to edge."""
    grid = Image.fromarray(random.random((cells, cells)).astype(np.float32))
    return np.asarray(grid.resize(shape[::-1], Image.Resampling.BICUBIC)).clip(0, 1)


def _marks(scene, middle, half, pen, to_pixels, random):
    """What stands on the paper before the digit: masks and colours."""
    (width, height), short = scene.size, min(scene.size)
    reach = 0.3 * max(scene.size)
    if scene.ruling:
        kind, spacing, thick, colour = scene.ruling
        gap, offset = spacing * short, random.uniform(0, 1)
        rows = np.arange(-reach + offset * gap, height + reach, gap)
        columns = np.arange(-reach + offset * gap, width + reach, gap)
        if kind == "dotted":
            dots = [to_pixels([(x, y)]) for y in rows for x in columns]
            yield _drawn(dots, max(1.3, 2.5 * thick * short), scene.size), colour
        else:
            lines = [to_pixels([(-reach, y), (width + reach, y)]) for y in rows]
            if kind == "squared":
                lines += [to_pixels([(x, -reach), (x, height + reach)]) for x in columns]
            yield _drawn(lines, max(1.0, thick * short), scene.size), colour
    if "margin" in scene.marks:
        x = random.uniform(0.08, 0.2) * width
        line = to_pixels([(x, -reach), (x, height + reach)])
        yield _drawn([line], max(1.2, 0.004 * short), scene.size), (0.8, 0.3, 0.35)
    if "box" in scene.marks:
        room = half * random.uniform(1.15, 1.5) + 0.01 * short
        side = np.array([max(room)] * 2) if random.random() < 0.5 else room
        corners = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]
        n_boxes = random.integers(1, 4)
        for number in range(n_boxes):
            shift = np.array([2 * side[0] * (number - random.integers(n_boxes)), 0]) if number else 0
            box = to_pixels(middle + np.array(corners) * side + shift)
            yield _drawn([box], random.uniform(0.15, 0.6) * pen + 1, scene.size), (0.2,) * 3
    if "spot" in scene.marks:
        away = middle + np.sign(np.array(scene.size) / 2 - middle) * (half + 0.08 * short)
        yield _drawn([away[None]], random.uniform(0.015, 0.05) * short, scene.size), scene.ink
    if "table" in scene.marks:
        cut = random.uniform(0.05, 0.15, 4) * np.array([width, height, width, height])
        left, top, right, bottom = cut * (1, 1, -1, -1) + (0, 0, width, height)
        sheet = to_pixels([(left, top), (right, top), (right, bottom), (left, bottom)])
        table = Image.new("L", scene.size, 255)
        ImageDraw.Draw(table).polygon([tuple(corner) for corner in sheet], fill=0)
        yield np.asarray(table, float) / 255, tuple(random.uniform(0.1, 0.45, 3))


def _light(scene, random):
    gradient, depth, softness, level = scene.light
    width, height = scene.size
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    angle = random.uniform(0, 2 * math.pi)
    along = (x - 0.5) * math.cos(angle) + (y - 0.5) * math.sin(angle) + 0.5
    light = level * (1 - gradient * along.clip(0, 1))
    if depth:
        side = random.uniform(0, 2 * math.pi)
        edge = (x - 0.5) * math.cos(side) + (y - 0.5) * math.sin(side) - random.uniform(-0.25, 0.25)
        light *= 1 - depth / (1 + np.exp((-edge / softness).clip(-50, 50)))
    return light


def saved(scene, picture, ink, random):
    """The picture in a file of the scene's kind."""
    rgb = Image.fromarray((255 * picture).round().astype(np.uint8))
    gray = rgb.convert("L")
    options = {"quality": scene.quality}
    if scene.file in ("rgba", "la", "pa", "gif-like"):
        return _transparent(scene, ink)
    if scene.file == "exif":
        exif = Image.Exif()
        exif[0x0112] = 6  # needs 90 degrees clockwise
        return _file(rgb.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif, **options)
    if scene.file == "mpo":
        return _file(rgb, "MPO", save_all=True, append_images=[rgb.resize((320, 240))])
    levels = np.asarray(gray, np.uint16)
    pngs = {
        "gray16": lambda: Image.fromarray(levels * np.uint16(257)),
        "gray12": lambda: Image.fromarray(levels * np.uint16(16)),
        "palette": lambda: rgb.quantize(64),
        "bilevel": lambda: gray.point(lambda level: 255 * (level > 110)).convert("1"),
    }
    if scene.file in pngs:
        return _file(pngs[scene.file](), "PNG")
    if scene.file == "webp":
        return _file(rgb, "WEBP", **options)
    return _file(rgb.convert("CMYK") if scene.file == "cmyk" else rgb, "JPEG", **options)


def _transparent(scene, ink):
    level = int(255 * scene.ink[0])
    alpha = Image.fromarray((255 * ink).astype(np.uint8))
    solid = Image.new("L", alpha.size, level)
    if scene.file == "rgba":
        return _file(Image.merge("RGBA", (solid, solid, solid, alpha)), "PNG")
    if scene.file == "la":
        return _file(Image.merge("LA", (solid, alpha)), "PNG")
    under = Image.composite(solid, Image.new("L", alpha.size, 255 - level), alpha)
    palette = under.convert("RGB").quantize(16 if scene.file == "pa" else 2)
    # The colour of the paper is transparent, as a program does it that cuts out a background.
    return _file(palette, "PNG", transparency=palette.getpixel((0, 0)))


def _file(picture, kind, **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()
