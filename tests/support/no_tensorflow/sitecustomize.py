"""A Python process with this folder on its path has no TensorFlow, as on machines without a package of it.

So its trainings run in NumPy: nothing is loaded for seconds, and no shape of a network is compiled.
"""

import sys

sys.modules["tensorflow"] = None
