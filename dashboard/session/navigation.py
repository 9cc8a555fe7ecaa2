"""The pages as Streamlit's navigation wants them, made once: to look for each script costs 1.3 ms a run."""

from copy import copy
from functools import cache

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard import site_map


def pages() -> dict[str, list[st.Page]]:
    """All pages by section; Streamlit marks them in each run, so each run has its own."""
    context = get_script_run_ctx()
    folder = context.pages_manager.main_script_parent if context is not None else None
    sections: dict[str, list[st.Page]] = {}
    for section, page in _made_in(folder):
        sections.setdefault(section, []).append(copy(page))
    return sections


@cache
def _made_in(folder: object) -> tuple[tuple[str, st.Page], ...]:
    """The pages of a project's folder; a script that is missing is an error."""
    return tuple(
        (
            entry.section,
            st.Page(entry.path, title=entry.title, icon=entry.icon, default=entry == site_map.OVERVIEW),
        )
        for entry in site_map.PAGES
    )
