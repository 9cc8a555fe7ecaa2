"""A browser component: its HTML, CSS and JavaScript, read from a folder, and what it has sent."""

import re
from pathlib import Path
from typing import Any, Final

import streamlit as st

_ROOT: Final = Path(__file__).parent
_PART: Final = re.compile(r"\{([a-z_]+)\}")


class Component:
    """A browser component; called, it is drawn, with the arguments of `st.components.v2`.

    Args:
        name: Of its folder beside this module, and of the files in it. Its CSS is isolated from the page.
        scripts: Its JavaScript files in order, without their endings, one of another component with its
            folder, as in "network/paint"; none for the one named like the folder.
        html: Its HTML, where that is no file. "{network}" in it stands for the HTML of that component, whose
            CSS then comes first.
    """

    def __init__(self, name: str, *scripts: str, html: str | None = None) -> None:
        self._name = f"mlp_explainer_{name}"
        self._html, self._css = html or _read(name, "html"), _read(name, "css")
        while parts := _PART.findall(self._html or ""):
            self._html = str(self._html).replace(f"{{{parts[0]}}}", _read(parts[0], "html") or "")
            self._css = f"{_read(parts[0], 'css') or ''}\n{self._css or ''}"
        paths = (script if "/" in script else f"{name}/{script}" for script in scripts or (name,))
        self._script = "\n".join((_ROOT / f"{path}.js").read_text(encoding="utf-8") for path in paths)

    def __call__(self, **arguments: Any) -> Any:
        """Draw it; its result is what the browser has sent last."""
        draw = st.components.v2.component(
            self._name, html=self._html, css=self._css, js=self._script, isolate_styles=self._css is not None
        )
        return draw(**arguments)


def sent_by(key: str, name: str) -> Any:
    """What the browser side of a component has sent last, under a name; None for nothing.

    Args:
        key: The element's key.
        name: What its script calls the value, which may be any.
    """
    state = st.session_state.get(key)
    return state.get(name) if isinstance(state, dict) else None


def _read(name: str, kind: str) -> str | None:
    path = _ROOT / name / f"{name}.{kind}"
    return path.read_text(encoding="utf-8") if path.is_file() else None
