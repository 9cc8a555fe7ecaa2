"""Cells of code and text as a notebook for Jupyter, Colab and marimo.

A notebook is a JSON file (nbformat 4.5), so it is written here without Jupyter; a test has Jupyter's own
library check it and run it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

_LANGUAGE: Final = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_CODE: Final[dict[str, Any]] = {"execution_count": None, "outputs": []}
"""What a cell of code has beside its text."""


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes:
        kind: Whether it holds code or Markdown.
        text: Its content.
        folded: Markdown below a text, such as an answer, that a click opens; "" without any.
        summary: What the click is on.
    """

    kind: Literal["code", "markdown"]
    text: str
    folded: str = ""
    summary: str = "Answer"

    @property
    def source(self) -> str:
        """The whole content, with what is folded as HTML, which every kind of notebook shows."""
        if not self.folded:
            return self.text
        opening = f"<details><summary>{self.summary}</summary>"
        return f"{self.text}\n\n{opening}\n\n{self.folded}\n\n</details>"


def to_notebook(cells: Sequence[Cell]) -> str:
    """The notebook as the text of an `.ipynb` file."""
    written = [
        {"cell_type": cell.kind, "id": f"cell-{n}", "metadata": {}, "source": cell.source.splitlines(True)}
        | (_CODE if cell.kind == "code" else {})
        for n, cell in enumerate(cells, start=1)
    ]
    content = {"cells": written, "metadata": _LANGUAGE, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
