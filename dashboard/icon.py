"""The picture in the browser's tab."""

from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def svg() -> str:
    """The picture; read from the disk once, because every run of a page asks for it."""
    return Path(__file__).with_suffix(".svg").read_text(encoding="utf-8")
