"""The main job in a real browser: open a link, train, watch, stop, reload, look at a cell."""

import pytest
from walking import go, settled

pytestmark = pytest.mark.browser
SAMPLER = """
stage => {
  window.frames_seen = []
  setInterval(() => {
    const curves = [...stage.querySelectorAll('.curve')]
    window.frames_seen.push(curves.map((one) =>
      [...one.querySelectorAll('polyline')].map((line) => line.getAttribute('points') || '').join('').length))
  }, 40)
}
"""
"""Notes several times a second how much of a curve each live chart shows."""
SETTINGS = ["256", "30", "1"]
"""Hidden neurons, epochs and batch size of a run of a minute or more."""


def slider_values(page):
    """Hidden neurons, epochs and batch size as the page shows them; the code of a slider comes on its own."""
    page.get_by_role("slider").nth(2).wait_for()
    values = "all => all.slice(0, 3).map(one => one.getAttribute('aria-valuetext') ?? one.value)"
    return page.get_by_role("slider").evaluate_all(values)


def train_for_long(page, address, seed):
    """Begin a run that lasts longer than the test, until its curves are drawn; two tests never share one."""
    page.goto(f"{address}/train?units=256&epochs=30&batch=1&seed={seed}")
    page.get_by_role("button", name="Train", exact=True).wait_for()
    assert page.get_by_text("Page not found").count() == 0
    assert slider_values(page) == SETTINGS
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("images per second").first.wait_for()
    for curve in page.locator(".stage .curve").all():  # whose lines are empty before the first report
        curve.locator('polyline[points*=" "]').first.wait_for(state="attached")


def stop(page):
    page.locator(".st-key-stop button").click()
    page.get_by_text("It is paused").wait_for()
    page.get_by_text("Paused: ").first.wait_for()


def test_the_curves_of_a_linked_run_grow_without_a_blank_frame_and_a_reload_keeps_it(page, address):
    train_for_long(page, address, 911)
    page.locator(".stage").evaluate(SAMPLER)
    page.wait_for_function(
        "() => frames_seen.length > 20 && new Set(frames_seen.map((frame) => frame.join())).size > 4"
    )
    frames = page.evaluate("() => window.frames_seen")
    blank = [number for number, frame in enumerate(frames) if len(frame) != 2 or min(frame) <= 20]
    assert not blank, f"{frames[: blank[0] + 3]}: frame {blank[0]} was blank"
    stop(page)
    page.reload()
    page.get_by_text("It is paused").wait_for()
    page.get_by_role("heading", name="Runs of this visit").wait_for()
    assert slider_values(page) == SETTINGS


def test_neither_another_page_nor_a_shorter_training_that_goes_ahead_ends_a_run(page, phone, address):
    train_for_long(page, address, 912)
    page.get_by_role("link", name="Glossary").click()
    page.get_by_role("heading", name="Glossary", exact=True).wait_for()
    page.get_by_role("link", name="Train").first.click()
    page.get_by_text("images per second").first.wait_for()
    page.wait_for_url("**units=256**")
    phone.goto(f"{address}/train?units=2&epochs=1")
    phone.get_by_role("button", name="Train", exact=True).click()
    phone.get_by_text("Trained: ").first.wait_for()
    assert page.locator(".st-key-stop button").is_enabled()
    page.get_by_text("images per second").first.wait_for()
    stop(page)


@pytest.fixture
def opened(kept_tab, address):
    """Opens a page in a tab in which others were opened before."""

    def page(path):
        if kept_tab.url.startswith(address):
            go(kept_tab, path)
        else:
            kept_tab.goto(f"{address}/{path}")
        return kept_tab

    return page


def test_a_click_on_a_confusion_cell_marks_it_and_shows_its_images(opened):
    page = opened("evaluate")
    marks = page.locator('[class*="st-key-confusion"] .scatterlayer .point')
    marks.nth(4 * 10 + 4).wait_for(state="attached")
    settled(page)
    marks.nth(4 * 10 + 4).click(force=True)  # the chart's own layer lies over its marks
    page.get_by_text("images of a 4, read as a 4").wait_for()
    settled(page)
    (line,) = page.locator('[class*="st-key-confusion"] .shapelayer path').all()
    middle = [side["x"] + side["width"] / 2 for side in (line.bounding_box(), marks.nth(44).bounding_box())]
    assert abs(middle[0] - middle[1]) < 3


def test_every_link_of_the_glossary_leads_to_its_term(opened):
    page = opened("glossary")
    page.get_by_role("heading", name="Snapshot", exact=True).wait_for()
    settled(page)
    links = page.locator('[data-testid="stMain"] a[href*="#"]')
    anchors = set(links.evaluate_all("all => all.map(link => link.getAttribute('href').split('#')[1])"))
    assert len(anchors) > 30
    ids = set(page.locator("[id]").evaluate_all("all => all.map(one => one.id)"))
    assert anchors <= ids


def test_a_lesson_opens_after_a_guess_and_moves_and_its_answers_survive_a_reload(opened):
    page = opened("learning")
    guess = page.get_by_role("button", name="That is my guess")
    guess.wait_for()
    assert guess.is_disabled()
    assert page.get_by_role("heading", name="Check yourself").count() == 0
    page.get_by_text("It rises far above where it was").click()
    page.locator("button:enabled", has_text="That is my guess").click()
    page.get_by_role("heading", name="Check yourself").wait_for()
    page.get_by_text("It lowers it, by 0.3 times the learning rate").click()
    reason = "The slope says that the loss rises with the weight"
    page.get_by_text(reason).wait_for()
    page.reload()
    page.get_by_text(reason).wait_for()
    assert page.get_by_text("A long step for one image teaches the network").count() == 1
    page.get_by_text("After 5 updates the loss went").wait_for()
    page.locator(".st-key-descent_steps").get_by_role("slider").press("ArrowRight")
    page.get_by_text("After 6 updates the loss went").wait_for()
