"""The first page that a browser gets, whatever page of the dashboard it asked for, with a script of ours.

It stands in Streamlit's own page and gives the tab its name. Without it a page learns whose it is from the
browser in its first run, and has to run a second time; what was clicked in between is lost. `visitors` reads
the name. It also says in a cookie how large the window is, which `dashboard.session.present` reads.
"""

from pathlib import Path
from typing import Final

SCRIPT: Final = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
STYLE: Final = ".stPopover button * { text-overflow: clip }"
"""Firefox rounds the box of a popover's label to a sixtieth of a pixel less than the label, and would
end it in dots."""
SCREEN_COOKIE: Final = "mlp-explainer-screen"
"""The cookie in which the script says how large the browser's window is, such as 1280x720."""
_HEAD: Final = b"<head>"


def first_page(page: bytes) -> bytes:
    """The HTML that is served.

    Args:
        page: Streamlit's `index.html`.

    Returns:
        The page with the script before all others, and a style. The content policy of every answer allows the
        scripts that stand in what is returned.
    """
    ours = f"<script>{SCRIPT}</script><style>{STYLE}</style>"
    return page.replace(_HEAD, _HEAD + ours.encode(), 1)
