"""What the dashboard's pages show without a browser: their words, tables and charts, part by part."""

import json
import re
from dataclasses import dataclass

import pandas as pd
import pyarrow.ipc

from dashboard.site_map import PAGES

PARTS = (
    "compare_part",
    "predict_part",
    "draw_part",
    "evaluate_part",
    "inside_part",
    "code_form",
    "room_part",
)
"""Keys of the choices between the parts of a page; `st.tabs` are all shown at once here."""
_WORDS = ("title", "header", "subheader", "markdown", "caption", "info", "success", "warning", "error")
_LABELLED = ("button", "checkbox", "metric", "radio", "selectbox", "slider", "tabs", "toggle", "expander")


@dataclass(frozen=True)
class Shown:
    """A part of a page.

    Attributes:
        name: Its page and what was chosen there.
        words: Texts, labels, numbers, and what charts say in words.
        tables: As they stand, row by row.
        charts: Plotly's specifications, as dictionaries.
    """

    name: str
    words: tuple[str, ...]
    tables: tuple[pd.DataFrame, ...]
    charts: tuple[dict, ...]


def shown_now(app, name):
    """What a page shows now."""
    words = [str(element.value) for kind in _WORDS for element in app.get(kind)]
    words += [
        element.label for kind in _LABELLED for element in app.get(kind) if getattr(element, "label", "")
    ]
    words += [text for metric in app.metric for text in (str(metric.value), str(metric.delta or ""))]
    specs = [json.loads(element.proto.spec) for element in app.get("plotly_chart")]
    words += [alt for element in app.get("plotly_chart") if (alt := getattr(element.proto, "alt", ""))]
    tables = (*map(_as_shown, app.dataframe), *(element.value for element in app.table))
    return Shown(name, tuple(words), tables, tuple(specs))


def _as_shown(table):
    """A table whose numbers are words where the page writes them and not the browser."""
    sent = table.proto.arrow_data
    written = sent.styler.display_values if sent.HasField("styler") else b""
    return pd.concat(_tables_in(written), ignore_index=True) if written else table.value


def _tables_in(arrow):
    with pyarrow.ipc.open_stream(arrow) as stream:
        return [batch.to_pandas() for batch in stream]


def walk(app):
    """Go through all pages and the parts of each; yields what each of them shows."""
    for page in PAGES:
        app.switch_page(page.path).run()
        while skips := [button for button in app.button if (button.key or "").startswith("skip_")]:
            skips[0].click().run()
        assert not app.exception, page.path
        keys = [control.key for control in app.segmented_control if control.key in PARTS]
        if not keys:
            yield shown_now(app, page.stem)
        for key in keys:
            for part in map(_without_icon, app.segmented_control(key=key).options):
                app.segmented_control(key=key).set_value(part).run()
                assert not app.exception, (page.path, part)
                yield shown_now(app, f"{page.stem}, {part}")


def _without_icon(label):
    return re.sub(r"^:material/\w+: ", "", label)
