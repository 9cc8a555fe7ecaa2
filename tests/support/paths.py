"""Where things are."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
"""The project's folder."""
SUPPORT: Final = ROOT / "tests" / "support"
SHARED_DATA: Final = ROOT.parent / "shared" / "data"
"""The whole of MNIST and pen strokes, where they are at hand."""
