"""The dashboard's entry: the list of pages, what all pages share, and the page that was asked for."""

import streamlit as st


def main() -> None:
    """Draw the page of this visit."""
    from dashboard import choices, resources, visits, widgets

    st.set_page_config(page_title="MLP Explainer", page_icon=":material/hub:", layout="wide")
    page = st.navigation(
        {
            "Start": [
                st.Page("pages/start/overview.py", title="Overview", icon=":material/home:", default=True),
            ],
            "Lab": [
                st.Page("pages/lab/train.py", title="Train", icon=":material/model_training:"),
                st.Page("pages/lab/evaluate.py", title="Evaluate", icon=":material/grid_on:"),
                st.Page("pages/lab/predict.py", title="Predict", icon=":material/search:"),
            ],
            "Reference": [
                st.Page("pages/reference/glossary.py", title="Glossary", icon=":material/menu_book:"),
            ],
        }
    )
    choices.load()
    visits.remember()
    resources.prepare()
    widgets.sidebar()
    page.run()
    choices.write_url()


if __name__ == "__main__":  # a spawned training process imports this file, and must not run it
    main()
