"""Names at the ends of lines: all there, in their colours, none over another; else a legend."""

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.figures.layers import add_line
from mnist_core.figures.line_names import MOST, name_lines, spread
from mnist_core.figures.style import SERIES, styled


def lines(*ends):
    figure = go.Figure()
    for number, end in enumerate(ends):
        add_line(figure, [0, 1], [0.5, end], SERIES[number], name=f"line {number}")
    return figure


def test_each_line_has_its_name_in_its_colour_at_the_height_of_its_end_and_no_legend():
    figure = lines(0.2, 0.8)
    figure = styled(figure, "Title", "Alt", 400, **name_lines(figure, (0, 1), 400))
    notes = {note.text: (note.y, note.font.color) for note in figure.layout.annotations}
    assert notes == {"<b>line 0</b>": (0.2, SERIES[0]), "<b>line 1</b>": (0.8, SERIES[1])}
    assert figure.layout.showlegend is False
    assert figure.layout.margin.r > 8 * len("line 0"), "room for the names"


@pytest.mark.parametrize("ends", [(0.5,), (0.1,) * (MOST + 1), (0.5, np.nan)])
def test_one_line_many_lines_and_one_without_a_number_have_a_legend(ends):
    figure = lines(*ends)
    figure.data[-1].y = [np.nan, ends[-1]]
    assert name_lines(figure, (0, 1), 400) == {}
    assert not figure.layout.annotations


@given(st.lists(st.floats(-5, 6), min_size=1, max_size=MOST))
def test_names_keep_their_order_and_distance_and_stay_on_the_axis(wanted):
    places = spread(sorted(wanted), (0.0, 1.0), 0.1)
    assert all(np.diff(places) >= 0.1 - 1e-9)
    assert places[0] >= 0.05 - 1e-9
    assert places[-1] <= 0.95 + 1e-9


def test_names_that_are_far_enough_from_each_other_stand_where_their_lines_end():
    assert spread([0.2, 0.5, 0.7], (0.0, 1.0), 0.1) == [0.2, 0.5, 0.7]
