"""How a lecturer puts together a tour of one's own: steps, words, questions, a file and a link."""

from dataclasses import replace
from typing import Final

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.elements.untrusted import content_of, escape_markdown
from dashboard.lecture import sharing, tour
from dashboard.lecture.itinerary import LENGTHS, read_tour
from dashboard.lecture.own_tour import (
    WORDS,
    OwnStep,
    OwnTour,
    OwnTourError,
    as_own,
    check_questions,
    from_link,
    read_own_tour,
    to_link,
)
from dashboard.lecture.page_parts import PARTS
from dashboard.session import choices, visits
from dashboard.site_map import PAGES, TOUR
from mnist_core.bounds import (
    MAX_OWN_QUESTIONS_BYTES,
    MAX_TOUR_LINK,
    MAX_TOUR_MINUTES,
    MAX_TOUR_STEPS,
    MAX_TOUR_TITLE,
    MAX_TOUR_WORDS,
)

LINKED: Final = "own"
"""The parameter of a link that carries a tour."""
_PROBLEM: Final = "own_tour_problem"
_FILE: Final = "own_tour_file"
_FILE_PROBLEM: Final = "own_tour_file_problem"
_LABELS: Final = dict(zip(WORDS, ("Show", "Ask", "Likely answers", "If it goes wrong"), strict=True))


def is_linked() -> bool:
    """Whether the address carries a tour."""
    return LINKED in st.query_params


def offer_linked() -> None:
    """The tour that the address carries, and the button that makes it the visitor's own."""
    if not is_linked():
        return
    prose = read_lesson("lecture", "own_tour")
    try:
        linked = from_link(st.query_params[LINKED])
    except OwnTourError as error:
        st.warning(escape_markdown(str(error)), icon=":material/link_off:")
        return

    def take() -> None:
        _keep(linked)
        st.query_params.pop(LINKED, None)

    with st.container(border=True):
        st.markdown(prose["linked"].format(title=escape_markdown(linked.title), n=len(linked.steps)))
        if tour.own_tour() is not None:
            st.markdown(prose["replaces"])
        st.button("Take this tour", icon=":material/download:", key="own_tour_take", on_click=take)


def edit() -> None:
    """Everything that makes or changes a tour of one's own."""
    prose, made = read_lesson("lecture", "own_tour"), tour.own_tour() or OwnTour()
    if not made.steps:
        st.markdown(prose["what it is"])
    _say(_PROBLEM)
    adding, changing = st.columns(2, gap="large")
    with adding:
        _add(made)
    if made.steps:
        with changing:
            _change(made)
    with st.expander("Title and questions", icon=":material/quiz:"):
        _head(made)
    with st.expander("Save, load and share", icon=":material/save:", expanded=not made.steps):
        _file_and_link(made)


def _keep(made: OwnTour) -> None:
    visits.current_visit().own_tour = made.to_json(None)
    st.session_state.pop("own_text", None)  # the questions for a class are those of the tour


def _add(made: OwnTour) -> None:
    """A step of a tour, or of a page."""
    st.markdown("**Add a step**")
    if len(made.steps) >= MAX_TOUR_STEPS:
        st.info(read_lesson("lecture", "own_tour")["full"].format(n=MAX_TOUR_STEPS))
        return
    lengths = [f"{length} minutes" for length in LENGTHS]
    source = st.selectbox("From", [*lengths, "any page"], key="own_tour_source")
    if source in lengths:
        length = LENGTHS[lengths.index(source)]
        steps = {step.title: step for step in read_tour(length).steps}
        title = st.selectbox("Step", list(steps), key=f"own_tour_step_{length}")
        added = as_own(steps[title], length)
    else:
        page = st.selectbox("Page", PAGES, format_func=lambda page: page.title, key="own_tour_page")
        parts = ["", *PARTS.get(page.stem, ())]
        part = st.selectbox(
            "Section",
            parts,
            format_func=lambda part: part or "the beginning",
            key=f"own_tour_part_{page.stem}",
        )
        added = OwnStep(part or page.title, 2.0, page=page.stem, part=part, settings=_settings())
    st.button("Add it", icon=":material/add:", key="own_tour_add", on_click=_insert, args=(made, added))


def _settings() -> dict[str, object] | None:
    """The settings as they are now, if the lecturer wants the step to have them."""
    now = {name: choices.get(name) for name, choice in choices.CHOICES.items()}
    changed = {name: value for name, value in now.items() if value != choices.CHOICES[name].default}
    if not changed or not st.toggle("With the settings as they are now", key="own_tour_settings"):
        return None
    written = ", ".join(f"{name} {escape_markdown(str(value))}" for name, value in changed.items())
    st.caption(read_lesson("lecture", "own_tour")["settings"].format(settings=written))
    return changed


def _insert(made: OwnTour, step: OwnStep) -> None:
    _keep(replace(made, steps=(*made.steps, step)))
    st.session_state["own_tour_chosen"] = len(made.steps)


def _change(made: OwnTour) -> None:
    """One step: its place, its minutes, its words."""
    st.markdown("**Change a step**")
    n = len(made.steps)
    st.session_state["own_tour_chosen"] = min(
        max(0, int(st.session_state.get("own_tour_chosen") or 0)), n - 1
    )
    place = st.selectbox(
        "Step to change",
        range(n),
        format_func=lambda number: f"{number + 1}. {made.steps[number].title}",
        key="own_tour_chosen",
    )
    with st.container(horizontal=True, gap="xsmall"):
        for label, icon, by in (("Earlier", "arrow_upward", -1), ("Later", "arrow_downward", 1)):
            goal = place + by
            st.button(
                label,
                icon=f":material/{icon}:",
                key=f"own_tour_{label.lower()}",
                disabled=not 0 <= goal < n,
                on_click=_move,
                args=(made, place, goal),
            )
        st.button(
            "Remove", icon=":material/delete:", key="own_tour_remove", on_click=_remove, args=(made, place)
        )
    _words(made, place)


def _move(made: OwnTour, place: int, goal: int) -> None:
    steps = list(made.steps)
    steps.insert(goal, steps.pop(place))
    _keep(replace(made, steps=tuple(steps)))
    st.session_state["own_tour_chosen"] = goal


def _remove(made: OwnTour, place: int) -> None:
    _keep(replace(made, steps=made.steps[:place] + made.steps[place + 1 :]))


def _words(made: OwnTour, place: int) -> None:
    """The minutes and words of a step, kept together by one press."""
    step, base = made.steps[place], made.steps[place].base
    with st.form(f"own_tour_form_{place}_{hash(step.title)}"):
        minutes = st.number_input("Minutes", 0.25, float(MAX_TOUR_MINUTES), step.minutes, 0.25)
        title = step.title if step.like else st.text_input("Title", step.title, MAX_TOUR_TITLE)
        st.caption(read_lesson("lecture", "own_tour")["words"])
        of_tour = (
            dict(zip(WORDS, (base.show, base.ask, base.hope_for, base.if_it_goes_wrong), strict=True))
            if base
            else {}
        )
        written = {
            name: st.text_area(
                label, getattr(step, name), 80, MAX_TOUR_WORDS, placeholder=of_tour.get(name, "")[:300]
            )
            for name, label in _LABELS.items()
        }
        if st.form_submit_button("Keep these words", icon=":material/check:"):
            changed = replace(step, minutes=minutes, title=title.strip() or step.title, **written)
            _keep(replace(made, steps=(*made.steps[:place], changed, *made.steps[place + 1 :])))
            st.rerun()


def _head(made: OwnTour) -> None:
    """The title, and the questions for a class."""
    with st.form("own_tour_head", border=False):
        title = st.text_input("Title of the tour", made.title, MAX_TOUR_TITLE)
        st.markdown(read_lesson("lecture", "own_tour")["questions"])
        example = read_lesson("lecture", "classroom")["example questions"]
        questions = st.text_area(
            "Questions for the class", made.questions, 200, MAX_OWN_QUESTIONS_BYTES, placeholder=example
        )
        if st.form_submit_button("Keep title and questions", icon=":material/check:"):
            try:
                check_questions(questions)
                _keep(replace(made, title=title.strip() or made.title, questions=questions))
            except OwnTourError as error:
                st.session_state[_PROBLEM] = str(error)
            st.rerun()


def _file_and_link(made: OwnTour) -> None:
    """The tour as a file and as a link, and the field that reads a file."""
    st.file_uploader("Load a tour from its file", "json", key=_FILE, on_change=_load, max_upload_size=1)
    _say(_FILE_PROBLEM)
    if not made.steps:
        return
    content = made.to_json()
    st.download_button(
        "Save as a file",
        content,
        "tour.json",
        "application/json",
        key="own_tour_save",
        icon=":material/download:",
    )
    try:
        packed = to_link(made)
    except OwnTourError as error:
        st.info(str(error), icon=":material/link_off:")
        return
    numbers = {"limit": f"{MAX_TOUR_LINK:,}", "n": f"{len(packed):,}"}
    st.markdown(read_lesson("lecture", "own_tour")["link"].format(**numbers))
    sharing.show_link(sharing.link(TOUR.address, **{LINKED: packed}))


def _load() -> None:
    content = content_of(st.session_state.get(_FILE))
    if content is None:
        return
    try:
        _keep(read_own_tour(content))
    except OwnTourError as error:
        st.session_state[_FILE_PROBLEM] = str(error)


def _say(key: str) -> None:
    """Say once what could not be taken, where it was given."""
    if problem := st.session_state.pop(key, ""):
        st.warning(escape_markdown(problem), icon=":material/error:")
