"""Code: the current run as a script, a notebook and files to take home."""

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.lab import code, take_home
from dashboard.widgets import current_run, settings, text_elements

RARE_HEIGHT = 285
"""Pixels of the rarer settings, above the code that they change; the lower edge cuts a row: there is more."""

lesson = read_lesson("lab", "code")
st.title(lesson.title)
shown = code.find_run()
with st.container(key="code_settings"):
    settings.front(view=shown.view)
with st.container(horizontal=True, key="code_actions", vertical_alignment="bottom"):
    form = text_elements.part_of_page("The run as", code.FORMS, "code_form", is_labelled=False)
    code.controls(shown)
    switch = st.container(width="content")
rare = st.container()
with switch:
    settings.more(rare, shown.view, RARE_HEIGHT)
code.progress(shown)
code.show(form, shown)
st.markdown(lesson["what it is"])
code.status(shown)
if shown.current is not None:
    current_run.run_caption(shown.current)
st.header("Files of the run")
if shown.current is not None:
    take_home.files(shown.current)
elif shown.error is not None:
    st.info(read_lesson("reference", "faults")["no network"], icon=":material/menu_book:")
else:
    st.info(lesson["training" if shown.is_active else "gone"], icon=":material/hourglass:")
st.header("Settings as a file")
take_home.settings_file(shown.view)
