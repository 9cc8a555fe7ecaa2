"""What an evaluation found: the confusion matrix, the scores of each digit, the calibration."""

from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from mnist_core.analysis.evaluation import Evaluation
from mnist_core.analysis.reports import DigitReport
from mnist_core.config import N_DIGITS
from mnist_core.figures.layers import (
    add_clickable_squares,
    add_line,
    add_marks,
    add_named_bars,
    answer_look,
    confusion_layout,
    digit_names,
    error_bars,
    names_axis,
    note,
)
from mnist_core.figures.style import (
    DIGITS,
    MUTED,
    TEST,
    WRONG_SCALE,
    ZERO_LINE,
    article,
    axis,
    legend_inside,
    n_of,
    share_text,
    signed_number,
    styled,
)

PALEST: Final = 0.02
"""The share of a row that the strongest colour stands for at least, so that a near-perfect matrix is pale."""
_ROOM: Final = 0.35
"""For the legend below the scores, as a part of what they span."""
_FEW: Final = 3
"""Digits beside the one read worst, or mistakes, that a title still names."""
_DIAGONAL: Final = [[0, "rgba(0,0,0,0)"], [1, "rgba(26,154,120,0.28)"]]


def confusion_figure(
    report: DigitReport, by_row: bool = False, selected: tuple[int, int] | None = None
) -> go.Figure:
    """True digits against predictions.

    A heatmap sends no clicks, so transparent squares lie over it; the numbers are annotations, which a
    selection does not fade.

    Args:
        report: Of one network.
        by_row: Show percent of the row's images instead of counts.
        selected: True digit and prediction of the cell with a line around it.
    """
    counts, shares = report.confusion, report.confusion_by_row
    mistakes = np.where(np.eye(N_DIGITS, dtype=bool), np.nan, shares)
    darkest = max(PALEST, float(np.nanmax(mistakes)))
    text = [
        [(f"{100 * share:.1f}" if by_row else f"{n:,}") if n else "·" for n, share in zip(*row, strict=True)]
        for row in zip(counts, shares, strict=True)
    ]
    figure = go.Figure()
    hidden = {"showscale": False, "hoverinfo": "skip"}
    figure.add_heatmap(z=np.eye(N_DIGITS).tolist(), colorscale=_DIAGONAL, **hidden)
    z = [[None if np.isnan(v) else float(v) for v in row] for row in mistakes]
    figure.add_heatmap(z=z, text=text, colorscale=WRONG_SCALE, zmin=0, zmax=darkest, **hidden)
    _add_cells(figure, counts, shares)
    finding = _most_frequent_mistake(report)
    unit = "% of a row" if by_row else "images"
    return styled(
        figure,
        finding,
        f"Confusion matrix in {unit}. {report.n_right} of {report.n_images} are read correctly. {finding}.",
        height=480,
        shapes=[] if selected is None else [_outline(*selected)],
        **confusion_layout(lambda i, j: f"<b>{text[i][j]}</b>", mistakes > darkest / 2),
    )


def _add_cells(figure: go.Figure, counts: np.ndarray, shares: np.ndarray) -> None:
    """The squares that send clicks; each says how many images it stands for, and which share of its row."""
    cells = [(i, j) for i in DIGITS for j in DIGITS]
    of_row = [f"{{:.1f}}% of all {i}s" if counts[i].any() else f"there is no image of a {i}" for i in DIGITS]
    told = [
        f"{i} read as {j}: {n_of(counts[i, j], 'image')}<br>{of_row[i].format(100 * shares[i, j])}"
        for i, j in cells
    ]
    rows, columns = zip(*cells, strict=True)
    sent = [list(cell) for cell in cells]
    add_clickable_squares(figure, columns, rows, 30, customdata=sent, hovertext=told, hoverinfo="text")


def _outline(true_digit: int, prediction: int) -> dict[str, Any]:
    """The line around the cell that was chosen; `with_theme` gives it the colour of the text."""
    sides = {"x0": prediction - 0.5, "x1": prediction + 0.5, "y0": true_digit - 0.5, "y1": true_digit + 0.5}
    return {"type": "rect", "line": {"width": 3}} | sides


def _most_frequent_mistake(report: DigitReport) -> str:
    """The mistake made most often, or that several are made equally often, up to `_FEW` by name."""
    pairs = report.most_frequent_mistakes
    if not pairs:
        return "No image was misread"
    n = report.confusion[pairs[0]]
    times = "once" if n == 1 else f"{n} times"
    if len(pairs) > _FEW:
        return f"No mistake stands out: {len(pairs)} different ones were made {times} each"
    named = [f"{article(true)} {true} read as {article(read)} {read}" for true, read in pairs]
    if len(named) == 1:
        return f"Most frequent mistake: {named[0]}, {times}"
    return f"Most frequent mistakes, {times} each: {', '.join(named[:-1])} and {named[-1]}"


def score_figure(report: DigitReport) -> go.Figure:
    """Precision and recall of each digit, as dots; the share read correctly, recall, with its interval."""
    figure = go.Figure()
    digits, scores = [score.digit for score in report.scored], report.scored
    recalls, hover = [100 * score.recall for score in scores], "digit %{x}: NAME %{y:.1f}%"
    intervals = [score.recall_interval for score in scores]
    add_marks(
        figure,
        digits,
        recalls,
        TEST,
        12,
        error_y=error_bars(recalls, intervals, thickness=2),
        name="recall: read correctly, with 95% interval",
        hover=hover.replace("NAME", "recall"),
        cliponaxis=False,
    )
    add_marks(
        figure,
        digits,
        [100 * score.precision for score in scores],
        MUTED,
        11,
        symbol="diamond",
        name="precision",
        hover=hover.replace("NAME", "precision"),
        cliponaxis=False,
    )
    finding = _hardest(report)
    lowest = 100 * min(*(i.low for i in intervals), *(score.precision for score in scores))
    bottom = max(0.0, lowest - _ROOM * (100 - lowest))
    inside: dict[str, Any] = {"legend": legend_inside("bottom left")} if bottom else {}
    return styled(
        figure,
        finding,
        f"Precision and recall of each digit. {finding}. "
        + " ".join(f"Digit {score.digit}: recall {share_text(score.recall)}." for score in scores),
        height=360,
        is_cut=bottom > 0,
        xaxis=axis("Digit", tickvals=DIGITS),
        yaxis=axis("Percent", range=[bottom, 100.5]),
        **inside,
    )


def _hardest(report: DigitReport) -> str:
    """Which digit is read correctly least often, as far as the intervals tell."""
    first, *others = report.hardest
    lowest = share_text(report.scores[first].recall)
    if not others:
        return f"The {first} is hardest to read: {lowest} correct"
    if len(others) > _FEW:
        return "No digit stands out as the hardest to read"
    listed = ", ".join(f"the {digit}" for digit in [first, *others[:-1]])
    return f"Hardest to read: {listed} or the {others[-1]}, too close to tell"


def calibration_figure(evaluation: Evaluation) -> go.Figure:
    """The reliability diagram: how often answers of a confidence are right."""
    calibration = evaluation.calibration
    used = calibration.counts > 0
    accuracies = (100 * calibration.accuracy[used]).tolist()
    intervals = [calibration.intervals[place] for place in np.flatnonzero(used)]
    figure = go.Figure()
    add_line(figure, [0, 100], [0, 100], MUTED, 2, dash="dash", hover=None)
    add_marks(
        figure,
        100 * calibration.mean_confidence[used],
        accuracies,
        TEST,
        11,
        error_y=error_bars(accuracies, intervals, thickness=2),
        customdata=[n_of(n, "image") for n in calibration.counts[used]],
        hover="%{customdata}, confidence %{x:.0f}%: %{y:.0f}% right",
    )
    named = note(101, 2, "dashed: perfectly calibrated<br>bars: 95% interval", align="right")
    error = 100 * calibration.expected_calibration_error
    return styled(
        figure,
        f"Confidence and accuracy differ by {error:.1f} percentage points on average",
        f"Reliability diagram; expected calibration error {error:.1f} percentage points.",
        xaxis=axis("Confidence (%)", range=[0, 102]),
        yaxis=axis("Right answers (%)", range=[0, 102]),
        annotations=[named | {"xanchor": "right", "yanchor": "bottom"}],
    )


def logit_figure(logits: np.ndarray, label: int) -> go.Figure:
    """Ten logits of one image, shape (10,), and how many times as likely the largest makes its digit.

    The ratio of two probabilities of softmax is e to the difference of their logits.
    """
    second, first = (int(digit) for digit in np.argsort(logits)[-2:])
    ahead = float(logits[first] - logits[second])
    low, high = min(0.0, float(logits.min())), max(0.0, float(logits.max()))
    room = 0.2 * (high - low or 1.0)
    ends = low - room * (low < 0), high + room
    figure = go.Figure()
    names, written = digit_names({label: "true"}), [signed_number(float(logit)) for logit in logits]
    add_named_bars(figure, names, logits, text=written, **answer_look(first, label))
    times = "more than a million"
    if ahead <= np.log(1e6):
        times = f"{np.exp(ahead):,.0f}" if ahead > np.log(10) else f"{np.exp(ahead):.1f}"
    finding = f"Logit of the {first}: {ahead:.2f} above the {second}, so {times} times as likely"
    return styled(
        figure,
        finding,
        f"Logits of the ten digits: {finding}. Its logit is {signed_number(float(logits[first]))}.",
        height=235,
        xaxis=axis("", range=ends, showticklabels=False, showgrid=False, **ZERO_LINE),  # all are written
        yaxis=names_axis(dtick=1),
    )
