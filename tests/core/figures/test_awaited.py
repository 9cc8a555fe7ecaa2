"""Charts before there is anything to draw, and the ticks of those that are drawn."""

import orjson
import plotly.graph_objects as go
import pytest

from mnist_core.figures.awaited import awaited_figure
from mnist_core.figures.lessons import (
    activations,
    batches,
    generalizing,
    optimizers,
    plane,
    preparations,
    starting_weights,
    testing,
)
from mnist_core.figures.shown import serialised_once
from mnist_core.figures.style import alt_text, axis, styled, title_text

FRAMES = {
    "accuracies of layers": activations.accuracy_frame(["No activation", "ReLU", "As one layer"]),
    "accuracies of pixels": preparations.accuracy_frame(["usual, start 1", "usual, start 2"]),
    "gaps": generalizing.gap_frame(["nothing", "L2"]),
    "all images": generalizing.outside_frame(["nothing", "L2"]),
    "optimisers": optimizers.training_frame(1_000),
    "plane": plane.plane_frame(),
    "seeds": testing.seeds_frame(["Seed 0", "Seed 1"]),
    "starts": starting_weights.losses_frame(),
    **{against: batches.progress_frame(against) for against in ("updates", "epochs", "seconds")},
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_an_empty_chart_has_its_height_fixed_axes_and_says_in_its_middle_what_to_press(frame):
    figure = awaited_figure(frame, "Press **Train them**: the curves are drawn here.")
    assert figure.layout.height == frame["height"]
    assert all(axis.range is not None for axis in (figure.layout.xaxis, figure.layout.yaxis))
    said = figure.layout.annotations[-1]
    assert said.text == "Press <b>Train them</b>: the<br>curves are drawn here."
    assert (said.x, said.y, said.xref, said.yref) == (0.5, 0.5, "paper", "paper")
    assert alt_text(figure) == "An empty chart. Press Train them: the curves are drawn here."


def test_of_empty_charts_side_by_side_each_says_which_it_is():
    figure = awaited_figure(plane.plane_frame(), "Press **Train**.", "ReLU")
    assert title_text(figure) == "ReLU: nothing is trained yet"
    assert alt_text(figure) == "An empty chart, ReLU. Press Train."
    assert title_text(awaited_figure(plane.plane_frame(), "Press **Train**.")) == "Nothing is trained yet"


def sent_axis(**more):
    figure = styled(go.Figure(), "Title", "Alt", yaxis=axis("Loss", **more))
    return orjson.loads(orjson.dumps(serialised_once(figure).to_dict()["layout"]))["yaxis"]


def test_all_ticks_of_an_axis_have_the_same_decimals_unless_it_says_where_they_are_or_how_they_look():
    stops = sent_axis(range=[0.27, 0.38])["tickformatstops"]
    assert [(stop["value"], *stop["dtickrange"]) for stop in stops] == [
        (".1f", pytest.approx(0.09), pytest.approx(0.6)),
        (".2f", pytest.approx(0.009), pytest.approx(0.06)),
        (".3f", pytest.approx(0.0009), pytest.approx(0.006)),
    ]
    assert "tickformatstops" not in sent_axis(type="log")
    assert "tickformatstops" not in sent_axis(tickvals=[0, 0.25, 1])
    assert "tickformatstops" not in sent_axis(dtick=0.25)
