"""A script as a Jupyter notebook: each block of lines in a cell of its own, under its explanation.

A notebook is a JSON file (nbformat 4.5), so it is written here without Jupyter; a test has Jupyter's own
library check it and run it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

_METADATA: Final = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes:
        kind: Whether it holds code or Markdown.
        text: Its content.
    """

    kind: Literal["code", "markdown"]
    text: str


def to_notebook(cells: Sequence[Cell]) -> str:
    """The notebook as the text of an `.ipynb` file."""
    content = {
        "cells": [_to_json(cell, number) for number, cell in enumerate(cells, start=1)],
        "metadata": _METADATA,
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _to_json(cell: Cell, number: int) -> dict[str, Any]:
    common = {
        "cell_type": cell.kind,
        "id": f"cell-{number}",
        "metadata": {},
        "source": cell.text.splitlines(keepends=True),
    }
    return common | ({"execution_count": None, "outputs": []} if cell.kind == "code" else {})
