"""What each pixel adds to a logit, as pictures, and their sum."""

from typing import Any, Final

import plotly.graph_objects as go

from mnist_core.analysis.evidence import Evidence
from mnist_core.arrays import ByteArray
from mnist_core.figures.lab.drawing import Picture, image_picture
from mnist_core.figures.lab.neurons import signed_picture
from mnist_core.figures.layers import add_bars
from mnist_core.figures.style import (
    MUTED,
    NEGATIVE,
    NEURON,
    POSITIVE,
    ZERO_LINE,
    fixed_axis,
    signed_number,
    styled,
)

_ROOM: Final = 0.22
"""For the numbers behind the bars, as a part of what they span."""


def evidence_pictures(image: ByteArray, evidence: Evidence, full_color: float) -> dict[str, Picture]:
    """The image, the weights and their products, by these words; weights and products share one scale.

    Args:
        image: uint8 (28, 28).
        evidence: Of it.
        full_color: The size from which on a weight has the full colour, and its product with a white pixel.
    """
    kind = "effective weights" if evidence.is_exact else "gradient"
    told = {
        "weights": f"The {kind} for {whose(evidence)}: blue where ink raises it, orange where ink lowers it.",
        "products": f"Image times {kind}: what each pixel adds to {whose(evidence)}.",
    }
    return {
        "image": image_picture(image, "The image that the network is given."),
        "weights": Picture(signed_picture(evidence.weights, full_color), told["weights"]),
        "products": Picture(signed_picture(evidence.products, full_color * evidence.white), told["products"]),
    }


def whose(evidence: Evidence) -> str:
    """What is explained, in words."""
    if evidence.rival is None:
        return f"the logit of the {evidence.digit}"
    return f"the lead of the {evidence.digit} over the {evidence.rival}"


def sum_figure(evidence: Evidence, height: int = 250) -> go.Figure:
    """The products and the bias as bars that begin where the one above ends, and what they add up to.

    Args:
        evidence: What is added up.
        height: Pixels.
    """
    rise, fall, end = evidence.sum_of_positive, evidence.sum_of_negative, evidence.logit
    products = rise + fall
    parts = [("Ink on blue", 0.0, rise, POSITIVE), ("Ink on orange", rise, fall, NEGATIVE)]
    name = f"Logit of the {evidence.digit}" if evidence.rival is None else "Difference of the logits"
    if evidence.is_exact:
        bias = ("Effective bias", products, evidence.bias, POSITIVE if evidence.bias >= 0 else NEGATIVE)
        parts += [bias, (f"= {name}", 0.0, end, NEURON)]
        terms = " ".join(_term(value) for value in (fall, evidence.bias))
        equals = "=" if _adds_up(rise, fall, evidence.bias, end) else "≈"
        title = f"{signed_number(rise)} {terms} {equals} {signed_number(end)}, {whose(evidence)}"
    else:
        parts += [("= Gradient × pixels", 0.0, products, MUTED), (name, 0.0, end, NEURON)]
        title = (
            f"Gradient × pixels is {signed_number(products)}, but {whose(evidence)} is {signed_number(end)}"
        )
    figure = go.Figure()
    names, bases, values, colors = zip(*parts, strict=True)
    look: dict[str, Any] = {"orientation": "h", "base": bases, "textposition": "outside", "cliponaxis": False}
    look["text"] = list(map(signed_number, values))
    add_bars(figure, values, names, colors, "", **look)
    ends = [0.0, rise, products, *((end,) if evidence.is_exact else (end, products))]
    low, high = min(ends), max(ends)
    room = _ROOM * (high - low or 1.0)
    span = [low - room * (low < 0), high + room]
    listed = "; ".join(f"{name.removeprefix('= ')}: {signed_number(value)}" for name, _, value, _ in parts)
    return styled(
        figure,
        title,
        f"Bars from the top, each beginning where the previous one ends. {listed}.",
        height=height,
        xaxis=fixed_axis("Sum so far (no unit)", range=span, showticklabels=False, **ZERO_LINE),
        yaxis=fixed_axis("", type="category", showgrid=False, range=[len(parts) - 0.5, -0.5]),
    )


def _adds_up(*terms_and_sum: float) -> bool:
    """Whether the terms add up to the sum as they are written, rounded."""
    *terms, total = (round(100 * float(f"{value:.2f}")) for value in terms_and_sum)
    return sum(terms) == total


def _term(value: float) -> str:
    """A number that is added to others: with its sign, and a space behind it."""
    written = signed_number(abs(value))
    return f"+ {written}" if value >= 0 else f"− {written}"
