"""The draw page in a real browser: a mouse and a finger draw, and the bars follow."""

import re

import browsing
import pytest
from data_room import PARTS
from one_screen import SIZES
from PIL import Image
from playwright.sync_api import expect
from walking import choose, drawn, go, run_again, settled, visit

from mnist_core.images.drawing import render
from mnist_core.images.sample_drawings import sample

pytestmark = pytest.mark.browser
CANVAS = "canvas[role=img]"
SCROLL = "(main, part) => { main.scrollTop = part * main.scrollHeight }"
INK = """
canvas => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  return [data.filter((level, i) => i % 4 === 0 && level > 200).length, canvas.width]
}
"""


@pytest.fixture
def blank(page, address):
    """The page with nothing drawn."""
    return opened(page, address)


def opened(page, address):
    page.goto(f"{address}/draw")
    page.get_by_text("Nothing is drawn yet").wait_for()
    settled(page)
    return page


@pytest.fixture(scope="module")
def kept_pad(kept_tab, address):
    return opened(kept_tab, address)


@pytest.fixture
def pad(kept_pad):
    """The same, where somebody drew before."""
    if ink(kept_pad)[0]:
        clear(kept_pad)
        settled(kept_pad)
    return kept_pad


def draw(page, strokes):
    browsing.draw(page, page.locator(CANVAS), strokes)


def clear(page):
    page.get_by_role("button", name="Clear").click()
    page.get_by_text("Nothing is drawn yet").wait_for()


def reading(page):
    """The digit that the page reads, once it does."""
    heading = page.get_by_role("heading", name=re.compile("^(Read as|Not sure: perhaps) a"))
    heading.wait_for()
    settled(page)
    return int(heading.locator("b").inner_text())


def ink(page):
    """How many of the canvas's pixels are white, and the pixels of its side."""
    return page.locator(CANVAS).evaluate(INK)


def test_digits_are_read_from_pointer_events(pad):
    for digit in (0, 1, 3, 4, 8):  # the network of the sample is sure of these; test_drawing has the rest
        draw(pad, [stroke.points for stroke in sample(digit)])
        pad.get_by_role("heading", name=re.compile(f"Read as an? {digit}")).wait_for()
        clear(pad)


def test_undo_and_clear_by_button_and_by_key(pad):
    draw(pad, [[(60, 60), (60, 220)], [(200, 60), (200, 220)]])
    both = ink(pad)[0]
    pad.locator(CANVAS).press("Control+z")
    one = ink(pad)[0]
    assert one == pytest.approx(both / 2, rel=0.1)
    pad.locator(CANVAS).press("Delete")
    assert ink(pad)[0] == 0
    pad.get_by_text("Nothing is drawn yet").wait_for()
    pad.get_by_role("button", name="Undo", exact=True).click()
    assert ink(pad)[0] == one
    assert reading(pad) in range(10)


def test_the_brush_can_be_thicker_and_thinner(pad):
    inks = []
    for name in ("Thin", "Medium", "Thick"):
        button = pad.get_by_role("button", name=f"{name} brush")
        button.click()
        assert button.get_attribute("aria-pressed") == "true"
        draw(pad, [[(140, 60), (140, 220)]])
        inks.append(ink(pad)[0])
        clear(pad)
    assert inks[1] / inks[0] == pytest.approx(1.8, rel=0.2)
    assert inks[2] / inks[1] == pytest.approx(1.75, rel=0.2)
    pad.locator(CANVAS).press("2")
    assert pad.get_by_role("button", name="Medium brush").get_attribute("aria-pressed") == "true"


def test_strokes_drawn_in_quick_succession_all_stay_and_survive_a_change_of_page_and_a_reload(blank):
    draw(blank, [[(x, 40), (x + 5, 240)] for x in range(40, 240, 40)])
    drawn = ink(blank)[0]
    assert reading(blank) in range(10)
    assert ink(blank)[0] == drawn
    go(blank, "glossary")
    go(blank, "draw")
    read_before = reading(blank)
    assert ink(blank)[0] == drawn
    blank.reload()
    assert reading(blank) == read_before
    assert ink(blank)[0] == drawn


def test_a_stroke_that_went_astray_with_a_change_of_page_is_sent_when_the_canvas_is_back(pad):
    draw(pad, [[(60, 60), (60, 220)]])
    one = ink(pad)[0]
    reading(pad)
    go(pad, "glossary")
    pad.evaluate(
        """() => {
          const [kept] = [...window.mlpExplainerPads.values()].filter(({ strokes }) => strokes.length)
          const [{ width, points }] = kept.strokes
          const beside = points.map(([x, ...rest]) => [x + 120, ...rest])
          kept.strokes = [...kept.strokes, { width, points: beside }]
        }"""
    )
    go(pad, "draw")
    drawn(pad)
    run_again(pad)  # and not before what was sent has been read
    pad.reload()
    reading(pad)
    assert ink(pad)[0] == pytest.approx(2 * one, rel=0.1)


def test_a_stroke_can_still_be_taken_back_after_a_change_of_page(pad):
    draw(pad, [[(60, 60), (60, 220)], [(200, 60), (200, 220)]])
    both = ink(pad)[0]
    go(pad, "glossary")
    go(pad, "draw")
    reading(pad)
    pad.get_by_role("button", name="Undo", exact=True).click()
    assert ink(pad)[0] == pytest.approx(both / 2, rel=0.1)


def test_a_digit_is_drawn_for_who_asks_and_shrunk_and_nudged(pad):
    pad.get_by_role("button", name="Draw one for me").click()
    assert reading(pad) in range(10)
    assert ink(pad)[0] > 1_000
    pad.get_by_text("The preparation", exact=True).click()
    pad.get_by_text("the centre of mass lies in the middle").wait_for()
    pad.get_by_text("Leave out the preparation").click()
    pad.get_by_text("Only made smaller").wait_for()
    pad.get_by_text("Leave out the preparation").click()
    pad.get_by_text("the centre of mass lies in the middle").wait_for()
    pad.get_by_text("Where the answer changes").click()
    slider = pad.get_by_role("slider", name="Rotate clockwise")
    straight = slider.get_attribute("aria-valuetext")
    slider.press("ArrowRight")
    pad.get_by_text("Rotate clockwise: read as a").wait_for()
    pad.locator('[class*="st-key-nudge_curves"] .scatterlayer .trace').nth(9).wait_for(state="attached")
    pad.get_by_role("button", name="Undo all changes").click()
    expect(slider).to_have_attribute("aria-valuetext", straight)


def test_a_photograph_is_read_and_a_text_file_is_not(blank, tmp_path):
    photograph = tmp_path / "two.png"
    Image.fromarray(255 - render(sample(2))).save(photograph)
    text = tmp_path / "text.png"
    text.write_text("I am no picture.")
    blank.get_by_text("Upload a photo", exact=True).click()
    blank.locator("input[type=file]").set_input_files(text)
    blank.get_by_text("no PNG, JPEG, HEIC or WebP picture").wait_for()
    blank.locator("input[type=file]").set_input_files(photograph)
    blank.get_by_role("heading", name="Read as a 2").wait_for()
    blank.get_by_text("The preparation", exact=True).click()
    blank.get_by_text("made gray").wait_for()


def box_of(page, selector):
    return page.locator(selector).first.bounding_box()


def test_the_first_stroke_fills_the_frame_of_the_answer_and_moves_nothing(pad):
    frames = (".bars", ".rows", CANVAS, ".tools", ".st-key-draw_plain")
    before = [box_of(pad, frame) for frame in frames]
    draw(pad, [stroke.points for stroke in sample(4)])
    assert reading(pad) in range(10)
    assert [box_of(pad, frame) for frame in frames] == before


def test_the_nudged_digit_stands_beside_its_sliders(pad):
    pad.get_by_role("button", name="Draw one for me").click()
    image = pad.locator(".st-key-nudge_effect img")
    image.wait_for()
    settled(pad)
    controls, digit = box_of(pad, ".st-key-beside_controls_nudges"), image.bounding_box()
    assert digit["x"] > controls["x"] + controls["width"]
    assert controls["y"] <= digit["y"] < controls["y"] + controls["height"] / 2


def test_a_finger_draws_on_a_phone_without_moving_the_page(visitor_of, address):
    phone = visitor_of(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=3
    )
    phone.goto(f"{address}/draw")
    canvas = phone.locator(CANVAS)
    canvas.wait_for()
    settled(phone)
    box, strip = canvas.bounding_box(), box_of(phone, ".bars")
    assert strip["y"] + strip["height"] <= box["y"], "the answer is above the canvas"
    tools = box_of(phone, ".tools")
    assert tools["height"] == 44
    # On the whole of MNIST the note about the run takes a line less than here: there they end within 700.
    assert tools["y"] + tools["height"] <= 722, (
        "all of it is on the first screen, beside the browser's own bars"
    )
    empty = phone.locator(".rows").screenshot()
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
    assert reading(phone) in range(10)
    assert phone.locator(".rows").screenshot() != empty, "the answer changed in view"
    assert box_of(phone, ".bars") == strip, "and the page did not scroll"
    assert canvas.bounding_box()["y"] == pytest.approx(box["y"], abs=1)
    white, side = ink(phone)
    assert side == pytest.approx(3 * box["width"], abs=14)
    assert white > 0.02 * side**2
    width = phone.evaluate("() => document.documentElement.scrollWidth")
    assert width <= 390


def test_a_phone_keeps_the_drawing_and_what_it_is_read_as_in_view_of_all_that_is_said_of_them(
    visitor_of, address
):
    phone = visitor_of(viewport=SIZES["phone"])
    phone.goto(f"{address}/draw")
    phone.get_by_role("button", name="Draw one for me").click()
    phone.get_by_role("heading", name="Read as a").wait_for()
    drawn(phone)
    for part in phone.locator(PARTS).all():
        choose(phone, part)
        for edge in (0, 0.5, 1):  # of the page, below the part too
            phone.locator('[data-testid="stMain"]').evaluate(SCROLL, edge)
            expect(phone.locator(".bars").first).to_be_in_viewport(ratio=0.99)
            expect(phone.locator(".st-key-draw_given img")).to_be_in_viewport(ratio=0.99)


def test_weights_are_painted_with_a_mouse_and_with_keys_undone_cleared_and_kept(page, address):
    page.goto(f"{address}/glossary")
    settled(page)
    visit(page, "neurons")
    own = page.get_by_test_id("stMetric").filter(has_text="Your weights").get_by_test_id("stMetricValue")
    start = own.inner_text()
    sheet = page.locator(CANVAS)
    page.get_by_role("button", name="Negative").click()
    draw(page, [[(105, 80), (100, 130)]])
    expect(own).not_to_have_text(start)
    by_mouse = own.inner_text()
    page.get_by_role("button", name="Positive").click()
    for key in ("ArrowUp", "Space", "ArrowRight", "ArrowRight", "ArrowDown", "Space"):
        sheet.press(key)
    expect(own).not_to_have_text(by_mouse)
    by_keys = own.inner_text()
    go(page, "glossary")
    go(page, "neurons")
    expect(own).to_have_text(by_keys)
    page.reload()
    settled(page)
    expect(own).to_have_text(by_keys)
    page.get_by_role("button", name="Eraser").click()
    draw(page, [[(105, 80), (100, 130)]])
    expect(own).not_to_have_text(by_keys)
    sheet.press("Control+z")
    expect(own).to_have_text(by_keys)
    page.get_by_role("button", name="Clear").click()
    expect(own).to_have_text(start)
