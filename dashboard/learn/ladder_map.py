"""The ladder of the first lesson as a small map at the head of every lesson, with its own rungs marked."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from html import escape
from typing import Final

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.server.held import held_until
from dashboard.session import resources
from mnist_core.figures.lessons.ladder import SHORT_NAMES
from mnist_core.figures.style import share_text
from mnist_core.images.dataset import Dataset
from mnist_core.lessons import ladder
from mnist_core.lessons.ladder import Rung, RungName

EXPLAINED: Final[Mapping[str, tuple[RungName, ...]]] = {
    "images": ("always", "ink"),
    "neurons": ("means", "bias"),
    "activations": ("bent",),
    "loss": ("straight",),
    "learning": ("straight",),
}
"""The rungs that a lesson explains, by its stem; the other lessons are about training the last one."""

_MISSING: Final = '–<span class="heard"> not trained yet</span>'


@dataclass(frozen=True)
class Counted:
    """What is known of the ladder without training: the rungs, and what the lowest one always answers."""

    rungs: Mapping[RungName, Rung]
    answer: int


def show(stem: str) -> None:
    """Draw the map for a lesson; nothing as long as the rungs are being counted.

    Args:
        stem: Of the lesson's files.
    """
    images = resources.dataset()
    counting = counted(images.fingerprint, images)
    if counting.done():
        known = counting.result()
        rungs = {**known.rungs, **_trained(images)}
        st.html(as_html(rungs, known.answer, EXPLAINED.get(stem, ()), read_lesson("learn", "ladder")[stem]))


def as_html(rungs: Mapping[RungName, Rung], answer: int, explained: tuple[RungName, ...], line: str) -> str:
    """The map as a list that a screen reader reads from the bottom up, and a line about it.

    Args:
        rungs: By name; one that is missing has no number.
        answer: What the lowest rung always answers.
        explained: The rungs to mark.
        line: Plain text.
    """
    items = []
    for name, words in SHORT_NAMES.items():
        mark = ' aria-current="step"' if name in explained else ""
        number = share_text(rungs[name].accuracy) if name in rungs else _MISSING
        items.append(f"<li{mark}>{escape(words.format(answer=answer))}: <b>{number}</b></li>")
    about = "The ladder: ways to read digits, and the share of the test images that each reads correctly"
    return f'<div class="ladder"><ol aria-label="{about}">{"".join(items)}</ol><p>{escape(line)}</p></div>'


@st.cache_resource(show_spinner=False, max_entries=4)
def counted(fingerprint: str, _images: Dataset) -> Future[Counted]:
    """The rungs that need no training, counted once by a thread, for a fifth of a second."""
    return _counter().submit(
        lambda: Counted(ladder.counted_rungs(_images), ladder.most_frequent_digit(_images.train_labels))
    )


@held_until(ThreadPoolExecutor.shutdown)
def _counter() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "count-ladder")


def _trained(images: Dataset) -> dict[RungName, Rung]:
    """The rungs that are networks, where this server has trained them."""
    keys = {name: config.key(images.fingerprint) for name, config in ladder.TRAINED.items()}
    jobs = {name: resources.engine().finished_job_for(key) for name, key in keys.items()}
    rungs = {name: _trained_rung(job_id) for name, job_id in jobs.items() if job_id}
    return {name: rung for name, rung in rungs.items() if rung is not None}


@st.cache_resource(show_spinner=False, max_entries=8)
def _trained_rung(job_id: str) -> Rung | None:
    run = resources.current(job_id)
    return None if run is None else ladder.trained_rung(run.evaluation)
