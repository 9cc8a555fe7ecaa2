"""A button that opens the browser's own way to print the page, or to keep it as a PDF."""

from typing import Final

from dashboard.components.loader import Component

_component: Final = Component("print_button", html='<button type="button">Print, or save as PDF</button>')


def print_button(*, key: str) -> None:
    """Draw it; `dashboard/elements/print.css` says how a page looks on paper."""
    _component(key=key, height="content", width="content")
