"""The compiled loop, also for the few images that the dashboard leaves to NumPy."""

import pytest

from mnist_core.training.loops import trainers


@pytest.fixture(scope="module", autouse=True)
def always_compiled():
    """Trainings of this process; `test_numpy_loop` holds the other loop against this one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainers, "is_compiled", lambda config, n_images: True)
        yield
