"""A lecture in a real browser: a tour by its keys, present mode, and the page on a student's phone."""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from one_screen import STICKS_OUT
from playwright.sync_api import expect
from walking import STEADY, Traffic, go, settled

from dashboard.lecture.itinerary import read_tour
from dashboard.lecture.tour import Position

pytestmark = pytest.mark.browser
PROJECTOR = {"width": 1024, "height": 768}
SIDEBAR = '[data-testid="stSidebar"]'
QUIET_ZONE = """
image => {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 330
  const pen = canvas.getContext('2d')
  pen.drawImage(image, 0, 0, 330, 330)
  const at = (x, y) => [...pen.getImageData(x, y, 1, 1).data]
  return [at(2, 2), at(165, 4), at(327, 327)]
}
"""
"""Three pixels of the border of a QR code."""


@pytest.fixture
def step_2(kept_tab, address):
    """The second step of the tour of ten minutes, on the page "Train", in a tab that knows the page."""
    if not kept_tab.url.startswith(address):
        return opened_at_step_2(kept_tab, f"{address}/train?tour=10&step=2")
    for path in ("join", "train?tour=10&step=2"):
        go(kept_tab, path)
    at_step(kept_tab, 2)
    return kept_tab


@pytest.fixture
def presented(page, address):
    """The same in present mode."""
    return opened_at_step_2(page, f"{address}/train?tour=10&step=2&embed=true")


def opened_at_step_2(page, url):
    page.set_viewport_size(PROJECTOR)
    page.goto(url)
    at_step(page, 2)
    return page


def at_step(page, number):
    """Wait until a step of the tour is shown whole, its buttons too; the parameters of its address."""
    page.wait_for_function(
        "number => new URLSearchParams(location.search).get('step') === `${number}`",
        arg=number,
    )
    shown = page.get_by_text(re.compile(rf"^(Step )?{number} (of|/) "))
    shown.first.wait_for()
    steps = read_tour(10).steps
    goal = steps[number].title if number < len(steps) else "The end of the tour"
    page.get_by_role("button", name=f"Next: {goal}").wait_for()  # it listens to the keys
    settled(page)
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def root_size(page):
    return page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")


def text_size(page):
    """Of the first paragraph of the page's own text, as it is drawn."""
    prose = '[data-testid="stMain"] p'
    sizes = (
        f"[...document.querySelectorAll('{prose}')].map(one => parseFloat(getComputedStyle(one).fontSize))"
    )
    return max(page.evaluate(sizes))


def test_a_tour_begins_at_its_first_step_and_a_key_and_a_button_go_on_and_back(page, address):
    page.goto(f"{address}/tour")
    page.get_by_role("button", name="Begin the tour of 10 minutes").click()
    assert at_step(page, 1)["tour"] == "10"
    assert urlsplit(page.url).path == "/"
    page.keyboard.press("n")
    at_step(page, 2)
    assert urlsplit(page.url).path == "/train"
    page.get_by_role("button", name=re.compile("^Next")).click()
    at_step(page, 3)
    page.get_by_role("heading", name="Evaluate: how good is it?").wait_for()
    page.get_by_role("button", name=re.compile("^Back")).click()
    at_step(page, 2)
    page.keyboard.press("b")
    at_step(page, 1)
    expect(page.get_by_role("button", name=re.compile("^Back"))).to_be_disabled()
    for key in "bn":  # the first of which does nothing
        page.keyboard.press(key)
    at_step(page, 2)


def test_the_browsers_back_button_goes_back_one_step_and_does_not_trap(step_2):
    for number in (3, 4):
        step_2.keyboard.press("n")
        at_step(step_2, number)
    for number in (3, 2):
        step_2.go_back()
        at_step(step_2, number)
    step_2.get_by_role("heading", name="Train a network").wait_for()


def test_a_reload_keeps_the_step_and_a_page_beside_the_way_too(step_2):
    step_2.reload()
    at_step(step_2, 2)
    step_2.get_by_role("link", name="Predict", exact=True).click()
    step_2.get_by_role("heading", name="Predict: what the network reads").wait_for()
    at_step(step_2, 2)
    step_2.get_by_role("link", name=re.compile("^undo Step 2|Step 2: ")).first.click()
    step_2.get_by_role("heading", name="Train a network").wait_for()
    at_step(step_2, 2)


def test_no_key_does_anything_while_somebody_types_and_page_down_only_moves_the_page(page, address):
    page.goto(f"{address}/glossary?tour=10&step=2")
    at_step(page, 2)
    field = page.get_by_role("textbox").first
    field.fill("")
    field.press_sequentially("pnb")
    assert field.input_value() == "pnb"
    page.get_by_role("heading", name="Glossary", exact=True).click()
    page.wait_for_function("() => document.activeElement.tagName !== 'INPUT'")
    page.keyboard.press("PageDown")
    page.keyboard.press("n")  # the first that counts
    at_step(page, 3)
    assert "embed" not in page.url


def test_one_key_enters_present_mode_with_larger_type_and_nothing_around_and_leaves_it(step_2):
    before = root_size(step_2), text_size(step_2)
    assert step_2.locator(SIDEBAR).count() == 1
    step_2.keyboard.press("p")
    step_2.locator(SIDEBAR).wait_for(state="hidden")
    step_2.get_by_role("button", name=re.compile("^Leave present")).wait_for()
    step_2.wait_for_url("**embed=true**")
    settled(step_2)
    assert root_size(step_2) >= max(18, 1.05 * before[0])
    assert text_size(step_2) >= max(18, 1.05 * before[1])
    assert not step_2.locator(SIDEBAR).is_visible()
    for left_out in ("stMainMenu", "stToolbar", "stExpandSidebarButton"):
        assert step_2.get_by_test_id(left_out).count() == 0
    step_2.keyboard.press("p")
    step_2.locator(SIDEBAR).wait_for()
    step_2.get_by_role("link", name="Glossary", exact=True).wait_for()
    step_2.wait_for_function("() => !location.search.includes('embed')")
    assert root_size(step_2) == before[0]


def test_in_present_mode_a_clickers_keys_go_on_and_back_also_with_a_slider_in_hand(presented):
    presented.keyboard.press("PageUp")
    at_step(presented, 1)
    presented.keyboard.press("PageDown")
    assert at_step(presented, 2)["embed"] == "true"
    slider = presented.get_by_role("slider").first
    slider.wait_for()
    slider.focus()
    value = slider.get_attribute("aria-valuetext") or slider.input_value()
    presented.keyboard.press("PageDown")
    at_step(presented, 3)
    presented.keyboard.press("PageUp")
    at_step(presented, 2)
    slider = presented.get_by_role("slider").first
    slider.wait_for()
    assert (slider.get_attribute("aria-valuetext") or slider.input_value()) == value


def test_in_present_mode_one_finds_every_page_and_the_notes_and_a_reload_stays_there(presented):
    presented.reload()
    at_step(presented, 2)
    presented.get_by_role("heading", name="Train a network").wait_for()
    assert root_size(presented) >= 18
    assert not presented.locator(SIDEBAR).is_visible()
    presented.get_by_role("button", name="Notes").click()
    presented.get_by_text(read_tour(10).steps[1].ask[:40]).wait_for()
    strip = presented.locator(".st-key-tour_strip").bounding_box()
    assert strip["height"] < PROJECTOR["height"] / 4, "it covers little of the page"
    assert strip["y"] + strip["height"] == pytest.approx(PROJECTOR["height"], abs=12)
    presented.get_by_role("button", name="Notes").click()
    presented.get_by_text(read_tour(10).steps[1].ask[:40]).wait_for(state="detached")
    presented.get_by_role("button", name="Pages").click()
    presented.get_by_role("link", name="Predict", exact=True).click()
    presented.get_by_role("heading", name="Predict: what the network reads").wait_for()
    settled(presented)
    assert "embed=true" in presented.url
    assert not presented.locator(SIDEBAR).is_visible()


def test_a_step_opens_the_part_of_the_page_that_it_is_about_and_brings_it_into_view(kept_tab, address):
    (number,) = [n for n, step in enumerate(read_tour(60).steps, start=1) if step.part == "Calibration"]
    kept_tab.set_viewport_size(PROJECTOR)
    kept_tab.goto(f"{address}/evaluate?embed=true&tour=60&step={number}&part=Calibration")
    chosen = kept_tab.get_by_role("radio", name="Calibration")
    expect(chosen).to_be_checked()
    expect(kept_tab.locator(".st-key-calibration")).to_be_in_viewport()
    expect(chosen).to_be_in_viewport()


def test_with_a_tour_nothing_sticks_out_of_a_projected_page_and_the_bar_hides_no_code(step_2):
    (number,) = [n for n, step in enumerate(read_tour(60).steps, start=1) if step.title == "Downhill"]
    query = urlencode({"embed": "true", **Position(60, number).parameters()})
    go(step_2, f"learning?{query}")
    step_2.get_by_role("button", name=re.compile("^Leave present")).wait_for()
    step_2.evaluate(STEADY)
    assert step_2.evaluate(STICKS_OUT) == []
    step_2.get_by_role("button", name="Code").click()
    expect(step_2.locator("[data-testid='stPopoverBody'] .stCode").first).to_be_in_viewport()


def test_the_key_counts_each_time_also_while_a_page_is_drawn(step_2):
    for _ in range(2):
        step_2.keyboard.press("p")
    step_2.get_by_role("button", name=re.compile("^Larger type")).wait_for()
    settled(step_2)
    assert "embed" not in step_2.url
    assert step_2.locator(SIDEBAR).is_visible()


def test_a_lecturer_shares_a_network_an_image_and_an_address_and_a_phone_shows_the_same(page, phone, address):
    link = shared(page, address)
    parts = urlsplit(link)
    assert parts.port == urlsplit(address).port
    box = page.get_by_role("dialog")
    expect(box.get_by_text("You opened the dashboard on the machine it runs on")).to_have_count(1)
    query = parse_qs(parts.query)
    assert (query["units"], query["image"]) == (["2"], ["42"])
    assert re.fullmatch(r"[0-9a-f]{16}-\d+", query["run"][0])
    give_another_address(box, link)
    phone.goto(f"{address}{parts.path}?{parts.query}")
    phone.get_by_text("Test image 42:").wait_for()
    phone.get_by_text("The run shown: 2 hidden neurons, 1 epoch").wait_for()
    assert phone.get_by_text(re.compile(r"\bStep \d")).count() == 0
    phone.wait_for_function("() => !location.search.includes('run=')")
    assert "image=42" in phone.url
    phone.goto(f"{address}/train{urlsplit(phone.url).query and '?' + urlsplit(phone.url).query}")
    phone.get_by_role("button", name="Train", exact=True).wait_for()
    phone.get_by_text("Trained: ").first.wait_for()
    neurons = phone.get_by_role("slider", name="Hidden neurons")
    expect(neurons).to_have_attribute("aria-valuetext", "2")
    width = "document.querySelector('[data-testid=\"stMain\"]').scrollWidth"
    assert phone.evaluate(width) <= 390 + 1


def shared(page, address):
    """What the lecturer shares: a network of two neurons, an image, and a slider moved since."""
    page.goto(f"{address}/train?units=2&epochs=1&images=1000")
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("Trained: ").first.wait_for()
    page.get_by_role("link", name="Predict", exact=True).click()
    number = page.get_by_role("spinbutton", name="Number of the image")
    number.wait_for()
    number.fill("42")
    number.press("Enter")
    page.get_by_text("Test image 42:").wait_for()
    page.get_by_role("button", name="Share").click()
    link = page.get_by_role("dialog").locator("code", has_text="image=42").first
    link.wait_for()
    return link.inner_text().strip()


def give_another_address(box, link):
    """An address that cannot be is refused, another one is taken, and none is the first again."""
    box.get_by_text("Another address", exact=True).click()
    field = box.get_by_role("textbox", name="Address of the dashboard")
    field.fill("ftp://here")
    field.press("Enter")
    box.get_by_text("An address takes http://").wait_for()
    field.fill("https://nets.example.org/course/")
    field.press("Enter")
    box.locator("code", has_text="https://nets.example.org/course/predict?").first.wait_for()
    expect(box.get_by_text("An address takes http://")).to_have_count(0)
    field.fill("")
    field.press("Enter")
    box.locator("code", has_text=link).first.wait_for()


def test_a_phone_is_seen_by_the_page_that_shows_the_code(page, phone, address):
    page.goto(f"{address}/glossary")
    page.get_by_role("button", name="Share").click()
    box = page.get_by_role("dialog")
    box.get_by_text("Is your phone here?", exact=True).last.click()
    code = box.get_by_role("img", name=re.compile("A QR code that opens .*phone.[0-9a-f]{16}$"))
    code.wait_for()
    box.get_by_text("Waiting for a phone").wait_for()
    path = urlsplit(code.get_attribute("alt").split()[-1]).path
    phone.goto(f"{address}{path}")
    box.get_by_text("1 device has opened this address").wait_for()
    phone.get_by_role("link", name="Open the dashboard").click()
    phone.get_by_role("heading", name=re.compile("MLP|network|digit")).first.wait_for()


def test_the_qr_code_is_dark_on_white_with_a_quiet_zone_in_a_dark_page_too(page, address):
    page.set_viewport_size(PROJECTOR)
    page.emulate_media(color_scheme="dark")
    page.goto(f"{address}/glossary")
    page.get_by_role("button", name="Share").click()
    code = page.get_by_role("dialog").get_by_role("img", name=re.compile("^A QR code that opens http"))
    code.wait_for()
    assert code.evaluate(QUIET_ZONE) == [[255, 255, 255, 255]] * 3
    assert code.bounding_box()["width"] > 400


ASK_ANOTHER_HOST = """
() => new Promise((then) => {
  addEventListener('securitypolicyviolation', () => then())
  fetch('http://127.0.0.1:9/').catch(() => 0)
})
"""
"""Until the page was told that it must not."""
EVIL = "![x](http://evil.test/x.png)[y](http://evil.test) www.evil.test"


def test_the_camera_a_share_and_an_evil_link_ask_no_other_host_and_a_page_that_does_is_stopped(page, address):
    traffic = Traffic()
    visitor = traffic.listen(page)
    visitor.set_viewport_size(PROJECTOR)
    visitor.goto(f"{address}/draw")
    visitor.get_by_role("button", name="Draw one for me").wait_for()
    settled(visitor)
    visitor.get_by_role("radio", name="Camera").check(force=True)
    settled(visitor)
    visitor.wait_for_function("() => document.querySelector('video')?.videoWidth")  # there is a picture
    visitor.get_by_role("button", name="Take Photo").click()
    visitor.get_by_role("button", name="Clear photo").wait_for()
    visitor.get_by_role("button", name="Share").click()
    visitor.get_by_role("dialog").locator("code").first.wait_for()
    visitor.goto(f"{address}/train?{urlencode({'units': EVIL[:28], 'epochs': EVIL[28:], 'embed': 'true'})}")
    visitor.get_by_text("The link asks for something that cannot be").first.wait_for()
    assert visitor.locator("a[href*=evil], img[src*=evil]").count() == 0
    assert traffic.elsewhere(address) == set()
    assert traffic.violations == []
    visitor.evaluate(ASK_ANOTHER_HOST)
    assert [words.split()[:2] for words in traffic.violations] == [["/train", "connect-src"]]
