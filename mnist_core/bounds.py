"""Every bound on what visitors may take of a server, in one place.

docs/security.md says what happens beyond each of them; a test compares the two.
"""

from typing import Final

# Trainings and their records.

# Classes.

# Uploads and downloads.

MAX_FILES_BYTES: Final = 100_000_000
"""Bytes of the files of runs that are kept for downloads, of all visitors together; one has up to 1.5 MB."""

# Connections, files and the log.

MAX_RUNS_OF_ONE: Final = 100
"""Runs that a visit keeps in its list."""
