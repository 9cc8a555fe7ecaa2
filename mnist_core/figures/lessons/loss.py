"""The lesson on the loss: ten outputs, the curve −ln p, the spread over many images, the first updates."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mnist_core.figures.layers import (
    add_bars,
    add_line,
    add_marks,
    add_named_bars,
    answer_look,
    digit_names,
    names_axis,
)
from mnist_core.figures.style import (
    MUTED,
    NEURON,
    RIGHT,
    TRAINING,
    WRONG,
    axis,
    legend_inside,
    share_text,
    styled,
    with_article,
)
from mnist_core.lessons.loss import CostSlopes, ImageLoss, LossSpread, compare_costs

_GUESSING: Final[Mapping[str, Any]] = {"color": MUTED, "dash": "dash", "width": 2}
_POWERS: Final[Mapping[str, Any]] = {"type": "log", "dtick": 1, "exponentformat": "power"}
_SMALL: Final = 0.001  # what is smaller is written with a power of ten
_NEARLY_ONE: Final = 1e-6  # a p closer to 1 than this is written as 1 minus something
_SUPERSCRIPTS: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def plain(value: float, rest: float | None = None) -> str:
    """A probability or a loss as plain text, with the digits that matter.

    Args:
        value: 0 or more.
        rest: For a probability, what is missing to 1: with little missing, more digits are written.
    """
    return _written(value, rest, lambda mantissa, power: f"{mantissa} × 10{power.translate(_SUPERSCRIPTS)}")


def tex(value: float, rest: float | None = None) -> str:
    """The same as TeX, without its dollar signs."""
    written = _written(value, rest, lambda mantissa, power: rf"{mantissa} \times 10^{{{power}}}")
    return written.replace("−", "-")


def outputs_figure(image: ImageLoss) -> go.Figure:
    """The ten probabilities of one image; the loss is made from the one of the true digit."""
    names = digit_names({image.prediction: "read"} | {image.label: "true"})
    p = plain(image.p, image.rest)
    text = [share_text(float(probability)) for probability in image.probabilities]
    number = f"p = {p} ({text[image.label]})"
    figure = go.Figure()
    look = answer_look(image.prediction, image.label)
    add_named_bars(figure, names, 100 * image.probabilities, text=text, **look)
    return styled(
        figure,
        f"The loss is made from one of the ten outputs: {number}, for the {image.label}",
        f"Ten softmax outputs of an image of {with_article(image.label)}, "
        f"read as {with_article(image.prediction)}; "
        f"the true digit's is {number}.",
        height=350,
        xaxis=axis("Softmax output (%)", range=[0, 130], tickvals=[0, 25, 50, 75, 100]),
        yaxis=names_axis(dtick=1),
    )


def terms_figure(image: ImageLoss) -> go.Figure:
    """−ln p of all ten digits, each times its number of the one-hot label: nine times 0, once 1."""
    names = digit_names({image.label: "true"})
    colors = [RIGHT if one else "rgba(0,0,0,0)" for one in image.one_hot]
    costs = [plain(cost) for cost in image.costs]
    text = [f"{one:.0f} × {cost}" for one, cost in zip(image.one_hot, costs, strict=True)]
    text[image.label] = f"<b>{text[image.label]}</b>"
    figure, edge = go.Figure(), [RIGHT if one else MUTED for one in image.one_hot]
    add_named_bars(figure, names, image.costs, colors, text, marker_line={"color": edge, "width": 2})
    left = f"−ln p of the {image.label} = {costs[image.label]} nats"
    return styled(
        figure,
        f"Nine of ten terms are multiplied by 0; what is left is {left}",
        f"−ln p of each digit as a bar, and what the one-hot label multiplies it by: {', '.join(text)}. "
        f"What is left is {left}.".replace("<b>", "").replace("</b>", ""),
        height=370,
        xaxis=axis("−ln p of each digit (nats)", range=[0, 1.35 * float(image.costs.max())]),
        yaxis=names_axis(dtick=1),
    )


def cost_figure(
    curve: tuple[np.ndarray, np.ndarray],
    image: tuple[float, float],
    what_if: tuple[float, float],
    guessing_loss: float,
    is_logarithmic: bool = False,
) -> go.Figure:
    """The curve −ln p with two points on it and the cost of guessing.

    Args:
        curve: p, rising to 1, and −ln p in nats.
        image: p and loss of the image looked at.
        what_if: p and loss of the slider.
        guessing_loss: Of ten equal probabilities.
        is_logarithmic: Whether equal steps along the axis of p are equal factors.
    """
    p, costs = curve
    figure = go.Figure()
    _add_guessing(figure, float(p[0]), 1, guessing_loss)
    hover = "p = %{x:.4g}: %{y:.3f} nats"
    add_line(figure, p, costs, NEURON, opacity=0.6, name="−ln p", hover=hover)
    points = (("this image", image, "circle", 15), ("what if", what_if, "diamond-open", 19))
    for name, (x, y), symbol, size in points:
        look: dict[str, Any] = {"symbol": symbol, "edge": {"width": 3, "color": NEURON}, "name": name}
        hover = f"{name}: p = %{{x:.4g}}, %{{y:.4g}} nats"
        add_marks(figure, [x], [y], NEURON, size, cliponaxis=False, hover=hover, **look)
    scale: dict[str, Any] = {"range": [-0.02, 1.03], "tickvals": [0, 0.1, 0.25, 0.5, 0.75, 1]}
    if is_logarithmic:
        scale = {"range": [math.log10(p[0]), 0.05], **_POWERS}
    finding = f"If p were {what_if[0]:g}, the loss would be −ln {what_if[0]:g} = {plain(what_if[1])} nats"
    return styled(
        figure,
        finding,
        f"The curve −ln p, from {costs[0]:.1f} at p = {plain(p[0])} down to 0 at p = 1. {finding}; "
        f"this image has p = {plain(image[0])} and a loss of {plain(image[1])}.",
        height=350,
        corner="top right",
        xaxis=axis("p, the probability of the true digit", **scale),
        yaxis=axis("Loss −ln p (nats)", range=[-0.3, 1.05 * float(costs[0])]),
    )


def push_figure(p: float, slopes: tuple[CostSlopes, CostSlopes]) -> go.Figure:
    """−ln p and (1 − p)² above, and below how hard each pushes the true digit's logit up.

    Args:
        p: The probability that is marked.
        slopes: Of both rules at it.
    """
    grid = np.linspace(0.005, 0.995, 199).tolist()
    curves = [compare_costs(at) for at in grid]
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.02)
    for number, (name, color) in enumerate((("−ln p", NEURON), ("(1 − p)²", MUTED))):
        rule = [pair[number] for pair in curves]
        for row, values, value in (
            (1, [at.cost for at in rule], slopes[number].cost),
            (2, [-at.at_logit for at in rule], -slopes[number].at_logit),
        ):
            place: dict[str, Any] = {"row": row, "col": 1}
            hover = f"{name}, p = %{{x:.3f}}: %{{y:.3f}}"
            add_line(figure, grid, values, color, hover=hover, name=name, showlegend=row == 1, **place)
            add_marks(figure, [p], [value], color, 13, showlegend=False, cliponaxis=False, **place)
    pushes = [f"{-each.at_logit:.3f}" for each in slopes]
    finding = f"At p = {p:g}, −ln p pushes with {pushes[0]} and the square with {pushes[1]}"
    ends = {"range": [-0.02, 1.02], "tickvals": [0, 0.25, 0.5, 0.75, 1]}
    return styled(
        figure,
        finding,
        f"Two losses over p and, below, the size of their slopes at the true digit's logit. {finding}.",
        height=270,
        legend=legend_inside("top right"),
        xaxis={**ends, "showticklabels": False},
        xaxis2=axis("p, the probability of the true digit", **ends),
        yaxis=axis("Loss", range=[-0.2, 5.5]),
        yaxis2=axis("Push", range=[-0.05, 1.05]),
    )


def temperature_figure(judged: Mapping[float, float], chosen: float) -> go.Figure:
    """The mean loss at several temperatures, with the chosen one marked.

    Args:
        judged: The loss in nats, by temperature.
        chosen: One of the temperatures.
    """
    figure = go.Figure()
    hover = "T = %{x:~g}: %{y:.3f} nats"
    temperatures, losses = list(judged), list(judged.values())
    add_line(figure, temperatures, losses, MUTED, marks={"size": 8}, hover=hover)
    add_marks(figure, [chosen], [judged[chosen]], NEURON, 16, cliponaxis=False)
    best = min(judged, key=judged.__getitem__)
    finding = f"The loss is smallest at T = {best:g}: {judged[best]:.3f} nats"
    told = ", ".join(f"{loss:.3f} at {t:g}" for t, loss in judged.items())
    return styled(
        figure,
        finding,
        f"Mean loss of the test images over the temperature: {told}. {finding}.",
        height=330,
        xaxis=axis("Temperature T (logarithmic)", type="log", tickvals=temperatures),
        yaxis=axis("Test loss (nats)", rangemode="tozero"),
    )


def spread_figure(spread: LossSpread, guessing_loss: float) -> go.Figure:
    """How many images have which loss, those read correctly and the misread ones stacked."""
    low, high = float(spread.edges[0]), float(spread.edges[-1])
    highest = 1.05 * float((spread.n_right + spread.n_wrong).max())
    figure = go.Figure()
    for name, counts, color in (
        ("read correctly", spread.n_right, RIGHT),
        ("misread", spread.n_wrong, WRONG),
    ):
        add_bars(
            figure,
            spread.edges[:-1],
            counts,
            color,
            f"%{{y:,}} {name}, loss %{{x:.2g}} to %{{customdata:.2g}}",
            width=np.diff(spread.edges).tolist(),
            offset=0,
            marker_line_width=0,
            name=name,
            customdata=spread.edges[1:].tolist(),
        )
    lines: tuple[tuple[str, float, Mapping[str, Any]], ...] = (
        (f"median {plain(spread.median)}", spread.median, {"color": NEURON, "dash": "dot"}),
        (f"mean {plain(spread.mean)}", spread.mean, {"color": NEURON}),
        (f"guessing {guessing_loss:.3f}", guessing_loss, _GUESSING),
    )
    for name, x, line in lines:
        add_line(figure, [x, x], [0, highest], name=name, **line)
    share = f"{100 * spread.mistakes_share:.0f}%"
    figure.update_layout(legend_traceorder="normal")
    return styled(
        figure,
        f"The misread images make up {share} of the whole loss",
        f"Histogram of the loss of {len(spread.losses)} images. Median {plain(spread.median)}, mean "
        f"{plain(spread.mean)}; {int(spread.n_wrong.sum())} misread images make {share} of the sum.",
        height=330,
        corner="top left",
        barmode="stack",
        bargap=0,
        xaxis=axis(
            "Loss of one image (nats, logarithmic)", range=[math.log10(low), math.log10(high)], **_POWERS
        ),
        yaxis=axis("Test images", range=[0, highest]),
    )


def start_figure(steps: np.ndarray, losses: np.ndarray, first_loss: float, guessing_loss: float) -> go.Figure:
    """The loss over the first updates, from the untrained network on, with the cost of guessing.

    Args:
        steps: Updates made at each point of the training curve, shape (points,).
        losses: Its losses in nats, shape (points,).
        first_loss: Of the network before its first update.
        guessing_loss: Of ten equal probabilities.
    """
    figure = go.Figure()
    _add_guessing(figure, 0, float(steps[-1]) if len(steps) else 1.0, guessing_loss)
    hover = "until update %{x:,}: %{y:.3f} nats"
    add_line(figure, steps, losses, TRAINING, 2, marks={"size": 5}, name="training", hover=hover)
    name, hover = f"before the first update: {first_loss:.3f}", "before the first update: %{y:.3f} nats"
    add_marks(figure, [0], [first_loss], NEURON, 15, name=name, cliponaxis=False, hover=hover)
    finding = f"The untrained network has a loss of {first_loss:.3f}; guessing has {guessing_loss:.3f}"
    then = f" The training curve goes from {losses[0]:.3f} to {losses[-1]:.3f}." if len(losses) else ""
    return styled(
        figure,
        finding,
        f"{finding}.{then}",
        height=310,
        corner="top right",
        xaxis=axis("Updates made", rangemode="tozero"),
        yaxis=axis("Mean loss (nats)", range=[0, 1.45 * max(first_loss, guessing_loss, *losses)]),
    )


def _add_guessing(figure: go.Figure, start: float, end: float, loss: float) -> None:
    add_line(figure, [start, end], [loss] * 2, name=f"guessing: ln 10 = {loss:.3f}", **_GUESSING)


def _written(value: float, rest: float | None, scientific: Callable[[str, str], str]) -> str:
    """A number, with a power of ten if it is small, or, nearly 1, as 1 minus such a number."""

    def small(number: float) -> str:
        mantissa, exponent = f"{number:.2e}".split("e")
        return scientific(mantissa, str(int(exponent)))

    if value == 0 or rest == 0:
        return f"{value:.0f}"  # a p of 0 is one too small for a float, with a loss above 745
    if rest is not None and rest < _NEARLY_ONE:
        return f"1 − {small(rest)}"
    if rest is not None and rest < _SMALL:
        return f"{value:.{1 - math.floor(math.log10(rest))}f}"
    if value < _SMALL:
        return small(value)
    return f"{value:.4f}" if value < 1 else f"{value:.3f}"
