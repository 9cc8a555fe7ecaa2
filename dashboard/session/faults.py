"""What happens when a page fails unexpectedly: a calm sentence there, and the whole exception in the log.

Streamlit calls `explain` for whatever a page, a fragment or a callback raises. The log has the exception once
more than Streamlit writes it, because only here it stands beside the page, the visit and its run.
"""

import logging
from typing import Final

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.session import visits

N_OF_NAME: Final = 8
"""Digits of a visit's name in the log: enough to tell visits apart, too few to take one over."""
_log = logging.getLogger(__name__)


def preload_text() -> None:
    """Read the words for a page that fails: when it does because no file can be opened, it is too late."""
    read_lesson("reference", "faults")


def explain(error: Exception) -> bool:
    """Say on the page that it failed and what to do, and write down which run it was about.

    Args:
        error: What a page raised.

    Returns:
        True: Streamlit need not show its own message.
    """
    visit = visits.current_visit()
    place = st.context.url, visit.name[:N_OF_NAME], visit.current or "of everybody"
    _log.error("Page %s failed for visit %s with run %s", *place, exc_info=error)
    st.error(read_lesson("reference", "faults")["page failed"], icon=":material/build:")
    return True
