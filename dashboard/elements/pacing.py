"""A part of a page that goes on by itself, step by step, as fast as the visitor's browser shows it.

Streamlit's own fragments run again at fixed times, whether or not the browser has drawn the run before. A
slow one then asks with what it still shows: a slider that the server has moved on would come back with its
old place, as if the visitor had moved it. Here the browser asks for the next step once this one has been on
the page for a while.
"""

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

PATIENCE: Final = 15.0
"""Seconds after which the browser asks again: the run that should have answered may have been lost."""
_SCRIPT: Final = """
const waiting = new WeakMap()
const asked = new WeakMap() // when the browser last did

export default function ({ data, parentElement, setTriggerValue }) {
  stop(parentElement)
  if (data.step === null) {
    asked.delete(parentElement) // who plays on later begins with a whole pause
    return
  }
  const ask = () => {
    asked.set(parentElement, performance.now())
    setTriggerValue("shown", data.step)
  }
  const next = () => {
    ask()
    waiting.set(parentElement, setInterval(ask, data.patience))
  }
  const spent = performance.now() - (asked.get(parentElement) ?? performance.now())
  waiting.set(parentElement, setTimeout(next, Math.max(data.pause - spent, data.pause / 3)))
  return () => stop(parentElement)
}

function stop(element) {
  clearTimeout(waiting.get(element)) // ends an interval too
}
"""


def paced(step: int | None, pause: float, on_shown: Callable[[Any], None], *, key: str) -> None:
    """Draw the invisible element that asks for the next step; last of all that the step draws.

    Args:
        step: The number of the one that is shown; None asks for nothing.
        pause: Seconds from one step to the next, where the browser can; each is shown for a third of them.
        on_shown: Called before the next run with the number that the browser has shown so long. Like anything
            from a browser it may be something else, or come twice.
        key: The element's key.
    """

    def shown() -> None:
        state = st.session_state.get(key)
        on_shown(state.get("shown") if isinstance(state, dict) else None)

    data = {"step": step, "pause": 1000 * pause, "patience": 1000 * PATIENCE}
    _component()(key=key, data=data, on_shown_change=shown, height=1)


def _component() -> Any:
    return st.components.v2.component("mlp_explainer_pacing", js=_SCRIPT, isolate_styles=False)
