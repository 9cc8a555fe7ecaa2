"""What TensorFlow is imported without is not taken from another thread that works meanwhile."""

import importlib
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from mnist_core.training.loops.tensorflow_import import _out_of_sight


@pytest.fixture
def library(tmp_path, monkeypatch):
    """The name of a package that can be imported, and that nobody has imported yet."""
    (tmp_path / "tables_of_a_test.py").write_text("class DataFrame: ...\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield "tables_of_a_test"
    sys.modules.pop("tables_of_a_test", None)


def test_a_package_out_of_sight_is_not_found_until_the_block_ends(library):
    with _out_of_sight(library), pytest.raises(ModuleNotFoundError):
        importlib.import_module(library)
    assert importlib.import_module(library).DataFrame


def test_another_thread_imports_the_package_meanwhile(library):
    with ThreadPoolExecutor(1) as elsewhere, _out_of_sight(library):
        assert elsewhere.submit(importlib.import_module, library).result().DataFrame


def test_another_thread_sees_the_package_as_not_imported(library):
    """scikit-learn asks `sys.modules` whether pandas is there, and would take None for pandas."""
    with ThreadPoolExecutor(1) as elsewhere, _out_of_sight(library):
        assert library not in elsewhere.submit(lambda: dict(sys.modules)).result()
