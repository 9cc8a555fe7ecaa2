"""A lecture in a real browser: a tour by its keys, present mode, and the page on a student's phone."""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from paths import ROOT
from playwright.sync_api import expect
from walking import STEADY, Traffic, go, settled

from dashboard.lecture.itinerary import read_tour

pytestmark = pytest.mark.browser
PROJECTOR = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 844}
SIDEBAR = '[data-testid="stSidebar"]'
STEMS = sorted(path.stem for path in (ROOT / "pages").glob("*/*.py"))
ALL_PAGES = tuple("" if stem == "overview" else stem for stem in STEMS)


@pytest.fixture(scope="module")
def page(browser, address):
    """The lecturer's page; the tests below are the steps of a lecture, in order."""
    context = browser.new_context(viewport=PROJECTOR)
    opened = context.new_page()
    opened.goto(f"{address}/tour")
    opened.get_by_role("button", name="Begin the tour of 10 minutes").wait_for()
    yield opened
    context.close()


def at_step(page, number):
    """Wait until a step of the tour is shown whole, its buttons too; the parameters of its address."""
    page.wait_for_function(
        "number => new URLSearchParams(location.search).get('step') === `${number}`",
        arg=number,
        timeout=60_000,
    )
    shown = page.get_by_text(re.compile(rf"^(Step )?{number} (of|/) "))
    shown.first.wait_for()
    page.locator('[data-test-script-state="notRunning"]').wait_for()
    page.wait_for_timeout(300)  # what the page sent last is drawn
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


def test_a_tour_begins_at_its_first_step(page):
    page.get_by_role("button", name="Begin the tour of 10 minutes").click()
    assert at_step(page, 1)["tour"] == "10"
    assert urlsplit(page.url).path == "/"


def test_a_key_and_a_button_go_on_and_back(page):
    page.keyboard.press("n")
    at_step(page, 2)
    assert urlsplit(page.url).path == "/train"
    page.get_by_role("button", name=re.compile("^Next")).click()
    at_step(page, 3)
    page.get_by_role("heading", name="How good is it?").wait_for()
    page.get_by_role("button", name=re.compile("^Back")).click()
    at_step(page, 2)
    page.keyboard.press("b")
    at_step(page, 1)
    expect(page.get_by_role("button", name=re.compile("^Back"))).to_be_disabled()
    page.keyboard.press("b")
    page.wait_for_timeout(800)
    at_step(page, 1)


def test_the_browsers_back_button_goes_back_one_step_and_does_not_trap(page):
    page.keyboard.press("n")
    at_step(page, 2)
    page.keyboard.press("n")
    at_step(page, 3)
    page.go_back()
    at_step(page, 2)
    page.get_by_role("heading", name="Train a network").wait_for()
    page.go_back()
    at_step(page, 1)


def test_a_reload_keeps_the_step_and_a_page_beside_the_way_too(page):
    page.keyboard.press("n")
    at_step(page, 2)
    page.reload()
    at_step(page, 2)
    page.get_by_role("link", name="Predict", exact=True).click()
    page.get_by_role("heading", name="What does it read?").wait_for()
    at_step(page, 2)
    page.get_by_role("link", name=re.compile("^undo Step 2|Step 2: ")).first.click()
    page.get_by_role("heading", name="Train a network").wait_for()
    at_step(page, 2)


def test_no_key_does_anything_while_somebody_types(page):
    page.get_by_role("link", name="Glossary", exact=True).click()
    field = page.get_by_role("textbox").first
    field.wait_for()
    field.fill("")
    field.press_sequentially("pnb")
    page.wait_for_timeout(1_500)
    assert field.input_value() == "pnb"
    assert "step=2" in page.url
    assert "embed" not in page.url
    page.get_by_role("heading", name="Glossary", exact=True).click()
    page.wait_for_function("() => document.activeElement.tagName !== 'INPUT'")
    at_step(page, 2)


def test_outside_present_mode_page_down_moves_the_page_and_not_the_tour(page):
    page.keyboard.press("PageDown")
    page.wait_for_timeout(1_000)
    assert "step=2" in page.url


def test_one_key_enters_present_mode_with_larger_type_and_without_anything_around(page):
    before = root_size(page), text_size(page)
    assert page.locator(SIDEBAR).count() == 1
    page.keyboard.press("p")
    page.locator(SIDEBAR).wait_for(state="hidden")
    page.get_by_role("button", name=re.compile("^Leave present")).wait_for()
    page.wait_for_timeout(800)
    assert "embed=true" in page.url
    assert root_size(page) >= 20 > 1.15 * before[0]
    assert text_size(page) >= 20 > 1.15 * before[1]
    assert not page.locator(SIDEBAR).is_visible()
    for left_out in ("stMainMenu", "stToolbar", "stExpandSidebarButton"):
        assert page.get_by_test_id(left_out).count() == 0


def test_in_present_mode_a_clickers_keys_go_on_and_back_also_with_a_slider_in_hand(page):
    page.keyboard.press("PageUp")
    at_step(page, 1)
    page.keyboard.press("PageDown")
    assert at_step(page, 2)["embed"] == "true"
    slider = page.get_by_role("slider").first
    slider.wait_for()
    slider.focus()
    value = slider.get_attribute("aria-valuetext") or slider.input_value()
    page.keyboard.press("PageDown")
    at_step(page, 3)
    page.keyboard.press("PageUp")
    at_step(page, 2)
    slider = page.get_by_role("slider").first
    slider.wait_for()
    assert (slider.get_attribute("aria-valuetext") or slider.input_value()) == value


def test_a_reload_stays_in_present_mode(page):
    page.reload()
    at_step(page, 2)
    page.get_by_role("heading", name="Train a network").wait_for()
    assert root_size(page) >= 20
    assert not page.locator(SIDEBAR).is_visible()


def test_in_present_mode_one_finds_every_page_and_the_notes(page):
    page.get_by_role("button", name="Notes").click()
    page.get_by_text(read_tour(10).steps[1].ask[:40]).wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Pages").click()
    page.get_by_role("link", name="Predict", exact=True).click()
    page.get_by_role("heading", name="What does it read?").wait_for()
    page.wait_for_timeout(1_000)
    assert "embed=true" in page.url
    assert not page.locator(SIDEBAR).is_visible()


def test_nothing_sticks_out_of_a_projected_page(page, address):
    page.goto(f"{address}/?embed=true")
    settled(page)
    for name in ALL_PAGES:
        go(page, f"{name}?embed=true&tour=60&step=5")
        page.get_by_role("button", name=re.compile("^Leave present")).wait_for()
        page.evaluate(STEADY)
        wide = page.evaluate(
            """() => [...document.querySelectorAll('[data-testid="stMain"] :is(p, h1, h2, button, img)')]
               .map(one => [one.innerText, one.getBoundingClientRect()])
               .filter(([, box]) => box.width && box.right > innerWidth + 1).map(([text]) => text)"""
        )
        assert wide == [], name
    page.goto(f"{address}/train?embed=true")
    page.get_by_role("heading", name="Train a network").wait_for()


def test_the_same_key_leaves_present_mode(page):
    page.get_by_role("button", name=re.compile("^Leave present")).wait_for()
    page.keyboard.press("p")
    page.locator(SIDEBAR).wait_for()
    page.get_by_role("link", name="Glossary", exact=True).wait_for()
    page.wait_for_timeout(800)
    assert "embed" not in page.url
    assert root_size(page) < 20


def test_the_key_counts_each_time_also_while_a_page_is_drawn(page):
    for _ in range(2):
        page.keyboard.press("p")
    page.get_by_role("button", name=re.compile("^Larger type")).wait_for()
    settled(page)
    assert "embed" not in page.url
    assert page.locator(SIDEBAR).is_visible()


@pytest.fixture(scope="module")
def link(page, address):
    """What the lecturer shares: a network of two neurons, an image, and a slider moved since."""
    page.goto(f"{address}/train?units=2&epochs=1&images=1000")
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("Updates of the weights").first.wait_for(timeout=180_000)
    page.get_by_role("link", name="Predict", exact=True).click()
    number = page.get_by_role("spinbutton", name="Number of the image")
    number.wait_for()
    number.fill("42")
    number.press("Enter")
    page.get_by_text("Test image 42:").wait_for()
    page.get_by_role("button", name="Share").click()
    page.get_by_role("dialog").wait_for()
    shown = page.get_by_role("dialog").locator("code").first
    shown.wait_for()
    page.wait_for_timeout(500)
    return shown.inner_text().strip()


def test_a_lecturer_on_the_machine_itself_is_given_its_address_in_the_network(link, page, address):
    parts = urlsplit(link)
    own = urlsplit(address)
    assert parts.port == own.port
    said = page.get_by_role("dialog").get_by_text("You opened the dashboard on the machine it runs on")
    assert said.count() == 1
    query = parse_qs(parts.query)
    assert query["units"] == ["2"]
    assert query["image"] == ["42"]
    assert re.fullmatch(r"[0-9a-f]{16}-\d+", query["run"][0])


def test_the_qr_code_is_dark_on_white_with_a_quiet_zone_in_a_dark_page_too(browser, address):
    context = browser.new_context(viewport=PROJECTOR, color_scheme="dark")
    dark = context.new_page()
    dark.goto(f"{address}/glossary")
    dark.get_by_role("button", name="Share").click()
    code = dark.get_by_role("dialog").get_by_role("img", name=re.compile("^A QR code that opens http"))
    code.wait_for()
    levels = code.evaluate(
        """image => {
          const canvas = document.createElement('canvas')
          canvas.width = canvas.height = 330
          const pen = canvas.getContext('2d')
          pen.drawImage(image, 0, 0, 330, 330)
          const at = (x, y) => [...pen.getImageData(x, y, 1, 1).data]
          return [at(2, 2), at(165, 4), at(327, 327)]
        }"""
    )
    assert levels == [[255, 255, 255, 255]] * 3
    assert code.bounding_box()["width"] > 400
    context.close()


def test_an_address_that_cannot_be_is_refused_and_another_one_is_taken(page, link):
    box = page.get_by_role("dialog")
    box.get_by_text("Another address", exact=True).click()
    field = box.get_by_role("textbox", name="Address of the dashboard")
    field.fill("ftp://here")
    field.press("Enter")
    box.get_by_text("An address takes http://").wait_for()
    field.fill("https://nets.example.org/course/")
    field.press("Enter")
    box.locator("code", has_text="https://nets.example.org/course/predict?").wait_for()
    expect(box.get_by_text("An address takes http://")).to_have_count(0)
    field.fill("")
    field.press("Enter")
    box.locator("code", has_text=link).wait_for()
    page.keyboard.press("Escape")


def test_a_students_phone_shows_the_same_page_settings_image_and_network(browser, address, link):
    context = browser.new_context(viewport=PHONE)
    phone = context.new_page()
    phone.goto(f"{address}{link[len('http://') + link[7:].index('/') :]}")
    phone.get_by_text("Test image 42:").wait_for()
    phone.get_by_text("The run shown: 2 hidden units, 1 epoch").wait_for()
    assert phone.get_by_text("Step ").count() == 0
    phone.wait_for_function("() => !location.search.includes('run=')", timeout=10_000)
    assert "image=42" in phone.url
    phone.goto(f"{address}/train{urlsplit(phone.url).query and '?' + urlsplit(phone.url).query}")
    phone.get_by_role("button", name="Train", exact=True).wait_for()
    phone.get_by_text("Updates of the weights").first.wait_for()
    first = phone.get_by_role("slider").first
    assert (first.get_attribute("aria-valuetext") or first.input_value()) == "2"
    width = "document.querySelector('[data-testid=\"stMain\"]').scrollWidth"
    assert phone.evaluate(width) <= PHONE["width"] + 1
    context.close()


EVIL = "![x](http://evil.test/x.png)[y](http://evil.test) www.evil.test"


def test_the_camera_a_share_and_an_evil_link_ask_no_other_host_and_a_page_that_does_is_stopped(
    browser, address
):
    context = browser.new_context(viewport=PROJECTOR)
    traffic, visitor = Traffic(context), context.new_page()
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
    visitor.evaluate("() => fetch('http://127.0.0.1:9/').catch(() => 0)")
    visitor.wait_for_function("() => document.readyState === 'complete'")
    context.close()
    assert [words.split()[:2] for words in traffic.violations] == [["/train", "connect-src"]]
