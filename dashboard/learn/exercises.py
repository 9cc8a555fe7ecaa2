"""The exercises at the end of the course, each with its answer folded below it."""

from collections.abc import Mapping
from typing import Final

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.session import present
from dashboard.widgets.beside import in_order
from mnist_core.config import CLASSIC
from mnist_core.lessons.exercises import EXERCISES, N_IMAGES, TWO_LAYERS, WITH_VALIDATION, answers
from mnist_core.take_home.keras_script import fit_arguments, keras_script
from mnist_core.take_home.script_lines import Source, changed_lines

_WHOLE: Final = Source("mnist", N_IMAGES, 10_000)


def section() -> None:
    """All of them in two columns; on a projector one at a time."""
    lesson, numbers = read_lesson("learn", "script"), answers() | changed_code()
    st.markdown(lesson["exercises"])
    names = {f"exercise {name}": f"answer {name}" for name in EXERCISES}
    if present.is_on():
        places = st.tabs([str(number) for number, _ in enumerate(names, start=1)])
    else:
        columns, half = in_order(0.5), len(names) // 2
        places = [columns[number // half].container() for number, _ in enumerate(names)]
    for number, (place, (exercise, answer)) in enumerate(zip(places, names.items(), strict=True), start=1):
        with place:
            st.markdown(f"**{number}.** {lesson[exercise]}")
            with st.expander(f"Answer to exercise {number}", icon=":material/key:"):
                st.markdown(lesson[answer].format(**numbers))


def changed_code() -> Mapping[str, str]:
    """What two of the exercises change in the script."""
    lines = keras_script(TWO_LAYERS, _WHOLE)
    changed = [lines[number] for number in changed_lines(lines, keras_script(CLASSIC, _WHOLE))]
    (layer,) = [line.text.strip() for line in changed if line.about == "hidden"]
    return {"validation": fit_arguments(WITH_VALIDATION, _WHOLE)[1], "layer": layer}
