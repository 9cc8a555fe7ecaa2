"""The course in one drawing, whose cards open their lessons without loading the page anew."""

from typing import Final

from dashboard.components.loader import Component

_component: Final = Component("course_map", html='<div class="course"></div>')


def show_course_map(wide: str, tall: str, here: str, *, key: str) -> None:
    """Draw it.

    Args:
        wide: SVG for a page that is wide enough.
        tall: The same for a phone.
        here: The URL path of the page that is shown.
        key: The element's key.
    """
    _component(key=key, data={"wide": wide, "tall": tall, "here": here}, height="content")
