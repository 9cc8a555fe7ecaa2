"""The draw page in a real browser: a mouse and a finger draw, and the bars follow."""

import json

import browsing
import numpy as np
import pytest
from paths import SHARED_DATA
from PIL import Image

from mnist_core.images.dataset import load_dataset
from mnist_core.images.drawing import render
from mnist_core.images.sample_drawings import sample

pytestmark = pytest.mark.browser
PEN_DIGITS = SHARED_DATA / "pen_digits.json"
CANVAS = "canvas[role=img]"
READING = "h2"
INK = """
canvas => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  return [data.filter((level, i) => i % 4 === 0 && level > 200).length, canvas.width]
}
"""


@pytest.fixture(scope="module")
def page(browser, address):
    """The visit of one visitor; the tests below are its steps, in order."""
    opened = browser.new_page(viewport={"width": 1280, "height": 1000})
    opened.goto(f"{address}/draw")
    opened.locator(CANVAS).wait_for(timeout=180_000)
    yield opened
    opened.close()


@pytest.fixture
def blank(page):
    """The page with nothing drawn."""
    settle(page)
    if page.get_by_role("button", name="Clear").is_enabled():
        clear(page)
    settle(page)
    return page


def strokes_of(digit, reach=200):
    """A pen-drawn digit in the middle of the square of 280 units."""
    points = np.concatenate([np.array(stroke, float) for stroke in digit["strokes"]])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = reach / max(1, (high - low).max())
    every_third = [[*stroke[:-1:3], stroke[-1]] for stroke in digit["strokes"]]  # each point is an event
    return [((np.array(s) - (low + high) / 2) * scale + 140).tolist() for s in every_third]


def draw(page, strokes):
    browsing.draw(page, page.locator(CANVAS), strokes)


def settle(page):
    """Wait until the page does nothing any more."""
    page.wait_for_timeout(300)
    page.wait_for_function("() => !document.querySelector('[data-testid=stStatusWidget]')")


def clear(page):
    page.get_by_role("button", name="Clear").click()
    page.get_by_text("Nothing is drawn yet").wait_for()


def reading(page):
    return int(page.locator(READING).filter(has_text="Read as a").inner_text().split()[3].strip(","))


def ink(page):
    """How many of the canvas's pixels are white, and the pixels of its side."""
    return page.locator(CANVAS).evaluate(INK)


def test_twenty_digits_of_thirty_people_are_read_from_pointer_events(blank):
    if not PEN_DIGITS.is_file():
        pytest.skip("the pen-drawn digits are not on this machine (../shared/data/pen_digits.json)")
    digits = json.loads(PEN_DIGITS.read_text())[::30]
    n_right = 0
    for digit in digits:
        draw(blank, strokes_of(digit))
        settle(blank)
        n_right += reading(blank) == digit["label"]
        clear(blank)
    assert len(digits) == 20
    if len(load_dataset().train_labels) > 50_000:
        assert n_right >= 16


def test_undo_and_clear_by_button_and_by_key(blank):
    draw(blank, [[(60, 60), (60, 220)], [(200, 60), (200, 220)]])
    both = ink(blank)[0]
    blank.locator(CANVAS).press("Control+z")
    one = ink(blank)[0]
    assert one == pytest.approx(both / 2, rel=0.1)
    blank.locator(CANVAS).press("Delete")
    assert ink(blank)[0] == 0
    blank.get_by_text("Nothing is drawn yet").wait_for()
    blank.get_by_role("button", name="Undo").click()
    assert ink(blank)[0] == one
    settle(blank)
    assert reading(blank) in range(10)
    clear(blank)


def test_the_brush_can_be_thicker_and_thinner(blank):
    inks = []
    for name in ("Thin", "Medium", "Thick"):
        button = blank.get_by_role("button", name=f"{name} brush")
        button.click()
        assert button.get_attribute("aria-pressed") == "true"
        draw(blank, [[(140, 60), (140, 220)]])
        inks.append(ink(blank)[0])
        clear(blank)
    assert inks[1] / inks[0] == pytest.approx(1.8, rel=0.2)
    assert inks[2] / inks[1] == pytest.approx(1.75, rel=0.2)
    blank.locator(CANVAS).press("2")
    assert blank.get_by_role("button", name="Medium brush").get_attribute("aria-pressed") == "true"


def test_strokes_drawn_in_quick_succession_all_stay(blank):
    draw(blank, [[(x, 40), (x + 5, 240)] for x in range(40, 240, 20)])
    before = ink(blank)[0]
    settle(blank)
    blank.wait_for_timeout(1_000)
    assert ink(blank)[0] == before
    clear(blank)


def test_a_digit_is_drawn_for_who_asks_and_survives_a_change_of_page_and_a_reload(blank):
    blank.get_by_role("button", name="Draw one for me").click()
    blank.locator(READING).filter(has_text="Read as a").wait_for()
    settle(blank)
    drawn = ink(blank)[0]
    assert drawn > 1_000
    read_before = reading(blank)
    blank.get_by_role("link", name="Glossary").click()
    blank.get_by_role("heading", name="Glossary", exact=True).wait_for()
    blank.get_by_role("link", name="Draw", exact=True).click()
    blank.locator(CANVAS).wait_for()
    settle(blank)
    assert ink(blank)[0] == drawn
    assert reading(blank) == read_before
    blank.reload()
    blank.locator(READING).filter(has_text="Read as a").wait_for()
    settle(blank)
    assert ink(blank)[0] == drawn
    assert reading(blank) == read_before


def test_the_switch_shows_the_shrunk_picture_and_back(page):
    page.get_by_text("Leave out the preparation").click()
    page.get_by_text("Merely made smaller").wait_for()
    page.get_by_text("Leave out the preparation").click()
    page.get_by_text("the centre of mass lies in the middle").wait_for()


def test_a_slider_moves_its_curves(page):
    page.get_by_role("slider", name="Rotate clockwise").press("ArrowRight")
    page.get_by_text("Rotate clockwise: read as a").wait_for()
    page.locator('[class*="st-key-nudge_curves"] .scatterlayer .trace').nth(9).wait_for()
    page.get_by_role("button", name="Undo all nudges").click()
    settle(page)


def test_a_photograph_is_read_and_a_text_file_is_not(page, tmp_path):
    photograph = tmp_path / "two.png"
    Image.fromarray(255 - render(sample(2))).save(photograph)
    text = tmp_path / "text.png"
    text.write_text("I am no picture.")
    page.get_by_text("Upload a photo", exact=True).click()
    page.locator("input[type=file]").set_input_files(text)
    page.get_by_text("no PNG, JPEG or WebP picture").wait_for()
    page.locator("input[type=file]").set_input_files(photograph)
    page.get_by_role("heading", name="Read as a 2").wait_for()
    page.get_by_text("made gray").wait_for()


def test_a_finger_draws_on_a_phone_without_moving_the_page(browser, address):
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=3
    )
    phone = context.new_page()
    phone.goto(f"{address}/draw")
    canvas = phone.locator(CANVAS)
    canvas.wait_for()
    phone.wait_for_timeout(1_000)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    touch = phone.context.new_cdp_session(phone)

    def send(kind, points):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    for number, (x, y) in enumerate(sample(7)[0].points):
        place = {"x": box["x"] + x * box["width"] / 280, "y": box["y"] + y * box["height"] / 280, "id": 0}
        send("touchMove" if number else "touchStart", [place])
        if number == 20:  # a second finger draws nothing
            send("touchStart", [place, {"x": box["x"] + 5, "y": box["y"] + 5, "id": 1}])
            send("touchEnd", [place])
    send("touchEnd", [])
    phone.locator(READING).filter(has_text="Read as a").wait_for()
    assert canvas.bounding_box()["y"] == pytest.approx(box["y"], abs=1)
    white, side = ink(phone)
    assert side == pytest.approx(3 * box["width"], abs=14)
    assert white > 0.02 * side**2
    width = phone.evaluate("() => document.documentElement.scrollWidth")
    assert width <= 390
    context.close()
