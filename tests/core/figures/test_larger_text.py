"""Figures for a projector: larger text around the same data."""

import json

import numpy as np
import plotly.graph_objects as go

from mnist_core.figures.digits import digit_figure
from mnist_core.figures.shown import (
    larger_axes,
    lowered,
    with_larger_text,
    with_legend_above,
    with_legend_inside,
    with_theme,
)
from mnist_core.figures.style import FONT_SIZE, alt_text, axis, styled, title_text


def a_figure():
    figure = go.Figure(go.Bar(x=[1, 2], y=[3, 4], text=["a", "b"], textfont={"size": 12}))
    figure.add_annotation(text="note", x=1, y=3, font={"size": 10})
    figure = styled(figure, "Title", "Alt", height=400, xaxis=axis("x"), yaxis=axis("y"))
    return with_theme(figure, "light")


def test_all_text_of_a_figure_grows_by_the_scale():
    figure = with_larger_text(a_figure(), 1.5)
    assert figure.layout.font.size == 1.5 * FONT_SIZE
    assert figure.layout.legend.font.size == 1.5 * FONT_SIZE
    assert figure.layout.xaxis.title.font.size == 1.5 * FONT_SIZE
    assert figure.layout.xaxis.tickfont.size == 1.5 * (FONT_SIZE - 1)
    assert figure.layout.hoverlabel.font.size == 1.5 * FONT_SIZE
    assert figure.data[0].textfont.size == 18
    assert figure.layout.annotations[0].font.size == 15


def test_the_name_of_an_axis_moves_away_from_its_larger_numbers():
    plain, large = a_figure(), with_larger_text(a_figure(), 1.5)
    assert large.layout.yaxis.title.standoff == 1.5 * plain.layout.yaxis.title.standoff


def test_a_larger_figure_keeps_its_data_its_title_and_its_words():
    plain, large = a_figure(), with_larger_text(a_figure(), 1.5)
    assert large.layout.height == round(1.25 * plain.layout.height)
    assert (title_text(large), alt_text(large)) == ("Title", "Alt")
    assert list(large.data[0].y) == list(plain.data[0].y)
    assert large.layout.xaxis.title.text == "x"
    assert len(large.data) == len(plain.data)


def test_a_legend_below_the_axis_stays_below_the_larger_numbers_and_name():
    large = with_larger_text(a_figure(), 1.5, most=400)
    plot = large.layout.height - 1.5 * 120  # what the axis and the legend leave
    assert -large.layout.legend.y * plot >= 1.5 * 66
    assert large.layout.legend.y < a_figure().layout.legend.y


def test_a_plot_is_lower_on_a_phone_and_its_legend_still_below_the_axis():
    low = lowered(a_figure(), 300)
    assert low.layout.height == 300
    assert low.layout.legend.y < a_figure().layout.legend.y


def test_an_image_and_what_is_low_anyway_keep_their_height_on_a_phone():
    image = np.zeros((28, 28), np.uint8)
    assert lowered(digit_figure(image, "A", 350), 300).layout.height == 350
    assert lowered(a_figure(), 450).layout.height == a_figure().layout.height


def test_a_plot_whose_axis_has_a_long_name_keeps_the_height_for_it_on_a_phone():
    figure = a_figure()
    figure.update_layout(yaxis_title_text="Read correctly (% of its test images)")
    assert lowered(figure, 300).layout.height == a_figure().layout.height


def lines(*names, corner="top right"):
    traces = [go.Scatter(x=[1, 2], y=[3, 4], name=name) for name in names]
    return styled(go.Figure(traces), "Title", "Alt", height=300, corner=corner)


def test_on_a_phone_a_legend_stands_between_the_title_and_the_data():
    plain = with_theme(lines("a", "b"), "light").layout
    short = with_theme(with_legend_above(lines("a", "b")), "light").layout
    long_names = [f"a line with a long name, {n}" for n in range(3)]
    long = with_theme(with_legend_above(lines(*long_names)), "light").layout
    assert (short.legend.y, short.legend.yanchor) == (1, "bottom")
    assert short.height == plain.height  # of one row: the data give it up
    assert long.height - plain.height == (long.margin.t - plain.margin.t) / 3 > 0
    assert with_legend_above(lines(*long_names, "and one more")).layout.legend.orientation == "v"


def test_on_a_phone_a_legend_that_stands_below_its_axis_stays_there():
    figure = lines("a", "b", corner=None)
    before = figure.layout.to_plotly_json()
    assert with_legend_above(figure).layout.to_plotly_json() == before


def test_a_scale_of_one_changes_nothing():
    assert with_larger_text(a_figure(), 1.0).to_json() == a_figure().to_json()


def test_an_image_in_a_figure_is_the_same_at_every_size():
    image = np.arange(784).reshape(28, 28).astype(np.uint8)
    plain, large = digit_figure(image, "A"), with_larger_text(digit_figure(image, "A"), 1.35)
    assert json.loads(plain.to_json())["data"] == json.loads(large.to_json())["data"]


def test_the_axes_of_a_live_chart_grow_and_the_text_in_it_stays():
    axis_of = {"labelFontSize": 14, "title": "Epoch"}
    chart = {
        "height": 200,
        "layer": [{"mark": {"type": "text", "fontSize": 13}, "encoding": {"x": {"axis": axis_of}}}],
        "config": {"axis": {"labelColor": "#123456"}},
    }
    large = larger_axes(chart, 1.5)
    assert large["layer"][0]["encoding"]["x"]["axis"] == {"labelFontSize": 21, "title": "Epoch"}
    assert large["layer"][0]["mark"]["fontSize"] == 13
    assert large["config"]["axis"]["labelColor"] == "#123456"
    assert large["config"]["axis"]["titleFontSize"] == 1.5 * FONT_SIZE
    assert large["height"] == 300
    assert chart["config"]["axis"] == {"labelColor": "#123456"}
    assert axis_of["labelFontSize"] == 14
    assert larger_axes(chart, 1.0) == chart


def test_a_legend_stands_in_the_free_corner_on_a_wide_screen_and_below_on_a_phone():
    narrow = styled(go.Figure(), "Title", "Alt", corner="top left")
    wide = with_legend_inside(styled(go.Figure(), "Title", "Alt", corner="top left"))
    assert narrow.layout.legend.y < 0
    assert (wide.layout.legend.x, wide.layout.legend.y) == (0, 1)
    assert (wide.layout.legend.xanchor, wide.layout.legend.yanchor) == ("left", "top")
    assert with_legend_inside(styled(go.Figure(), "Title", "Alt")).layout.legend.y < 0
