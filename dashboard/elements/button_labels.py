"""What a page's main button says, in a colour that can be read on it.

Streamlit writes white on the theme's primary colour, and the primary colour itself on the page where
something is chosen. On white one blue serves both; on near-black none does: what can be read there leaves
white 2.9 to 1. The colour of the words is therefore the theme's own, which the browser chooses: it is right
also when the theme is switched while the page stays.
"""

from typing import Final

_INK: Final = "violet"
"""The name under which `config.toml` keeps white for light and black for dark; nothing here is violet."""


def main_label(text: str, is_disabled: bool = False) -> str:
    """The label of a button of type "primary".

    Args:
        text: What it says.
        is_disabled: Whether it cannot be pressed: then Streamlit takes the primary colour away.
    """
    return text if is_disabled else f":{_INK}[{text}]"


def plain(label: str) -> str:
    """What a label says, without its color: for use outside a page, such as in a test."""
    colored = f":{_INK}["
    return label.removeprefix(colored).removesuffix("]") if label.startswith(colored) else label
