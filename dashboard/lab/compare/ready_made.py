"""The ready-made experiments: a question, a guess, the networks that answer it, and what to see in them."""

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.lab.compare import sweep_form, sweeps
from dashboard.learn import questions
from dashboard.session import page_view, resources, visits
from dashboard.widgets.controls import PERSIST, primary_button
from mnist_core.engine.jobs import JobState
from mnist_core.sweeps.plans import Plan
from mnist_core.sweeps.ready_made import EXPERIMENTS


def choose_experiment() -> None:
    """Choose an experiment and try it."""
    prose = read_lesson("lab", "compare")
    st.markdown(prose["experiments"])
    name = st.selectbox(
        "Experiment",
        list(EXPERIMENTS),
        format_func=lambda name: prose[f"title {name}"],
        key="experiment",
        **PERSIST,
        label_visibility="collapsed",
    )
    st.header(prose[f"title {name}"])
    n_available = len(resources.dataset().train_labels)
    planned = EXPERIMENTS[name](n_available)
    page_view.note_trainings(planned.configs)
    if not questions.predict(f"compare/{name}", prose[f"predict {name}"]):
        return
    sweeps.message()
    view, key = None, f"experiment {name}"
    if key in visits.current_visit().sweeps:
        judge = sweep_form.judge(key, "validation")
        view = sweeps.sweep_panel(key, judge)
        if view is None and key in visits.current_visit().sweeps:
            return
    if view is None or view.state is not JobState.FINISHED:
        primary_button(
            f"Try it: train {len(planned.configs)} networks",
            ":material/play_arrow:",
            f"begin_{key}",
            on_click=sweeps.begin,
            args=(key, planned),
        )
        return
    numbers = numbers_of(planned, n_available)
    st.markdown(f"**What to see.** {prose[f'answer {name}'].format(**numbers)}")


def numbers_of(planned: Plan, n_available: int) -> dict[str, str]:
    """What an answer may name of the networks of an experiment.

    Args:
        planned: The experiment.
        n_available: Training images there are.

    Returns:
        The fewest and most parameters of one network, and the fewest training images with the updates that
        its training makes of them and the images among them that validate.
    """
    configs = planned.configs
    parameters = [config.network.n_parameters for config in configs]
    smallest = min(configs, key=lambda config: config.training.n_training_images or n_available).training
    n_updates = smallest.steps_per_epoch(n_available) * smallest.epochs
    numbers = {
        "fewest": min(parameters),
        "most": max(parameters),
        "images": smallest.n_training_images or n_available,
        "updates": n_updates,
        "validation": smallest.split_sizes(n_available)[1],
    }
    return {name: f"{number:,}" for name, number in numbers.items()}
