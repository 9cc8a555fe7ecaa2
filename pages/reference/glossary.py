"""Glossary: every term, defined once."""

import streamlit as st

from dashboard.elements.prose import find_terms
from dashboard.elements.untrusted import escape_markdown
from mnist_core.bounds import MAX_SEARCH

st.title("Glossary")
wanted = st.text_input(
    "Find a term", placeholder="for example: softmax", key="glossary_search", max_chars=MAX_SEARCH
)
sections = find_terms(wanted)
for section in sections:
    st.header(section.title)
    for term in section.terms:
        st.subheader(term.name, anchor=term.anchor)
        st.markdown(term.text)
if not sections:
    st.info(
        f"No term here contains “{escape_markdown(wanted)}”. Try a shorter word.",
        icon=":material/search_off:",
    )
