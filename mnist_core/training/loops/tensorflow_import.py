"""TensorFlow as this project wants it: quiet, on one thread, and without what it could do besides.

Only the training process loads it.
"""

import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from threading import get_ident
from typing import Any, Final

LEFT_OUT: Final = ("IPython", "matplotlib", "pandas", "scipy", "sklearn")
"""What Keras imports if it is there, for galleries, tables and notebooks: a third of the time and 160 MB."""


class TensorFlowError(RuntimeError):
    """TensorFlow cannot be loaded; the message says why, in a sentence."""


def is_installed() -> bool:
    """Whether TensorFlow is there to be loaded: it has no package for every machine."""
    return importlib.util.find_spec("tensorflow") is not None


def import_tensorflow() -> Any:
    """TensorFlow, told to keep quiet and to use one thread; later calls cost nothing.

    The matrices are so small that handing parts of them to other threads costs more than it saves (an
    update takes a fifth longer with two), and one thread adds numbers in one order, so that equal runs
    give equal bits.

    Raises:
        TensorFlowError: It is not installed, or cannot be loaded.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
    flags = "--xla_cpu_multi_thread_eigen=false --xla_cpu_parallel_codegen_split_count=1"
    flags += " --xla_backend_optimization_level=1"  # both compile faster, and the loop is no slower:
    flags += " --xla_llvm_disable_expensive_passes=true"  # the products come from a library
    os.environ.setdefault("XLA_FLAGS", flags)
    try:
        with _out_of_sight(*LEFT_OUT):
            import keras  # noqa: F401 - which TensorFlow would load at its first use
            import tensorflow

        tensorflow.config.list_logical_devices()  # starts its runtime, which its first operation would do
    except (Exception, SystemExit) as error:  # a broken installation fails in every possible way
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise TensorFlowError(f"TensorFlow cannot be loaded on this machine ({reason[0][:200]}).") from error
    return tensorflow


class _Hidden(MetaPathFinder):
    """Makes the imports of one thread fail for some packages; other threads import them as usual."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._thread = get_ident()

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        if fullname in self._names and get_ident() == self._thread:
            raise ModuleNotFoundError(f"{fullname} is left out here.", name=fullname)


@contextmanager
def _out_of_sight(*names: str) -> Iterator[None]:
    """Make this thread's imports of packages that are not loaded yet fail, until the block ends.

    `sys.modules` stays as it is, because an analysis in another thread may import pandas at the same moment.
    """
    finder = _Hidden(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
