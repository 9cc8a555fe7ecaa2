"""Pauses of the one process that serves all pages, made shorter and rarer.

A page runs in a thread, and the interpreter lets one thread compute at a time. So whatever holds it up holds
up everybody: a lecturer's click waits while 300 telephones of her class run theirs.
"""

import functools
import gc
import sys
from typing import Final

from streamlit import config

SWITCH_SECONDS: Final = 0.001
"""After which a computing thread gives way: with Python's 5 ms, the thread that reads and sends for everybody
gets its turn too rarely."""
NEW_OBJECTS: Final = 10_000
"""More of them than were given back, and the youngest are searched for garbage; Python's is 700."""


def shorten() -> None:
    """Once, before the first visitor."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()  # three quarters of what there will be: it stays, and is searched for garbage no more
    gc.set_threshold(NEW_OBJECTS)
    # Each run of a page asks for all options of six sections, which do not change while the server runs.
    config.get_options_for_section = functools.cache(config.get_options_for_section)
