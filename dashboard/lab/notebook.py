"""The notebook of a run: its script stage by stage, with a look at what each stage did, guesses and tasks."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from dashboard.elements.prose import read_lesson
from mnist_core.config import RunConfig
from mnist_core.take_home.keras_script import keras_script
from mnist_core.take_home.looks import IMPORTS, N_TRIED, looks
from mnist_core.take_home.notebook import Cell
from mnist_core.take_home.script_lines import STAGE, Line, Source, blocks, layer_fact, text_of

_TASKS: Final = (1, 2, 3, 4)
_N_FEW, _SPLIT = 500, 0.2
"""Of the fourth task: training images at most, and the share of them for validation."""
_TITLE: Final = re.compile(r", |: | and ")
"""Where the first part of a stage's comment ends."""


def notebook_cells(config: RunConfig, source: Source, result: str = "") -> list[Cell]:
    """A run's Keras script as a handout.

    Args:
        config: The run.
        source: Of its images.
        result: How good the dashboard's network with these settings is, in a sentence; "" if it has none.
    """
    lesson, looked = read_lesson("lab", "notebook"), looks(config, source)
    header, imports, *stages = blocks(keras_script(config, source))
    cells = [
        Cell("markdown", f"# MNIST\n\n{lesson['head']}\n\n{_notes(imports)}"),
        Cell("code", "\n".join(map(text_of, (header, imports))).rstrip()),
        Cell("markdown", lesson[f"look {IMPORTS}"]),
        Cell("code", looked[IMPORTS]),
    ]
    last_fit = [block for block in stages if _name(block) == "fit"][-1]
    for block in stages:
        cells += _stage(block, config, source, looked if _name(block) != "fit" or block is last_fit else {})
    cells += _tasks(config, source)
    return [*cells, Cell("markdown", f"{lesson['end']} {result}")] if result else cells


def _name(block: Sequence[Line]) -> str:
    return block[0].about.removeprefix(STAGE)


def _stage(
    block: Sequence[Line], config: RunConfig, source: Source, looked: Mapping[str, str]
) -> Iterator[Cell]:
    """The lines of a stage under what they are for, and a look at what they did."""
    words, lesson, name = read_lesson("lab", "code"), read_lesson("lab", "notebook"), _name(block)
    title = _TITLE.split(block[0].text.removeprefix("# "))[0]
    purpose = _unlinked(words[f"line {block[0].about}"])
    yield Cell("markdown", f"## {title}\n\n{purpose}\n\n{_notes(block[1:])}")
    guess = f"guess {name}" in lesson
    if name == "build":  # whose own last line shows the answer
        yield _guess(name, config, source)
    yield Cell("code", text_of(block).rstrip())
    if name not in looked:
        return
    if guess:
        yield _guess(name, config, source)
    else:
        validated = " validated" if name == "fit" and config.training.validation_share else ""
        yield Cell("markdown", lesson[f"look {name}{validated}"])
    yield Cell("code", looked[name])


def _notes(lines: Sequence[Line]) -> str:
    """What lines are for: the first of those that have the same explanation, and the explanation."""
    lesson, first = read_lesson("lab", "code"), dict[str, Line]()
    for line in lines:
        first.setdefault(line.about, line)
    notes = (
        f"- `{line.text.strip()}`: {_unlinked(lesson[f'line {about}'])}" for about, line in first.items()
    )
    return "\n".join(notes)


def _guess(name: str, config: RunConfig, source: Source) -> Cell:
    """A question before a cell that decides it, with its answer folded."""
    lesson, network = read_lesson("lab", "notebook"), config.network
    layers = " ".join(f"{layer_fact(*counts)}" for counts in network.layer_parameters)
    answer = lesson[f"answer {name}"].format(
        total=f"{network.n_parameters:,}", layers=layers, n_tried=min(N_TRIED, _n_images(config, source))
    )
    return Cell("markdown", lesson[f"guess {name}"], folded=answer)


def _tasks(config: RunConfig, source: Source) -> Iterator[Cell]:
    """Something to do for who has run all cells, each with a hint and a cell for the answer."""
    lesson, units = read_lesson("lab", "notebook"), config.network.hidden_units
    first, second = (max(1, units[0] // 4), 4 * units[0]) if units[0] > 1 else (4, 16)
    n_few = min(_N_FEW, _n_images(config, source))
    numbers = {"units": units[0], "first": first, "second": second, "last": units[-1]}
    numbers |= {"n_few": n_few, "n_left": int(n_few * (1 - _SPLIT))}  # as Keras counts them
    yield Cell("markdown", f"## Tasks\n\n{lesson['tasks']}")
    for number in _TASKS:
        task, hint = (lesson[f"{part} {number}"].format(**numbers) for part in ("task", "hint"))
        yield Cell("markdown", task, hint, "Hint")
        yield Cell("code", f"# Task {number}")


def _n_images(config: RunConfig, source: Source) -> int:
    """Training images that the script has, those for validation among them."""
    return sum(config.training.split_sizes(source.n_train))


def _unlinked(markdown: str) -> str:
    """Text without its links, which lead nowhere outside the dashboard."""
    return re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", markdown)
