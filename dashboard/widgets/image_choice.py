"""Which image a page shows: controls to choose one, and a table of some."""

import random
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from dashboard.session import choices, present, resources
from dashboard.widgets.controls import primary_button
from dashboard.widgets.tables import PERCENT_SIGN, data_table
from mnist_core.analysis.evaluation import Evaluation
from mnist_core.config import N_DIGITS
from mnist_core.figures.style import with_article
from mnist_core.images.dataset import Dataset

_COLUMNS: Final = {
    "image": st.column_config.ImageColumn("Image", width="small"),
    "number": st.column_config.NumberColumn("Number", width="small", help="Place among the test images"),
    "true": st.column_config.NumberColumn("True digit", width="small"),
    "read as": st.column_config.NumberColumn("Prediction", width="small"),
    "confidence": st.column_config.NumberColumn("Confidence", width="small", format=PERCENT_SIGN),
    "outputs": st.column_config.BarChartColumn(
        "Outputs", y_min=0, y_max=1, width="small", help="The ten softmax outputs, 0 to 9"
    ),
}
_INFO: Final = ":material/info:"


def pick_image(labels: NDArray[np.integer], mistakes: NDArray[np.integer] | None = None) -> int:
    """Controls that choose an image by number, by digit, at random, or among the mistakes.

    Args:
        labels: The true digits of the images to choose from, shape (n,).
        mistakes: Numbers of the images misread, to choose among test images; without it, the choice is
            among training images and a choice of its own.

    Returns:
        The number of the image, the same on every page.
    """
    name = "example" if mistakes is None else "image"
    if choices.get(name) >= len(labels):
        choices.put(name, 0)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        digit = st.selectbox(
            "Digit", ["any", *range(N_DIGITS)], key=f"{name}_digit", width=round(7 * present.root_size())
        )
        allowed: NDArray[np.integer] = np.arange(len(labels))
        if mistakes is not None and st.toggle("Only mistakes", key=f"{name}_mistakes"):
            allowed = mistakes
        if digit != "any":
            allowed = allowed[labels[allowed] == digit]
        is_empty = not len(allowed)
        icon, key = ":material/shuffle:", f"{name}_pick"
        primary_button(
            "Another one", icon, key, disabled=is_empty, on_click=_pick_another, args=(name, allowed)
        )
        st.number_input(
            "Number of the image",
            0,
            len(labels) - 1,
            width=round(9 * present.root_size()),
            **choices.bind(name),
        )
    if is_empty and digit != "any" and digit not in labels:
        st.info(f"There is no image of {with_article(digit)} here. Choose another digit.", icon=_INFO)
    elif is_empty:
        st.info("The network misread no such image.", icon=_INFO)
    elif len(allowed) < len(labels):
        st.caption(f"{len(allowed):,} images to choose from.")
    return int(choices.get(name))


def _pick_another(name: str, candidates: NDArray[np.integer]) -> None:
    """Choose one of some images at random, another than the one in view if there is one."""
    others = candidates[candidates != choices.get(name)]
    if len(others):
        choices.put(name, int(random.choice(others)))


def image_table(
    evaluation: Evaluation, images: Dataset, indices: np.ndarray, key: str, has_digits: bool = True
) -> None:
    """Test images in a table: picture, truth, prediction, confidence, and the ten softmax outputs.

    Args:
        evaluation: Of the network that read them.
        images: Where they are from.
        indices: Which of its test images.
        key: The table's key.
        has_digits: Show truth and prediction; not needed where they are the same in every row.
    """
    pictures = resources.test_pictures(images, indices)
    table = pd.DataFrame(
        {
            "image": pictures,
            "number": indices,
            "true": evaluation.labels[indices],
            "read as": evaluation.predictions[indices],
            "confidence": 100 * evaluation.confidence[indices],
            "outputs": evaluation.probabilities[indices].tolist(),
        }
    )
    data_table(
        table,
        _COLUMNS,
        key,
        row_height=60,
        height=min(480, 45 + 61 * max(1, len(indices))),
        column_order=[str(name) for name in table if has_digits or name not in ("true", "read as")],
    )
