"""Whether cures help with all images: a section of a lesson, with its one look at the test images."""

from collections.abc import Mapping
from typing import Final

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.learn import experiments, parts
from dashboard.learn.awaited import Awaited
from dashboard.session import resources
from dashboard.widgets import charts, tables
from dashboard.widgets.beside import in_order
from mnist_core.figures.lessons import generalizing as figures
from mnist_core.figures.style import share_text, with_minus
from mnist_core.lessons import moved_digits
from mnist_core.lessons.generalizing import Cure, clearly_better
from mnist_core.lessons.training_curves import Validated

_VIEWS: Final = ("Accuracy", "Drawings", "In numbers")


def section() -> None:
    """The same network with all images, and the one look at the test images."""
    lesson, images = read_lesson("learn", "many_images"), resources.dataset()
    left, right = in_order()
    of = {cure: config.training for cure, config in moved_digits.ON_ALL.items()}
    with left.container(gap="xsmall"):
        numbers = {
            "n_images": len(images.train_labels),
            "n_validation": of["nothing"].split_sizes(len(images.train_labels))[1],
            "of": of,
            "farthest": moved_digits.FARTHEST,
            "n_places": moved_digits.SIDE**2,
        }
        st.markdown(lesson["all"].format(**numbers))
        if len(images.train_labels) < moved_digits.WHOLE:
            st.info(lesson["not whole"].format(n_available=len(images.train_labels)))
            parts.read_below(lesson["measured"].format(measured=_measured()), controls=left)
        configs = {str(cure): config for cure, config in moved_digits.ON_ALL.items()}
        awaited = Awaited(
            right, "the accuracies with each cure are", lambda: figures.outside_frame([*of]), _VIEWS
        )
        label = "Train with all images"
        jobs = experiments.trained_jobs("generalizing/all", configs, label, place=right, awaited=awaited)
    if jobs is None:
        return
    with right:
        looked = experiments.analysed(jobs, moved_digits.look_outside, lesson["looking outside"])
        if looked is not None:
            outsides = {cure: looked[cure] for cure in moved_digits.ON_ALL}
            _show_outside(outsides, experiments.owner(jobs))


def _show_outside(outsides: Mapping[Cure, moved_digits.Outside], owner: str) -> None:
    """What each cure bought on validation images, and the look at the test images and the drawings."""
    lesson = read_lesson("learn", "many_images")
    accuracy, drawings, numbers = st.tabs(_VIEWS)
    with accuracy:
        charts.draw_of("outside", owner, "outside", figures.outside_figure, outsides)
        parts.read_below(*_words_on(outsides), controls=accuracy)
    with drawings:
        two = {cure: outsides[cure] for cure in ("nothing", "shifted copies")}
        charts.draw_of("places", owner, "places", figures.places_figure, two)
        parts.read_below(lesson["drawings"].format(farthest=moved_digits.FARTHEST), controls=drawings)
    with numbers:
        kinds = {"training": "Training (%)", "validation": "Validation (%)", "test": "Test (%)"}
        kinds |= {"moved": "Moved (%)"}
        rows = [
            {"Cure": cure} | {words: _with_margin(getattr(o, kind)) for kind, words in kinds.items()}
            for cure, o in outsides.items()
        ]
        tables.data_table(rows, key="outside_numbers")


def _words_on(outsides: Mapping[Cure, moved_digits.Outside]) -> list[str]:
    """What was left to win, which cure won it, and what shifted copies cost and bring."""
    lesson = read_lesson("learn", "many_images")
    nothing, shifted = outsides["nothing"], outsides["shifted copies"]
    gap = 100 * (nothing.training.accuracy - nothing.validation.accuracy)
    clear = clearly_better({cure: o.validation for cure, o in outsides.items()})
    bought = lesson["some clear"].format(cures=", ".join(clear)) if clear else lesson["none clear"]
    clean, moved = (
        _points(getattr(shifted, kind).accuracy - getattr(nothing, kind).accuracy)
        for kind in ("test", "moved")
    )
    left_to_win = lesson["left to win"].format(gap=with_minus(f"{gap:.1f}"))
    return [f"{left_to_win} {bought}", lesson["price"].format(clean=clean, moved=moved)]


def _measured() -> str:
    """What was measured on the whole MNIST, cure by cure."""
    return "; ".join(
        f"{share_text(test)} and {share_text(moved)} with {cure}"
        for cure, (test, moved) in moved_digits.MEASURED.items()
    )


def _with_margin(share: Validated) -> str:
    """An accuracy in percent, and half the width of its 95% interval."""
    return f"{100 * share.accuracy:.1f} ± {50 * share.interval.width:.1f}"


def _points(difference: float) -> str:
    """A difference of accuracies in percentage points, with its sign."""
    return with_minus(f"{100 * difference:+.1f}")
