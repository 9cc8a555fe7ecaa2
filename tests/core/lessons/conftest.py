"""Networks of lessons, of which no film is looked at."""

import pytest


@pytest.fixture(scope="module", autouse=True)
def short_films(no_film_is_looked_at):
    """Of all trainings here."""
