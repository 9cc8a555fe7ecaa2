"""The speaker view, on a lecturer's phone or in a second window: notes, next step, clock, and two buttons.

It is a form of the page of the tours, with nothing around it, and shows what only the lecturer should see.
"""

import re
import time
from typing import Any, Final, Literal
from urllib.parse import urlencode

import streamlit as st

from dashboard.elements.prose import Lesson, read_lesson
from dashboard.lecture import remote, sharing, tour
from dashboard.lecture.itinerary import PARTS, Step
from dashboard.lecture.remote import RemoteError, RemoteView, remotes
from dashboard.lecture.tour import Position
from dashboard.server import looks
from dashboard.session import present, resources, visits
from dashboard.site_map import TOUR
from dashboard.widgets.controls import primary_button
from mnist_core.bounds import MAX_REMOTE_CODE

LINK: Final = "remote"
"""The parameter of the link; its value is the code, and after that `_LET_IN`."""
REPLICA_COOKIE: Final = "mlp_replica"
"""The cookie in which nginx keeps which of several servers a browser is sent to."""
CLOCK_SECONDS: Final = 5.0
"""How often the clock is looked at."""
_ICONS: Final = dict(zip(PARTS, ("visibility", "question_answer", "lightbulb", "build"), strict=True))
Color = Literal["green", "orange", "blue"]
_LET_IN: Final = "on"
_OPEN: Final = "remote_is_open"
_PROBLEM: Final = "remote_problem"


def button() -> bool:
    """A button after which `dialog` shows how a device is let in; whether it was pressed."""
    return st.button(
        "Remote", icon=":material/settings_remote:", type="tertiary", key="remote", on_click=_open
    )


def dialog() -> None:
    """The way to the speaker view, if the button was pressed."""
    if st.session_state.pop(_OPEN, False):
        st.dialog(_words().title, width="large")(_ways)()


def is_asked() -> bool:
    """Whether this is a device that steers, or wants to."""
    return LINK in st.query_params


def show() -> None:
    """The speaker view, for a device that has been let in; a sentence for any other one."""
    prose, device = _words(), visits.current_visit().name
    st.title(prose.title)
    code = st.query_params[LINK][:MAX_REMOTE_CODE]
    if remotes().steered_by(device) is None and not remotes().admit(code, device):
        st.warning(prose["ended" if code == _LET_IN else "refused"], icon=":material/link_off:")
        return
    st.query_params[LINK] = _LET_IN  # the code has done its work, and is in no history
    _phone_too(device)
    st.fragment(_view, run_every=CLOCK_SECONDS if looks.can_notify() else remote.LOOK_SECONDS)(device)


def _words() -> Lesson:
    return read_lesson("lecture", "remote")


def _open() -> None:
    """Open the dialog, with a code where no device steers yet."""
    st.session_state[_OPEN] = True
    if not remotes().n_devices(visits.current_visit().name):
        _invite()


def _invite() -> None:
    if (position := tour.current()) is not None:
        _invite_to(visits.current_visit().name, position, remote.begun())


def _invite_to(lecturer: str, position: Position, begun: float) -> None:
    try:
        remotes().invite(lecturer, position, begun)
    except RemoteError as error:
        st.session_state[_PROBLEM] = str(error)


def _ways() -> None:
    """What the dialog shows: a code on demand, and how many devices it has let in."""
    prose, lecturer = _words(), visits.current_visit().name
    st.markdown(prose["what it is"])
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.warning(problem, icon=":material/block:")
    elif code := remotes().code_of(lecturer):
        _way_in(code)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if n_devices := remotes().n_devices(lecturer):
            st.markdown(prose["steering"].format(n=n_devices))
            stop: dict[str, Any] = {"on_click": remotes().stop, "args": (lecturer,)}
            if primary_button("Stop the remote", ":material/block:", "remote_stop", **stop):
                st.rerun()
        st.button("Show a code", icon=":material/qr_code_2:", key="remote_invite", on_click=_invite)


def _way_in(code: str) -> None:
    parameters = _parameters(code)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="share_page"):
        sharing.show_code(sharing.link(TOUR.address, **parameters), "phone_remote")  # small: for one hand
        with st.container():
            st.markdown(_words()["join"])
            here = f"{TOUR.address}?{urlencode(parameters)}"
            st.link_button("Open it in a second window", here, icon=":material/open_in_new:")
            sharing.warn_if_unreachable()
            if resources.shared_root() is not None and not _server():
                st.info(_words()["several servers"], icon=":material/dns:")


def _parameters(code: str) -> dict[str, str]:
    """What a link to the speaker view has."""
    return {LINK: code, "embed": "true", present.ALONE: "true", **_server()}


def _phone_too(device: str) -> None:
    """In a second window, on the lecturer's own screen: a code for a phone, which no class can see."""
    view = remotes().steered_by(device)
    if view is None or present.is_phone():
        return
    with st.popover(
        "Let your phone in", icon=":material/qr_code_2:", type="tertiary", key="remote_for_phone"
    ):
        if problem := st.session_state.pop(_PROBLEM, ""):
            st.warning(problem, icon=":material/block:")
        st.markdown(_words()["phone"])
        if code := remotes().code_of(view.lecturer):
            sharing.show_code(sharing.link(TOUR.address, **_parameters(code)), "phone_remote")
        else:
            asked: dict[str, Any] = {
                "on_click": _invite_to,
                "args": (view.lecturer, view.position, view.begun),
            }
            st.button("Show a code", icon=":material/qr_code_2:", key="remote_phone", **asked)


def _server() -> dict[str, str]:
    """What in a link leads to this of several servers, as nginx knows it (`deploy/nginx.conf.template`)."""
    number = str(st.context.cookies.get(REPLICA_COOKIE, ""))
    return {"replica": number} if re.fullmatch("[0-9]{1,2}", number) else {}


def _view(device: str) -> None:
    """The whole view; runs again when the lecture moves, and for the clock."""
    view = remotes().steered_by(device)
    step = None if view is None else view.at()
    if view is None or step is None:
        st.rerun()  # it was stopped
    looks.subscribe(remote.speaker_topic(view.lecturer))
    looks.prioritize()
    with st.container(key="speaker", gap="small"):
        _clock(view)
        st.header(step.title, anchor=False)
        if not remote.is_here(view.lecturer) and looks.can_notify():
            st.warning(_words()["away"], icon=":material/wifi_off:")
        _notes(step, view.at(1))
    with st.container(horizontal=True, key="speaker_buttons"):
        _turn(device, view, -1)
        _turn(device, view, 1)


def _clock(view: RemoteView) -> None:
    """The step, the minutes gone, and how many are left of those planned for it."""
    n_steps, step = len(view.tour.steps), view.position.step
    gone, is_over = (time.monotonic() - view.begun) / 60, step > n_steps
    with st.container(horizontal=True, vertical_alignment="center", key="speaker_clock"):
        st.markdown("**The end**" if is_over else f"**Step {step} of {n_steps}**", width="content")
        planned = f":material/schedule: **{gone:.0f}** of {view.tour.minutes:g} min"
        st.markdown(planned, width="content")
        words, color = slack_words(view.tour.planned(step) - gone, is_over)
        st.badge(words, color=color, width="content")


def slack_words(minutes: float, is_over: bool) -> tuple[str, Color]:
    """How a lecture is on time, in words and a colour.

    Args:
        minutes: Until the moment at which the step should end; negative after it.
        is_over: Whether all steps have been shown.
    """
    whole = round(abs(minutes))
    if whole == 0:
        return "on time" if is_over else "this step should end now", "blue"
    if minutes < 0:
        return f"{whole} min late", "orange"
    return (f"{whole} min early", "blue") if is_over else (f"{whole} min left for this step", "green")


def _notes(step: Step, after: Step | None) -> None:
    """What to show, what to ask, the answer, and the next step; after the last one what was learnt."""
    if after is None:
        st.markdown(step.show)
        return
    left, right = st.columns(2, gap="medium")
    for name, words in step.notes.items():
        column = right if name in ("Ask", "Likely answers") else left
        column.markdown(f":material/{_ICONS[name]}: **{name}.** {words}")
    minutes = f" ({after.minutes:g} min)" if after.minutes else ""
    st.markdown(f":material/arrow_forward: **Next:** {after.title}{minutes}")


def _turn(device: str, view: RemoteView, by: int) -> None:
    """One of the two buttons; in a second window it has a clicker's key, too."""
    press: dict[str, Any] = {
        "width": "stretch",
        "disabled": view.at(by) is None,
        "on_click": remotes().press,
        "args": (device, by),
        "shortcut": None if present.is_phone() else {-1: "PageUp", 1: "PageDown"}[by],
    }
    if by < 0:
        st.button("Back", icon=":material/arrow_back:", key="speaker_back", **press)
    else:
        primary_button("Next", ":material/arrow_forward:", "speaker_next", **press)
