"""Photographs of pen strokes, made up: paper, pen, light, camera and file vary by a seed and a kind."""

import io
import math

import numpy as np
from PIL import Image, ImageDraw
from scenes import KINDS, any_scene
from scipy import ndimage

from mnist_core.images.drawing import prepare_like_mnist


def photograph(kind, digit, seed, /, **changes):
    """A file with the strokes of a digit.

    Args:
        kind: One of `KINDS`.
        digit: As in `pen_digits.json`: {"strokes": [[[x, y], …], …]}.
        seed: For all that varies.
        changes: Fields of the scene that are as the test says.
    """
    scene, random = _scene(kind, seed)
    for name, value in changes.items():
        setattr(scene, name, value)
    return saved(scene, *taken(scene, digit["strokes"], random), random)


def as_held(kind, digit, seed, turned_back=0.0):
    """The strokes where they are in that photograph, turned and tilted as it was held, then turned back."""
    scene, random = _scene(kind, seed)
    lines, *_ = _placed(scene, digit["strokes"], _camera(scene, random))
    turn = _turn(-turned_back)
    return {"strokes": [(line @ turn.T).tolist() for line in lines]}


def _scene(kind, seed):
    random = np.random.default_rng([seed, list(KINDS).index(kind)])
    scene = any_scene(random)
    KINDS[kind](scene, random)
    return scene, random


def taken(scene, strokes, random):
    """The picture, float (h, w, 3) from 0 to 1, and how much of each pixel is ink, (h, w)."""
    width, height = scene.size
    to_pixels = _camera(scene, random)
    lines, middle, half = _placed(scene, strokes, to_pixels)
    pen = scene.width * scene.digit * min(scene.size)
    ink = _drawn(lines, pen, scene.size)
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


def _placed(scene, strokes, to_pixels):
    """The strokes in the picture, the middle of the digit on the paper, and half its size."""
    short = min(scene.size)
    points = np.concatenate([np.array(stroke, float) for stroke in strokes])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = scene.digit * short / max(1, (high - low).max())
    margin = (scene.width / 2 + 0.02) * scene.digit * short
    half = (high - low) * scale / 2 + margin
    middle = np.array(scene.place) * scene.size
    centre = np.array(scene.size) / 2
    middle = np.clip(middle, np.minimum(half, centre), np.maximum(scene.size - half, centre))
    flat = [(np.array(stroke, float) - (low + high) / 2) * scale + middle for stroke in strokes]
    return [to_pixels(line) for line in flat], middle, half


def _camera(scene, random):
    """From places on the paper to places in the picture: turned, then tilted."""
    size = np.array(scene.size, float)
    turn = _turn(scene.turn)
    lean = random.uniform(-1, 1, 2) * scene.tilt

    def to_pixels(points):
        centred = (np.asarray(points, float) - size / 2) @ turn.T / size
        depth = 1 + centred @ (2 * lean)
        return (centred / depth[:, None]) * size + size / 2

    return to_pixels


def _turn(degrees):
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array([[cos, -sin], [sin, cos]])


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


def image_of(photo):
    """What the network is given of the digit that is read, as whole numbers."""
    return prepare_like_mnist(photo.digits[photo.best].ink).image.astype(int)


def likeness(first, second):
    """How alike two images are: 1 for equal ones."""
    return np.corrcoef(first.ravel(), second.ravel())[0, 1]
