"""What a training process makes and frees again and again stays in it."""

import subprocess
import sys

import pytest

COUNT = """
import resource
import numpy as np
from mnist_core.engine.process import preload

preload.dask_setup(None)
gradient = np.zeros(784 * 32)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(1_000):
    gradient = 0.9 * gradient
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
"""How many pages the system has to clear for a thousand gradients, of 49 pages each."""


@pytest.mark.skipif(sys.platform != "linux", reason="another C library has no such thresholds")
def test_arrays_that_come_and_go_are_no_new_memory_where_dask_has_it_given_back(monkeypatch):
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "65536")  # as `distributed.nanny.pre-spawn-environ` has it
    done = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 5_000
