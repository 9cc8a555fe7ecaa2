"""Every bound on what visitors may take of a server, in one place.

docs/security.md says what happens beyond each of them; a test compares the two.
"""

from typing import Final

# Trainings and their records.

MAX_WAITING: Final = 3_000
"""Trainings that may wait, of everybody together."""
MAX_WAITING_SECONDS: Final = 8 * 3600.0
"""What the waiting trainings of one lane may take together, estimated."""
MAX_WAITING_SECONDS_OF_ONE: Final = 3600.0
"""What those may take that one visitor alone waits for; a single one may take longer."""
MAX_REMEMBERED_JOBS: Final = 10_000
"""Trainings whose settings and key figures are known: 300 people with 10 runs each, three times over."""

# Classes.

# Uploads and downloads.

# Connections, files and the log.

MAX_RUNS_OF_ONE: Final = 100
"""Runs that a visit keeps in its list."""
