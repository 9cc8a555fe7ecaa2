"""The picture of the whole network in a real browser: point, tab, click, play, and training."""

import pytest
from playwright.sync_api import expect
from waiting import until
from walking import go, settled, visit

pytestmark = pytest.mark.browser
IS_STILL = """
async (network) => {
  const picture = () => [...network.querySelectorAll('canvas')].map((one) => one.toDataURL()).join()
  const before = picture()
  for (let n = 0; n < 20; n++) await new Promise(requestAnimationFrame)
  return picture() === before
}
"""
"""Whether the picture of the network stays as it is for 20 frames."""
HAS_NOTHING_HALF_WAY = """
(network) => {
  const moving = network.querySelector('canvas.moving')
  return !moving.getContext('2d').getImageData(0, 0, moving.width, moving.height).data.some(Boolean)
}
"""
"""Whether no connection is on its way."""
LABELS = "all => all.map((one) => one.ariaLabel)"
"""What a screen reader is told of several elements."""
IN_A_MOMENT = "canvas => new Promise((then) => setTimeout(() => then(canvas.toDataURL()), 100))"
"""The picture that a canvas shows after a tenth of a second."""


@pytest.fixture(scope="module")
def opened(kept_tab, address):
    return shown(kept_tab, address)


@pytest.fixture
def predict(opened):
    """A tab that shows the picture of the classic network, and the mouse is elsewhere."""
    opened.mouse.move(5, 5)
    go(opened, "predict")
    opened.locator(".network .neuron").first.wait_for()
    return opened


def shown(page, address):
    page.goto(f"{address}/predict")
    page.locator(".network .neuron").first.wait_for()
    settled(page)
    return page


def test_pointing_at_a_neuron_shows_its_sum_and_its_votes(predict):
    assert predict.locator(".network .neuron").count() == 42
    predict.locator(".network .neuron").nth(3).hover()
    detail = predict.locator(".network .detail")
    assert "Hidden neuron 3" in detail.inner_text()
    assert "weighted sum" in detail.inner_text()
    predict.locator(".network .outputs .neuron").nth(4).hover()
    assert "Output 4" in detail.inner_text()
    assert "probability" in detail.inner_text()


def test_a_layer_is_one_tab_stop_and_arrows_walk_through_it(predict):
    predict.locator(".signal .pace").focus()
    predict.keyboard.press("Tab")
    predict.keyboard.press("ArrowRight")
    predict.keyboard.press("ArrowDown")
    assert "Hidden neuron 2" in predict.locator(".network .detail").inner_text()
    predict.keyboard.press("End")
    assert "Hidden neuron 31" in predict.locator(".network .detail").inner_text()
    predict.keyboard.press("Tab")
    assert "Output 0" in predict.locator(".network .detail").inner_text()


def test_a_click_selects_a_neuron_and_the_page_calculates_it(predict):
    predict.locator(".network .neuron").nth(5).click()
    predict.get_by_role("heading", name="Neuron 5, the full calculation").wait_for()
    assert predict.locator('.network .neuron[aria-pressed="true"]').count() == 1
    predict.locator(".network .neuron").nth(5).click()
    predict.get_by_role("heading", name="the full calculation").wait_for(state="detached")


def test_the_signal_goes_layer_by_layer_and_can_be_paused(predict):
    lit = predict.locator(".network .layer.lit")
    assert lit.count() == 2
    predict.locator(".signal .pace").select_option("10")  # so that a busy machine sees each moment
    predict.locator(".signal .begin").click()
    expect(lit).to_have_count(0)
    predict.locator(".signal .on").click()
    expect(lit).to_have_count(1)
    predict.locator(".signal .run").click()
    expect(predict.locator(".signal .run")).to_have_text("Pause")
    assert not predict.locator(".network").evaluate(IS_STILL)
    predict.locator(".signal .run").click()
    expect(predict.locator(".signal .run")).to_have_text("Play")
    assert predict.locator(".network").evaluate(IS_STILL), "the signal went on"
    assert lit.count() == 1
    predict.locator(".signal .pace").select_option("2")
    predict.locator(".signal .run").click()
    expect(lit).to_have_count(2)


def test_a_step_goes_back_and_on_by_button_and_by_key(predict):
    lit = predict.locator(".network .layer.lit")
    predict.locator(".signal .back").click()
    expect(lit).to_have_count(1)
    predict.evaluate("() => document.activeElement.blur()")
    predict.locator(".signal .run").scroll_into_view_if_needed()
    predict.keyboard.press("ArrowLeft")
    expect(lit).to_have_count(0)
    predict.keyboard.press("ArrowRight")
    expect(lit).to_have_count(1)
    predict.keyboard.press(" ")
    expect(lit).to_have_count(2)


def test_the_error_goes_back_through_the_same_picture_with_a_sentence_for_each_step(opened):
    page = opened
    visit(page, "learning")
    sentence, head = page.locator(".network .sentence"), page.locator(".network .head")
    output, silent = page.locator(".network .outputs .neuron"), page.locator(".network .neuron.silent")
    page.locator(".signal .pace").select_option("15")
    expect(sentence).to_contain_text("The forward pass is done")
    weights = page.locator(".network .neuron canvas").first.evaluate("(canvas) => canvas.toDataURL()")
    page.locator(".signal .on").click()
    expect(sentence).to_contain_text("The error of an output")
    expect(head.last).to_have_text("Errors p − y")
    errors = [float(text.replace("−", "-")) for text in output.locator("span").all_inner_texts()]
    assert abs(sum(errors)) < 0.06
    assert [error < 0 for error in errors] == output.evaluate_all(
        "(outputs) => outputs.map((output) => output.classList.contains('true'))"
    )
    expect(page.locator(".network .layer.lit")).to_have_count(1)
    page.locator(".signal .run").click()
    expect(sentence).to_contain_text("In the first layer the derivative is pixel × error")
    expect(page.locator(".signal .run")).to_have_text("Play")
    expect(head.first).to_have_text("Hidden layer: gradients")
    assert silent.count()
    assert page.locator(".network .neuron canvas").first.evaluate("(canvas) => canvas.toDataURL()") != weights
    page.locator(".network .neuron:not(.silent)").first.hover()
    expect(page.locator(".network .detail")).to_contain_text("10 products, weight × error, add up to")
    for _ in range(5):
        page.locator(".signal .back").click()
    expect(sentence).to_contain_text("The forward pass is done")
    expect(head.first).to_have_text("Hidden layer")
    assert page.locator(".network .neuron canvas").first.evaluate("(canvas) => canvas.toDataURL()") == weights


def test_neurons_that_dropout_leaves_out_are_crossed_out_and_another_mask_crosses_others(opened):
    page = opened
    visit(page, "generalizing")
    crossed = page.locator(".network .neuron.left-out")
    crossed.first.wait_for()
    before = crossed.evaluate_all(LABELS)
    assert 0 < len(before) < 32
    assert all(label.endswith("left out") for label in before)
    crossed.first.hover()
    told = page.locator(".network .detail")
    expect(told).to_contain_text("Left out of this update: its output is 0.")
    expect(told).to_contain_text("it adds nothing")
    page.get_by_role("button", name="Draw another mask").click()
    until(lambda: crossed.evaluate_all(LABELS) not in ([], before), pause=0.1)


def test_who_wants_no_motion_gets_whole_layers(phone, address):
    phone.emulate_media(reduced_motion="reduce")
    tab = shown(phone, address)
    tab.locator(".signal .place").fill("0")
    tab.locator(".signal .pace").select_option("2")
    tab.locator(".signal .run").click()
    expect(tab.locator(".network .layer.lit")).to_have_count(1)
    assert tab.locator(".network").evaluate(HAS_NOTHING_HALF_WAY)
    expect(tab.locator(".network .layer.lit")).to_have_count(2)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


def test_weights_take_shape_while_it_trains(page, address):
    page.goto(f"{address}/train?units=256&epochs=30&batch=1&seed=915")
    page.get_by_role("button", name="Train", exact=True).click()
    weights, seen = page.locator(".network .neuron canvas").first, set()
    while len(seen) < 3:
        seen.add(weights.evaluate(IN_A_MOMENT))
    page.locator(".st-key-stop button").click()
