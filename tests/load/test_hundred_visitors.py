"""A hundred visitors on one server: the shared link, and a lecture that goes on."""

import asyncio

import pytest

from benchmarks.harness.server import Server
from benchmarks.lecture import SETTINGS, hold_lecture
from dashboard.lecture.itinerary import read_tour

pytestmark = pytest.mark.load
N_VISITORS = 100
MINUTES = 10
PATIENCE = 30_000
"""Milliseconds; on two cores that nothing else uses, it is about a tenth of this for all hundred."""


@pytest.fixture(scope="module")
def lecture():
    """What everybody got and how long it took; an exception or an error on any page ends it."""
    with Server("app.py") as server:
        return asyncio.run(hold_lecture(server.port, N_VISITORS, MINUTES))


def test_a_hundred_phones_that_open_the_link_at_once_all_show_its_settings(lecture):
    first, _, _ = lecture
    assert len(first) == N_VISITORS
    for view in first:
        front = {slider.label: slider.value[0] for slider, _ in view.sliders.values() if slider.value}
        assert front["Hidden neurons"] == int(SETTINGS["units"])
        assert front["Epochs"] == int(SETTINGS["epochs"])
        assert "No run is shown" not in " ".join(view.alerts)  # but the lecturer's
        assert view.milliseconds < PATIENCE


def test_meanwhile_the_lecturer_goes_through_the_tour_and_everybody_through_pages(lecture):
    _, pages, steps = lecture
    assert len(steps) == len(read_tour(MINUTES).steps)
    assert len(pages) >= N_VISITORS
    assert max(*steps, *pages) < PATIENCE
