"""Why an image is read as it is: what each of its pixels adds to a logit."""

from typing import Any, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.elements.prose import read_lesson
from dashboard.learn import parts
from dashboard.session import present, resources
from dashboard.widgets import charts
from dashboard.widgets.beside import beside, in_order
from dashboard.widgets.controls import PERSIST
from mnist_core.analysis.evidence import (
    Evidence,
    digits_by_logit,
    effective_weights,
    explain,
    full_color_of,
)
from mnist_core.arrays import ByteArray
from mnist_core.config import N_DIGITS
from mnist_core.figures.lab.evidence import evidence_pictures, sum_figure, whose
from mnist_core.figures.png import data_uri
from mnist_core.figures.style import signed_number

READ, RUNNER_UP, NONE = "the digit that is read", "the runner-up", "no other digit"
_DIGITS: Final = [*range(N_DIGITS)]
_HEIGHT: Final = 240
"""Pixels of the sum."""
_OF_WIDTH: Final = 0.14
"""The share of a projector's width that a picture may have: three of them stand beside their sum."""
_WIDTH: Final = 400
"""Pixels of a choice at most."""


@st.fragment
def evidence_of(current: resources.TrainedRun, image: ByteArray) -> None:
    """Choose a digit, and see which pixels speak for it.

    Args:
        current: The run, its numbers finite.
        image: uint8 (28, 28), what the network is given.
    """
    lesson, parameters = read_lesson("lab", "evidence"), current.record.parameters
    preparation = current.record.config.training.preparation
    controls, picture, total = _places()
    with controls:
        options: dict[str, Any] = {"format_func": _named, "width": _WIDTH, **PERSIST}
        digit = st.selectbox("Evidence for", [READ, *_DIGITS], key="evidence_digit", **options)
        rival = st.selectbox("Rather than", [NONE, RUNNER_UP, *_DIGITS], key="evidence_rival", **options)
    ranked = digits_by_logit(parameters, image, preparation)
    digit = ranked[0] if digit == READ else digit
    rival = next(other for other in ranked if other != digit) if rival == RUNNER_UP else rival
    is_compared = rival not in (NONE, digit)
    evidence = explain(parameters, image, digit, rival if is_compared else None, preparation)
    full_color = full_color_of(parameters, image, preparation)
    with picture:
        _pictures(image, evidence, full_color)
    with total:
        charts.draw("evidence_sum", sum_figure, evidence, _HEIGHT)
    how = lesson[parameters.activation].format(**_numbers(evidence))
    with controls:
        words = parts.here_or_folded(how)
    what = lesson["what to see" if evidence.is_exact else "only local"]
    parts.read_below(*words, what, code=[effective_weights])


def _places() -> tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator]:
    """Where the choice, the pictures and their sum stand; on a projector the sum is beside the pictures."""
    if present.is_on():
        choice = st.container(horizontal=True, key="evidence_choice")
        return choice, *in_order(0.5)
    controls, picture = beside("evidence")
    return controls.container(gap="xsmall"), picture, picture


def _pictures(image: ByteArray, evidence: Evidence, full_color: float) -> None:
    """The image × the weights = the products."""
    weights = "effective weights" if evidence.is_exact else "gradient"
    scale = f"{full_color:.2g}" if evidence.white == 1 else f"{full_color:.1g}"
    captions = {
        "image": "The image",
        "weights": f"× {weights}, full colour from {scale} on",
        "products": "= what each pixel adds",
    }
    st.markdown(f"**What each pixel adds to {whose(evidence)}**")
    pictures = resources.cached_picture_of(evidence_pictures, image, evidence, full_color)
    with st.container(horizontal=True, key="evidence_pictures"):
        for name, shown in pictures.items():
            st.image(data_uri(shown.png), captions[name], width=_side(), alt=shown.alt)


def _side() -> int:
    """Pixels of a picture."""
    if present.is_phone():
        return 108
    usual = 10 * present.root_size()
    return round(min(usual, _OF_WIDTH * present.screen()[0]) if present.is_on() else usual)


def _numbers(evidence: Evidence) -> dict[str, Any]:
    return {
        "whose": whose(evidence),
        "n_on": evidence.n_on,
        "n_hidden": evidence.n_hidden,
        "products": signed_number(evidence.sum_of_positive + evidence.sum_of_negative),
        "logit": signed_number(evidence.logit),
    }


def _named(choice: str | int) -> str:
    """A choice in words."""
    return choice if isinstance(choice, str) else f"the {choice}"
