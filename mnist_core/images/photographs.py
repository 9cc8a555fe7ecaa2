"""A photograph of a digit as somebody uploads it: unpacked safely, upright and gray.

Reads the bytes of a file that nobody has checked, gives a picture of the kind that
`drawing.prepare_like_mnist` takes, and says in one sentence what is wrong with a file that cannot be read.
"""

import io
import threading
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from mnist_core import bounds
from mnist_core.arrays import ByteArray, ReadOnlyArrays
from mnist_core.bounds import MAX_PHOTOGRAPH_BYTES, MAX_PHOTOGRAPH_PIXELS, MAX_PHOTOGRAPH_SIDE
from mnist_core.images.ink import find_ink

FORMATS: Final = ("PNG", "JPEG", "WEBP")
SIDE: Final = 480
"""Pixels of the longer side of what is kept: a digit that fills a third of it is still much finer than 20."""

_one_at_a_time: Final = threading.Lock()  # the largest takes 200 MB while it is unpacked


class PhotographError(ValueError):
    """A file cannot be read as a photograph of a digit; the message says why, in one sentence."""


@dataclass(frozen=True, eq=False)
class Photograph(ReadOnlyArrays):
    """A photograph and the ink in it; arrays are uint8 of one shape (h, w) and read-only.

    Attributes:
        gray: Upright, gray, the longer side at most 480 pixels; 0 is black.
        ink: 0 is paper and 255 is ink.
        is_dark_on_light: Whether it was turned round, because MNIST's ink is bright.
    """

    gray: ByteArray
    ink: ByteArray
    is_dark_on_light: bool


def read_photograph(content: bytes) -> Photograph:
    """The ink in an uploaded file.

    Raises:
        PhotographError: It is too large, damaged, animated, of another kind, or shows nothing.
    """
    gray = decode(content)
    ink_and_side = find_ink(gray)
    if ink_and_side is None:
        raise PhotographError("There is nothing on this picture that stands out like ink from paper.")
    ink, is_dark_on_light = ink_and_side
    return Photograph(gray, ink, is_dark_on_light)


def decode(content: bytes) -> ByteArray:
    """A file's picture: upright, over white where it is transparent, gray, and not too large.

    Returns:
        uint8, shape (h, w), both sides at most 480.

    Raises:
        PhotographError: It is too large, damaged, animated or of another kind.
    """
    if len(content) > MAX_PHOTOGRAPH_BYTES:
        raise PhotographError(
            f"This file is too large: at most {MAX_PHOTOGRAPH_BYTES // 1_000_000} MB are read."
        )
    with _one_at_a_time:
        try:
            with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
                _check_size(opened)
                opened.draft("RGB", (2 * SIDE, 2 * SIDE))  # a large JPEG is unpacked at half size or less
                return _flat(opened)
        except PhotographError:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise _too_many_pixels() from None
        except UnidentifiedImageError:
            raise PhotographError(
                "This file is no PNG, JPEG or WebP picture, whatever its name is."
            ) from None
        except Exception as error:  # Pillow's readers have no common class for what they refuse
            raise PhotographError("This picture is damaged: it cannot be unpacked.") from error


def _check_size(opened: Image.Image) -> None:
    n_pixels = opened.width * opened.height
    if n_pixels > MAX_PHOTOGRAPH_PIXELS:
        raise _too_many_pixels()
    if opened.format == "WEBP" and n_pixels > bounds.MAX_WEBP_PIXELS:
        raise PhotographError(
            f"This WebP picture has too many pixels: at most {bounds.MAX_WEBP_PIXELS / 1_000_000:g} million. "
            "Save it as a JPEG or PNG file, or make it smaller, and upload it again."
        )
    if max(opened.size) > MAX_PHOTOGRAPH_SIDE:
        raise PhotographError(f"This picture is too long: a side has at most {MAX_PHOTOGRAPH_SIDE:,} pixels.")
    if getattr(opened, "n_frames", 1) > 1:
        raise PhotographError("This is an animated picture; only one that stands still can be read.")


def _too_many_pixels() -> PhotographError:
    return PhotographError(
        f"This picture has too many pixels: at most {MAX_PHOTOGRAPH_PIXELS // 1_000_000} million."
    )


def _flat(opened: Image.Image) -> ByteArray:
    ImageOps.exif_transpose(opened, in_place=True)
    upright: Image.Image = opened  # no step below keeps a second copy of full size
    if upright.mode.startswith("I"):  # 16 bits a pixel; Pillow would cut them off at 255
        levels = np.asarray(upright)
        shallow = levels >> 8 if levels.dtype == np.uint16 else levels.clip(0, 0xFFFF) // 257
        upright = Image.fromarray(shallow.astype(np.uint8))
    if upright.has_transparency_data:
        upright = upright if upright.mode == "RGBA" else upright.convert("RGBA")
        upright.thumbnail((SIDE, SIDE))
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
    upright = upright.convert("L")
    upright.thumbnail((SIDE, SIDE))
    return np.array(upright)
