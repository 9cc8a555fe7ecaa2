"""The picture of the whole network in a real browser: point, tab, click, play, and training."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser, address):
    tab = browser.new_page(viewport={"width": 1280, "height": 1000})
    tab.goto(f"{address}/predict")
    tab.locator(".network .neuron").first.wait_for(timeout=180_000)
    yield tab
    tab.close()


def test_pointing_at_a_neuron_shows_its_sum_and_its_votes(page):
    assert page.locator(".network .neuron").count() == 42
    page.locator(".network .neuron").nth(3).hover()
    detail = page.locator(".network .detail")
    assert "Hidden neuron 3" in detail.inner_text()
    assert "weighted sum" in detail.inner_text()
    page.locator(".network .outputs .neuron").nth(4).hover()
    assert "Output 4" in detail.inner_text()
    assert "probability" in detail.inner_text()


def test_a_layer_is_one_tab_stop_and_arrows_walk_through_it(page):
    page.locator(".network .pace").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert "Hidden neuron 2" in page.locator(".network .detail").inner_text()
    page.keyboard.press("End")
    assert "Hidden neuron 31" in page.locator(".network .detail").inner_text()
    page.keyboard.press("Tab")
    assert "Output 0" in page.locator(".network .detail").inner_text()


def test_a_click_selects_a_neuron_and_the_page_calculates_it(page):
    page.locator(".network .neuron").nth(5).click()
    page.get_by_role("heading", name="Neuron 5, the full calculation").wait_for()
    assert page.locator('.network .neuron[aria-pressed="true"]').count() == 1
    page.locator(".network .neuron").nth(5).click()
    page.get_by_role("heading", name="the full calculation").wait_for(state="detached")


def test_the_signal_goes_layer_by_layer_and_can_be_paused(page):
    lit = page.locator(".network .layer.lit")
    assert lit.count() == 2
    page.locator(".network .pace").select_option("slow")  # so that a busy machine sees each moment
    page.locator(".network .step").click()
    expect(lit).to_have_count(0)
    expect(lit).to_have_count(1)
    page.locator(".network .play").click()
    page.wait_for_timeout(300)
    assert page.locator(".network .play").inner_text() == "Pause"
    page.locator(".network .play").click()
    page.wait_for_timeout(2_800)
    assert lit.count() == 1
    page.locator(".network .pace").select_option("fast")
    page.locator(".network .play").click()
    expect(lit).to_have_count(2)


def test_who_wants_no_motion_gets_whole_layers(browser, address):
    tab = browser.new_page(viewport={"width": 390, "height": 900}, reduced_motion="reduce")
    tab.goto(f"{address}/predict")
    tab.locator(".network .neuron").first.wait_for(timeout=180_000)
    tab.locator(".network .step").click()
    assert tab.locator(".network .layer.lit").count() == 1
    tab.locator(".network .play").click()
    assert tab.locator(".network .layer.lit").count() == 2  # at once: nothing moves
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.close()


def test_weights_take_shape_while_it_trains(browser, address):
    tab = browser.new_page(viewport={"width": 1280, "height": 1000})
    tab.goto(f"{address}/train?units=16&epochs=30&batch=16")
    tab.get_by_role("button", name="Train", exact=True).click()
    weights = tab.locator(".network .neuron canvas").first
    weights.wait_for()
    seen = set()
    for _ in range(100):
        seen.add(weights.evaluate("canvas => canvas.toDataURL()"))
        if len(seen) > 2:
            break
        tab.wait_for_timeout(100)
    assert len(seen) > 2
    tab.close()
