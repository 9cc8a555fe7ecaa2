"""Present mode: the size of things, and that the page is all there is."""

import json

import pytest
import streamlit as st
from paths import ROOT
from streamlit.testing.v1 import AppTest

from dashboard import site_map
from dashboard.server.first_page import SCREEN_COOKIE, SCRIPT
from dashboard.session import present

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


def sizes_in_figures(visit):
    return {json.loads(chart.proto.spec)["layout"]["font"]["size"] for chart in visit.get("plotly_chart")}


@pytest.mark.parametrize(
    ("screen", "size"),
    [
        ("1920x1080", 15 * 1.55),  # a root of 26.3 pixels, which is the usual 17 times 1.55
        ("1280x720", 15 * 1.15),  # low: 19.4
        ("1024x768", 15 * 1.05),  # narrow: 18.2
        ("", 15 * 1.15),  # it has said nothing
        ("99999999x1", 15 * 1.15),
        ("1280x720; drop", 15 * 1.15),
    ],
)
def test_text_in_figures_grows_with_the_screen_as_the_type_of_the_page_does(
    presented, monkeypatch, screen, size
):
    cookies = {SCREEN_COOKIE: screen} if screen else {}
    monkeypatch.setattr(type(st.context), "cookies", property(lambda _: cookies))
    (drawn,) = sizes_in_figures(presented.switch_page(site_map.PREDICT.path).run())
    assert drawn == pytest.approx(size)


def test_text_in_figures_is_as_it_was_made_outside_of_present_mode(app):
    assert sizes_in_figures(app.switch_page(site_map.PREDICT.path).run()) == {15}


@pytest.mark.parametrize(("screen", "is_phone"), [("390x844", True), ("768x1024", False), ("", False)])
def test_a_phone_is_known_by_its_width(monkeypatch, screen, is_phone):
    monkeypatch.setattr(type(st.context), "cookies", property(lambda _: {SCREEN_COOKIE: screen}))
    assert present.is_phone() == is_phone


def test_the_browser_writes_the_cookie_that_is_read():
    assert f"{SCREEN_COOKIE}=" in SCRIPT


def test_the_type_of_the_page_is_larger_in_present_mode_only(presented, app):
    def styles(visit):
        visit.run()
        return [element.proto.body for element in visit.get("html") if ":root:root" in element.proto.body]

    assert not styles(app)
    assert len(styles(presented)) == 1


def test_the_notes_and_the_way_out_of_the_tour_are_there(presented):
    presented.switch_page(site_map.TRAIN.path).run()
    for is_open in (True, False):
        presented.button(key="notes").click().run()
        assert any("**Ask.**" in text.value for text in presented.markdown) == is_open
    presented.button(key="tour_leave").click().run()
    assert not any(text.value.startswith("**3 / ") for text in presented.markdown)
    presented.query_params["tour"], presented.query_params["step"] = "30", "3"
    presented.run()
