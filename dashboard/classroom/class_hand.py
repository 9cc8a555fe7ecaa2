"""Teaching the network the class's hand, as its host sees it: only by the lecturer's press."""

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.session import resources, visits
from dashboard.widgets import tables, taught, text_elements
from mnist_core.analysis.taught import BeforeAfter
from mnist_core.classroom.class_hand import MIN_WRITERS, class_mixture, n_writers
from mnist_core.classroom.walls import WallView
from mnist_core.training import teaching

N_EPOCHS = 3
"""For which the run shown goes on."""


def host_hand(view: WallView, current: resources.TrainedRun) -> None:
    """Teach the run shown with the drawings of half of the people, and test it with those of the others.

    Args:
        view: The wall, of which no more drawings are taken.
        current: The run shown.
    """
    prose = read_lesson("lecture", "class_hand")
    teach, test = n_writers(view)
    if teach + test < MIN_WRITERS:
        st.info(prose["too few"], icon=":material/group:")
        return
    st.markdown(prose["rule"].format(teach=teach, test=test, epochs=N_EPOCHS))
    if not taught.is_under_way("class"):
        lesson = teaching.further(current.record, N_EPOCHS)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            share = taught.share_slider("class_share", "The class’s share of each epoch")
            taught.teach_button(
                "Teach it the class’s hand", "class_teach", current, class_mixture(view, share), lesson
            )
        if lesson is None:
            text_elements.note(read_lesson("lab", "teach")["cannot go on"])
        taught.show_refusal()
    if is_taught(current):
        _outcome(current)


def is_taught(current: resources.TrainedRun) -> bool:
    """Whether the run shown has learned from drawings of a class of this visit."""
    mixture = current.record.mixture
    is_own = current.job_id in visits.current_visit().runs
    return mixture is not None and mixture.source == "class" and is_own


def taught_in_words(current: resources.TrainedRun, view: WallView) -> str:
    """Which drawings of a class the run shown has learned from, beside those of a wall; "" for none."""
    mixture, prose = current.record.mixture, read_lesson("lecture", "class_hand")
    if mixture is None or not is_taught(current):
        return ""
    on_wall = {image.tobytes() for image in view.images}
    return prose["taught these" if any(i.tobytes() in on_wall for i in mixture.images) else "taught before"]


def _outcome(current: resources.TrainedRun) -> None:
    """Before and after, and the digits that were won and lost."""
    prose = read_lesson("lecture", "class_hand")
    compared = taught.show(current, "The class’s", is_narrow=True)
    if compared is not None:
        st.markdown(f"**{prose['by digit']}**")
        _digits(compared)


def _digits(compared: BeforeAfter) -> None:
    counts = compared.by_digit()
    rows = {"": ["won", "lost"]}
    tables.word_table(
        rows | {f"{digit}": [f"{n}" for n in counts[digit]] for digit in range(len(counts))},
        alt="For each digit how many of the class’s test images were won and how many were lost",
    )
