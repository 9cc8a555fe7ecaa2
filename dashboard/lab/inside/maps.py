"""The page "Inside": test images as a map, by what the last hidden layer outputs and by their pixels."""

from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.components.save_chart import save_chart
from dashboard.elements.prose import read_lesson
from dashboard.session import present, resources
from dashboard.widgets import charts, current_run
from dashboard.widgets.beside import in_order
from dashboard.widgets.controls import PERSIST, segmented_choice
from mnist_core.analysis.maps import (
    MAP_SEED,
    PcaMaps,
    TsneMaps,
    hidden_points,
    mapped_images,
    pca_maps,
    pixel_points,
    tsne_maps,
)
from mnist_core.arrays import Float32Array
from mnist_core.figures.lab.maps import map_chart, small_pictures
from mnist_core.images.dataset import Dataset
from mnist_core.take_home.files import slug

_CONTROLS: Final = 0.22
"""The share of the width that the choice of the method has."""


@st.fragment
def maps(current: resources.TrainedRun) -> None:
    """The last hidden layer and the pixels of the same images, side by side."""
    lesson = read_lesson("lab", "inside")
    controls, picture = in_order(_CONTROLS)
    with controls:
        method = segmented_choice("Method", ("PCA", "t-SNE"), "inside_method", **PERSIST)
        if not present.is_phone():
            st.markdown(lesson["map"])
    fitted: PcaMaps | TsneMaps | None
    with picture:
        if method == "PCA":
            fitted = current_run.analysis_result(current, pca_maps, lesson["fitting"])
        else:
            fitted = current_run.analysis_result(current, tsne_maps, lesson["placing"])
    if fitted is None:
        return
    sizes = current.record.config.network.layer_sizes
    titles = {
        "hidden": f"Last hidden layer: {sizes[-2]} activation{'s' if sizes[-2] > 1 else ''} per image",
        "pixels": f"Pixels: {sizes[0]} numbers per image",
    }
    for column, (space, title) in zip(picture.columns(2, gap="medium"), titles.items(), strict=True):
        with column:
            _draw_map(current, method, space, title, fitted)
    if present.is_phone():  # after the maps
        st.markdown(lesson["map"])
    st.markdown(lesson[method])
    n_test = len(current.dataset.test_labels)
    n = len(mapped_images(n_test))
    some = f"{n:,} of {n_test:,} test images, drawn with seed {MAP_SEED}."
    st.caption(some if n < n_test else f"All {n:,} test images are used.")


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
    _vega(chart, f"inside_map_{space}", f"{title}: {len(labels):,} test images as digits, by {method}.")
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


def _vega(chart: tuple[Any, dict[str, Any]], key: str, alt: str) -> None:
    """A chart of Vega-Lite that stays while its data change, with a button that saves it."""
    data, specification = chart
    with st.container(key=f"drawn_{key}", gap="xxsmall"):
        charts.vega(data, specification, key, alt=alt)
        save_chart(f"drawn_{key}", slug(alt), charts.chart_format())
