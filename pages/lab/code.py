"""Code: the current run as a script, a notebook and files to take home."""

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.lab import code, take_home
from dashboard.widgets import current_run, settings, text_elements

lesson = read_lesson("lab", "code")
st.title(lesson.title)
shown = code.find_run()
with settings.in_tabs("code", "Settings", n_columns=6, view=shown.view):
    settings.front(view=shown.view)
with st.container(horizontal=True, key="code_actions", vertical_alignment="center"):
    form = text_elements.part_of_page("The run as", code.FORMS, "code_form", is_labelled=False)
    code.controls(shown)
code.progress(shown)
code.show(form, shown)
st.markdown(lesson["what it is"])
code.status(form, shown)
if shown.current is not None:
    current_run.run_caption(shown.current)
st.header("Files of the run")
if shown.current is not None:
    take_home.files(shown.current)
elif shown.error is not None:
    st.info(read_lesson("reference", "faults")["no network"], icon=":material/menu_book:")
else:
    why = "training" if shown.is_active else "paused at once" if shown.is_empty else "gone"
    st.info(lesson[why], icon=":material/hourglass:")
st.header("Settings as a file")
take_home.settings_file(shown.view)
settings.presets(shown.view)
