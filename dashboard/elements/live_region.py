"""What a screen reader says by itself when something changes that only the eye would see.

One live region of the whole document holds the sentence, beside the page and out of sight. It outlasts the
parts of a page that come and go, and so its changes are read aloud, politely: after what is being read.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

_SCRIPT = """
export default function ({ data }) {
  const name = "mlp-explainer-news"
  let region = document.getElementById(name)
  if (region === null) {
    region = document.createElement("div")
    region.id = name
    region.role = "status"
    region.style.cssText = "position: absolute; inline-size: 1px; block-size: 1px; clip-path: inset(50%)"
    document.body.append(region)
  }
  if (data.text && region.textContent !== data.text) { region.textContent = data.text }
}
"""


def _component() -> Any:
    return st.components.v2.component("mlp_explainer_news", js=_SCRIPT, isolate_styles=False)


@contextmanager
def announced(text: str, key: str) -> Iterator[None]:
    """Have a sentence read aloud when it has changed, with what is drawn within; the eye sees only that.

    Args:
        text: The sentence; the same one again is not repeated, and "" leaves what was said before.
        key: Of the part of the page that it is about.
    """
    with st.container(gap=None):  # or the pixel that the sentence takes would have a gap before it
        yield
        _component()(key=f"news_{key}", data={"text": text}, height=1)
