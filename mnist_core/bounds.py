"""Every bound on what visitors may take of a server, in one place.

docs/security.md says what happens beyond each of them; a test compares the two.
"""

from typing import Final

# Trainings and their records.

# Classes.

MAX_ROOMS: Final = 20
"""Classes that are open at the same time on a server, or on all servers that share a folder."""
ROOM_SECONDS: Final = 3 * 3600.0
"""After which a class ends, counted from when it was opened."""
HOST_AWAY_SECONDS: Final = 45 * 60.0
"""After which a class ends because its lecturer has not been seen."""
ABSENT_SECONDS: Final = 120.0
"""After which an absent member makes room in a full class, and an absent lecturer's class that nobody has
joined makes room on a full server."""
MAX_MEMBERS: Final = 400
"""Members of one class."""
MAX_FORMER: Final = 400
"""Members who made room in a class and may come back without a code; the oldest are forgotten first."""
MAX_PUT_OUT: Final = 2_000
"""Members whom a class has put out and refuses; the oldest are forgotten first."""

CODE_LENGTH: Final = 6
"""Letters of a code, each one of 13: there are 13⁶ = 4,826,809 codes."""
LINK_BYTES: Final = 16
"""Random bytes in the link to a class, 128 bits: links cannot be guessed, so wrong ones are not counted."""
MAX_WRONG_TRIES: Final = 5
"""Wrong codes that one visit may type in `TRY_SECONDS`."""
TRY_SECONDS: Final = 60.0
"""See `MAX_WRONG_TRIES`."""
SECONDS_PER_WRONG_CODE: Final = 4.0
"""One wrong code in so many seconds is allowed to all visits together, besides `MAX_SAVED_WRONG_CODES`.

A week has 604,800 seconds, so at most 604,800 / 4 + 100 = 151,300 codes are tried in a week. That is 3.1% of
the 4,826,809 codes. Half of all codes take 2,413,305 × 4 seconds = 112 days. With 20 classes open, each with
a code of its own, a week of guessing opens any one of them with a probability of 1 − (1 − 0.0313)²⁰ = 47%, so
it takes more than a week until it is as likely as not that some class has been opened.
"""
MAX_SAVED_WRONG_CODES: Final = 100
"""Wrong codes that all visits together may type at once: in a class of 300, one phone in four may mistype."""

MAX_POLLS: Final = 50
"""Polls of one class that are kept; the oldest makes room."""
POLL_SECONDS: Final = 120.0
"""After which a poll closes by itself."""
MAX_ANSWERS: Final = 500
"""Members who may answer one poll."""
MAX_DRAWINGS: Final = 2_000
"""On one wall: 1.6 MB."""
MAX_REMOVED: Final = 2
"""Drawings of one member that are taken down before no more are taken from that member."""
MAX_ENTRANTS: Final = 500
"""Members on one challenge board; each has at most one entry per challenge."""
MAX_NAME: Final = 20
"""Characters of a name on the challenge board."""

# Uploads and downloads.

# Connections, files and the log.

MAX_RUNS_OF_ONE: Final = 100
"""Runs that a visit keeps in its list."""
