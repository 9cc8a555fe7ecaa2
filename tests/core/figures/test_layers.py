"""The layers of figures: what they say to the pointer, how far intervals reach, when there is a legend."""

import ast
import itertools

import numpy as np
import plotly.graph_objects as go
import pytest
from paths import ROOT
from PIL import Image

from mnist_core.analysis.evaluation import Interval
from mnist_core.figures.layers import (
    add_line,
    add_marks,
    add_picture,
    add_signed_map,
    confusion_layout,
    error_bars,
)
from mnist_core.figures.png import packed
from mnist_core.figures.style import series_look, styled

NAMES_THINGS = {"showticklabels", "ticktext", "type", "categoryorder", "autorange"}
"""What an axis without a name says instead: that it has no numbers, or what its words are."""


def nameless_axes():
    """Where a figure makes an axis without a name, and what else it says of it."""
    for path in sorted((ROOT / "mnist_core/figures").rglob("*.py")):
        for part in ast.walk(ast.parse(path.read_text())):
            is_axis = isinstance(part, ast.Call) and getattr(part.func, "id", "") in ("axis", "fixed_axis")
            if is_axis and isinstance(part.args[0], ast.Constant) and part.args[0].value == "":
                keys = {keyword.arg for keyword in part.keywords}
                for spread in (keyword.value for keyword in part.keywords if keyword.arg is None):
                    keys |= {each.value for each in ast.walk(spread) if isinstance(each, ast.Constant)}
                yield pytest.param(keys, id=f"{path.stem}, line {part.lineno}")


@pytest.mark.parametrize("keys", [*nameless_axes()])
def test_numbers_on_an_axis_have_their_name_beside_them(keys):
    """Below those of the x axis and left of those of the y axis: not in the plot, and not behind a number."""
    assert keys & NAMES_THINGS


def test_no_number_of_an_axis_has_a_word_before_or_behind_it():
    sources = [path.read_text() for path in (ROOT / "mnist_core/figures").rglob("*.py")]
    assert not any(word in source for source in sources for word in ("tickprefix", "ticksuffix"))


@pytest.mark.parametrize(
    ("hover", "template", "info"),
    [
        ("", None, "skip"),
        (None, None, None),
        ("%{x} %", "%{x} %<extra></extra>", None),
        ("%{x}<extra>a name</extra>", "%{x}<extra>a name</extra>", None),
    ],
)
def test_a_trace_tells_the_pointer_what_its_template_says_and_else_nothing(hover, template, info):
    figure = go.Figure()
    add_line(figure, np.arange(3), [1, None, 2], "red", hover=hover)
    (trace,) = figure.data
    assert (trace.hovertemplate, trace.hoverinfo) == (template, info)
    assert (trace.x, trace.y, trace.mode) == ((0, 1, 2), (1, None, 2), "lines")


def test_error_bars_reach_from_one_end_of_the_interval_to_the_other():
    bars = error_bars([90.0, 50.0], [Interval(0.85, 0.92), Interval(0.4, 0.7)], thickness=3)
    assert [90 - bars["arrayminus"][0], 90 + bars["array"][0]] == pytest.approx([85, 92])
    assert [50 - bars["arrayminus"][1], 50 + bars["array"][1]] == pytest.approx([40, 70])
    assert bars["thickness"] == 3


@pytest.mark.parametrize(
    ("names", "is_shown"), [([], False), (["a"], False), (["a", None], False), (["a", "b"], True)]
)
def test_there_is_a_legend_where_two_traces_have_names(names, is_shown):
    figure = go.Figure()
    for name in names:
        add_marks(figure, [1], [1], "red", 5, name=name)
    assert styled(figure, "A title", "A text").layout.showlegend is is_shown


def test_a_trace_that_is_left_out_of_the_legend_does_not_bring_it_up():
    figure = go.Figure()
    add_marks(figure, [1], [1], "red", 5, name="a")
    add_marks(figure, [1], [1], "red", 5, name="b", showlegend=False)
    assert not styled(figure, "A title", "A text").layout.showlegend
    assert styled(figure, "A title", "A text", showlegend=True).layout.showlegend


def test_a_cell_of_a_confusion_matrix_is_in_its_row_and_column_and_white_where_it_is_dark():
    is_dark = np.zeros((10, 10), bool)
    is_dark[2, 7] = True
    layout = confusion_layout(lambda i, j: f"{i}→{j}", is_dark)
    notes = {(note["y"], note["x"]): note for note in layout["annotations"]}
    assert len(notes) == 100
    assert notes[2, 7]["text"] == "2→7"
    assert [place for place, note in notes.items() if "font" in note] == [(2, 7)]
    assert layout["yaxis"]["range"] == [9.5, -0.5]


def test_a_signed_map_has_0_in_the_middle_and_a_picture_has_its_pixels_at_whole_numbers():
    figure = go.Figure()
    add_signed_map(figure, [[-1, 3]], 3)
    assert (figure.data[0].zmin, figure.data[0].zmax) == (-3, 3)
    add_picture(figure, packed(Image.new("L", (4, 2))), (2, 4))
    (picture,) = figure.layout.images
    assert (picture.x, picture.y, picture.sizex, picture.sizey) == (-0.5, -0.5, 4, 2)


def test_neighbours_in_a_series_differ_in_all_and_168_in_at_least_one_respect():
    looks = [series_look(number) for number in range(168)]
    assert len(set(looks)) == 168
    assert all(a != b for pair in itertools.pairwise(looks) for a, b in zip(*pair, strict=True))
