"""Photographs in a real browser: a frame to drag, digits to choose from; a palm, and a cancelled stroke."""

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from walking import settled

from mnist_core.images.drawing import render
from mnist_core.images.sample_drawings import sample

pytestmark = pytest.mark.browser
CANVAS = "canvas[role=img]"
POINTERS = """
(canvas, events) => {
  canvas.setPointerCapture = () => {}
  const box = canvas.getBoundingClientRect()
  for (const [type, pointerId, pointerType, x, y] of events) {
    const clientX = box.left + x * box.width / 280, clientY = box.top + y * box.height / 280
    const button = type === 'pointermove' ? -1 : 0
    const where = { clientX, clientY, button, bubbles: true }
    canvas.dispatchEvent(new PointerEvent(type, { pointerId, pointerType, ...where }))
  }
}
"""
INK_AT = """
(canvas, [x, y]) => {
  const pen = canvas.getContext('2d'), scale = canvas.width / 280
  return pen.getImageData(x * scale, y * scale, 1, 1).data[0]
}
"""


@pytest.fixture
def blank(page, address):
    page.goto(f"{address}/draw")
    page.get_by_text("Nothing is drawn yet").wait_for()
    settled(page)
    return page


def two_digits(path):
    sheet = np.zeros((560, 1120), np.uint8)
    for place, digit in enumerate((4, 2)):
        sheet[:, 560 * place : 560 * (place + 1)] = render(sample(digit))
    Image.fromarray(255 - sheet).save(path)
    return path


def middle(frame):
    box = frame.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_of_two_digits_each_can_be_chosen_and_a_frame_corrects_what_was_found(blank, tmp_path):
    blank.get_by_text("Upload a photo", exact=True).click()
    blank.locator("input[type=file]").set_input_files(two_digits(tmp_path / "42.png"))
    chosen = blank.locator(".frame.chosen")
    chosen.wait_for()
    blank.get_by_text("2 things that could be digits").wait_for()
    middles = [middle(blank.locator(".frame").nth(place)) for place in (0, 1)]
    first = "4" if chosen.locator("b").inner_text() == "1" else "2"
    blank.get_by_role("heading", name=f"a {first}").wait_for()
    other = "2" if first == "4" else "4"
    blank.locator(".frame:not(.chosen)").click()
    blank.get_by_role("heading", name=f"a {other}").wait_for()
    settled(blank)
    chosen.focus()
    chosen.press("Shift+ArrowDown")  # a little larger: from now on there is one digit, in the frame
    expect(blank.locator(".frame")).to_have_count(1)
    blank.get_by_role("heading", name=f"a {other}").wait_for()
    settled(blank)
    blank.mouse.move(*middle(chosen))
    blank.mouse.down()
    blank.mouse.move(*middles["42".index(first)], steps=4)
    blank.mouse.up()
    blank.get_by_role("heading", name=f"a {first}").wait_for()
    blank.get_by_role("button", name="Look for the digit again").click()
    expect(blank.locator(".frame")).to_have_count(2)


def test_a_pen_wins_over_the_palm_and_a_cancelled_stroke_leaves_nothing(blank):
    canvas = blank.locator(CANVAS)
    pen = [["pointermove", 2, "pen", 60 + 5 * i, 60 + 6 * i] for i in range(20)]
    events = [
        ["pointerdown", 1, "touch", 230, 250], ["pointerdown", 2, "pen", 60, 60], *pen,
        ["pointerup", 2, "pen", 160, 180], ["pointerup", 1, "touch", 232, 252],
    ]  # fmt: skip
    canvas.evaluate(POINTERS, events)
    lifted = blank.evaluate("performance.now()")
    assert canvas.evaluate(INK_AT, [110, 120]) > 200
    assert canvas.evaluate(INK_AT, [230, 250]) == 0
    settled(blank)
    blank.get_by_role("button", name="Clear").click()
    blank.get_by_text("Nothing is drawn yet").wait_for()
    blank.wait_for_function("lifted => performance.now() > lifted + 800", arg=lifted)  # `PALM` of canvas.js
    events = [["pointerdown", 3, "touch", 60, 60], ["pointermove", 3, "touch", 80, 90]]
    canvas.evaluate(POINTERS, events)
    assert canvas.evaluate(INK_AT, [70, 75]) > 200
    canvas.evaluate(POINTERS, [["pointercancel", 3, "touch", 80, 90]])
    assert canvas.evaluate(INK_AT, [70, 75]) == 0
    expect(blank.get_by_role("button", name="Clear")).to_be_disabled()
