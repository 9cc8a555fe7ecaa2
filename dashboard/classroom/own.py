"""Questions of a lecturer's own: written, asked, answered on phones, and shown when the lecturer wants it."""

from collections.abc import Callable, Hashable
from typing import Final

import streamlit as st

from dashboard.classroom import membership
from dashboard.classroom.answers import LETTERS, bar_markup
from dashboard.classroom.polls import answer_buttons
from dashboard.components.cloud import cloud
from dashboard.components.tally import tally_bar
from dashboard.elements.live_region import announced
from dashboard.elements.prose import read_lesson
from dashboard.elements.untrusted import content_of, escape_markdown
from dashboard.session import resources, visits
from dashboard.widgets import charts
from dashboard.widgets.beside import beside
from dashboard.widgets.controls import PERSIST, primary_button
from mnist_core.bounds import MAX_OWN_QUESTIONS_BYTES, MAX_OWN_WORD
from mnist_core.classroom.own_answers import AskedView
from mnist_core.classroom.own_questions import LARGEST_NUMBER, OwnQuestion, QuestionError, read_questions
from mnist_core.classroom.own_summaries import number_in_words, summarize_numbers
from mnist_core.classroom.room import Room
from mnist_core.figures.lab.own_questions import number_histogram
from mnist_core.figures.style import MUTED, RIGHT

LIVE_SECONDS: Final = 1.0
SHOWN_WORDS: Final = 100
"""Words that can be let to the class, those given most often; more are not legible."""
_TEXT: Final = "own_text"
_FILE: Final = "own_file"
_PROBLEM: Final = "own_problem"


def for_host(room: Room, when_empty: Callable[[], None]) -> None:
    """The question asked last with its answers, and left of it what is written and asked next.

    Args:
        room: The class.
        when_empty: Draws what stands in the place of the answers before the first one.
    """
    view = room.own.latest()
    if view is None:
        _questions(room)
        return
    controls, picture = beside("own_questions", is_pinned=False)
    with controls:
        _questions(room)
    with picture:
        st.fragment(_live, run_every=LIVE_SECONDS if view.is_open else None)(when_empty)


def _questions(room: Room) -> None:
    """What is written, and the buttons that ask it."""
    prose = read_lesson("lecture", "classroom")
    st.session_state.setdefault(_TEXT, visits.current_visit().own_questions)
    with st.expander("Write questions", expanded=not st.session_state.get(_TEXT), icon=":material/edit:"):
        st.markdown(prose["own questions"])
        st.text_area(
            "Your questions",
            key=_TEXT,
            max_chars=MAX_OWN_QUESTIONS_BYTES,
            height=240,
            placeholder=prose["example questions"],
            **PERSIST,
        )
        label = "Or read them from a file"
        st.file_uploader(label, type="txt", key=_FILE, on_change=_read_file, max_upload_size=1)
        if problem := st.session_state.pop(_PROBLEM, ""):
            st.warning(escape_markdown(problem), icon=":material/error:")
    _list(room, str(st.session_state.get(_TEXT) or ""))


def _read_file() -> None:
    content = content_of(st.session_state.get(_FILE))
    if content is None:
        return
    if len(content) > MAX_OWN_QUESTIONS_BYTES:
        st.session_state[_PROBLEM] = (
            f"The file has {len(content):,} bytes, and questions may have {MAX_OWN_QUESTIONS_BYTES:,}. "
            "Shorten them, or choose another file."
        )
        return
    st.session_state[_TEXT] = content.decode("utf-8", "replace").replace("\x00", "")


def _list(room: Room, text: str) -> None:
    """What is written, each question with the button that asks it."""
    if not text.strip():
        return
    try:
        questions = read_questions(text)
    except QuestionError as error:
        st.warning(escape_markdown(str(error)), icon=":material/error:")
        return
    for number, question in enumerate(questions):
        with st.container(horizontal=True, vertical_alignment="center", key=f"own_row_{number}"):
            st.button(
                "Ask", icon=":material/groups:", key=f"own_ask_{number}", on_click=_ask, args=(question,)
            )
            kind = "" if question.kind == "choice" else f" :gray[({question.kind})]"
            st.markdown(f"{escape_markdown(question.text)}{kind}")
    name = "questions.txt"
    st.download_button("Keep them as a file", text, name, key="own_keep", icon=":material/download:")


def _ask(question: OwnQuestion) -> None:
    if (room := membership.hosted_room()) is not None:
        room.ask_own(question)


def _live(when_empty: Callable[[], None]) -> None:
    """The question that the class answers, and what the lecturer does with the answers."""
    room = membership.hosted_room()
    view = room.own.latest() if room is not None else None
    if room is None or view is None:
        st.rerun()
    st.markdown(f"### {escape_markdown(view.question.text)}")
    with st.container(horizontal=True, vertical_alignment="center", key="own_controls"):
        st.markdown(f"**{_headline(view)}**", width="content")
        if view.is_open and st.button("Close it", icon=":material/lock:", key="own_close"):
            room.own.close()
            st.rerun()
        label, icon = ("Hide the answers", "off") if view.is_shown else ("Show the answers", "")
        if primary_button(label, f":material/visibility{icon and '_' + icon}:", f"own_show_{view.is_shown}"):
            room.own.show(view.number, not view.is_shown)
            st.rerun()
        if view.question.kind == "word":
            _choose_words(room, view)
    if view.is_open and not view.n_answers:
        when_empty()
    elif view.is_shown:
        _results(room, view.for_class())
    else:
        st.caption(read_lesson("lecture", "classroom")["answers hidden"])


def _headline(view: AskedView) -> str:
    answers = "1 answer" if view.n_answers == 1 else f"{view.n_answers} answers"
    if view.is_shown and view.question.right and view.n_answers:
        return f"{view.n_right} of {answers} right"
    return answers if view.is_open else f"{answers} · closed"


def _choose_words(room: Room, view: AskedView) -> None:
    """The lecturer's hand on the words: a popover, because the class may look at the page."""
    words = [str(word) for word, _ in view.counts[:SHOWN_WORDS]]
    with st.popover(f"Words: {len(view.let)} of {len(view.counts)} shown", icon=":material/checklist:"):
        st.markdown(read_lesson("lecture", "classroom")["let words"])
        if not words:
            return
        key = f"own_words_{view.number}_{hash(tuple(words))}"

        def let() -> None:
            sent = st.session_state.get(key)
            room.own.let(view.number, [word for word in words if isinstance(sent, list) and word in sent])

        st.pills(
            "Words that the class may see",
            words,
            selection_mode="multi",
            default=[word for word in words if word in view.let],
            format_func=escape_markdown,
            key=key,
            on_change=let,
        )


def _results(room: Room, view: AskedView) -> None:
    """The answers as the class sees them, on the lecturer's page."""
    if not view.counts:
        st.caption(read_lesson("lecture", "classroom")["no answers"])
    elif view.question.kind == "choice":
        for number, (words, share, text, color) in enumerate(_bars(view)):
            left, right = st.columns([2, 3], vertical_alignment="center")
            left.markdown(words)
            with right:
                tally_bar(share, text, color, key=f"own_bar_{number}")
    elif view.question.kind == "number":
        look = resources.figure_look()
        key = ("own", view.number, view.counts, look)
        figure = room.cached(
            key, lambda: resources.with_look(number_histogram(summarize_numbers(_numbers(view))), look)
        )
        charts.chart(figure, "own_numbers")
    else:
        cloud({str(word): count for word, count in view.counts}, key="own_cloud")


def _numbers(view: AskedView) -> list[tuple[float, int]]:
    return [(float(number), count) for number, count in view.counts]


def _bars(view: AskedView) -> list[tuple[str, float, str, str]]:
    """Of each answer to choose: its words, its share, both its number and its share as text, a colour."""
    n, rows = max(1, view.n_answers), []
    for (place, count), letter in zip(view.counts, LETTERS, strict=False):
        is_right = place in view.question.right
        mark = ":material/check_circle: " if is_right else ""
        words = f"{mark}**{letter}** · {escape_markdown(view.question.answers[int(place)])}"
        text = f"{count} ({100 * count / n:.0f}%)"
        rows.append((words, count / n, text, RIGHT if is_right else MUTED))
    return rows


def shown_to(room: Room, member: str) -> Hashable:
    """What `answer` depends on; the others' answers only once they are shown."""
    view = room.own.latest(member)
    return None if view is None else view.for_class()


def answer(room: Room) -> None:
    """A member's view of the question, on the join page."""
    latest = room.own.latest(membership.member_id())
    if latest is None:
        return
    view, prose = latest.for_class(), read_lesson("lecture", "join")
    with announced(f"Here is question {view.number}.", "class"):
        st.markdown(f"**{escape_markdown(view.question.text)}**")
    if view.is_open:
        _take_answer(room, view)
    if view.own is not None and not (view.is_open and view.question.kind == "choice"):
        st.markdown(f"Your answer: **{_in_words(view)}**")
    if (problem := st.session_state.pop(_PROBLEM, None)) and view.is_open:
        st.warning(escape_markdown(str(problem)), icon=":material/block:")
    if view.is_shown:
        _results_for_a_phone(view)
    elif view.is_open:
        st.caption(prose["choose" if view.own is None else "chosen"])
    else:
        st.info(prose["own closed"], icon=":material/hourglass:")


def _in_words(view: AskedView) -> str:
    if view.question.kind == "choice":
        place = int(view.own or 0)
        return f"{LETTERS[place]} · {escape_markdown(view.question.answers[place])}"
    return f"{view.own:,.10g}" if isinstance(view.own, float) else escape_markdown(str(view.own))


def _take_answer(room: Room, view: AskedView) -> None:
    """The answers as buttons that a thumb meets, or a field and a button."""
    key = f"own_answer_{room.name}_{view.number}"
    if view.question.kind == "choice":
        words = list(map(escape_markdown, view.question.answers))
        own = view.own if isinstance(view.own, int) else None
        answer_buttons(words, own, key, lambda choice: _send(room, view.number, choice))
        return
    typed = f"{key}_typed"
    with st.form(key, border=False):
        if view.question.kind == "number":
            st.number_input("Your number", -LARGEST_NUMBER, LARGEST_NUMBER, None, format="%.10g", key=typed)
        else:
            st.text_input("Your word", max_chars=MAX_OWN_WORD, key=typed)
        st.form_submit_button(
            "Send",
            icon=":material/send:",
            on_click=lambda: _send(room, view.number, st.session_state.get(typed)),
            width="stretch",
        )


def _send(room: Room, number: int, sent: object) -> None:
    try:
        room.own.answer(number, membership.member_id(), sent)
    except QuestionError as error:
        st.session_state[_PROBLEM] = str(error)


def _results_for_a_phone(view: AskedView) -> None:
    """The answers in a single element, because hundreds of phones are sent them at the same moment."""
    if not view.counts:
        st.info(read_lesson("lecture", "join")["none shown"], icon=":material/hourglass:")
    elif view.question.kind == "choice":
        parts = [f"{words}\n\n{bar_markup(share, text, color)}" for words, share, text, color in _bars(view)]
        st.markdown("\n\n".join(parts), unsafe_allow_html=True)
    elif view.question.kind == "number":
        of = summarize_numbers(_numbers(view))
        more = f" {of.middle_half}." if view.n_answers > 1 else ""
        st.markdown(f"The middle answer (median) is **{number_in_words(of.median)}**.{more}")
    else:
        cloud({str(word): count for word, count in view.counts}, key="own_cloud")
