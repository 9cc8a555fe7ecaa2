"""The page "Inside": a training replayed moment by moment, and test images as a map."""

from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.components.save_chart import save_chart
from dashboard.elements.pacing import paced
from dashboard.elements.prose import read_lesson
from dashboard.lab.inside import neurons
from dashboard.session import resources
from dashboard.widgets import charts, current_run, image_choice
from dashboard.widgets.controls import PERSIST, primary_button, segmented_choice
from mnist_core.analysis.maps import (
    MAP_SEED,
    PcaMaps,
    Plane,
    TsneMaps,
    hidden_points,
    mapped_images,
    pca_maps,
    pixel_points,
    tsne_maps,
)
from mnist_core.analysis.replay import Moment, Replay, image_probabilities, moments, replay_run
from mnist_core.arrays import Float32Array
from mnist_core.figures.digits import digit_grid
from mnist_core.figures.lab.replay import confusion_chart, map_chart, probability_chart, small_pictures
from mnist_core.images.dataset import Dataset
from mnist_core.take_home.files import slug

SECONDS: Final = 0.8
"""A moment of the replay while it plays."""
_PLAYING: Final = "inside_playing"


def replay(current: resources.TrainedRun) -> None:
    """Every moment of the training: weights, one image's outputs, all test images, and the map of them."""
    lesson = read_lesson("lab", "inside")
    if len(moments(current.record)) == 1:
        st.info(lesson["one moment"], icon=":material/stop_circle:")
        return
    counted = current_run.analysis_result(current, replay_run, lesson["counting"])
    maps = current_run.analysis_result(current, pca_maps, lesson["fitting"])
    if counted is None or maps is None:
        return
    if _slider(current) not in st.session_state:  # another run, or the page was left while it played
        stop()
    _moment(current, counted, maps.hidden)


def stop() -> None:
    """End the replay where it is."""
    st.session_state[_PLAYING] = False


def _slider(current: resources.TrainedRun) -> str:
    return f"inside_moment_{current.job_id}"


def _toggle(key: str, last: int) -> None:
    """Play from here, or from the start when it is at the end; or pause."""
    st.session_state[_PLAYING] = not st.session_state.get(_PLAYING, False)
    if st.session_state[_PLAYING] and st.session_state.get(key) == last:
        st.session_state[key] = 0


def _advance(key: str, last: int, shown: Any) -> None:
    """Take the next moment while it plays, if the one that the browser has shown is the latest."""
    place = st.session_state.get(key, 0)
    if st.session_state.get(_PLAYING, False) and shown == place:
        st.session_state[key] = min(place + 1, last)
        st.session_state[_PLAYING] = st.session_state[key] < last


@st.fragment
def _moment(current: resources.TrainedRun, counted: Replay, plane: Plane) -> None:
    """The controls and one moment; while it plays, the browser asks for the next one."""
    history, key = moments(current.record), _slider(current)
    last, is_playing = len(history) - 1, st.session_state.get(_PLAYING, False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name, icon = ("Pause", ":material/pause:") if is_playing else ("Play", ":material/play_arrow:")
        primary_button(name, icon, "inside_play", on_click=_toggle, args=(key, last), width=110)
        place = st.select_slider(
            "Moment of the training",
            range(last + 1),
            format_func=lambda place: _name(history[place]),
            key=key,
            on_change=stop,
        )
    with st.container(gap=None):  # or the pixel that asks for the next one would have a gap before it
        with st.container():
            _draw_moment(current, counted, plane, place)
        shown = place if is_playing else None
        paced(shown, SECONDS, lambda place: _advance(key, last, place), key="inside_pace")


def _draw_moment(current: resources.TrainedRun, counted: Replay, plane: Plane, place: int) -> None:
    moment, theme = moments(current.record)[place], resources.theme()
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.markdown(f"**The weights: {_name(moment)}, {moment.step:,} updates**")
        neurons.weights_of(current, moment.parameters, f"moment {place}")
    with right:
        _draw_image(current, place)
    left, right = st.columns(2, gap="medium")
    n_images = int(counted.confusions[place].sum())
    with left:
        share = f"{100 * counted.accuracies[place]:.1f}% of {n_images:,} test images read correctly"
        st.markdown(f"**{share}**")
        vega(confusion_chart(counted.confusions[place], theme), "inside_confusion", f"Confusion: {share}.")
    with right:
        points = _trajectories(current.job_id, current, plane)
        labels = current.dataset.test_labels[mapped_images(n_images)]
        st.markdown(f"**The hidden layer as a map of {len(labels):,} test images**")
        chart = map_chart(points[place], labels, _limits(points))
        vega(chart, "inside_moving_map", "Test images as digits, close where their activations are similar.")


def _draw_image(current: resources.TrainedRun, place: int) -> None:
    """One test image and its outputs at a moment, under what it is read as."""
    title = st.container()
    with st.container(horizontal=True, vertical_alignment="center"):
        picture = st.container(width=84)
        with st.popover("Another image", icon=":material/image_search:"):
            number = image_choice.pick_image(current.evaluation.labels, current.evaluation.mistakes)
    probabilities = _outputs(current.job_id, number, current)[place]
    label, prediction = int(current.dataset.test_labels[number]), int(np.argmax(probabilities))
    verdict = "right" if prediction == label else f"wrong, it is a {label}"
    read = f"Test image {number} is read as a {prediction}: {verdict}"
    title.markdown(f"**{read}**")
    picture.image(digit_grid(current.dataset.test_images[number][None], 1, 3), alt=f"A {label}.")
    vega(probability_chart(probabilities, label, resources.theme()), "inside_outputs", f"{read}.")


def _name(moment: Moment) -> str:
    if moment.step == 0:
        return "before training"
    if moment.epochs != int(moment.epochs):
        return f"stopped in epoch {int(moment.epochs) + 1}"
    return f"after epoch {moment.epochs:.0f}"


@st.cache_resource(max_entries=60, show_spinner=False)
def _outputs(job_id: str, number: int, _current: resources.TrainedRun) -> Float32Array:
    return image_probabilities(_current.record, _current.dataset.test_images[number])


@st.cache_resource(max_entries=8, show_spinner=False)
def _trajectories(job_id: str, _current: resources.TrainedRun, _plane: Plane) -> Float32Array:
    """Where the mapped images are at every moment: shape (k, n, 2), half a megabyte at most."""
    record = _current.record
    history = moments(record)
    return np.stack(
        [hidden_points(_plane, moment.parameters, _current.dataset, record) for moment in history]
    )


@st.fragment
def maps(current: resources.TrainedRun) -> None:
    """The last hidden layer and the pixels of the same images, side by side."""
    lesson = read_lesson("lab", "inside")
    method = segmented_choice("Method", ("PCA", "t-SNE"), "inside_method", **PERSIST)
    fitted: PcaMaps | TsneMaps | None
    if method == "PCA":
        fitted = current_run.analysis_result(current, pca_maps, lesson["fitting"])
    else:
        fitted = current_run.analysis_result(current, tsne_maps, lesson["placing"])
    if fitted is None:
        return
    sizes = current.record.config.network.layer_sizes
    titles = {
        "hidden": f"The last hidden layer: {sizes[-2]} activation{'s' if sizes[-2] > 1 else ''} an image",
        "pixels": f"The pixels: {sizes[0]} numbers an image",
    }
    for column, (space, title) in zip(st.columns(2, gap="medium"), titles.items(), strict=True):
        with column:
            _draw_map(current, method, space, title, fitted)
    st.markdown(lesson[method])
    n_test = len(current.dataset.test_labels)
    st.caption(f"{len(mapped_images(n_test)):,} of {n_test:,} test images, drawn with seed {MAP_SEED}.")


def _draw_map(
    current: resources.TrainedRun, method: str, space: str, title: str, fitted: PcaMaps | TsneMaps
) -> None:
    """One map; the image under the pointer is shown in its corner."""
    images = current.dataset
    labels = images.test_labels[mapped_images(len(images.test_labels))]
    points = _points(current.job_id, method, space, current, fitted)
    prefix, pictures = _pictures(images.fingerprint, images)
    chart = map_chart(points, labels, _limits(points), pictures=pictures, prefix=prefix)
    st.markdown(f"**{title}**")
    vega(chart, f"inside_map_{space}", f"{title}: {len(labels):,} test images as digits, by {method}.")
    if isinstance(fitted, PcaMaps):
        share = 100 * getattr(fitted, space).shares.sum()
        st.caption(f"The two directions hold {share:.0f}% of the variance.")


@st.cache_resource(max_entries=24, show_spinner=False)
def _points(job_id: str, method: str, space: str, _current: resources.TrainedRun, _maps: Any) -> Float32Array:
    fitted = getattr(_maps, space)
    if method == "t-SNE":
        return np.asarray(fitted, np.float32)
    if space == "pixels":
        return pixel_points(fitted, _current.dataset)
    return hidden_points(fitted, _current.record.parameters, _current.dataset, _current.record)


@st.cache_resource(max_entries=2, show_spinner=False)
def _pictures(fingerprint: str, _dataset: Dataset) -> tuple[str, list[str]]:
    return small_pictures(_dataset.test_images[mapped_images(len(_dataset.test_images))])


def _limits(points: Float32Array) -> NDArray[np.float64]:
    """The corners of a square around all points, shape (2, 2): the same unit along both axes."""
    flat = points.reshape(-1, 2).astype(np.float64)
    low, high = flat.min(axis=0), flat.max(axis=0)
    half = (high - low).max() / 2
    return np.stack([(low + high) / 2 - half, (low + high) / 2 + half])


def vega(chart: tuple[Any, dict[str, Any]], key: str, alt: str) -> None:
    """A chart of Vega-Lite that stays while its data change, with a button that saves it."""
    data, specification = chart
    with st.container(key=f"chart_{key}", gap="xxsmall"):
        charts.vega(data, specification, key, alt=alt)
        save_chart(f"chart_{key}", slug(alt), charts.chart_format())
