"""Present mode: the size of things, and that the page is all there is."""

import json

import pytest
from paths import ROOT
from streamlit.testing.v1 import AppTest

from dashboard import site_map
from dashboard.session.present import FIGURE_SCALE

PAGES = [page.path for page in site_map.PAGES]


@pytest.fixture(scope="module")
def presented(app):
    """A visit in present mode, in the middle of a tour."""
    started = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    started.context = {"is_embedded": True, "url": "http://localhost:8501/"}
    started.query_params["tour"], started.query_params["step"] = "30", "3"
    return started.run()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs_in_present_mode_without_a_sidebar(presented, page):
    presented.switch_page(page).run()
    assert not presented.exception
    assert presented.title
    assert not presented.sidebar.children
    assert any(text.value.startswith("**3 / ") for text in presented.markdown)


def test_the_figures_of_a_presented_page_are_larger_than_those_of_the_page(presented, app):
    def sizes(visit):
        visit.switch_page(site_map.PREDICT.path).run()
        charts = visit.get("plotly_chart")
        return [json.loads(chart.proto.spec)["layout"]["font"]["size"] for chart in charts]

    plain, large = sizes(app), sizes(presented)
    assert plain
    assert large == [pytest.approx(FIGURE_SCALE * size) for size in plain]


def test_the_type_of_the_page_is_larger_in_present_mode_only(presented, app):
    def styles(visit):
        visit.run()
        return [element.proto.body for element in visit.get("html") if "font-size" in element.proto.body]

    assert not styles(app)
    assert len(styles(presented)) == 1


def test_the_notes_and_the_way_out_of_the_tour_are_there(presented):
    presented.switch_page(site_map.TRAIN.path).run()
    assert any("**Ask.**" in text.value for text in presented.markdown)
    presented.button(key="tour_leave").click().run()
    assert not any(text.value.startswith("**3 / ") for text in presented.markdown)
    presented.query_params["tour"], presented.query_params["step"] = "30", "3"
    presented.run()
