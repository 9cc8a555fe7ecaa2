"""The rule of one screen: what changes stands beside what changes it."""

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.session import present
from mnist_core.figures.style import LOW_HEIGHT

CONTROLS: Final = 0.32
"""The share of the width that controls have."""
WIDE_CONTROLS: Final = 0.42
"""The same where words stand among them."""


def beside(
    key: str, controls: float = CONTROLS, is_pinned: bool = True
) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Controls on the left and what they change on the right, which stays in view as one scrolls.

    On a phone what changes comes first, and the controls below it. There a chart among it, or what stands in
    `kept`, stays at the top until the pair ends, while words beside it and the controls move below.

    Args:
        key: Of this pair on its page.
        controls: The share of the width that controls have.
        is_pinned: Whether a phone keeps a chart at its top: not where nothing changes it, where it is higher
            than 45% of a phone, or where there are two, of which one would cover the other.

    Returns:
        The containers of the controls and of what they change.
    """
    with st.container(key=f"pair_{key}"):
        left, right = st.columns([controls, 1 - controls], gap="medium")
    kind = "pinned" if is_pinned else "picture"
    return left.container(key=f"beside_controls_{key}"), right.container(key=f"beside_{kind}_{key}")


def tapped(key: str, widths: tuple[float, float]) -> tuple[DeltaGenerator, DeltaGenerator]:
    """What is tapped on the left, and on the right what is told of it; a phone keeps the former at its top.

    Args:
        key: Of this pair on its page.
        widths: Shares of the width.

    Returns:
        The containers of both; what is tapped is a chart or stands in `kept`.
    """
    with st.container(key=f"pair_{key}"):
        left, right = st.columns(widths, gap="medium")
    return left.container(key=f"beside_pinned_{key}"), right.container(key=f"beside_detail_{key}")


def kept(key: str) -> DeltaGenerator:
    """What a phone keeps at its top besides charts, within what `beside` returns; columns stay in one row.

    Args:
        key: Of it on its page.
    """
    return st.container(key=f"kept_{key}", gap="xsmall")


def pinned_height(usual: int, on_phone: int = LOW_HEIGHT) -> int:
    """Pixels of a chart that a phone keeps at its top, or above several sliders.

    Args:
        usual: On a larger screen.
        on_phone: On a phone.
    """
    return on_phone if present.is_phone() else usual


def in_order(left: float = WIDE_CONTROLS) -> tuple[DeltaGenerator, DeltaGenerator]:
    """What is read first on the left and what follows from it on the right; on a phone in this order too.

    Args:
        left: The share of the width that the left column has.

    Returns:
        The two columns.
    """
    first, second = st.columns([left, 1 - left], gap="medium")
    return first, second
