"""The report of a class, for its lecturer alone: counts without names, as a page and as a table."""

from functools import partial

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.session import visits
from dashboard.widgets import current_run, text_elements
from mnist_core.classroom.room import Room
from mnist_core.classroom.summary import summarize
from mnist_core.take_home.class_report import class_report_csv, class_report_html


def words() -> None:
    """What the report has."""
    prose = read_lesson("lecture", "class_report")
    text_elements.note(f"**{prose.title}.** {prose['what it has']}")


def buttons(room: Room, judged_by: str) -> None:
    """The buttons that save it.

    Args:
        room: The class.
        judged_by: The network that reads the drawings, in words.
    """
    for kind, (mime, ending) in {"HTML": ("text/html", "html"), "CSV": ("text/csv", "csv")}.items():
        st.download_button(
            f"Report as {kind}",
            partial(content_of, room, ending, judged_by, visits.current_visit().has_decimal_comma),
            f"class-report.{ending}",
            mime,
            key=f"class_report_{ending}",
            icon=":material/download:",
            on_click="ignore",
        )


def content_of(room: Room, ending: str, judged_by: str, has_decimal_comma: bool = False) -> bytes:
    """The report of a class as a file.

    Args:
        room: The class.
        ending: "html" or "csv".
        judged_by: The network that reads the drawings, in words.
        has_decimal_comma: Whether the table is as Excel reads it where people write 0,5.
    """
    summary = summarize(room)
    if ending == "html":
        return class_report_html(summary, current_run.describe, judged_by).encode()
    table = class_report_csv(summary, current_run.describe, has_decimal_comma=has_decimal_comma)
    return table.encode("utf-8-sig")
