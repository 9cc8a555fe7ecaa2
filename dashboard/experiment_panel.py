"""The ready-made experiments: a question, a guess, the networks that answer it, and what to see in them."""

import streamlit as st

from dashboard import emphasis, questions, resources, sweep_panel, sweeping, visits
from dashboard.lesson import read_lesson
from mnist_core.engine.jobs import JobState
from mnist_core.sweeps.ready_made import EXPERIMENTS


def ready_made() -> None:
    """Choose an experiment and try it."""
    prose = read_lesson("lab", "compare")
    st.markdown(prose["experiments"])
    name = st.selectbox(
        "Experiment",
        list(EXPERIMENTS),
        format_func=lambda name: prose[f"title {name}"],
        key="experiment",
        persist_state="session",
        label_visibility="collapsed",
    )
    st.header(prose[f"title {name}"])
    if not questions.predict(f"compare/{name}", prose[f"predict {name}"]):
        return
    sweeping.message()
    view, key = None, f"experiment {name}"
    if key in visits.current_visit().sweeps:
        judge = sweep_panel.judge(key, "test")
        view = sweeping.swept(key, judge)
        if view is None and key in visits.current_visit().sweeps:
            return
    if view is None or view.state is not JobState.FINISHED:
        planned = EXPERIMENTS[name](len(resources.dataset().train_labels))
        st.button(
            emphasis.main_label(f"Try it: train {len(planned.configs)} networks"),
            type="primary",
            icon=":material/play_arrow:",
            key=f"begin_{key}",
            on_click=sweeping.begin,
            args=(key, planned),
        )
        return
    st.markdown(f"**What to see.** {prose[f'answer {name}']}")
