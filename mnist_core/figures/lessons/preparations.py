"""What trainings on differently prepared pixels came to: accuracies with intervals, and losses."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from mnist_core.analysis.evaluation import Evaluation
from mnist_core.figures.awaited import rows_of
from mnist_core.figures.layers import add_line, add_marks, error_bars, names_axis, note
from mnist_core.figures.style import MUTED, axis, share_text, styled
from mnist_core.training.record import RunRecord

CHANGED: Final = "#a68a00"
"""Trained on shuffled or undivided pixels; with the usual ones it is `MUTED`."""


def accuracy_frame(names: Sequence[str], ends: Sequence[float] = (0, 100)) -> dict[str, Any]:
    """The height and the axes of `accuracy_figure`, in percent from one end to the other."""
    return {
        "height": 92 + 62 * len(names),
        "xaxis": axis("Test accuracy (%), with its 95% interval", range=list(ends)),
        "yaxis": rows_of([_in_two_lines(name) for name in names]),
    }


def accuracy_figure(results: Mapping[str, Evaluation], changed: Collection[str], title: str) -> go.Figure:
    """Test accuracies, each with its interval.

    Args:
        results: By the words they are shown under.
        changed: Those of the words that are drawn as trained on changed pixels.
        title: What to see.
    """
    lowest = 100 * min(result.interval.low for result in results.values())
    highest = 100 * max(result.interval.high for result in results.values())
    room = max(0.2 * (highest - lowest), 0.1)
    ends = [max(lowest - room, -2), min(highest + room, 102)]
    figure = go.Figure()
    for name, result in results.items():
        color, symbol = (CHANGED, "diamond") if name in changed else (MUTED, "circle")
        accuracy, interval = 100 * result.accuracy, result.interval
        add_marks(
            figure,
            [accuracy],
            [_in_two_lines(name)],
            color,
            13,
            symbol=symbol,
            error_x=error_bars([accuracy], [interval], thickness=3, width=7),
            text=[f"<b>{accuracy:.1f}%</b> ({100 * interval.low:.1f}–{100 * interval.high:.1f})"],
            textposition="top left" if accuracy > (lowest + highest) / 2 else "top right",
            cliponaxis=False,
        )
    said = ", ".join(
        f"{name} {share_text(r.accuracy)} ({100 * r.interval.low:.1f} to {100 * r.interval.high:.1f})"
        for name, r in results.items()
    )
    return styled(
        figure,
        title,
        f"Test accuracy with 95% interval: {said}.",
        is_cut=ends[0] > 0,
        **accuracy_frame(list(results), ends) | {"yaxis": names_axis()},
    )


def _in_two_lines(name: str) -> str:
    return name.replace(", ", ",<br>")


def loss_figure(pairs: Mapping[str, tuple[RunRecord, RunRecord]], name: str) -> go.Figure:
    """The training loss with divided and with undivided pixels; one scale for the figures of all optimisers.

    Args:
        pairs: By the optimiser's name: the run with the usual pixels and the one with undivided ones.
        name: The optimiser shown.
    """
    curves = {each: [_known(record.history.curve_loss) for record in pair] for each, pair in pairs.items()}
    known = [loss for pair in curves.values() for curve in pair for loss in curve if loss is not None]
    scale = [np.log10(min(known)) - 0.1, np.log10(max(known)) + 0.1] if known else None
    figure, told = go.Figure(), []
    looks = (("0 to 1", MUTED, "solid"), ("0 to 255", CHANGED, "dot"))
    for record, curve, (inputs, color, dash) in zip(pairs[name], curves[name], looks, strict=True):
        epochs = record.timeline.epochs_at(record.history.curve_step).round(3)
        hover = f"epoch %{{x:.2f}}: loss %{{y:.3g}}<extra>inputs {inputs}</extra>"
        add_line(figure, epochs, curve, color, 2.5, dash=dash, name=f"inputs {inputs}", hover=hover)
        last = record.history.training_loss[-1:]
        told.append(f"{last[0]:.2f}" if np.isfinite(last).any() else "none")
    figure.add_hline(y=float(np.log(10)), line={"color": MUTED, "width": 1, "dash": "dash"})
    # On a log axis an annotation stands at the logarithm, a line does not.
    place = {"xref": "paper", "xanchor": "right", "yanchor": "bottom"}
    guessing = note(1, float(np.log10(np.log(10))), "ten equal guesses: ln 10", **place)
    figure.add_annotation(guessing)
    finding = "loss of the last epoch {} with inputs 0 to 1, {} with 0 to 255".format(*told)
    first = " and ".join(f"{next(filter(None, curve), math.nan):.3g}" for curve in curves[name])
    return styled(
        figure,
        f"{name}: {finding}",
        f"Training loss with {name}: it begins at {first}; {finding}.",
        height=380,
        corner="top right",
        xaxis=axis("Epoch", rangemode="tozero"),
        yaxis=axis("Training loss (log scale)", type="log", range=scale, dtick=1),
    )


def _known(losses: np.ndarray) -> list[float | None]:
    """Losses a log axis can show; a training that diverged has others."""
    return [float(f"{loss:.4g}") if np.isfinite(loss) and loss > 0 else None for loss in losses]
