"""The ladder of ways to read digits, and the rule that goes by the amount of ink."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import plotly.graph_objects as go

from mnist_core.figures.layers import add_bars, add_line, add_named_bars, names_axis
from mnist_core.figures.style import MUTED, NEURON, TEST, TRAINING, fixed_axis, share_text, styled
from mnist_core.lessons.ladder import RUNGS, TRAINED, InkRule, Rung, RungName

NAMES: Final[Mapping[RungName, str]] = {
    "always": "Always {answer}",
    "ink": "Amount of ink only",
    "means": "Ten mean images",
    "bias": "… and a bias for each",
    "straight": "32 neurons, no bend",
    "bent": "32 ReLU neurons",
}
"""What a rung is called; the first one is told the answer that it always gives."""
SHORT_NAMES: Final[Mapping[RungName, str]] = {
    "always": "Always {answer}",
    "ink": "Ink",
    "means": "Means",
    "bias": "+ bias",
    "straight": "No bend",
    "bent": "ReLU",
}
"""The same where there is room for a word or two."""


def ladder_figure(rungs: Mapping[RungName, Rung], answer: int) -> go.Figure:
    """The accuracies of the rungs that are there, each with its number; the trained ones in colour.

    Args:
        rungs: By name; those that are missing have an empty row.
        answer: What the lowest rung always answers.
    """
    names = [NAMES[name].format(answer=answer) for name in RUNGS]
    percents = [100 * rungs[name].accuracy if name in rungs else 0 for name in RUNGS]
    texts = [
        f"<b>{share_text(rungs[name].accuracy)}</b>" if name in rungs else "not trained yet" for name in RUNGS
    ]
    colors = [TEST if name in TRAINED else MUTED for name in RUNGS]
    figure = go.Figure()
    add_named_bars(figure, names, percents, colors, texts, textfont={"size": 16})
    known = [name for name in RUNGS if name in rungs]
    first, last = (rungs[known[end]].accuracy for end in (0, -1))
    told = ", ".join(
        f"{NAMES[name].format(answer=answer)} {share_text(rungs[name].accuracy)}" for name in known
    )
    return styled(
        figure,
        f"From {share_text(first)} with one answer for all to {share_text(last)} with “{NAMES[known[-1]]}”",
        f"Test accuracy, from the bottom of the ladder up: {told}.",
        height=330,
        xaxis=fixed_axis("Test accuracy", range=[0, 145], showticklabels=False),
        yaxis=names_axis(fixedrange=True),
    )


def ink_figure(
    of_digit: np.ndarray, of_others: np.ndarray, edges: np.ndarray, limit: float, rule: InkRule
) -> go.Figure:
    """How much ink the images of a 1 and all others have, with the limit of a rule.

    Args:
        of_digit: Images of a 1 in each bin, shape (bins,).
        of_others: All others, shape (bins,).
        edges: Of the bins, shape (bins + 1,), 0 to 1.
        limit: Below it the rule says "a 1".
        rule: What comes of it.
    """
    figure = go.Figure()
    middles, width = (edges[:-1] + edges[1:]) / 2, float(edges[1] - edges[0])
    for name, counts, color in (("a 1", of_digit, NEURON), ("other digits", of_others, MUTED)):
        hover = f"%{{y:,}} images of {name}"
        add_bars(figure, middles.round(4), counts, color, hover, name=name, width=width, opacity=0.75)
    highest = 1.05 * float(max(of_digit.max(), of_others.max()))
    add_line(figure, [limit, limit], [0, highest], TRAINING, dash="dash", showlegend=False)
    recall = f"The rule finds {100 * rule.found:.0f}% of the 1s"
    wrong = f"{100 * rule.wrong:.0f}% of what it calls a 1 is another digit"
    if not rule.n_called:
        wrong = "it calls no image a 1"
    return styled(
        figure,
        f"{recall}; {wrong}",
        f"Histogram of the mean pixel of the training images, ones and other digits. {recall}; {wrong}.",
        height=330,
        corner="top right",
        barmode="overlay",
        bargap=0,
        xaxis=fixed_axis("Ink: the mean pixel, 0 to 1", range=[0, float(edges[-1])]),
        yaxis=fixed_axis("Training images", range=[0, highest]),
    )
