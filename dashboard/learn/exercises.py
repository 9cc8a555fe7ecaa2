"""The exercises at the end of the course, each with its answer folded below it."""

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.learn import steps
from dashboard.session import present
from dashboard.widgets.beside import in_order
from mnist_core.config import CLASSIC
from mnist_core.lessons.exercises import N_IMAGES, TWO_LAYERS, WITH_VALIDATION, answers
from mnist_core.take_home.keras_script import fit_arguments, keras_script
from mnist_core.take_home.script_lines import Source, changed_lines

_WHOLE: Final = Source("mnist", N_IMAGES, 10_000)


def section(words: str, texts: Mapping[str, tuple[str, str]]) -> None:
    """All of them in two columns; on a projector one at a time.

    Args:
        words: What is to be done, Markdown.
        texts: Exercise and answer by name; an answer says the names of `answers` and `changed_code`.
    """
    numbers = {**answers(), **changed_code()}
    with st.container(key="exercises"):
        st.markdown(words)
    for number, (place, (exercise, answer)) in enumerate(
        zip(_places(len(texts)), texts.values(), strict=True), start=1
    ):
        with place:
            st.markdown(f"**{number}.** {exercise}")
            with steps.folded(f"Answer to exercise {number}", ":material/key:"):
                st.markdown(answer.format(**numbers))


def _places(n: int) -> Sequence[DeltaGenerator]:
    if present.is_on():
        return st.tabs([str(number) for number in range(1, n + 1)])
    columns = in_order(0.5)
    return [columns[number * 2 // n].container() for number in range(n)]


def changed_code() -> Mapping[str, str]:
    """What two of the exercises change in the script."""
    lines = keras_script(TWO_LAYERS, _WHOLE)
    changed = [lines[number] for number in changed_lines(lines, keras_script(CLASSIC, _WHOLE))]
    (layer,) = [line.text.strip() for line in changed if line.about == "hidden"]
    return {"validation": fit_arguments(WITH_VALIDATION, _WHOLE)[1], "layer": layer}
