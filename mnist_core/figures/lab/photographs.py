"""A photograph with what was found in it marked."""

import base64
import io
from typing import Final

import numpy as np
from PIL import Image, ImageFilter

from mnist_core.figures.style import NEURON, POSITIVE
from mnist_core.images.photographs import Photograph

INK_COLOR, LINE_COLOR = NEURON, POSITIVE
"""Of the outline of the digits' ink, and of the printed lines that were taken out."""
_QUALITY: Final = 80


def marked_photograph(photograph: Photograph) -> str:
    """The picture with the ink's outline and the removed lines, as an address that holds a JPEG."""
    marked = photograph.picture.copy()
    ink = Image.fromarray(photograph.ink.astype(np.uint8) * 255)
    outline = (np.asarray(ink.filter(ImageFilter.MaxFilter(5))) > 0) & ~photograph.ink
    marked[photograph.lines] = _rgb(LINE_COLOR)
    marked[outline] = _rgb(INK_COLOR)
    file = io.BytesIO()
    Image.fromarray(marked).save(file, "JPEG", quality=_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def _rgb(color: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return red, green, blue
