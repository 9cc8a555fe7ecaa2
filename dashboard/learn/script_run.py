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
from mnist_core.take_home.script_lines import EMPTY, Line, Source, blocks, text_of

_LINE: Final = "line "
_STAGES: Final[Mapping[str, Stage]] = {
    **dict.fromkeys(("load", "sample", "file"), "load"),
    **{stage: stage for stage in ("flatten", "normalise", "compile", "fit", "evaluate", "predict")},
    "sequential": "build",
}
"""The stage that a statement belongs to, by what its first line is about."""


def section(run: resources.TrainedRun, words: str, own_run: str) -> None:
    """The script beside the network, with a button that runs it line by line.

    Args:
        run: Of the classic network.
        words: What is to be done, Markdown.
        own_run: How the numbers of one's own run differ.
    """
    source = Source.of(run.dataset)
    lines = lines_of(source)
    looks = looks_by_stage(run.record, run.dataset, run.evaluation)
    shared = {name.removeprefix(_LINE): text for name, text in read_lesson("lab", "code").items()}
    explanations = {**shared, "fit": f"{shared['fit']} {own_run}"}
    with st.container(key="wide_words_run"):
        st.markdown(words)
    drawing = drawing_of(run.record.config, run.dataset, source)
    code_view(lines, explanations, drawing, held=list(held_after(lines, looks)), key="script_run")


def lines_of(source: Source) -> tuple[Line, ...]:
    """The classic network's script to take home, up to a prediction; its comments stand beside it here.

    Args:
        source: Of its images.
    """
    lines = [line for line in keras_script(CLASSIC, source) if not line.text.lstrip().startswith("#")]
    shown = [line for block in blocks(lines) for line in (*block, EMPTY)]
    return tuple(shown[:-1])


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
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner))):
            return owner is node
        case ast.Assign(value=ast.Call(func=ast.Attribute(value=owner))):
            return owner is node
    return False
