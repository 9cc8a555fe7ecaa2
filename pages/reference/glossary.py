"""Glossary: every term, defined once."""

import streamlit as st

from dashboard.lesson import find_terms

st.title("Glossary")
wanted = st.text_input("Find a term", placeholder="for example: softmax", key="glossary_search", max_chars=60)
sections = find_terms(wanted)
for section in sections:
    st.header(section.title)
    st.markdown("\n\n".join(f"#### {term.name}\n{term.text}" for term in section.terms))
if not sections:
    st.info(f"No term here contains {wanted!r}. Try a shorter word.", icon=":material/search_off:")
