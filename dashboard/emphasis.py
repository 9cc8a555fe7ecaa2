"""What a page's main button says, in a colour that can be read on it.

Streamlit writes white on the theme's primary colour, and the primary colour itself on the page where
something is chosen. On white one blue serves both; on near-black none does: what can be read there leaves
white 2.9 to 1.
"""

from typing import Final

from dashboard import resources

_DARK_INK: Final = "violet"
"""The name under which `config.toml` keeps black for the dark theme; nothing here is violet."""


def main_label(text: str, is_disabled: bool = False) -> str:
    """The label of a button of type "primary".

    Args:
        text: What it says.
        is_disabled: Whether it cannot be pressed: then Streamlit takes the primary colour away.
    """
    is_bright = resources.theme() == "dark" and not is_disabled
    return f":{_DARK_INK}[{text}]" if is_bright else text
