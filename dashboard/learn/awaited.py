"""What stands where the result of trainings will: its chart without data, which says what to press for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.widgets import charts
from mnist_core.figures.awaited import awaited_figure


@dataclass(frozen=True)
class Awaited:
    """A chart that trainings will fill, drawn without data in its place and size until they have begun.

    Attributes:
        place: Where it will stand.
        words: What is drawn there, with its verb, such as "the five loss curves are".
        frame: Draws what is chosen above the chart, if anything, and returns what `awaited_figure` is given.
        views: Names of the tabs, of which the first has the chart; none where there are no tabs.
        names: Of the charts that stand side by side; one chart without a name by default.
    """

    place: DeltaGenerator
    words: str
    frame: Callable[[], Mapping[str, Any]]
    views: Sequence[str] = ()
    names: Sequence[str] = ("",)

    def draw(self, key: str, label: str) -> None:
        """Draw the empty chart.

        Args:
            key: Of the experiment.
            label: Of the button that begins the trainings.
        """
        pressed = f"Press **{label}**"
        with self.place:
            first, *others = st.tabs(self.views) if self.views else [st.container()]
            for other in others:
                other.markdown(f"{pressed} to fill this view.")
            with first:
                frame = self.frame()
                for number, (name, column) in enumerate(
                    zip(self.names, st.columns(len(self.names)), strict=True)
                ):
                    with column:
                        words = f"{pressed}: {self.words} drawn here."
                        charts.draw(f"awaited_{key}_{number}", awaited_figure, frame, words, name)
