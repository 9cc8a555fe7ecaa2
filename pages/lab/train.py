"""Train: choose a network, watch it learn, keep the runs."""

import pandas as pd
import streamlit as st

from dashboard import choices, resources, visits, widgets
from mnist_core.config import ACTIVATIONS, OPTIMIZERS
from mnist_core.engine import EngineBusyError, JobState, JobView
from mnist_core.figures.curves import history_figure
from mnist_core.figures.style import alt_text

RATES = [0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]
STRENGTHS = [0.0, 0.00001, 0.0001, 0.001, 0.01, 0.1]
IMAGE_COUNTS = [100, 300, 1_000, 3_000, 10_000, 30_000]
OPTIMIZER_NAMES = {"adam": "Adam", "sgd": "SGD", "momentum": "SGD with momentum 0.9", "rmsprop": "RMSprop"}
LIVE_SECONDS = 0.25


def settings() -> None:
    """The three sliders in front, the rest behind "More settings"."""
    front = st.columns(3)
    front[0].slider("Hidden units", 1, 256, **choices.bind("units"))
    front[1].slider("Epochs", 1, 30, **choices.bind("epochs"))
    front[2].slider("Batch size", 1, 1024, **choices.bind("batch"))
    with st.expander("More settings", icon=":material/tune:"):
        for column, (name, preset) in zip(st.columns(4), choices.PRESETS.items(), strict=False):
            column.button(name, on_click=choices.choose, args=(preset,), width="stretch")
        left, middle, right = st.columns(3)
        with left:
            st.segmented_control("Hidden layers", [1, 2, 3], required=True, **choices.bind("layers"))
            for number in range(2, choices.get("layers") + 1):
                st.slider(f"Units in layer {number}", 1, 256, **choices.bind(f"units{number}"))
            st.selectbox("Activation", ACTIVATIONS, **choices.bind("activation"))
        with middle:
            st.selectbox(
                "Optimiser", OPTIMIZERS, format_func=OPTIMIZER_NAMES.get, **choices.bind("optimizer")
            )
            number_slider("Learning rate", RATES, "rate")
            number_slider("L2 penalty", STRENGTHS, "l2")
        with right:
            number_slider("Training images", [*IMAGE_COUNTS, choices.ALL_IMAGES], "images")
            st.slider("Set aside for validation (%)", 0, 50, **choices.bind("validation"))
            st.slider("Wrong labels, put in on purpose (%)", 0, 100, **choices.bind("wrong"))
            st.number_input("Seed", 0, 2**31 - 1, **choices.bind("seed"))


def number_slider(label: str, usual: list[float], name: str) -> None:
    """A slider over round numbers, and over the one a link asked for."""
    ordered = sorted(
        {*usual, choices.get(name)} - {choices.ALL_IMAGES}
        if name == "images"
        else {*usual, choices.get(name)}
    )
    options = [*ordered, choices.ALL_IMAGES] if name == "images" else ordered

    def shown(value: float) -> str:
        return "all" if name == "images" and value == choices.ALL_IMAGES else f"{value:,.5g}"

    st.select_slider(label, options, format_func=shown, **choices.bind(name))


def in_words() -> None:
    """What the settings make: layers, shapes, parameters and how they are counted, updates."""
    config, n_available = choices.config(), len(resources.dataset().train_labels)
    network = config.network
    flow = " → ".join(f"**{size}**" for size in network.layer_sizes)
    counted = " + ".join(
        f"({fan_in} × {fan_out} + {fan_out})"
        for fan_in, fan_out in zip(network.layer_sizes[:-1], network.layer_sizes[1:], strict=True)
    )
    n_training, n_validation = config.training.split_sizes(n_available)
    steps = config.training.steps_per_epoch(n_available)
    st.markdown(
        f"{flow} &nbsp;: pixels, hidden neurons ({network.activation}), digits (softmax). "
        f"It learns **{network.n_parameters:,} parameters** = {counted}. "
        f"**{n_training:,} images** in batches of {config.training.batch_size} make **{steps:,} updates** an epoch"
        + (f"; {n_validation:,} more are set aside for validation." if n_validation else "; none validate.")
    )


def begin() -> None:
    """Train what the settings describe."""
    visit = visits.current_visit()
    try:
        job_id = resources.engine().submit(choices.config(), resources.dataset(), visit.name)
    except EngineBusyError as error:
        st.session_state["train_message"] = str(error)
        return
    visit.add(job_id)


def stop(job_id: str) -> None:
    """End the run early, or let go of it if others wait for the same network."""
    visit = visits.current_visit()
    if resources.engine().stop(job_id, visit.name) == "left":
        visit.current = None
        st.session_state["train_message"] = (
            "Others wait for the same network, so it goes on for them; you no longer wait for it."
        )


@st.fragment(run_every=LIVE_SECONDS)
def live(job_id: str) -> None:
    """The run as it goes; ends with one rerun of the whole page."""
    view = resources.engine().view(job_id)
    if view is None or view.state.is_final:
        st.rerun()
    st.progress(widgets.fraction(view), text=widgets.status(view))
    live_curves(view)


def live_curves(view: JobView) -> None:
    """Curves that grow in place, drawn by Vega."""
    history, progress = view.history, view.progress
    if progress is None:
        st.caption("The curves begin with the first report.")
        return
    per_epoch = progress.n_steps / progress.epochs
    epochs = progress.epochs
    for column, quantity, title, scale in zip(
        st.columns(2), ("loss", "accuracy"), ("Loss (nats)", "Accuracy (%)"), (1, 100), strict=True
    ):
        points = [
            pd.DataFrame(
                {
                    "Epoch": history.curve_step / per_epoch,
                    "value": scale * getattr(history, f"curve_{quantity}"),
                    "images": "training",
                }
            )
        ]
        validation = scale * getattr(history, f"validation_{quantity}")
        points.append(
            pd.DataFrame(
                {"Epoch": range(1, len(validation) + 1), "value": validation, "images": "validation"}
            )
        )
        column.vega_lite_chart(
            pd.concat(points),
            {
                "height": 300,
                "title": title,
                "mark": {"type": "line", "point": False, "strokeWidth": 2.5},
                "encoding": {
                    "x": {"field": "Epoch", "type": "quantitative", "scale": {"domain": [0, epochs]}},
                    "y": {"field": "value", "type": "quantitative", "title": title, "scale": {"zero": False}},
                    "color": {
                        "field": "images",
                        "type": "nominal",
                        "scale": {"domain": ["training", "validation"], "range": ["#2f80c9", "#d9730d"]},
                        "legend": {"orient": "bottom", "title": None},
                    },
                },
            },
            width="stretch",
            key=f"live_{quantity}",
        )


def finished(job_id: str) -> None:
    """What the run came to."""
    found = resources.current(job_id)
    if found is None:
        st.info("This run had to make room for newer ones. Press Train to train it again.")
        return
    record = found.record
    widgets.run_caption(found)
    if record.epochs_done == 0:
        st.info("The run was stopped before its first epoch was done; its network is kept as it was then.")
    history = record.history
    facts = st.columns(4)
    if history.has_validation:
        facts[0].metric("Validation accuracy", f"{100 * history.validation_accuracy[-1]:.1f} %")
    if len(history.training_accuracy):
        facts[1].metric("Training accuracy, last epoch", f"{100 * history.training_accuracy[-1]:.1f} %")
    facts[2].metric("Updates", f"{record.steps_done:,}")
    facts[3].metric(
        "Time", f"{record.seconds:.1f} s", help=f"{record.images_per_second:,.0f} images a second"
    )
    for column, quantity in zip(st.columns(2), ("loss", "accuracy"), strict=True):
        figure = history_figure(history, quantity, record.steps_per_epoch)
        column.plotly_chart(figure, width="stretch", key=f"curve_{quantity}", alt=alt_text(figure))
    st.page_link(
        "pages/lab/evaluate.py", label="Judge it on the test images", icon=":material/arrow_forward:"
    )


def table() -> None:
    """The runs of this visit; the one selected is the current run everywhere."""
    visit = visits.current_visit()
    rows, ids = [], []
    for job_id in reversed(visit.runs):
        view = resources.engine().view(job_id)
        if view is None:
            continue
        validation = view.history.validation_accuracy
        ids.append(job_id)
        rows.append(
            {
                "": "◉" if job_id == visit.current else "",
                "Hidden units": " + ".join(map(str, view.config.network.hidden_units)),
                "Epochs": view.config.training.epochs,
                "Batch size": view.config.training.batch_size,
                "Optimiser": OPTIMIZER_NAMES[view.config.training.optimizer],
                "Parameters": view.config.network.n_parameters,
                "Validation accuracy (%)": 100 * validation[-1] if len(validation) else None,
                "State": view.state.value,
            }
        )
    if not rows:
        return
    st.subheader("Runs of this visit")
    event = st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        width="stretch",
        on_select="rerun",
        selection_mode="single-row",
        key=f"runs_{len(ids)}",
        column_config={"Validation accuracy (%)": st.column_config.NumberColumn(format="%.2f")},
    )
    if event.selection.rows and ids[event.selection.rows[0]] != visit.current:
        visit.current = ids[event.selection.rows[0]]
        st.rerun()
    st.caption("Select a row to make it the current run, which every other page shows.")


st.title("Train a network")
st.markdown("Choose how many neurons it has and how long it learns, then press **Train** and watch it learn.")
for problem in choices.problems():
    st.warning(problem, icon=":material/link_off:")
settings()
in_words()
current_id = visits.current_visit().current
current_view = resources.engine().view(current_id) if current_id else None
is_active = current_view is not None and not current_view.state.is_final
with st.container(horizontal=True):
    st.button("Train", type="primary", icon=":material/play_arrow:", on_click=begin, key="train")
    st.button(
        "Stop", icon=":material/stop:", on_click=stop, args=(current_id,), disabled=not is_active, key="stop"
    )
if message := st.session_state.pop("train_message", None):
    st.info(message, icon=":material/info:")
if current_view is None:
    st.info(
        "No run of your own yet. Press Train: the classic network takes a few seconds.",
        icon=":material/lightbulb:",
    )
elif is_active:
    live(current_view.job_id)
elif current_view.state is JobState.FAILED:
    st.error(current_view.error, icon=":material/error:")
else:
    finished(current_view.job_id)
table()
