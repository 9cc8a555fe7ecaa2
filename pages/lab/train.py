"""Train: choose a network, watch it learn, keep the runs."""

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.lab import train as train_panel
from dashboard.session import resources, visits
from dashboard.widgets import settings
from dashboard.widgets.controls import primary_button
from mnist_core.engine.jobs import JobState

lesson = read_lesson("lab", "train")
st.title(lesson.title)
st.markdown(lesson["what to do"])
settings.front()
st.markdown(settings.in_words())

current_id = visits.current_visit().current
view = resources.engine().view(current_id) if current_id else None
is_active = view is not None and not view.state.is_final
with st.container(horizontal=True):
    primary_button("Train", ":material/play_arrow:", "train", on_click=train_panel.begin)
    stop = {"on_click": train_panel.stop, "args": (current_id,), "disabled": not is_active}
    st.button("Stop", icon=":material/stop:", key="stop", **stop)
    settings.more()
train_panel.message()

if view is None:
    st.info(lesson["no run"], icon=":material/lightbulb:")
elif is_active:
    train_panel.live_run(view)
elif view.state is JobState.FAILED:
    st.error(view.error, icon=":material/error:")
elif train_panel.is_empty(view):
    st.info(lesson["stopped at once"], icon=":material/stop_circle:")
elif (current := resources.current(view.job_id)) is None:
    train_panel.lost_network_notice(view)
else:
    train_panel.finished_run(current)
train_panel.run_table()
