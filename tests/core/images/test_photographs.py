import base64
import io
import math
import tracemalloc

import numpy as np
import pytest
from photographed import image_of, likeness
from PIL import Image, ImageDraw, ImageFilter

from mnist_core.bounds import MAX_JPEG_PIXELS, MAX_PHOTOGRAPH_BYTES, MAX_PHOTOGRAPH_PIXELS
from mnist_core.images import photograph_files
from mnist_core.images.contrast import contrast_of
from mnist_core.images.drawing import prepare_like_mnist, render
from mnist_core.images.ink import find_ink
from mnist_core.images.photograph_files import PhotographError
from mnist_core.images.photographs import SHOWN_SIDE, read_photograph
from mnist_core.images.sample_drawings import sample as drawn_sample


def drawn(digit):
    return prepare_like_mnist(render(drawn_sample(digit))).image.astype(int)


def saved(picture, kind="PNG", **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def photograph_of(digit=3, dark=True, gradient=110.0, noise=5.0, size=(480, 360), seed=0):
    """A digit on paper that is lit unevenly, as gray levels, and its ink."""
    ink = Image.new("L", size)
    drawing = Image.fromarray(render(drawn_sample(digit))).resize((round(0.62 * size[1]),) * 2)
    ink.paste(drawing, (size[0] // 4, size[1] // 6))
    ink = np.asarray(ink.filter(ImageFilter.GaussianBlur(0.8)), float) / 255
    light = 230 - gradient * np.add.outer(np.linspace(0, 0.5, size[1]), np.linspace(0, 0.5, size[0]))
    gray = light * (1 - 0.75 * ink) + np.random.default_rng(seed).normal(0, noise, ink.shape)
    gray = gray.clip(0, 255).astype(np.uint8)
    return gray if dark else 255 - gray


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("dark", [True, False])
def test_a_photograph_gives_the_image_that_the_drawing_gives(kind, dark):
    photo = read_photograph(saved(Image.fromarray(photograph_of(dark=dark)), kind))
    assert photo.is_dark_on_light == dark
    expected, actual = drawn(3), image_of(photo)
    assert likeness(expected, actual) > 0.93
    assert not photo.digits[0].ink.flags.writeable


@pytest.mark.parametrize("gradient", [0.0, 200.0])
def test_uneven_light_leaves_no_trace(gradient):
    photo = read_photograph(saved(Image.fromarray(photograph_of(gradient=gradient))))
    assert likeness(image_of(photo), drawn(3)) > 0.93


def test_dirt_and_the_edge_of_a_table_are_not_ink():
    clean = photograph_of(gradient=0, size=(450, 450))
    dirty = clean.copy()
    dirty[20:26, 20:26] = 20
    dirty[:, 430:] = 10
    images = [image_of(read_photograph(saved(Image.fromarray(p)))) for p in (clean, dirty)]
    assert likeness(*images) > 0.97


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photograph_is_set_upright(orientation):
    upright = Image.fromarray(np.repeat(np.arange(80, dtype=np.uint8)[:, None], 40, axis=1) * 3)
    undo = {
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],  # the camera was held so that the picture needs 90° clockwise
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }
    stored = upright
    for transpose in undo.get(orientation, []):
        stored = stored.transpose(transpose)
    exif = Image.Exif()
    exif[0x0112] = orientation
    rgb = photograph_files.decode(saved(stored, "PNG", exif=exif))
    assert (rgb == np.asarray(upright)[..., None]).all()


def test_every_way_to_store_a_picture_gives_the_same_gray():
    gray = photograph_of(size=(480, 360), noise=0)
    reference = Image.fromarray(gray)
    rgba = reference.convert("RGBA")
    files = [
        saved(reference.convert("RGB")),
        saved(rgba),
        saved(reference.convert("LA")),
        saved(reference.quantize(256)),
        saved(reference, "WEBP", lossless=True),
    ]
    for file in files:
        assert np.abs(photograph_files.decode(file)[..., 0].astype(int) - gray).mean() < 2
    for mode in ("L", "CMYK"):
        decoded = photograph_files.decode(saved(reference.convert(mode), "JPEG", quality=95))
        assert np.abs(decoded[..., 0].astype(int) - gray).mean() < 3


@pytest.mark.parametrize("most", [0xFFFF, 0x0FFF])
def test_16_bits_are_read_also_where_a_camera_uses_12_of_them(most):
    gray = photograph_of(noise=0)
    deep = (gray.astype(float) / 255 * most).astype(np.uint16)
    assert likeness(image_of(read_photograph(saved(Image.fromarray(deep)))), drawn(3)) > 0.93


@pytest.mark.parametrize("level", [0, 255])
@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_ink_without_its_paper_is_read_whether_it_is_light_or_dark(level, mode):
    alpha = Image.fromarray(render(drawn_sample(3)))
    picture = Image.merge("LA", (Image.new("L", alpha.size, level), alpha)).convert("RGBA")
    if mode == "PA":  # a palette in which the paper's colour is transparent
        paper = Image.new("RGBA", alpha.size, (255 - level,) * 3)
        palette = Image.alpha_composite(paper, picture).convert("RGB").quantize(8)
        content = saved(palette, transparency=palette.getpixel((0, 0)))
    else:
        content = saved(picture.convert(mode))
    photo = read_photograph(content)
    assert photo.is_dark_on_light == (level == 0)
    assert likeness(image_of(photo), drawn(3)) > 0.93


def test_a_jpeg_with_a_second_picture_inside_is_read():
    reference = Image.fromarray(photograph_of())
    second = Image.new("L", (100, 80), 10)
    photo = read_photograph(saved(reference, "MPO", save_all=True, append_images=[second]))
    assert likeness(image_of(photo), drawn(3)) > 0.93


def test_a_png_with_a_broken_exif_is_read():
    content = saved(Image.fromarray(photograph_of()), exif=b"Exif\0\0MM\0*broken")
    assert likeness(image_of(read_photograph(content)), drawn(3)) > 0.93


HEIC = """
AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAVZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA
ACJpbG9jAAAAAERAAAEAAQAAAAABegABAAAAAAAAAHYAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRt
AAAAAAABAAAA1mlwcnAAAAC3aXBjbwAAAHhodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMA
AAMAHroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoDyAoWW6kkprm4CGgwIAAAMAMgAAAwACEGIAAQAHRAHBcrAiQAAAABNjb2xy
bmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAAB4AAAAoAAAABBwaXhpAAAAAAMICAgAAAAXaXBtYQAAAAAAAAABAAEEgQIDBAAAAH5t
ZGF0AAAAcigBr1iL6MDJL4v8+tsv0GHlzIyiro9SpW4yCnO+8acMOZf0Cv5MF8yvgAGTsIlrtXrToxgvpXvpW5TyYiAACIAAY8wc
0wAAAwFQVjjKVo6ZYyj6wthci1PKd4W4ahhYl1HtjTUSeVu2TE7z9LDC1HAE/A==
"""


def test_a_heic_picture_is_read_where_there_is_a_wheel_and_else_the_way_out_is_said(monkeypatch):
    content = base64.b64decode(HEIC)
    photo = read_photograph(content)  # a line from top to bottom
    assert photo.is_dark_on_light
    top, left, bottom, right = photo.digits[0].frame
    assert bottom - top > 0.5
    assert right - left < 0.2
    monkeypatch.setattr(photograph_files, "_reads_heic", lambda: False)
    with pytest.raises(PhotographError, match=r"HEIC.*screenshot"):
        read_photograph(content)


def test_a_photograph_of_48_megapixels_is_shrunk_while_it_is_unpacked():
    assert MAX_JPEG_PIXELS >= 8064 * 6048
    large = Image.new("L", (8064, 6048), 240)
    ImageDraw.Draw(large).line((4000, 1500, 4100, 4500), fill=10, width=400)
    content = saved(large, "JPEG")
    del large
    tracemalloc.start()
    assert max(read_photograph(content).picture.shape) == SHOWN_SIDE
    assert tracemalloc.get_traced_memory()[1] < 80_000_000
    tracemalloc.stop()


def test_more_pixels_than_allowed_are_refused():
    side = math.isqrt(MAX_PHOTOGRAPH_PIXELS) + 1
    with pytest.raises(PhotographError, match="too many pixels"):
        read_photograph(saved(Image.new("1", (side, side))))


def test_a_bomb_is_refused_before_it_is_unpacked():
    bomb = saved(Image.new("1", (14_000, 14_000)))
    assert len(bomb) < 200_000
    tracemalloc.start()
    with pytest.raises(PhotographError, match="too many pixels"):
        read_photograph(bomb)
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


def animated(kind):
    frames = [Image.new("L", (60, 60), level) for level in (0, 120, 250)]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def cut_short(kind):
    random = np.random.default_rng(0).integers(0, 256, (200, 200, 3)).astype(np.uint8)
    whole = saved(Image.fromarray(random), kind)
    return whole[: len(whole) // 2]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no PNG, JPEG, HEIC or WebP"),
        (b"I am a text file named digit.png", "no PNG, JPEG, HEIC or WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no PNG, JPEG, HEIC or WebP"),
        (animated("GIF"), "no PNG, JPEG, HEIC or WebP"),
        (saved(Image.new("L", (20, 20)), "TIFF"), "no PNG, JPEG, HEIC or WebP"),
        (animated("WEBP"), "animated"),
        (animated("PNG"), "animated"),
        (cut_short("PNG"), "damaged"),
        (cut_short("JPEG"), "damaged"),
        (cut_short("WEBP"), "damaged|no PNG, JPEG, HEIC or WebP"),
        (saved(Image.new("L", (300, 200), 255)), "nothing on this picture"),
        (saved(Image.new("L", (300, 200), 0)), "nothing on this picture"),
        (saved(Image.new("RGBA", (300, 200))), "nothing on this picture"),
        (saved(Image.new("L", (1, 1), 70)), "nothing on this picture"),
        (
            saved(Image.fromarray(np.tile(np.arange(100, 228, dtype=np.uint8), (90, 1)))),
            "nothing on this picture",
        ),
        (b"\0" * (MAX_PHOTOGRAPH_BYTES + 1), "too large"),
    ],
)
def test_what_is_no_photograph_of_a_digit_is_said_with_a_way_out(content, words):
    with pytest.raises(PhotographError, match=words) as raised:
        read_photograph(content)
    assert str(raised.value).count(". ") == 1, "what is wrong, and the way out"
    assert "\n" not in str(raised.value)


def test_the_noise_of_a_camera_on_blank_paper_is_not_ink():
    noise = np.random.default_rng(0).normal(200, 9, (400, 400)).clip(0, 255).astype(np.uint8)
    assert find_ink(contrast_of(np.repeat(noise[..., None], 3, axis=2))) is None


# What was found


def on_paper(*digits, lines=(), size=(900, 600)):
    """Digits side by side on white paper with printed lines, as a PNG."""
    ink = Image.new("L", size)
    width = size[0] // len(digits)
    for place, digit in enumerate(digits):
        drawing = Image.fromarray(render(drawn_sample(digit))).resize((min(width, 400),) * 2)
        ink.paste(drawing, (place * width + (width - drawing.width) // 2, 80))
    pen = ImageDraw.Draw(ink)
    for line in lines:
        pen.line(line, fill=160, width=4)
    return saved(Image.fromarray(255 - (np.asarray(ink) * 0.9).astype(np.uint8)))


def test_several_digits_are_found_from_left_to_right_and_each_can_be_read():
    photo = read_photograph(on_paper(4, 2))
    assert photo.n_found == 2
    assert [
        likeness(prepare_like_mnist(d.ink).image.astype(int), drawn(n)) > 0.8
        for d, n in zip(photo.digits, (4, 2), strict=True)
    ] == [True, True]
    assert photo.digits[0].frame[1] < photo.digits[1].frame[1]


def test_inside_a_frame_one_digit_is_read_and_its_place_is_that_in_the_whole_picture():
    photo = read_photograph(on_paper(4, 2), (0.05, 0.5, 0.95, 1.0))
    assert len(photo.digits) == 1
    assert photo.digits[0].frame[1] > 0.5
    assert likeness(image_of(photo), drawn(2)) > 0.9
    assert not photo.ink[:, : photo.ink.shape[1] // 2].any()
    with pytest.raises(PhotographError, match="inside this frame"):
        read_photograph(on_paper(4, 2), (0.9, 0.9, 1.0, 1.0))


RULES = [(0, y, 900, y + 6) for y in range(30, 600, 60)]
SQUARES = RULES + [(x, 0, x - 5, 600) for x in range(20, 900, 60)]
BOX = [(230, 60, 670, 60), (670, 60, 670, 500), (670, 500, 230, 500), (230, 500, 230, 60)]


@pytest.mark.parametrize("lines", [RULES, SQUARES, BOX, [(60, 0, 60, 600)]])
def test_printed_lines_are_taken_out_and_shown(lines):
    photo = read_photograph(on_paper(5, lines=lines))
    assert likeness(image_of(photo), drawn(5)) > 0.9
    assert photo.lines.any()
    assert (photo.lines & photo.ink).mean() < 1e-3


def test_ends_of_lines_that_the_edge_cuts_off_are_no_ink():
    slanted = [(0, y + 60, 900, y) for y in range(70, 600, 90)] + [(0, 20, 300, 0), (40, 0, 30, 600)]
    photo = read_photograph(on_paper(5, lines=slanted))
    assert photo.n_found == 1
    assert likeness(image_of(photo), drawn(5)) > 0.9
