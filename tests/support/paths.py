"""Where things are."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
"""The project's folder."""
SUPPORT: Final = ROOT / "tests" / "support"
NO_TENSORFLOW: Final = SUPPORT / "no_tensorflow"
"""What a process without TensorFlow has on its path."""
SHARED_DATA: Final = ROOT.parent / "shared" / "data"
"""The whole of MNIST and pen strokes, where they are at hand."""
