"""What an evaluation found: the confusion matrix, the scores of each digit, the calibration."""

from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from mnist_core.analysis.evaluation import Evaluation
from mnist_core.analysis.reports import DigitReport
from mnist_core.config import N_DIGITS
from mnist_core.figures.style import MUTED, RIGHT, TRAINING, VALIDATION, WRONG, WRONG_SCALE, axis, styled

_DIGITS: Final = list(range(N_DIGITS))
PALEST: Final = 0.02
"""The share of a row that the strongest colour stands for at least, so that a near-perfect matrix is pale."""


def confusion_figure(report: DigitReport, by_row: bool = False) -> go.Figure:
    """True digits against predictions.

    A heatmap sends no clicks, so transparent squares lie over it; the numbers are annotations, which a
    selection does not fade.

    Args:
        report: Of one network.
        by_row: Show percent of the row's images instead of counts.
    """
    counts, shares = report.confusion, report.confusion_by_row
    off_diagonal = np.where(np.eye(N_DIGITS, dtype=bool), np.nan, shares)
    text = [[f"{100 * s:.1f}" for s in row] for row in shares] if by_row else counts.astype(str).tolist()
    text = [[value if counts[i, j] else "·" for j, value in enumerate(row)] for i, row in enumerate(text)]
    figure = go.Figure()
    figure.add_heatmap(
        z=np.eye(N_DIGITS).tolist(),
        colorscale=[[0, "rgba(0,0,0,0)"], [1, "rgba(26,154,120,0.28)"]],
        showscale=False,
        hoverinfo="skip",
    )
    figure.add_heatmap(
        z=[[None if np.isnan(v) else float(v) for v in row] for row in off_diagonal],
        text=text,
        colorscale=WRONG_SCALE,
        zmin=0,
        zmax=max(PALEST, float(np.nanmax(off_diagonal))),
        showscale=False,
        hoverinfo="skip",
    )
    cells = [(i, j) for i in _DIGITS for j in _DIGITS]
    figure.add_scatter(
        x=[j for _, j in cells],
        y=[i for i, _ in cells],
        mode="markers",
        marker={"symbol": "square", "size": 30, "opacity": 0, "color": MUTED},
        customdata=[[i, j] for i, j in cells],
        hovertext=[
            f"{counts[i, j]} images of a {i} were read as a {j}: {100 * shares[i, j]:.1f} % of all {i}s"
            for i, j in cells
        ],
        hoverinfo="text",
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        showlegend=False,
    )
    darkest = float(np.nanmax(off_diagonal))

    def note(i: int, j: int) -> dict[str, Any]:
        is_dark = i != j and shares[i, j] > max(darkest, PALEST) / 2
        return {"x": j, "y": i, "text": f"<b>{text[i][j]}</b>", "showarrow": False} | (
            {"font": {"color": "white"}} if is_dark else {}
        )

    worst = np.unravel_index(int(np.nanargmax(np.where(np.isnan(off_diagonal), -1, counts))), counts.shape)
    times = "once" if counts[worst] == 1 else f"{counts[worst]} times"
    finding = f"Most frequent mistake: a {worst[0]} read as a {worst[1]}, {times}"
    if report.n_right == report.n_images:
        finding = "No image was misread"
    unit = "% of a row" if by_row else "images"
    return styled(
        figure,
        finding,
        f"Confusion matrix in {unit}. {report.n_right} of {report.n_images} are right. {finding}.",
        height=520,
        annotations=[note(i, j) for i, j in cells],
        xaxis=axis("Predicted digit", tickvals=_DIGITS, showgrid=False, range=[-0.5, 9.5], fixedrange=True),
        yaxis=axis("True digit", tickvals=_DIGITS, showgrid=False, range=[9.5, -0.5], fixedrange=True),
    )


def score_figure(report: DigitReport) -> go.Figure:
    """Precision and recall of each digit, as dots."""
    figure = go.Figure()
    for name, color, symbol in (("precision", TRAINING, "circle"), ("recall", VALIDATION, "diamond")):
        figure.add_scatter(
            x=_DIGITS,
            y=[100 * getattr(score, name) for score in report.scores],
            mode="markers",
            marker={"size": 13, "color": color, "symbol": symbol},
            name=name,
            hovertemplate=f"digit %{{x}}: {name} %{{y:.1f}} %<extra></extra>",
        )
    weakest = min(report.scores, key=lambda score: score.f1)
    return styled(
        figure,
        f"The {weakest.digit} is the hardest digit",
        "Precision and recall of each digit. "
        f"Lowest F1: digit {weakest.digit}, precision {100 * weakest.precision:.1f} %, "
        f"recall {100 * weakest.recall:.1f} %.",
        height=340,
        xaxis=axis("Digit", tickvals=_DIGITS),
        yaxis=axis("Percent (axis does not start at 0)"),
    )


def calibration_figure(evaluation: Evaluation) -> go.Figure:
    """The reliability diagram: how often answers of a confidence are right."""
    calibration = evaluation.calibration
    used = calibration.counts > 0
    accuracy = 100 * calibration.accuracy[used]
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 100],
        y=[0, 100],
        mode="lines",
        line={"color": MUTED, "dash": "dash"},
        name="perfectly calibrated",
    )
    figure.add_scatter(
        x=(100 * calibration.mean_confidence[used]).tolist(),
        y=accuracy.tolist(),
        error_y={
            "array": (100 * calibration.interval_high[used] - accuracy).tolist(),
            "arrayminus": (accuracy - 100 * calibration.interval_low[used]).tolist(),
            "thickness": 2,
        },
        mode="markers",
        marker={"size": 11, "color": TRAINING},
        customdata=calibration.counts[used].tolist(),
        hovertemplate="%{customdata} images, confidence %{x:.0f} %: %{y:.0f} % right<extra></extra>",
        name="this network, with 95 % interval",
    )
    error = 100 * calibration.expected_calibration_error
    return styled(
        figure,
        f"Confidence and accuracy differ by {error:.1f} points on average",
        f"Reliability diagram; expected calibration error {error:.1f} percentage points.",
        height=420,
        xaxis=axis("Confidence (%)", range=[0, 102]),
        yaxis=axis("Right answers (%)", range=[0, 102]),
    )


def probability_figure(probabilities: np.ndarray, label: int) -> go.Figure:
    """Ten softmax outputs of one image, the prediction in its colour, the true digit marked."""
    prediction = int(np.argmax(probabilities))
    is_right = prediction == label
    colors = [(RIGHT if is_right else WRONG) if digit == prediction else MUTED for digit in _DIGITS]
    figure = go.Figure()
    figure.add_bar(
        y=[f"<b>{digit} ◂ true</b>" if digit == label else str(digit) for digit in _DIGITS],
        x=(100 * probabilities).tolist(),
        orientation="h",
        marker={"color": colors},
        text=[f"{100 * p:.1f} %" for p in probabilities],
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
    )
    verdict = f"Read as a {prediction}: " + ("right" if is_right else f"wrong, it is a {label}")
    return styled(
        figure,
        verdict,
        f"Softmax outputs: {verdict}, with probability {100 * probabilities[prediction]:.1f} %.",
        height=400,
        xaxis=axis("Softmax output (%)", range=[0, 118], tickvals=[0, 25, 50, 75, 100]),
        yaxis=axis("", autorange="reversed", showgrid=False, type="category", dtick=1),
        showlegend=False,
    )
