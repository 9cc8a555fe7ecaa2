"""Files that somebody uploads as photographs: unpacked within bounds, upright, on paper of one colour."""

import io
import threading
from typing import Final

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from mnist_core import bounds
from mnist_core.arrays import ByteArray
from mnist_core.bounds import (
    MAX_JPEG_PIXELS,
    MAX_PHOTOGRAPH_BYTES,
    MAX_PHOTOGRAPH_PIXELS,
    MAX_PHOTOGRAPH_SIDE,
)

FORMATS: Final = ("PNG", "JPEG", "WEBP")
WORKING_SIDE: Final = 1000
"""Pixels of the longer side of what is looked at: a thin pen's line still takes one."""
TELEPHONE: Final = (
    "To take JPEGs on an iPhone, choose Settings, Camera, Formats, “Most Compatible”. A screenshot of the "
    "photograph works too."
)
"""The way from a HEIC file to one that every program reads."""
_WIDE: Final = 255  # gray levels of 8 bits

_one_at_a_time: Final = threading.Lock()  # the largest takes 200 MB while it is unpacked


class PhotographError(ValueError):
    """A file cannot be read as a photograph of a digit; the message says why, and what to do about it."""


def decode(content: bytes) -> ByteArray:
    """A file's picture: upright, on a ground of one colour where it is transparent, and not too large.

    Returns:
        uint8, shape (h, w, 3), both sides at most 1,000.

    Raises:
        PhotographError: It is too large, damaged, animated or of another kind.
    """
    if len(content) > MAX_PHOTOGRAPH_BYTES:
        raise PhotographError(
            f"This file is too large: at most {MAX_PHOTOGRAPH_BYTES // 1_000_000} MB are read. "
            "Make the picture smaller, or take a screenshot of it, and upload that."
        )
    is_heic = content[4:8] == b"ftyp"
    if is_heic and not _reads_heic():
        raise PhotographError(f"This is a HEIC picture, which cannot be read here. {TELEPHONE}")
    with _one_at_a_time:
        try:
            with Image.open(io.BytesIO(content), formats=("HEIF",) if is_heic else FORMATS) as opened:
                _check_size(opened)
                opened.draft("RGB", (WORKING_SIDE, WORKING_SIDE))  # a large JPEG is unpacked at a fraction
                return _flat(opened)
        except PhotographError:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise _too_many_pixels(MAX_PHOTOGRAPH_PIXELS) from None
        except UnidentifiedImageError:
            raise _other_kind(content) from None
        except Exception as error:  # Pillow's readers have no common class for what they refuse
            raise PhotographError(
                "This picture is damaged: it cannot be unpacked. Take it again, or upload a screenshot of it."
            ) from error


def _reads_heic() -> bool:
    """Whether pi-heif is there, for which not every machine has a wheel; then Pillow opens HEIC files."""
    try:
        import pi_heif
    except ImportError:
        return False
    pi_heif.register_heif_opener()
    return True


def _other_kind(content: bytes) -> PhotographError:
    if content[4:8] == b"ftyp":
        return PhotographError(f"This HEIC picture cannot be read. {TELEPHONE}")
    return PhotographError(
        "This file is no PNG, JPEG, HEIC or WebP picture, whatever its name is. "
        "Save the picture as a JPEG, or upload a screenshot of it."
    )


def _check_size(opened: Image.Image) -> None:
    n_pixels = opened.width * opened.height
    is_jpeg = opened.format in ("JPEG", "MPO")
    most = MAX_JPEG_PIXELS if is_jpeg and not opened.info.get("progressive") else MAX_PHOTOGRAPH_PIXELS
    if n_pixels > most:
        raise _too_many_pixels(most)
    if opened.format == "WEBP" and n_pixels > bounds.MAX_WEBP_PIXELS:
        raise PhotographError(
            f"This WebP picture has too many pixels: at most {bounds.MAX_WEBP_PIXELS / 1_000_000:g} million. "
            "Save it as a JPEG or PNG file, or make it smaller, and upload it again."
        )
    if max(opened.size) > MAX_PHOTOGRAPH_SIDE:
        raise PhotographError(
            f"This picture is too long: a side has at most {MAX_PHOTOGRAPH_SIDE:,} pixels. "
            "Cut out the part with the digit, and upload that."
        )
    if opened.format not in ("MPO", "HEIF") and getattr(opened, "n_frames", 1) > 1:
        raise PhotographError(
            "This is an animated picture; only one that stands still can be read. Upload a screenshot of it."
        )


def _too_many_pixels(most: int) -> PhotographError:
    return PhotographError(
        f"This picture has too many pixels: at most {most // 1_000_000} million. "
        "Make it smaller, or take a screenshot of it, and upload that."
    )


def _flat(opened: Image.Image) -> ByteArray:
    upright = _upright(opened)  # no step below keeps a second copy of full size
    if upright.mode.startswith("I") or upright.mode == "F":  # more than 8 bits a pixel
        upright = Image.fromarray(_in_8_bits(np.asarray(upright)))
    if upright.has_transparency_data:
        upright = upright if upright.mode == "RGBA" else upright.convert("RGBA")
        upright.thumbnail((WORKING_SIDE, WORKING_SIDE), reducing_gap=1.0)  # in one go: less memory
        upright = _on_a_ground(upright)
    upright = upright if upright.mode in ("RGB", "L") else upright.convert("RGB")
    upright.thumbnail((WORKING_SIDE, WORKING_SIDE))
    return np.array(upright.convert("RGB"))


def _upright(opened: Image.Image) -> Image.Image:
    """As its EXIF says it was held; one that is broken says nothing, as in every browser."""
    try:
        ImageOps.exif_transpose(opened, in_place=True)
    except Exception:
        opened.info.pop("exif", None)
        opened.load()
    return opened


def _in_8_bits(levels: np.ndarray) -> ByteArray:
    """Gray levels of 16 bits or more, from the darkest to the brightest: a camera may use 12 bits of them."""
    low, high = float(levels[::4, ::4].min()), float(levels[::4, ::4].max())
    scaled = (levels.astype(np.float32) - low) * (_WIDE / max(high - low, 1.0))
    return np.asarray(scaled.clip(0, _WIDE), np.uint8)


def _on_a_ground(picture: Image.Image) -> Image.Image:
    """Over white, or over black where what can be seen is light: ink that was saved without its paper."""
    alpha = np.asarray(picture.getchannel("A"), np.float32)
    gray = np.asarray(picture.convert("L"), np.float32)
    is_light = float((alpha * gray).sum()) > 0.5 * _WIDE * max(float(alpha.sum()), 1.0)
    is_cut_out = float((alpha < 0.5 * _WIDE).mean()) > 0.5  # noqa: PLR2004
    ground = Image.new("RGBA", picture.size, "black" if is_light and is_cut_out else "white")
    return Image.alpha_composite(ground, picture)
