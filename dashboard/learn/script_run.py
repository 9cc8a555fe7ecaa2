"""Today's script run line by line on the page: its lines, and what each name holds after each of them."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import streamlit as st

from dashboard.components.code import Held, HeldName, code_view, drawing_of
from dashboard.elements.prose import read_lesson
from dashboard.session import resources
from mnist_core.config import CLASSIC
from mnist_core.lessons.script import Look, Stage, looks_by_stage
from mnist_core.take_home.keras_script import keras_script
from mnist_core.take_home.script_lines import EMPTY, Line, Source, text_of

_LINE: Final = "line "
_STAGES: Final[Mapping[str, Stage]] = {
    **dict.fromkeys(("load", "sample", "file"), "load"),
    **{stage: stage for stage in ("flatten", "normalise", "compile", "fit", "evaluate", "predict")},
    "sequential": "build",
}
"""The stage that a statement belongs to, by what its first line is about."""
_PREDICTION: Final = (
    EMPTY,
    Line("probabilities = model.predict(x_test[:1])", "predict", ("test", "network")),
    Line("print(probabilities.argmax())", "answer", ("output",)),
)
"""The last lines of the course's script, where the script to take home ends before them."""


def section(run: resources.TrainedRun) -> None:
    """The script beside the network, with a button that runs it line by line.

    Args:
        run: Of the classic network.
    """
    lesson, source = read_lesson("learn", "script"), Source.of(run.dataset)
    lines = lines_of(source)
    looks = looks_by_stage(run.record, run.dataset, run.evaluation)
    own = {name.removeprefix(_LINE): text for name, text in lesson.items() if name.startswith(_LINE)}
    shared = {name.removeprefix(_LINE): text for name, text in read_lesson("lab", "code").items()}
    st.markdown(lesson["run"])
    drawing = drawing_of(run.record.config, run.dataset, source)
    code_view(lines, shared | own, drawing, held=list(held_after(lines, looks)), key="script_run")
    st.caption(lesson["own run"])


def lines_of(source: Source) -> tuple[Line, ...]:
    """The script to take home of the classic network, with a prediction at its end."""
    lines = keras_script(CLASSIC, source)
    return (*lines, *_PREDICTION)


def held_after(lines: Sequence[Line], looks: Mapping[Stage, Sequence[Look]]) -> Iterator[Held]:
    """What all names hold after each line.

    A statement of several lines has run with its last one; what it assigns, or what it calls a method of,
    then holds what its stage says.

    Args:
        lines: Of the script.
        looks: What can be seen of the names after each stage.
    """
    statements = {end: (stage, names) for end, stage, names in _statements(lines)}
    known: dict[str, dict[str, Look]] = {}
    for number in range(len(lines)):
        stage, names = statements.get(number, (None, set()))
        new = [look for look in looks[stage] if look.name in names] if stage else []
        for look in new:
            known.setdefault(look.name, {})[look.what] = look
        yield tuple(
            HeldName(name, tuple((look.expression, look.value, look in new) for look in by_what.values()))
            for name, by_what in known.items()
        )


def _statements(lines: Sequence[Line]) -> Iterator[tuple[int, Stage | None, set[str]]]:
    """Each statement: the number of its last line, its stage, and the names that it assigns or calls."""
    for statement in ast.parse(text_of(lines)).body:
        first, last = statement.lineno - 1, (statement.end_lineno or statement.lineno) - 1
        names = {
            node.id
            for node in ast.walk(statement)
            if isinstance(node, ast.Name) and (isinstance(node.ctx, ast.Store) or _is_called(node, statement))
        }
        yield last, _STAGES.get(lines[first].about), names


def _is_called(node: ast.Name, statement: ast.stmt) -> bool:
    """Whether a statement is a call of a method of a name, such as `model.fit(…)`."""
    value = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
    is_method = isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute)
    return is_method and value.func.value is node
