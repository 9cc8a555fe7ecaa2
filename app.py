"""The dashboard's entry: the list of pages, what all pages share, and the page that was asked for.

`streamlit run app.py` finds `app` below and serves it; a page view then runs this file as `__main__`.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

SIDEBAR_WIDTH = 250  # pixels; enough for the longest page name, and the rest is the page's


def main() -> None:
    """Draw the page of this visit."""
    from dashboard import choices, code_panel, lesson_frame, resources, visits, widgets

    st.set_page_config(
        page_title="MLP Explainer",
        page_icon=":material/hub:",
        layout="wide",
        initial_sidebar_state=SIDEBAR_WIDTH,
    )
    page = st.navigation(
        {
            "Start": [
                st.Page("pages/start/overview.py", title="Overview", icon=":material/home:", default=True),
            ],
            "Learn": [st.Page(page.path, title=page.title, icon=page.icon) for page in lesson_frame.COURSE],
            "Lab": [
                st.Page("pages/lab/train.py", title="Train", icon=":material/model_training:"),
                st.Page("pages/lab/evaluate.py", title="Evaluate", icon=":material/grid_on:"),
                st.Page("pages/lab/predict.py", title="Predict", icon=":material/search:"),
                st.Page("pages/lab/inside.py", title="Inside", icon=":material/visibility:"),
                st.Page("pages/lab/draw.py", title="Draw", icon=":material/draw:"),
                st.Page("pages/lab/code.py", title="Code", icon=":material/code:"),
            ],
            "Reference": [
                st.Page("pages/reference/glossary.py", title="Glossary", icon=":material/menu_book:"),
            ],
        },
        expanded=True,
    )
    choices.load()
    if page.url_path != code_panel.PAGE:
        code_panel.give_back()
    visits.remember()
    resources.prepare()
    widgets.sidebar()
    lesson_frame.progress()
    widgets.link_problems()
    page.run()
    choices.write_url()


@asynccontextmanager
async def serving(_: st.App) -> AsyncIterator[None]:
    """Make ready before the first visitor.

    A folder named `pages` makes Streamlit list pages by itself until `st.navigation` is called for the first
    time; a first visitor with a link such as `/train` would be told that there is no such page.
    """
    logging.disable(logging.WARNING)  # that nobody is visiting yet
    st.navigation([main])
    logging.disable(logging.NOTSET)
    yield


if __name__ == "__main__":
    main()
elif __name__ == "app":  # the server; not a training process, which imports this file under another name
    app = st.App(__file__, lifespan=serving)
