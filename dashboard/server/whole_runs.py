"""What a run of a page, or of a part of it, tells the browser arrives there, though another one follows.

Streamlit hands over what a run tells the browser step by step, and lets go of what is still on its way when
the next run begins: a part of a page that is asked for in the moment in which another run ends. The browser
then misses the end of the run before, and what was left of an older page stays (its issue 9921), or it misses
a place that the next run fills, and all of the screen becomes blank ("Bad delta path index").

So a run begins when the one before it has handed over everything, and what a part of a page replaces is not
taken out of the messages that go to the browser: in these, what is inside of the part would stay, and what it
stands in would be gone.
"""

import functools
from collections.abc import Callable
from typing import Final

from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.scriptrunner import RerunData

_LOOK_SECONDS: Final = 0.002
"""Between two looks whether a run that has ended has handed over everything."""


def await_last_run(
    create: Callable[[AppSession, RerunData], None],
) -> Callable[[AppSession, RerunData], None]:
    """The same way to begin a run, after the one before it.

    Args:
        create: Of a session, begins a run at once.
    """

    @functools.wraps(create)
    def create_in_order(session: AppSession, asked: RerunData) -> None:
        if session._scriptrunner is None:
            create(session, asked)
            return

        def look_again() -> None:
            is_gone = asked.fragment_id and not session.has_fragment(asked.fragment_id)
            if is_gone or session._state is AppSessionState.SHUTDOWN_REQUESTED:
                return
            last = session._scriptrunner
            if last is None or not last.request_rerun(asked):  # which may be a new one meanwhile, and take it
                create_in_order(session, asked)

        session._event_loop.call_later(_LOOK_SECONDS, look_again)

    return create_in_order


def keep_messages_of_parts(
    clear: Callable[[AppSession, list[str] | None], None],
) -> Callable[[AppSession, list[str] | None], None]:
    """The same way to begin to tell of a run, which takes out what is outdated only for a whole page.

    Args:
        clear: Of a session, takes out of what goes to the browser what a run will replace.
    """

    @functools.wraps(clear)
    def clear_for_pages(session: AppSession, fragment_ids_this_run: list[str] | None = None) -> None:
        if fragment_ids_this_run:
            session._browser_queue._delta_index_map = {}  # nothing new takes the place of what is kept
        else:
            clear(session, fragment_ids_this_run)

    return clear_for_pages


def hand_over_whole() -> None:
    """Have the runs of all sessions do so from now on."""
    setattr(AppSession, "_create_scriptrunner", await_last_run(AppSession._create_scriptrunner))  # noqa: B010
    setattr(AppSession, "_clear_queue", keep_messages_of_parts(AppSession._clear_queue))  # noqa: B010
