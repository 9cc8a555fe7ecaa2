"""What plays beside the film plays in a real browser by the same controls and keys: the steps of a chart."""

import re

import pytest
from playwright.sync_api import expect
from walking import go, settled

pytestmark = pytest.mark.browser
COUNT_RUNS = """
() => {
  window.runs = 0
  const app = document.querySelector('[data-testid="stApp"]')
  const count = () => { if (app.dataset.testScriptState === 'running') window.runs += 1 }
  new MutationObserver(count).observe(app, { attributeFilter: ['data-test-script-state'] })
}
"""
"""Counts how often the page runs from here on."""
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


def test_keys_that_are_switched_off_do_nothing_on_the_whole_page_and_come_back(page, address):
    page.goto(f"{address}/tour")
    switch_keys(page)
    go(page, "optimizers?embed=true&tour=60&step=8&section=2")
    page.get_by_role("button", name="Show me without a guess").click()
    page.get_by_role("button", name=re.compile("^On: ")).wait_for()
    assert "(key" not in page.locator("[title]").evaluate_all("all => all.map(one => one.title).join()")
    player = page.locator(".frames .player")
    player.wait_for()
    settled(page)
    page.get_by_role("heading", level=2).first.click()
    where, told = page.url, page.locator(".frames .told").inner_text()
    page.evaluate(COUNT_RUNS)
    for key in ("p", "n", "b", "PageDown", "PageUp", "j", "k", "r", "c", "Home", " ", "ArrowLeft", "End"):
        page.keyboard.press(key)
    player.locator(".back").click()  # after which all that was pressed before has had its effect
    expect(page.locator(".frames .told")).not_to_have_text(told)
    assert (page.url, page.evaluate("window.runs")) == (where, 0)
    page.keyboard.press("Home")  # which the button that was pressed takes for its own
    expect(page.locator(".frames .told")).to_have_text(re.compile("made: 0 of"))
    page.reload()
    page.get_by_role("button", name=re.compile("^Leave present mode$")).wait_for()
    go(page, "tour")
    switch_keys(page)
    page.keyboard.press("p")
    page.wait_for_url("**embed=true**")


def switch_keys(page):
    """Switch them off or on again, and wait until the buttons know."""
    button = page.get_by_role("button", name=re.compile("^Larger type"))
    button.wait_for()
    settled(page)
    before = button.get_attribute("title")
    page.get_by_text("Keys work on the whole page").click()
    expect(button).not_to_have_attribute("title", before)
    page.get_by_role("heading", level=1).click()
