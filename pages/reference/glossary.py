"""Glossary: every term, defined once."""

from pathlib import Path

import streamlit as st

TEXT = Path(__file__).parents[2] / "lessons" / "reference" / "glossary.md"

st.title("Glossary")
sections = TEXT.read_text(encoding="utf-8").split("\n# ")[1:]
wanted = (
    st.text_input("Find a term", placeholder="for example: softmax", key="glossary_search").strip().lower()
)
n_found = 0
for section in sections:
    heading, *terms = section.split("\n## ")
    found = [term for term in terms if wanted in term.lower()]
    n_found += len(found)
    if found:
        st.header(heading.strip())
        st.markdown("\n\n".join(f"#### {term.strip()}" for term in found))
if not n_found:
    st.info(f"No term here contains {wanted[:40]!r}. Try a shorter word.", icon=":material/search_off:")
