"""The page "Inside": one update of the run, its images, its gradient, and what it changed."""

from html import escape
from typing import Any, Final

import numpy as np
import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.session import present, resources
from dashboard.widgets import current_run, text_elements
from dashboard.widgets.beside import beside
from mnist_core.figures.digits import table_pictures
from mnist_core.figures.lab.neurons import signed_picture
from mnist_core.figures.style import with_article
from mnist_core.training.one_update import OneUpdate, UpdateAt, read_update
from mnist_core.training.training_set import training_images

N_IMAGES, N_ON_A_PHONE = 32, 12
"""Of a batch that are shown: of a larger one those with the largest losses before the update."""
PER_ROW: Final = 8


@st.fragment
def one_update(current: resources.TrainedRun) -> None:
    """Choose an update and a neuron, and see everything that the update did."""
    lesson, n_updates = read_lesson("lab", "one_update"), current.record.steps_done
    if not n_updates:
        st.info(lesson["none"], icon=":material/stop_circle:")
        return
    controls, picture = beside("one_update")
    with controls:
        choice = st.container(horizontal=True, key="one_update_choice")
        with choice:
            step = _number("Update", 1, n_updates, 1, current)
        file = current_run.analysis_result(current, UpdateAt(step), lesson["computing"])
        if file is None:
            return
        update = _read(current.job_id, step, file)
        strongest = int(np.abs(update.gradient).sum(axis=1).argmax())
        with choice:
            unit = _number("Neuron", 0, len(update.gradient) - 1, strongest, current)
        _losses(update, current.record.n_validation_images > 0)
    gradient, batch = picture.tabs(["Gradient and change", "Images of the batch"])
    with gradient:
        _pictures(update, unit)
        st.markdown(lesson["pictures"])
    with batch:
        _batch(update, step, current)
        st.markdown(lesson["batch"])


def _number(name: str, lowest: int, highest: int, first: int, current: resources.TrainedRun) -> int:
    """A field with a button for the next number and one for the previous."""
    label, key = f"{name} ({lowest} to {highest:,})", f"one_update_{name}_{current.job_id}"
    st.session_state.setdefault(key, first)  # as a default it would be taken anew when it changes
    return int(st.number_input(label, lowest, highest, key=key))


@st.cache_resource(max_entries=24, show_spinner=False)
def _read(job_id: str, step: int, _file: bytes) -> OneUpdate:
    return read_update(_file)


def _losses(update: OneUpdate, has_validation: bool) -> None:
    """The mean loss of the batch and of other images, before and after."""
    lesson, kind = read_lesson("lab", "one_update"), "validation" if has_validation else "other training"
    before, after = update.losses.mean(axis=1)
    groups = {
        f"Loss of its {len(update.images)} images": (before, after),
        f"Loss of {update.n_others} {kind} images": tuple(update.others),
    }
    with st.container(horizontal=True, key="one_update_losses"):
        for name, (first, second) in groups.items():
            _loss(name, first, second)
    if not has_validation:
        text_elements.note(lesson["others"].format(n=update.n_others))


def _loss(name: str, first: float, second: float) -> None:
    """One of them, and by how much it has fallen or grown."""
    change, is_better = f"{abs(round(second, 3) - round(first, 3)):.3f}", bool(second <= first)
    look: dict[str, Any] = {"delta_color": "normal" if is_better else "inverse"}  # the arrow is its sign
    st.metric(name, f"{first:.3f} → {second:.3f}", change, delta_arrow="down" if is_better else "up", **look)


def _pictures(update: OneUpdate, unit: int) -> None:
    """The gradient and the change of one neuron's weights."""
    lesson = read_lesson("lab", "one_update")
    shown = {
        f"Gradient of neuron {unit}": update.gradient[unit],
        f"Change of neuron {unit}": update.change[unit],
    }
    with st.container(horizontal=True, gap="medium", key="one_update_pictures"):
        for title, values in shown.items():
            with st.container(width="content", gap="xxsmall"):
                st.markdown(f"**{title}**")
                st.image(signed_picture(values), alt=f"{title}, as an image of 28 × 28 pixels.")
                st.caption(f"Full colour: {np.abs(values).max():.2g}")
    gradient, change = shown.values()
    if not gradient.any():
        st.info(lesson["keeps moving" if change.any() else "nothing"], icon=":material/info:")


def _batch(update: OneUpdate, step: int, current: resources.TrainedRun) -> None:
    """The images of the batch, each with its digit and its losses."""
    most = N_ON_A_PHONE if present.is_phone() else N_IMAGES
    shown = np.argsort(-update.losses[0], kind="stable")[:most]
    if len(shown) < len(update.images):
        st.caption(f"The {len(shown)} of {len(update.images)} images with the largest loss:")
    epoch = current.record.timeline.epoch_of(step)
    chosen = training_images(current.record.config, current.dataset)
    pictures = table_pictures(chosen.seen(epoch, update.images[shown]))
    cards = []
    for picture, place in zip(pictures, shown, strict=True):
        digit, (before, after) = update.labels[place], update.losses[:, place]
        name = f"Training image {update.images[place]}"
        told = escape(f"{name}, {with_article(digit)}: loss {before:.3f}, then {after:.3f}")
        cards.append(
            f'<figure title="{told}"><img src="{picture}" alt="{told}">'
            f"<figcaption><b>{digit}</b> {before:.2f} → {after:.2f}</figcaption></figure>"
        )
    st.html(f'<div class="contact-sheet" style="--per-row: {PER_ROW}">{"".join(cards)}</div>')
