"""What plays beside the film plays in a real browser by the same controls and keys: the steps of a chart."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
LENGTH = "chart => chart.querySelector('.js-line').getAttribute('d').split('L').length"
"""How many points the first line of a chart has."""


@pytest.fixture
def race(page, address):
    """The optimisers' race; its first line is the path of SGD, which is drawn to its end."""
    page.goto(f"{address}/optimizers")
    page.get_by_role("button", name="Show me without a guess").click()
    chart = page.locator('[class*="st-key-chart_race_paths"] .scatterlayer')
    chart.locator(".js-line").first.wait_for(state="attached")
    page.locator(".frames .told").get_by_text("Updates made: 100 of 100").wait_for()
    page.locator(".frames .player").scroll_into_view_if_needed()
    return page, chart


def test_a_race_is_stepped_and_played_by_the_keys_of_the_film(race):
    page, chart = race
    told = page.locator(".frames .told")
    whole = chart.evaluate(LENGTH)
    page.locator(".frames .back").click()
    expect(told).to_have_text("Updates made: 98 of 100")
    page.keyboard.press("Home")  # the button that was pressed has the focus
    expect(told).to_have_text("Updates made: 0 of 100")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(told).to_have_text("Updates made: 1 of 100")
    page.wait_for_function(
        "whole => document.querySelector('[class*=\"st-key-chart_race_paths\"] .scatterlayer .js-line')"
        ".getAttribute('d').split('L').length < whole",
        arg=whole,
    )
    page.locator(".frames .pace").select_option("5")
    page.locator(".frames .run").click()
    page.locator(".frames.playing").wait_for()
    page.locator(".frames:not(.playing)").wait_for()
    expect(told).to_have_text("Updates made: 100 of 100")
    expect(page.locator(".frames .news")).to_have_text("Updates made: 100 of 100")
