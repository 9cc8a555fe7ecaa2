"""Types of arrays that several packages use."""

import numpy as np
from numpy.typing import NDArray

ByteArray = NDArray[np.uint8]
"""Pixels, 0 to 255."""
Float32Array = NDArray[np.float32]
"""What a network computes with."""
Float64Array = NDArray[np.float64]
"""What formulas are checked and shown with."""
IndexArray = NDArray[np.int64]
"""Digits, counts, and numbers of images."""
