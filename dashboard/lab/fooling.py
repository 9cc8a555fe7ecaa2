"""Fool the network: one image, a thousand of them, and what fools another network too."""

from functools import partial
from typing import Final

import streamlit as st

from dashboard.components.bars import marked_bars
from dashboard.elements.prose import read_lesson
from dashboard.lab import robustness
from dashboard.learn import parts
from dashboard.session import present, resources
from dashboard.widgets import charts, current_run, text_elements
from dashboard.widgets.beside import beside
from dashboard.widgets.controls import PERSIST, segmented_choice
from mnist_core.analysis.adversarial import (
    SIZES,
    WHITE,
    FoolingReport,
    change,
    fooling_report,
    loss_gradient,
    random_signs,
    read_changed,
    step_signs,
)
from mnist_core.analysis.evidence import digits_by_logit
from mnist_core.arrays import ByteArray
from mnist_core.config import N_DIGITS
from mnist_core.figures.lab.fooling import change_picture, fooling_figure
from mnist_core.figures.png import data_uri
from mnist_core.figures.style import article, n_of, share_text, signed_number

ONE, MANY, OTHER = "This image", "Many images", "Another network"
AWAY: Final = "away"
NAMES: Final = {"step": "A step along the gradient", "noise": "Random signs"}
AFTER: Final = {"step": "the step", "noise": "random signs"}
USUAL_SIZE: Final = 15
"""Gray levels at first."""


@st.fragment
def fool(current: resources.TrainedRun, image: ByteArray, label: int | None) -> None:
    """A slider for the size of the change, and beside it what the change does.

    Args:
        current: The run, its numbers finite.
        image: uint8 (28, 28), what the network is given.
        label: The true digit, if it is known.
    """
    lesson = read_lesson("lab", "fooling")
    shown = segmented_choice(
        "What is changed", (ONE, MANY, OTHER), "fooling_shown", is_labelled=False, **PERSIST
    )
    controls, picture = beside("fooling")
    with controls.container(gap="xsmall"):
        size = int(
            st.select_slider(
                "Size of the change (gray levels of 255)", SIZES, USUAL_SIZE, key="fooling_size", **PERSIST
            )
        )
        towards = _target(label) if shown == ONE else None
    unlabelled = ""
    with picture:
        if shown == ONE:
            told, unlabelled = _one_image(current, image, label, size=size, towards=towards)
        elif (report := current_run.analysis_result(current, fooling_report, lesson["waiting"])) is None:
            told = ""
        elif shown == MANY:
            _draw_many(current, report, size)
            told = many_in_words(report, size, len(current.dataset.test_labels))
        else:
            told = robustness.other_network(current, report, size, controls)
    if told:
        controls.markdown(told)
    if unlabelled:
        with controls:
            text_elements.note(unlabelled)
    words = lesson["what it says"], lesson["what it has learned"]
    parts.read_below(*words, code=[loss_gradient, change], has_columns=True)


def _target(label: int | None) -> int | None:
    """Which digit the step leads to; None for away from the right one, or from the one that is read."""
    words = {AWAY: f"away from the {'right digit' if label is not None else 'digit that is read'}"}
    chosen = st.selectbox(
        "The step leads",
        [AWAY, *range(N_DIGITS)],
        format_func=lambda choice: words.get(choice, f"towards {article(choice)} {choice}"),
        key="fooling_towards",
        **PERSIST,
    )
    return None if chosen == AWAY else int(chosen)


def _one_image(
    current: resources.TrainedRun, image: ByteArray, label: int | None, *, size: int, towards: int | None
) -> tuple[str, str]:
    """The image before and after both changes, and the outputs after them; what to say of it."""
    parameters, preparation = current.record.parameters, current.record.config.training.preparation
    ranked = digits_by_logit(parameters, image, preparation)
    away_from = ranked[0] if label is None else label
    signs = step_signs(parameters, image, away_from, towards, preparation)
    read = partial(read_changed, parameters, image, preparation=preparation)
    before, step, noise = read(signs, 0), read(signs, size), read(random_signs(1)[0], size)
    with st.container(key="fooling_stage"):
        for name, changed in {"step": step, "noise": noise}.items():
            words = NAMES[name]
            drawn = resources.cached_picture_of(change_picture, image, changed, size, words.lower())
            with st.container(key=f"fooling_{name}", gap="xxsmall"):
                st.markdown(f"**{words}: read as {article(changed.digit)} {changed.digit}**")
                st.image(data_uri(drawn.png), width="stretch", alt=drawn.alt)
            with st.container(key=f"fooling_{name}_outputs", gap="xxsmall"):
                if present.is_phone():  # both stand below both images
                    st.markdown(f"**After {AFTER[name]}**")
                marked_bars(changed.probabilities, label, key=f"fooling_{name}_bars")
    rival = next(d for d in ranked if d != away_from) if towards in (None, away_from) else towards
    leads = {
        name: signed_number(changed.lead(away_from, rival))
        for name, changed in {"before": before, "step": step, "noise": noise}.items()
    }
    lesson, unlabelled = read_lesson("lab", "fooling"), ""
    if not size:
        return lesson["unchanged"], ""
    names = {"digit": away_from, "rival": rival, "size": size, "share": share_text(size / WHITE)}
    if label is None:
        unlabelled = lesson["unknown" if towards is None else "unknown towards"].format(rival=rival)
    return lesson["one"].format(**names, **leads), unlabelled


def _draw_many(current: resources.TrainedRun, report: FoolingReport, size: int) -> None:
    """The accuracy at every size."""
    name = f"fooling {size}"
    charts.draw_of("fooling_curve", current.job_id, name, fooling_figure, report, size)


def many_in_words(report: FoolingReport, size: int, n_test: int) -> str:
    """How many test images a change of the size that is looked at fools, and which ones were changed.

    Args:
        report: Of the run.
        size: Gray levels.
        n_test: Test images there are.
    """
    lesson, n = read_lesson("lab", "fooling"), len(report.numbers)
    n_fooled, n_right = report.n_fooled(size), report.n_right
    interval = report.interval_of_fooled(size)
    counted = lesson["many"].format(
        levels=n_of(size, "gray level"),
        images=n_of(n_right, "image"),
        n_fooled=n_fooled,
        share=share_text(n_fooled / max(1, n_right)),
        low=share_text(interval.low),
        high=share_text(interval.high),
        n_by_noise=report.n_fooled_by_noise(size),
    )
    return f"{counted} {lesson['all images' if n == n_test else 'drawn images'].format(n=n)}"
