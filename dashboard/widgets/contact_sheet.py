"""Images side by side as on a contact sheet: under each what was read, how sure, and all ten outputs."""

from html import escape

import streamlit as st

from dashboard.session import resources
from mnist_core.analysis.evaluation import Evaluation
from mnist_core.arrays import IndexArray
from mnist_core.config import N_DIGITS
from mnist_core.figures.style import RIGHT, WRONG, share_text, with_article
from mnist_core.images.dataset import Dataset

_NOT_CERTAIN = 0.9999
"""Also an output that is 1 in the computer's numbers is no certainty."""


def contact_sheet(
    evaluation: Evaluation,
    images: Dataset,
    indices: IndexArray,
    per_row: int,
    has_true_digit: bool = False,
) -> None:
    """Test images in rows, which are shorter on a phone.

    Args:
        evaluation: Of the network that read them.
        images: Where they are from.
        indices: Which of its test images.
        per_row: Images in a row.
        has_true_digit: Write each image's true digit, too; not needed where all have the same.
    """
    pictures = resources.test_pictures(images, indices)
    cards = (
        _card(evaluation, int(number), picture, has_true_digit)
        for number, picture in zip(indices, pictures, strict=True)
    )
    st.html(f'<div class="contact-sheet" style="--per-row: {per_row}">{"".join(cards)}</div>')


def _card(evaluation: Evaluation, number: int, picture: str, has_true_digit: bool) -> str:
    read, true = int(evaluation.predictions[number]), int(evaluation.labels[number])
    outputs = evaluation.probabilities[number]
    sure = _percent(float(outputs[read]))
    told = f"Test image {number}: {with_article(true)}, read as {with_article(read)} with {sure}"
    if true != read:
        told += f"; {_percent(float(outputs[true]))} for the {true}"
    answer = f"background:{RIGHT if read == true else WRONG}"
    looks = {true: f"outline:1px solid {RIGHT}", read: answer}  # as in all pictures of ten outputs
    bars = "".join(
        f'<i style="height:{100 * outputs[digit]:.0f}%;{looks.get(digit, "")}"></i>'
        for digit in range(N_DIGITS)
    )
    truth = f"<br>true {true}" if has_true_digit else ""
    return (
        f'<figure title="{told}"><img src="{picture}" alt="{told}">'
        f'<span class="outputs" aria-hidden="true">{bars}</span>'
        f"<figcaption><b>{read}</b> {sure}{truth}</figcaption></figure>"
    )


def _percent(probability: float) -> str:
    """A probability with one decimal, which is never rounded to certainty, as HTML."""
    return escape(share_text(min(probability, _NOT_CERTAIN)))
