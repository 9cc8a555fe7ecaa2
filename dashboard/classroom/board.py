"""The challenge board of a class: one click enters the visit's current run wherever it may enter."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import streamlit as st

from dashboard.classroom import membership
from dashboard.elements import button_labels
from dashboard.elements.live_region import announced
from dashboard.elements.prose import read_lesson
from dashboard.elements.untrusted import escape_markdown
from dashboard.session import resources
from dashboard.widgets import current_run, tables, text_elements
from dashboard.widgets.controls import primary_button
from mnist_core.bounds import MAX_NAME
from mnist_core.classroom.boards import BoardView, EntryError, Standing
from mnist_core.classroom.challenges import CHALLENGES, Challenge, ChallengeError, Judged, Result, result_of
from mnist_core.classroom.room import Room

LIVE_SECONDS: Final = 3.0
N_COLUMNS: Final = 2
"""Tables beside each other, so that four have room on a screen (`lecture.css` says how high each may be)."""
_SAID: Final = "board_said"
_NUMBER: Final[Mapping[str, tuple[str, Callable[[Result], int]]]] = {
    "smallest": ("Parameters", lambda result: result.n_parameters),
    "fastest": ("Updates", lambda result: result.n_updates),
    "one epoch": ("Parameters", lambda result: result.n_parameters),
    "few images": ("Images", lambda result: result.n_images),
}
"""What a challenge's table shows beside the accuracy, by its name."""


def set_mark(room: Room) -> None:
    """Put the classic network on the board, once it is trained."""
    if (
        not room.board.has_mark
        and (classic := resources.current(resources.ensure_classic_network())) is not None
    ):
        room.board.set_mark(result_of(classic.job_id, classic.record, classic.evaluation))


def entry_form(room: Room, current: resources.TrainedRun) -> None:
    """A name and the button that enters the run shown."""
    prose = read_lesson("lecture", "challenges")

    def enter() -> None:
        try:
            result = result_of(current.job_id, current.record, current.evaluation)
            if current.dataset.mixture is not None:
                raise ChallengeError("Own images took part in this run. The board is for MNIST alone.")
            if current.dataset.fingerprint != resources.dataset().fingerprint:
                raise ChallengeError("This run was trained on other images than the server has now.")
            refusals = room.board.enter(
                membership.id_in(room), st.session_state.get("board_name") or "", result
            )
        except (ChallengeError, EntryError) as error:
            st.session_state[_SAID] = str(error)
        else:
            st.session_state[_SAID] = refusals

    with st.form("board_form", border=True):
        if not st.session_state.get(_SAID):  # which takes their place, so that it is seen whole
            text_elements.note(prose["enter"])
            current_run.run_caption(current)
        name = room.board.name_of(membership.id_in(room))
        st.text_input("Your name on the board", name, MAX_NAME, key="board_name", help=prose["name"])
        st.form_submit_button(
            button_labels.main_label("Enter this run"),
            type="primary",
            icon=":material/trophy:",
            on_click=enter,
            width="stretch",
        )


def say_result() -> None:
    """What became of an entry: one sentence, or where it was entered and why not elsewhere."""
    said: Any = st.session_state.pop(_SAID, None)
    if isinstance(said, str):
        st.warning(escape_markdown(said), icon=":material/block:")
        return
    if not said:
        return
    entered = [f"Entered in “{c.title}”." for c in CHALLENGES if not said[c.name]]
    refused = [f"Not in “{c.title}”: {said[c.name]}" for c in CHALLENGES if said[c.name]]
    with st.container(gap="xsmall", key="board_said"):
        if entered:
            st.success("  \n".join(entered), icon=":material/check_circle:")
        if refused:
            st.info("  \n".join(refused), icon=":material/info:")


@st.fragment(run_every=LIVE_SECONDS)
def show_standings(is_final: bool) -> None:
    """The table of each challenge, two beside each other; at the end also with which settings they ran.

    Args:
        is_final: Whether the rest of the page is that of a finished challenge; when that has changed, the
            whole page runs, and takes away what can no longer be done.
    """
    room = membership.hosted_room() or membership.joined_room()
    view = None if room is None else room.board.view()
    if room is None or view is None or view.is_final != is_final:
        st.rerun()
    prose = read_lesson("lecture", "challenges")
    if view.is_final:
        with announced("The challenge has ended.", "board"):
            st.success(prose["final"], icon=":material/gavel:")
    with st.container(key="board_standings"):
        for start in range(0, len(CHALLENGES), N_COLUMNS):
            row = CHALLENGES[start : start + N_COLUMNS]
            for column, challenge in zip(st.columns(N_COLUMNS), row, strict=True):
                with column.container(gap="xsmall"):
                    st.header(challenge.title)
                    st.caption(prose[challenge.name])
                    _table(room, challenge, view.standings[challenge.name], view.is_final)
        if view.is_final:
            _settings(view)


def _table(room: Room, challenge: Challenge, standings: tuple[Standing, ...], is_final: bool) -> None:
    if not standings:
        st.info("No run is entered yet.", icon=":material/hourglass_empty:")
        return
    mine, place, rows = room.board.name_of(membership.id_in(room)), 0, []
    heading, number = _NUMBER[challenge.name]
    for standing in standings:
        entry = standing.entry
        place += not (entry.is_mark or standing.is_refused)
        name = escape_markdown(entry.name)
        row = {
            "Place": "mark" if entry.is_mark else tables.MISSING if standing.is_refused else f"{place}",
            "Name": f"{name} (you)" if entry.name == mine else name,
            heading: f"{number(entry.result):,}",
            "Right (%)": _accuracy(standing.judged),
        }
        if is_final:
            row["On the board (%)"] = _accuracy(entry.result.board)
        rows.append(row)
    kind = "final_table" if is_final else "table"
    with st.container(key=f"board_{kind}_{challenge.name}"):
        tables.word_table(_columns(rows), alt=f"The standings of “{challenge.title}”.")


def _columns(rows: list[dict[str, str]]) -> dict[str, list[str]]:
    return {heading: [row[heading] for row in rows] for heading in rows[0]}


def _settings(view: BoardView) -> None:
    """How each run on the board was trained."""
    entries = [standing.entry for standings in view.standings.values() for standing in standings]
    runs = dict.fromkeys((entry.name, current_run.describe(entry.result.config)) for entry in entries)
    st.header("How they were trained")
    rows = [{"Name": escape_markdown(name), "Settings": settings} for name, settings in runs]
    tables.word_table(_columns(rows), alt="The settings of each run on the board.")


def _accuracy(judged: Judged) -> str:
    half = 50 * judged.interval.width
    return f"{100 * judged.accuracy:.1f} ± {half:.1f}"


def host_tools(room: Room) -> None:
    """What only the host can do: remove an entry, and judge all on the other half of the images."""
    view, prose = room.board.view(), read_lesson("lecture", "challenges")
    on_it = {
        standing.entry.name: standing.entry.number
        for standings in view.standings.values()
        for standing in standings
        if not standing.entry.is_mark
    }
    with st.popover("Take somebody off", icon=":material/person_remove:", disabled=not on_it):
        name = st.selectbox("Whom", list(on_it), key="board_off")
        if primary_button("Take off", None, "board_remove") and name:
            room.board.remove(on_it[name])
            st.rerun()
    if not view.is_final:
        with st.popover("Judge on the other half", icon=":material/gavel:"):
            st.markdown(prose["the last word"])
            primary_button("Judge now, once", None, "board_finish", on_click=room.board.finish)
