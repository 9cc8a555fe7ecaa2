"""Every bound on what visitors may take of a server, in one place.

docs/security.md says what happens beyond each of them; a test compares the two.
"""

from typing import Final

# Trainings and their records.

# Classes.

# Uploads and downloads.

# Connections, files and the log.

# Visits.

MAX_VISITS: Final = 2_000
"""Visits kept in which there is something; those that a session shows are never the ones to go."""
MAX_RUNS_OF_ONE: Final = 100
"""Runs that a visit keeps in its list."""
GONE_SECONDS: Final = 120.0
"""A visitor who has not been connected for so long has gone; a phone that sleeps comes back before."""
