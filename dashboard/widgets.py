"""Controls and panels that several pages share."""

import random
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, TypeVar

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from dashboard import choices, emphasis, present, resources, visits
from dashboard.lesson import read_lesson
from dashboard.watching import watching
from mnist_core.analysis.evaluation import Evaluation
from mnist_core.config import N_DIGITS, RunConfig
from mnist_core.engine.jobs import JobState, JobView, T
from mnist_core.figures.digits import table_pictures
from mnist_core.figures.style import alt_text, larger_axes, title_text
from mnist_core.images.dataset import Dataset
from mnist_core.take_home.files import slug
from mnist_core.training.record import RunRecord

_CHART_FORMAT: Final = "chart_format"
_CHART_FORMATS: Final = ("PNG", "SVG")
_FEW: Final = 1.5
"""Minutes or hours from which a time is given in them."""
_A_MOMENT: Final = 2.0
"""Seconds that need not be said."""
Part = TypeVar("Part", bound=str)


def sidebar() -> None:
    """Which images and which run the pages show."""
    images = resources.dataset()
    with st.sidebar:
        st.caption(f":material/database: {images.name}, from {images.source}.")
        for problem in images.problems:
            st.caption(f":material/info: {problem}")
        st.segmented_control(
            "Save charts as", _CHART_FORMATS, default="PNG", required=True, key=_CHART_FORMAT
        )


def part_of_page(label: str, parts: Mapping[Part, str], key: str, is_labelled: bool = True) -> Part:
    """Which part of a page is shown; the first at first, and then as the visit left it.

    Args:
        label: What the choice is about.
        parts: The icon of each part, by its name.
        key: Of the control.
        is_labelled: Whether the label is seen, or only read out.
    """
    part: Part = st.segmented_control(
        label,
        parts,
        format_func=lambda name: f"{parts[name]} {name}",
        default=next(iter(parts)),
        required=True,
        key=key,
        persist_state="session",
        label_visibility="visible" if is_labelled else "collapsed",
    )
    return part


def link_problems() -> None:
    """What the link that opened this visit asked for in vain."""
    for problem in choices.problems():
        st.warning(problem, icon=":material/link_off:")


def describe(config: RunConfig) -> str:
    """A run's network in a few words, as a table or a heading needs it."""
    layers = " + ".join(map(str, config.network.hidden_units))
    epochs = f"{config.training.epochs} epoch{'s' if config.training.epochs > 1 else ''}"
    return f"{layers} hidden units, {epochs}, batches of {config.training.batch_size}"


def current_run() -> resources.Current:
    """The visit's current run, or the classic one; without any a panel that says so, and the page ends."""
    found = available_run()
    if found is None:
        st.stop()
    return found


def available_run() -> resources.Current | None:
    """The same for a page that has more to show: without any run a panel that says so, and None."""
    visit = visits.current_visit()
    found = resources.current(visit.current) if visit.current else None
    if found is None:
        classic = resources.prepare()
        found = resources.current(classic)
        if found is None:
            _wait_for(classic)
        elif visit.current and _has_lost_its_network(visit.current):
            st.info(read_lesson("lab", "train")["gone elsewhere"], icon=":material/info:")
    return found


def _has_lost_its_network(job_id: str) -> bool:
    """Whether a run had a network, which has made room for others."""
    view = resources.engine().view(job_id)
    return view is not None and view.outcome is not None and view.outcome.steps_done > 0


def note(text: str) -> None:
    """Small grey text that may have links and code in it.

    Streamlit's captions are see-through, and their links with them: 2.6 to 1 on white, where 4.5 can be read.

    Args:
        text: One paragraph of Markdown.
    """
    st.markdown(f":small[:gray[{text}]]")


def table(markdown: str, alt: str) -> None:
    """A table of words; on a small screen it scrolls sideways, where Markdown's own takes the page with it.

    Args:
        markdown: A table in Markdown and nothing else.
        alt: What it is about.
    """
    header, _, *rows = (
        [cell.strip() for cell in line.strip(" |").split("|")] for line in markdown.splitlines()
    )
    columns = zip(*rows, strict=True)
    st.table(dict(zip(header, columns, strict=True)), hide_index=True, alt=alt)


def run_caption(current: resources.Current) -> None:
    """One line that says which run a page shows."""
    record = current.record
    state = " It was stopped early." if record.is_stopped else ""
    st.caption(
        f":material/model_training: The run shown: {describe(record.config)}, {record.dataset_name}.{state}"
    )
    if record.has_diverged:
        st.warning(
            "The weights of this run grew without bound: the learning rate was too large. "
            "Train again with a smaller one.",
            icon=":material/trending_up:",
        )


@watching(0.5)
def _wait_for(job_id: str) -> None:
    view = resources.engine().view(job_id)
    if view is None or view.state in (JobState.FINISHED, JobState.STOPPED):
        st.rerun()
    if view.state is JobState.FAILED:
        st.error(view.error, icon=":material/error:")
        st.info(read_lesson("reference", "faults")["no network"], icon=":material/menu_book:")
        if st.button("Try again", icon=":material/refresh:", key="classic_again"):
            resources.prepare(is_asked=True)
            st.rerun()
        return
    st.info(
        "The classic network is being trained for you; this page opens by itself.",
        icon=":material/hourglass:",
    )
    st.progress(fraction(view), text=status(view))


def analysed(
    current: resources.Current, analyse: Callable[[RunRecord, Dataset], T], waiting: str
) -> T | None:
    """What the training process finds out about a run; until then a line that says so, and None.

    Args:
        current: The run.
        analyse: A function of a module; its result is computed once for everybody.
        waiting: What is being done, such as "Counting what is read as what".
    """
    view = current.analysis(analyse, visits.current_visit().name)
    if view.error is not None:
        st.error(view.error, icon=":material/error:")
        st.button(
            "Try again",
            icon=":material/refresh:",
            key=f"again_{analyse.__name__}",
            on_click=resources.engine().forget_failure,
            args=(current.job_id, analyse),
        )
    elif view.result is None:
        _watch_analysis(current, analyse, waiting)
    return view.result


@watching(0.5)
def _watch_analysis(
    current: resources.Current, analyse: Callable[[RunRecord, Dataset], Any], waiting: str
) -> None:
    view = current.analysis(analyse, visits.current_visit().name)
    if view.result is not None or view.error is not None:
        st.rerun()
    why = resources.engine().problem or "This takes a moment, and longer while others wait for theirs."
    st.info(f"{waiting}. {why}", icon=":material/hourglass:")


def fraction(view: JobView) -> float:
    """How much of a job is done, 0 to 1."""
    return view.progress.step / view.progress.n_steps if view.progress else 0.0


def status(view: JobView) -> str:
    """What a job does at the moment, in a line."""
    problem = resources.engine().problem
    if view.is_stopping:
        return f"Stopping. {problem or ''}".strip()
    if problem:
        return problem
    if view.state is JobState.QUEUED and view.position:
        return f"Waiting: number {view.position} in the queue. {_times(view)}"
    if view.progress is None:
        return f"Getting ready. {_until_first_report(view)}"
    progress = view.progress
    return (
        f"Epoch {progress.epoch} of {progress.epochs} · step {progress.step:,} of {progress.n_steps:,} · "
        f"{progress.images_per_second:,.0f} images a second · {duration(view.seconds_left)} left"
    )


def _times(view: JobView) -> str:
    begin, end = duration(view.seconds_until_begin), duration(view.seconds_left)
    return f"Training begins in about {begin} and ends in about {end}."


def _until_first_report(view: JobView) -> str:
    """What a training that was handed out waits for."""
    if view.is_first:
        return "The first training takes longer, because it loads TensorFlow."
    return _times(view) if view.seconds_until_begin > _A_MOMENT else "It begins in a moment."


def duration(seconds: float) -> str:
    """A time in words, as exact as an estimate is."""
    minutes = seconds / 60
    if minutes < _FEW:
        return f"{max(1, round(seconds))} s"
    return f"{round(minutes)} minutes" if minutes / 60 < _FEW else f"{minutes / 60:.1f} hours"


def chart(figure: go.Figure, key: str, **options: Any) -> Any:
    """A figure under its title, which as text of the page wraps on a small screen.

    Pointing at it brings up a button that saves it as a file named by the title, in the format chosen in the
    sidebar: Plotly's own button knows one format at a time.

    Args:
        figure: From `mnist_core.figures`.
        key: The element's key.
        **options: More of `st.plotly_chart`, such as `on_select`.
    """
    title = title_text(figure)
    st.markdown(f"**{title}**")
    kind = chart_format()
    saving = {"format": kind, "filename": slug(title), "scale": 2 if kind == "png" else 1}
    tools = {"modeBarButtons": [["toImage"]], "displaylogo": False, "toImageButtonOptions": saving}
    return st.plotly_chart(figure, width="stretch", key=key, alt=alt_text(figure), config=tools, **options)


def chart_format() -> Literal["png", "svg"]:
    """As which kind of file charts are saved."""
    return "svg" if st.session_state.get(_CHART_FORMAT) == "SVG" else "png"


def vega(data: Any, specification: dict[str, Any], key: str, **options: Any) -> None:
    """A chart of Vega-Lite, which stays while its data change.

    Args:
        data: Its rows.
        specification: From `mnist_core.figures`.
        key: The element's key.
        **options: More of `st.vega_lite_chart`, such as `alt`.
    """
    larger = larger_axes(specification, present.figure_scale())
    st.vega_lite_chart(data, larger, width="stretch", key=key, **options)


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

    def pick(candidates: NDArray[np.integer]) -> None:
        others = candidates[candidates != choices.get(name)]
        if len(others):
            choices.put(name, int(random.choice(others)))

    with st.container(horizontal=True, vertical_alignment="bottom"):
        digit = st.selectbox("Digit", ["any", *range(N_DIGITS)], key=f"{name}_digit", width=120)
        allowed: NDArray[np.integer] = np.arange(len(labels))
        if mistakes is not None and st.toggle("Only mistakes", key=f"{name}_mistakes"):
            allowed = mistakes
        if digit != "any":
            allowed = allowed[labels[allowed] == digit]
        pick_one: dict[str, Any] = {"on_click": pick, "args": (allowed,), "disabled": not len(allowed)}
        another = emphasis.main_label("Another one", is_disabled=not len(allowed))
        st.button(another, icon=":material/shuffle:", type="primary", key=f"{name}_pick", **pick_one)
        st.number_input("Number of the image", 0, len(labels) - 1, width=200, **choices.bind(name))
    if not len(allowed):
        st.info("There is no such image: the network made no mistake there.", icon=":material/info:")
    elif len(allowed) < len(labels):
        st.caption(f"{len(allowed):,} images to choose from.")
    return int(choices.get(name))


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
    pictures = table_pictures(images.test_images[indices])
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
    st.dataframe(
        table,
        key=key,
        hide_index=True,
        width="stretch",
        row_height=60,
        height=min(480, 45 + 61 * max(1, len(indices))),
        column_order=[str(name) for name in table if has_digits or name not in ("true", "read as")],
        column_config={
            "image": st.column_config.ImageColumn("Image", width="small"),
            "number": st.column_config.NumberColumn(
                "Number", width="small", help="Place among the test images"
            ),
            "true": st.column_config.NumberColumn("True digit", width="small"),
            "read as": st.column_config.NumberColumn("Read as", width="small"),
            "confidence": st.column_config.NumberColumn("Confidence", width="small", format="%.1f %%"),
            "outputs": st.column_config.BarChartColumn(
                "Outputs 0 … 9", y_min=0, y_max=1, width="small", help="The ten softmax outputs"
            ),
        },
    )
