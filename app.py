"""The dashboard's entry: the list of pages, what all pages share, and the page that was asked for.

`streamlit run app.py` finds `app` below and serves it; a page view then runs this file as `__main__`.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from streamlit import net_util

SIDEBAR_WIDTH = 250  # pixels; enough for the longest page name, and the rest is the page's


def main() -> None:
    """Draw the page of this visit."""
    from dashboard import icon
    from dashboard.classroom import membership
    from dashboard.learn import lesson_frame
    from dashboard.lecture import bar, sharing, tour
    from dashboard.session import choices, linked_run, present, resources, visits
    from dashboard.widgets import charts, current_run

    st.set_page_config(
        page_title="MLP Explainer",
        page_icon=icon.svg(),
        layout="wide",
        initial_sidebar_state=SIDEBAR_WIDTH,
    )
    pages = {
        "Start": [
            st.Page("pages/start/overview.py", title="Overview", icon=":material/home:", default=True),
        ],
        "Learn": [st.Page(page.path, title=page.title, icon=page.icon) for page in lesson_frame.COURSE],
        "Lab": [
            st.Page("pages/lab/train.py", title="Train", icon=":material/model_training:"),
            st.Page("pages/lab/evaluate.py", title="Evaluate", icon=":material/grid_on:"),
            st.Page("pages/lab/predict.py", title="Predict", icon=":material/search:"),
            st.Page("pages/lab/inside.py", title="Inside", icon=":material/visibility:"),
            st.Page("pages/lab/draw.py", title="Draw", icon=":material/draw:"),
            st.Page("pages/lab/compare.py", title="Compare", icon=":material/compare_arrows:"),
            st.Page("pages/lab/code.py", title="Code", icon=":material/code:"),
        ],
        "Lecture": [
            st.Page("pages/lecture/tour.py", title="Guided tour", icon=":material/tour:"),
            st.Page("pages/lecture/classroom.py", title="Classroom", icon=":material/co_present:"),
            st.Page("pages/lecture/join.py", title="Join", icon=":material/groups:"),
            st.Page("pages/lecture/challenges.py", title="Challenges", icon=":material/trophy:"),
        ],
        "Reference": [
            st.Page("pages/reference/glossary.py", title="Glossary", icon=":material/menu_book:"),
        ],
    }
    page = st.navigation(pages, position="hidden" if present.is_on() else "sidebar", expanded=True)
    choices.load()
    sharing.begin(page.url_path)
    visits.tie_to_browser_tab()
    resources.ensure_classic_network()
    linked_run.adopt_run_from_url()
    membership.lead()
    bar.controls(pages, problem=tour.load())
    if not present.is_on():
        charts.sidebar()
        lesson_frame.progress()
        membership.sidebar()
    current_run.link_problems()
    page.run()
    choices.write_url()
    visits.current_visit()  # keeps what the page has put into it


def explain_failure(error: Exception) -> bool:
    """Tell the visitor of a page that failed."""
    from dashboard.session import faults

    return faults.explain(error)


@asynccontextmanager
async def serving(_: st.App) -> AsyncIterator[None]:
    """Make ready before the first visitor, and end what belongs to everybody after the last.

    A folder named `pages` makes Streamlit list pages by itself until `st.navigation` is called for the first
    time; a first visitor with a link such as `/train` would be told that there is no such page.

    When a websocket comes from the page of another site, Streamlit asks a host on the internet whether that
    is the server's own address. Until that host has answered nobody else is served: 20 seconds in a network
    whose names lead nowhere. So it is not asked, and such a websocket is refused at once.
    """
    from dashboard.server import held, log, open_files, pauses, silent, stopping, welcome
    from dashboard.session import faults
    from dashboard.session.periodic import regularly
    from mnist_core import bounds

    with log.bounded():
        net_util.get_external_ip = lambda: None
        server = stopping.running_server()
        open_files.raise_limit()
        faults.prepare()
        regularly(bounds.REPEAT_SECONDS, "summarize-log", log.summarize)
        logging.disable(logging.WARNING)  # that nobody is visiting yet
        st.navigation([main])
        logging.disable(logging.NOTSET)
        pauses.shorten()
        welcome.print_addresses()
        async with stopping.on_signals(server), silent.closing(server):
            yield
        await stopping.close(held.close)
    welcome.say("MLP Explainer has stopped.")  # after all that the log has to say
    stopping.end(server)


if __name__ == "__main__":
    main()
elif __name__ == "app":  # the server; not a training process, which imports this file under another name
    from starlette.middleware import Middleware

    from dashboard.server.browsers import BrowserCookie
    from dashboard.server.headers import SecurityHeaders
    from dashboard.server.looks import LooksForNews
    from dashboard.server.open_files import FileReserve
    from dashboard.server.static_files import StaticFiles
    from dashboard.server.tabs import TabNames
    from dashboard.server.uploads import UploadLimits

    guards = [
        Middleware(BrowserCookie),
        Middleware(StaticFiles),
        Middleware(FileReserve),
        Middleware(TabNames),
        Middleware(LooksForNews),
        Middleware(SecurityHeaders),
        Middleware(UploadLimits),
    ]
    app = st.App(__file__, lifespan=serving, middleware=guards, on_script_error=explain_failure)
