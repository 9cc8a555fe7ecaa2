"""Every bound on what visitors may take of a server, in one place.

docs/security.md says what happens beyond each of them; a test compares the two.
"""

from typing import Final

# Trainings and their records.

MAX_WAITING: Final = 3_000
"""Trainings that may wait, of everybody together, and as many analyses."""
MAX_WAITING_SECONDS: Final = 8 * 3600.0
"""What the waiting trainings of one lane may take together, estimated, or all waiting analyses."""
MAX_WAITING_SECONDS_OF_ONE: Final = 3600.0
"""What the trainings and analyses may take that one visitor alone waits for; a single one may take longer."""
MAX_REMEMBERED_JOBS: Final = 10_000
"""Trainings whose settings and key figures are known: 300 people with 10 runs each, three times over."""

MAX_PARTS: Final = 100
"""Reports of a training that are kept apart: a long one has 10,000, and every look puts them together."""
MAX_IDLE_TRAINERS: Final = 16
"""Compiled trainers kept for the next run of the same shapes; each holds 8 to 15 MB."""
MAX_GROWTH: Final = 130_000_000
"""Bytes a worker may grow by, for what TensorFlow never gives back, before it is replaced between jobs."""
MAX_IDLE_GROWTH: Final = 60_000_000
"""The same when no job waits, because a replacement then holds nobody up."""
MAX_GROWTH_OF_BUSY: Final = 500_000_000
"""The same while another training runs there and has to pause for it: 70 compiled shapes. With three times as
many it would have 80% of `MAX_WORKER_BYTES`, and Dask begins nothing in such a process."""
MAX_WORKER_BYTES: Final = 2_000_000_000
"""Of a training process on this machine; Dask ends one that comes near it and starts another."""

MAX_SWEEP_TRAININGS: Final = 64
"""Trainings of one sweep."""
MAX_SEEDS: Final = 5
"""Seeds with which a sweep trains each value."""
MAX_ACTIVE_SWEEPS: Final = 30
"""Sweeps that train or wait, of everybody together."""
MAX_SWEEPS_OF_ONE: Final = 4
"""Of them, those that one visitor alone wants, so that the others have places left."""
MAX_REMEMBERED_SWEEPS: Final = 200
"""Sweeps that are known; those that ended first are forgotten first."""
MAX_KEPT_SWEEPS: Final = 50
"""Sweeps of one visit that its page can show again."""

RECORDS_MEMORY_BYTES: Final = 40_000_000
"""Of the records of runs in memory; older ones go into a temporary folder."""
RECORDS_FOLDER_BYTES: Final = 500_000_000
"""Of the records in the temporary folder; those used longest ago go first."""
RECORDS_DISKLESS_BYTES: Final = 100_000_000
"""Of the records in memory where no disk takes them: a full one, or a read-only one."""
MAX_MEMORIES_BYTES: Final = 3_000_000
"""In one record, of what the optimiser remembered after its epochs: 14 of them in the classic network."""
MAX_FILMS: Final = 8
"""Films kept in memory for those who watch: 1.2 MB for the classic network, 9 MB for the largest."""
MAX_NETWORK_PAGES: Final = 8
"""Networks kept as pages to take home, compressed: the classic one has 100 kB, the largest 1 MB."""
MAX_DATASETS: Final = 2
"""Sets of images that a training process keeps, of 55 MB each."""
MAX_DATASETS_ON_DEVICE: Final = 2
"""Of them, those that TensorFlow has a copy of."""
MAX_DOWNLOAD_BYTES: Final = 20_000_000
"""Where a download of MNIST is given up; the file takes 11 MB."""
MAX_UNPACKED_BYTES: Final = 1_000_000_000
"""The most an `.npz` of images may unpack to; the whole of MNIST takes 55 MB."""
MAX_ANALYSES: Final = 500
"""Results of analyses that are kept, of all runs together."""
MAX_TEST_LOGITS: Final = 100
"""Runs of which the logits on the test images are kept, 0.4 MB each on the whole of MNIST."""
MAX_FIGURES: Final = 250
"""Figures kept, of 0.1 MB or less as a rule. The pages show 45 before anything is moved, and a run of one's
own a dozen more: with room for 60, much of what a class saw was drawn again (python -m benchmarks.load)."""
MAX_TEST_PICTURES: Final = 1_000
"""Test images kept as small pictures, 1 kB each: pages show the same few hundred to everybody."""

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
MAX_GUESSING_VISITS: Final = 2_000
"""Visits whose wrong codes are counted one by one; those that guessed longest ago are forgotten first."""
MAX_LINK: Final = 80
"""Characters of the secret in a link to a class that are read."""
MAX_TYPED_CODE: Final = 12
"""Characters that may be typed as a code, with spaces among the six letters."""
MAX_CLASS_WORD: Final = 200
"""Characters that may be typed as the word that opens a class."""
MAX_FOLLOWERS: Final = 2_000
"""Visits that follow a lecturer, or have wandered off, whose own settings are kept: 2 kB each."""
MAX_KEPT_PICTURES: Final = 8
"""Pictures of its contents that a class keeps, so that they are not drawn for each member."""

MAX_POLLS: Final = 50
"""Polls of one class that are kept; the oldest makes room."""
POLL_SECONDS: Final = 120.0
"""After which a poll closes by itself."""
MAX_ANSWERS: Final = 500
"""Members who may answer one poll."""
MAX_TOUR_BYTES: Final = 100_000
"""Of the file of a lecturer's own tour."""
MAX_TOUR_STEPS: Final = 40
"""Of such a tour."""
MAX_TOUR_TITLE: Final = 80
"""Characters of the title of such a tour, or of one of its steps."""
MAX_TOUR_WORDS: Final = 1_500
"""Characters of each text of such a step."""
MAX_TOUR_MINUTES: Final = 90
"""Of one such step."""
MAX_TOUR_LINK: Final = 4_000
"""Characters in which a link carries such a tour: some servers refuse addresses of 8,000."""
MAX_OWN_QUESTIONS: Final = 50
"""Questions of a lecturer's own that a class keeps; the oldest makes room. So many may be written at once."""
MAX_OWN_QUESTIONS_BYTES: Final = 20_000
"""Of the text in which they are written: 50 questions of 400 characters."""
MAX_OWN_QUESTION: Final = 300
"""Characters of one of these questions."""
MAX_OWN_CHOICES: Final = 8
"""Answers to choose from."""
MAX_OWN_ANSWER: Final = 120
"""Characters of an answer to choose."""
MAX_OWN_WORD: Final = 24
"""Characters of a word that a member answers with."""
MAX_DRAWINGS: Final = 2_000
"""On one wall: 1.6 MB."""
MAX_REMOVED: Final = 2
"""Drawings of one member that are taken down before no more are taken from that member."""
MAX_ENTRANTS: Final = 500
"""Members on one challenge board; each has at most one entry per challenge."""
MAX_CLASS_RUNS: Final = 1_000
"""Different runs in the picture of one class, 250 bytes each: three of each of 300 students."""
MAX_CLASS_RUNS_OF_ONE: Final = 50
"""Of them, those that one member was the first to train."""
MAX_NAME: Final = 20
"""Characters of a name on the challenge board."""
MAX_TYPED_NAME: Final = 200
"""Characters that are looked at to make a name of them; composing may make them fewer."""
MAX_MARKS: Final = 2
"""Accents on one letter of a name: enough for Vietnamese and Hindi."""

# Drawings, uploads and downloads.

MAX_STROKES: Final = 100
"""Of one drawing."""
MAX_POINTS: Final = 5_000
"""In all strokes of a drawing together; a digit takes about a hundred."""
MAX_PHOTOGRAPH_BYTES: Final = 10_000_000
"""Of one photograph."""
MAX_PHOTOGRAPH_PIXELS: Final = 25_000_000
"""The pixels of the largest photographs that telephones take by default; known before any is unpacked."""
MAX_JPEG_PIXELS: Final = 50_000_000
"""Of a baseline JPEG: telephones take up to 48 million on request, and it is unpacked at a fraction."""
MAX_PIECES: Final = 400
"""Pieces of ink in a photograph that are looked at, the largest; a page of print has more."""
MAX_FOUND_DIGITS: Final = 6
"""Digits of one photograph that are offered to choose from."""
MAX_PHOTOGRAPH_SIDE: Final = 15_000
"""Pixels of the longer side: panoramas have fewer. A picture of one long line takes six times its memory."""
MAX_SETTINGS_BYTES: Final = 4_000
"""Of a settings file; one with all settings has about 400."""
MAX_REFUSAL: Final = 240
"""Characters of the sentence that refuses a settings file, which quotes what came."""
MAX_OWN_DIGITS: Final = 200
"""Images that a visit keeps to train on, of 784 bytes."""
MAX_OWN_POINTS: Final = 400
"""Of the strokes that are kept with one of them: a digit takes about a hundred."""
MAX_OWN_FILE_BYTES: Final = 1_000_000
"""Of a file of own digits; one of 200 drawings has about 100 kB."""
MAX_OWN_STROKES_BYTES: Final = 800_000
"""Of all strokes in such a file, unpacked: 200 times 400 points take at most 640 kB."""

MAX_UPLOADED_FILES: Final = 8
"""Of one session: the pages have four places for a file, and a replaced one may not be gone yet."""
MAX_UPLOADED_BYTES: Final = 400_000_000
"""Of all sessions together, what is still arriving included: a hundred photographs from telephones."""
MAX_UPLOADS_AT_ONCE: Final = 2
"""Of one browser, in all its tabs; of one session where a browser keeps no cookie."""
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
RESERVED_FILES: Final = 16
"""Of them, those that no new visitor is given: what people do who are here already may open some."""
MAX_SILENT_SECONDS: Final = 10.0
"""For which a connection may be open without the whole head of a request."""
REPEAT_SECONDS: Final = 60.0
"""For which what the log has said already is counted, and not said again."""
LOG_LINES_A_SECOND: Final = 2.0
"""Different things that one part of the program may write into the log, on average."""
MAX_LOG_BURST: Final = 60
"""Of them, those at once."""
MAX_LOGGED: Final = 2_000
"""Characters of one message in the log; of a traceback, as many of its beginning and of its end."""
MAX_LOG_MESSAGES: Final = 1_000
"""Different messages of the log whose repeats are counted."""
MAX_LEFT_TABS: Final = 20_000
"""Tabs that have left and of which it is known when."""
MAX_LEFT_SESSIONS: Final = 128
"""Sessions that have left and that Streamlit keeps for a while with their files, should they return."""
LOOKS_A_SECOND: Final = 40
"""Looks at trainings that are under way, of all visitors together; clicks need the rest of the time."""
LOOKS_AT_ONCE: Final = 4
"""Phones of a class whose pages run at the same moment because they have found news."""
MAX_QUOTED: Final = 400
"""Characters of somebody's words that a page repeats."""
MAX_SEARCH: Final = 60
"""Characters of a term that is looked for in the glossary."""
MAX_ADDRESS: Final = 200
"""Characters of an address of the dashboard that is typed; a longer one would need a QR code too fine for the
back row."""

PHONE_CHECK_BYTES: Final = 8
"""Random bytes in the address that a phone opens to be seen: 64 bits are not guessed while a check lasts."""
PHONE_CHECK_SECONDS: Final = 600.0
"""After which a check whether a phone is here is over; a page that still shows it begins another one."""
MAX_PHONE_CHECKS: Final = 2_000
"""Checks under way, 0.2 MB; the oldest makes room, and its page begins another one."""
MAX_PHONES_SEEN: Final = 999
"""Up to which a check counts how often its address was opened."""

REMOTE_CODE_BYTES: Final = 16
"""Random bytes in the code that lets a device steer a lecture, 128 bits: wrong ones are not counted."""
REMOTE_CODE_SECONDS: Final = 120.0
"""After which a code that no device has used lets none in."""
MAX_REMOTE_CODE: Final = 80
"""Characters of such a code in an address that are read."""
REMOTE_SECONDS: Final = 3 * 3600.0
"""After which a remote ends, counted from when it was begun."""
MAX_REMOTE_DEVICES: Final = 3
"""Devices that steer the same lecture: a telephone, a second window, and one in reserve."""
MAX_REMOTES: Final = 100
"""Lectures on a server that have a remote, 1 kB each."""

# Visits.

MAX_VISITS: Final = 2_000
"""Visits kept in which there is something; those that a session shows are never the ones to go."""
MAX_RUNS_OF_ONE: Final = 100
"""Runs that a visit keeps in its list."""
GONE_SECONDS: Final = 120.0
"""A visitor who has not been connected for so long has gone; a phone that sleeps comes back before."""

# The folder that several servers share.

MAX_SHARED_VISITS: Final = 5_000
"""Visits in the folder; those saved longest ago go first."""
MAX_SHARED_VISITS_BYTES: Final = 200_000_000
"""Of all visits in the folder."""
MAX_SHARED_VISIT_BYTES: Final = 1_000_000
"""Of one visit: its sweeps, which can be begun again, are left out of a larger one. Its own digits take
100 kB as a rule, and 900 kB if each has as many points as there may be."""
SHARED_VISIT_SECONDS: Final = 24 * 3600.0
"""After which a visit that nobody came back to is forgotten."""
MAX_SHARED_OWN_IMAGES_BYTES: Final = 100_000_000
"""Of the own images in the folder that unfinished trainings have: at most about 1 MB each."""
MAX_SHARED_RECORDS: Final = 5_000
"""Records of runs in the folder; those saved longest ago go first."""
MAX_SHARED_RECORDS_BYTES: Final = 1_000_000_000
"""Of all records in the folder."""
MAX_KEPT_RECORDS: Final = 1_000
"""Records that outlast the server, in the user's folder of caches; those used longest ago go first."""
MAX_KEPT_RECORDS_BYTES: Final = 500_000_000
"""Of all of them."""
MAX_SHARED_CLASSES_BYTES: Final = 200_000_000
"""Of all classes in the folder."""
