"""The link that shows one part of a page and nothing around it, for slides or a course's pages."""

import html
from typing import Final

import streamlit as st

from dashboard.lecture import sharing
from dashboard.server import embedding
from dashboard.session import choices, linked_run, page_view, present

_FRAME: Final = (
    '<iframe src="{link}" title="MLP Explainer" width="960" height="640" style="border: 0"></iframe>'
)
_WHOLE: Final = "All of it"


def show() -> None:
    """Draw what is copied into another page, for a part that is chosen."""
    prose, parts = sharing.words(), page_view.parts()
    with st.expander("In slides or a course page", icon=":material/web_asset:"):
        chosen: dict[str, str] = {}
        if parts:
            labels = [_WHOLE, *parts]
            part = st.selectbox("Part of this page", labels, key="embed_part")
            chosen = parts.get(part, {})
        st.markdown(prose["embedded"])
        address = sharing.link(
            page_view.address(),
            **choices.parameters(),
            **linked_run.parameters(),
            **{"embed": "true", present.ALONE: "true"},
            **chosen,
        )
        st.code(_FRAME.format(link=html.escape(address)), language="html", wrap_lines=True)
        sites = embedding.named_sites()
        st.markdown(
            prose["embedding sites" if sites else "no sites"].format(
                sites=", ".join(f"`{site}`" for site in sites)
            )
        )
