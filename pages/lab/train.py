"""Train: choose a network, watch it learn, keep the runs."""

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.lab import stage
from dashboard.lab import train as train_panel
from dashboard.session import choices, present, resources, visits
from dashboard.site_map import EVALUATE
from dashboard.widgets import current_run, settings
from dashboard.widgets.beside import beside
from dashboard.widgets.text_elements import note
from mnist_core.engine.jobs import JobState

lesson = read_lesson("lab", "train")
current_id = visits.current_visit().current
view = resources.engine().view(current_id) if current_id else None
current = resources.current(view.job_id) if view is not None and view.state.is_final else None
chapter = train_panel.next_chapter(view) if current is not None else None
is_active = view is not None and not view.state.is_final

st.title(lesson.title)
controls, picture = beside("train", is_pinned=False)
with controls:
    with settings.in_tabs("train", "Settings", n_columns=2):
        settings.stacked()
    with st.container(horizontal=True, gap="xsmall", key="main_actions_train"):
        train_panel.train_button(chapter)
        train_panel.pause_or_go_on(view, chapter, is_kept=current is not None)
    train_panel.message()
    if view is not None and chapter is not None:
        train_panel.show_next_chapter(view, chapter)
    note(settings.in_words(is_short=present.is_on()))
    settings.presets()
with picture:
    settings.shortcuts()
    if view is None or view.state is JobState.FAILED or train_panel.is_empty(view):
        train_panel.problem(view)
        stage.before_training(choices.run_config(), train_panel.way_to_a_run())
    elif is_active:
        stage.live(view)
    elif current is None:
        train_panel.lost_network_notice(view)
    else:
        stage.finished(current)
        current_run.run_caption(current)
        st.page_link(EVALUATE.path, label="Judge it on the test images", icon=":material/arrow_forward:")
train_panel.run_table()
