"""Films of trainings, where none is looked at."""

from contextlib import contextmanager

from mnist_core.training import film

USUAL, FEW = film.N_EVEN, 4


def record_evenly(n_moments):
    """How many moments of a training this process records, besides those of its first updates."""
    film.N_EVEN = n_moments
    film.film_steps.cache_clear()


@contextmanager
def few_moments():
    """Trainings record four moments: a short one spends most of its time on the sixty of its film."""
    before = film.N_EVEN
    record_evenly(FEW)
    yield
    record_evenly(before)
