"""Every bound on what visitors may take of a server, in one place.

docs/security.md says what happens beyond each of them; a test compares the two.
"""

from typing import Final

# Trainings and their records.

# Classes.

# Uploads and downloads.

MAX_UPLOADED_FILES: Final = 8
"""Of one session: the pages have three places for a file, and a replaced one may not be gone yet."""
MAX_UPLOADED_BYTES: Final = 400_000_000
"""Of all sessions together, what is still arriving included: a hundred photographs from telephones."""
MAX_UPLOADS_AT_ONCE: Final = 2
"""Of one session."""
MAX_UPLOAD_SECONDS: Final = 180.0
"""One upload may take as long: ten megabytes over a slow telephone."""
MAX_UPLOAD_SILENCE: Final = 20.0
"""Seconds for which an upload may send nothing."""
MAX_WEBP_PIXELS: Final = 12_200_000
"""Of a WebP picture, which takes 16 bytes a pixel to unpack and cannot be unpacked at a smaller size."""

MAX_FILES_BYTES: Final = 100_000_000
"""Bytes of the files of runs that are kept for downloads, of all visitors together; one has up to 1.5 MB."""

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
