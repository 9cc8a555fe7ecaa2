"""Films of trainings, where none is looked at."""

from contextlib import contextmanager

import pytest

from mnist_core.training import film


@contextmanager
def few_moments():
    """Trainings record four moments: a short one spends most of its time on the sixty of its film."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(film, "N_EVEN", 4)
        film.film_steps.cache_clear()
        yield
    film.film_steps.cache_clear()
