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
    from dashboard.classroom import membership, runs
    from dashboard.learn import lesson_frame
    from dashboard.lecture import bar, following, leading
    from dashboard.session import navigation, page_view, present
    from dashboard.widgets import charts, current_run

    st.set_page_config(
        page_title="MLP Explainer",
        page_icon=icon.svg(),
        layout="wide",
        initial_sidebar_state=SIDEBAR_WIDTH,
    )
    pages = navigation.pages()
    page = st.navigation(pages, position="hidden" if present.is_on() else "sidebar", expanded=True)
    page_view.begin(page.url_path)
    membership.prioritize_host()
    runs.enter()
    following.follow()
    bar.controls(pages)
    if not present.is_on():
        membership.sidebar()
        lesson_frame.progress()
        charts.sidebar()
    current_run.link_problems()
    with leading.published():
        page.run()
        page_view.end()


def find_film(name: str) -> bytes:
    """The film of a run, for the browsers that show it."""
    from dashboard.session import films

    return films.find(name)


def find_network(name: str) -> bytes:
    """The network of a run as a page, for the phones that take it home."""
    from dashboard.session import networks

    return networks.find(name)


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
    from dashboard.server import (
        connections,
        downloads,
        held,
        log,
        session_lock,
        startup,
        stopping,
        whole_runs,
    )
    from dashboard.session import faults
    from dashboard.session.periodic import regularly
    from mnist_core import bounds

    with log.bounded():
        net_util.get_external_ip = lambda: None
        server = stopping.running_server()
        connections.raise_limit()
        downloads.keep_a_while()
        session_lock.share_locks()
        whole_runs.hand_over_whole()
        faults.preload_text()
        regularly(bounds.REPEAT_SECONDS, "summarize-log", log.summarize)
        logging.disable(logging.WARNING)  # that nobody is visiting yet
        st.navigation([main])
        logging.disable(logging.NOTSET)
        startup.make_container_stack()
        startup.multiply_in_one_thread()
        startup.shorten_pauses()
        startup.print_addresses()
        async with stopping.on_signals(server), connections.closing_silent(server):
            yield
        await stopping.close(held.close)
    startup.say("MLP Explainer has stopped.")  # after all that the log has to say
    stopping.end(server)


if __name__ == "__main__":
    main()
elif __name__ == "app":  # the server; not a training process, which imports this file under another name
    from starlette.middleware import Middleware

    from dashboard.server.connections import FileReserve
    from dashboard.server.headers import SecurityHeaders
    from dashboard.server.looks import LooksForNews
    from dashboard.server.phone_check import PhoneCheck
    from dashboard.server.run_files import FILMS, NETWORKS, RunFiles
    from dashboard.server.static_files import StaticFiles
    from dashboard.server.uploads import UploadLimits
    from dashboard.server.visitors import BrowserCookie, TabNames

    guards = [
        Middleware(PhoneCheck),
        Middleware(BrowserCookie),
        Middleware(RunFiles, kind=FILMS, find=find_film),
        Middleware(RunFiles, kind=NETWORKS, find=find_network),
        Middleware(StaticFiles),
        Middleware(FileReserve),
        Middleware(TabNames),
        Middleware(LooksForNews),
        Middleware(SecurityHeaders),
        Middleware(UploadLimits),
    ]
    app = st.App(__file__, lifespan=serving, middleware=guards, on_script_error=explain_failure)
