"""The main job in a real browser: open a link, train, watch, stop, reload, look at a cell."""

import pytest
from browsing import dashboard

pytestmark = pytest.mark.browser
CHART = '[data-testid="stVegaLiteChart"]'
LINE = f"{CHART} .mark-line path"
SAMPLER = """
chart => {
  window.frames_seen = []
  setInterval(() => {
    const charts = [...document.querySelectorAll(chart)]
    window.frames_seen.push(charts.map(one =>
      [...one.querySelectorAll('.mark-line path')].map(line => line.getAttribute('d') || '').join('').length))
  }, 40)
}
"""
"""Notes several times a second how much of a curve each live chart shows."""


@pytest.fixture(scope="module")
def page(browser, address):
    """The visit of the first visitor of a fresh server; the tests below are its steps, in order."""
    opened = browser.new_page(viewport={"width": 1280, "height": 1000})
    opened.goto(f"{address}/train?units=256&epochs=30&batch=1")
    yield opened
    opened.close()


def slider_values(page):
    """Hidden units, epochs and batch size as the page shows them; the code of a slider comes on its own."""
    page.get_by_role("slider").nth(2).wait_for()
    values = "all => all.slice(0, 3).map(one => one.getAttribute('aria-valuetext') ?? one.value)"
    return page.get_by_role("slider").evaluate_all(values)


def test_a_link_opens_its_page_and_settings_on_a_fresh_server(page):
    page.get_by_role("button", name="Train", exact=True).wait_for()
    page.wait_for_timeout(1_000)
    assert page.get_by_text("Page not found").count() == 0
    assert slider_values(page) == ["256", "30", "1"]


def test_the_curves_grow_without_a_blank_frame(page):
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("images a second").first.wait_for(timeout=180_000)
    page.locator(LINE).nth(1).wait_for(state="attached")
    page.wait_for_timeout(1_500)
    page.evaluate(SAMPLER, CHART)
    page.wait_for_timeout(4_000)
    frames = page.evaluate("() => window.frames_seen")
    assert len(frames) > 20
    assert all(len(frame) == 2 and min(frame) > 20 for frame in frames), "a frame was blank"
    assert len({tuple(frame) for frame in frames}) > 4, "the curves did not grow"


def test_another_page_does_not_end_the_run(page):
    page.get_by_role("link", name="Glossary").click()
    page.get_by_role("heading", name="Glossary", exact=True).wait_for()
    page.get_by_role("link", name="Train").first.click()
    page.get_by_text("images a second").first.wait_for()
    page.wait_for_url("**units=256**")


def test_a_short_training_goes_ahead_of_a_long_one_which_goes_on_afterwards(page, browser, address):
    other = browser.new_page(viewport={"width": 390, "height": 844})
    other.goto(f"{address}/train?units=8&epochs=1")
    other.get_by_role("button", name="Train", exact=True).click()
    other.get_by_text("Updates of the weights").first.wait_for()
    other.close()
    assert page.locator(".st-key-stop button").is_enabled()
    page.get_by_text("images a second").first.wait_for()


def test_stop_keeps_what_was_learned(page):
    page.locator(".st-key-stop button").click()
    page.get_by_text("It was stopped early").wait_for()
    page.get_by_text("Updates of the weights").first.wait_for()


def test_a_reload_keeps_settings_and_runs(page):
    page.reload()
    page.get_by_text("It was stopped early").wait_for()
    page.get_by_role("heading", name="Runs of this visit").wait_for()
    assert slider_values(page) == ["256", "30", "1"]


def test_a_click_on_a_confusion_cell_shows_its_images(page, address):
    page.goto(f"{address}/evaluate")
    page.get_by_text("It was stopped early").wait_for()  # this visit's run, after the reload
    page.wait_for_timeout(1_000)  # its chart takes the place of the one before
    marks = page.locator('[class*="st-key-confusion"] .scatterlayer .point')
    marks.nth(4 * 10 + 4).click(force=True)  # the chart's own layer lies over its marks
    page.get_by_text("images of a 4, read as a 4").wait_for()


def test_every_link_of_the_glossary_leads_to_its_term(page, address):
    page.goto(f"{address}/glossary")
    page.get_by_role("heading", name="Snapshot", exact=True).wait_for()
    links = page.locator('[data-testid="stMain"] a[href*="#"]')
    anchors = set(links.evaluate_all("all => all.map(link => link.getAttribute('href').split('#')[1])"))
    assert len(anchors) > 30
    assert [name for name in anchors if not page.locator(f'[id="{name}"]').count()] == []


def test_a_lesson_opens_after_a_guess_and_answers_survive_a_reload(page, address):
    page.goto(f"{address}/learning")
    guess = page.get_by_role("button", name="That is my guess")
    guess.wait_for()
    assert guess.is_disabled()
    assert page.get_by_role("heading", name="Check yourself").count() == 0
    page.get_by_text("What value will this weight have at the end?").click()
    page.locator("button:enabled", has_text="That is my guess").click()
    page.get_by_role("heading", name="Check yourself").wait_for()
    page.get_by_text("It lowers it, by 0.3 times the learning rate.").click()
    reason = "The step goes against the derivative"
    page.get_by_text(reason).wait_for()
    page.reload()
    page.get_by_text(reason).wait_for()
    assert page.get_by_text("Nobody knows the final value").count() == 1


def test_a_move_on_a_lesson_changes_its_picture(page):
    title = page.get_by_text("After 1 step the loss went")
    title.wait_for()
    before = title.inner_text()
    page.get_by_role("slider", name="Learning rate").first.press("ArrowRight")
    page.wait_for_function(
        "before => ![...document.querySelectorAll('strong')].some(one => one.innerText === before)",
        arg=before,
    )
    title.wait_for()


def test_a_training_that_cannot_begin_says_why_and_the_settings_stay(browser, tmp_path):
    with dashboard(tmp_path / "log.txt", DASK_SCHEDULER_ADDRESS="tcp://127.0.0.1:1") as address:
        page = browser.new_page()
        page.goto(f"{address}/train?units=9")
        page.get_by_role("button", name="Train", exact=True).click()
        page.get_by_text("The training process cannot be reached").first.wait_for(timeout=180_000)
        assert slider_values(page)[0] == "9"
        page.get_by_role("button", name="Stop", exact=True).click()
        page.get_by_text("stopped before").first.wait_for()
        assert page.get_by_role("button", name="Train", exact=True).is_enabled()
        page.close()
