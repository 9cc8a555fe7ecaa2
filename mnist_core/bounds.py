"""Every bound on what visitors may take of a server, in one place.

docs/security.md says what happens beyond each of them; a test compares the two.
"""

from typing import Final

# Trainings and their records.

# Classes.

# Uploads and downloads.

# Connections, files and the log.

MAX_OPEN_FILES: Final = 65_536
"""Files and connections that the server asks its system for, where that allows as many."""
MAX_SILENT_SECONDS: Final = 10.0
"""For which a connection may be open without the whole head of a request."""
REPEAT_SECONDS: Final = 60.0
"""For which what the log has said already is counted, and not said again."""
LOG_LINES_A_SECOND: Final = 2.0
"""Different things that one part of the program may write into the log, on average."""
MAX_LOG_BURST: Final = 60
"""Of them, those at once."""

# Visits.

MAX_VISITS: Final = 2_000
"""Visits kept in which there is something; those that a session shows are never the ones to go."""
MAX_RUNS_OF_ONE: Final = 100
"""Runs that a visit keeps in its list."""
GONE_SECONDS: Final = 120.0
"""A visitor who has not been connected for so long has gone; a phone that sleeps comes back before."""
