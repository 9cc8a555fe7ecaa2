"""A class in a real browser: a lecturer and two phones at once, from the first question to the end."""

import re

import browsing
import numpy as np
import pytest
from playwright.sync_api import expect
from walking import link_of_class

from mnist_core.images.sample_drawings import sample

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
BLANK = """
host => {
  window.blank_frames = 0
  window.all_frames = 0
  const wall = [...document.querySelectorAll('*')].find(one => one.shadowRoot?.querySelector('.wall'))
  const root = wall ? wall.shadowRoot : document
  window.wall_timer = setInterval(() => {
    window.all_frames += 1
    if (!root.querySelectorAll('.wall button').length) window.blank_frames += 1
  }, 40)
}
"""


@pytest.fixture(scope="module")
def visits(browser, address):
    """The lecturer and two students, each with a browser context of their own; the tests are their steps."""
    sizes = ({"width": 1280, "height": 1000}, PHONE, PHONE)
    contexts = [browser.new_context(viewport=size) for size in sizes]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        page.set_default_timeout(30_000)
    yield pages
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def code(visits, address):
    """Of the class that the lecturer has opened."""
    return opened_class(visits[0], address)


def opened_class(host, address):
    """Open a class in this tab; its code."""
    host.goto(f"{address}/classroom")
    host.get_by_role("button", name="Open a class").click()
    host.get_by_text("0 have joined").wait_for()
    heading = host.get_by_role("heading", name=re.compile("Class [A-Z]{3} [A-Z]{3}"))
    return heading.inner_text().removeprefix("Class ")


def answers(phone):
    return phone.locator("[class*=st-key-class_answer] button")


def draw(phone, digit):
    browsing.draw(phone, phone.locator("canvas[role=img]"), [stroke.points for stroke in sample(digit)])


def asked_for(phone):
    return int(phone.get_by_role("heading", name=re.compile(r"Draw a \d")).inner_text().split()[-1])


def test_students_join_by_the_link_and_by_the_code_and_are_counted(visits, code, address):
    host, first, second = visits
    first.goto(link_of_class(host, address))
    first.get_by_role("button", name=f"Join class {code}").click()
    second.goto(f"{address}/join")
    second.get_by_label("Code of the class").fill(code.lower())
    second.get_by_label("Code of the class").press("Enter")
    for phone in (first, second):
        phone.get_by_text("Keep this page open").wait_for()
        assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    host.get_by_text("2 have joined").wait_for()


def test_a_laptop_shows_at_once_all_that_puts_a_student_out(visits, code):
    host = visits[0]
    size = host.viewport_size
    host.set_viewport_size({"width": 1280, "height": 800})
    host.get_by_role("button", name="Manage the class").click()
    expect(host.get_by_role("button", name="Put out 0 selected")).to_be_in_viewport(ratio=1)
    expect(host.get_by_text("This cannot be undone")).to_be_in_viewport(ratio=1)
    host.set_viewport_size(size)


def test_a_reload_keeps_host_and_student_in_the_class(visits, code):
    host, first, _ = visits
    host.reload()
    host.get_by_text("2 have joined").wait_for()
    first.reload()
    first.get_by_text("Keep this page open").wait_for()
    assert f"Class {code}" in first.get_by_role("heading", level=1).inner_text()


def test_a_poll_appears_on_the_phones_and_its_answers_on_the_lecturers_page(visits, code, address):
    host, first, second = visits
    host.goto(f"{address}/neurons")
    host.get_by_role("button", name="Ask the class").click()
    host.get_by_text("0 answers").wait_for()
    answers(first).nth(1).click()
    expect(first.locator('[role="status"]#mlp-explainer-news')).to_have_text("Here is question 1.")
    first.get_by_text("Your answer is in").wait_for()
    host.get_by_text("1 answer ·").wait_for(timeout=10_000)
    answers(second).nth(0).click()
    answers(second).nth(2).click()
    host.get_by_text("2 answers").wait_for(timeout=10_000)
    expect(host.get_by_text("1 (50 %)")).to_have_count(2)
    assert first.get_by_text("One weight for each").count() == 0


def test_the_answers_are_held_against_the_truth(visits):
    host, first, second = visits
    host.get_by_role("button", name="Close the poll").click()
    first.get_by_text("The answer comes from your lecturer").wait_for()
    host.get_by_role("button", name="Show the answer").click()
    for page in (host, first, second):
        page.get_by_text("1 of 2 answers right: 50 %").wait_for()
        page.get_by_text("One weight for each of the 784 pixels").first.wait_for()
    host.get_by_role("heading", name="A neuron by hand").wait_for()


def test_drawings_gather_on_the_wall_without_a_blank_frame(visits, address):
    host, *phones = visits
    host.goto(f"{address}/classroom")
    host.get_by_text("Handwriting").click()
    host.get_by_role("button", name="Ask for it").click()
    digits = []
    for number, phone in enumerate(phones, 1):
        digits.append(asked_for(phone))
        draw(phone, digits[-1])
        phone.locator(".st-key-class_hand_in button:enabled").click()
        phone.get_by_text("What you handed in").wait_for()
        host.get_by_text(re.compile(f"^{number} drawing")).wait_for()
        if number == 1:
            host.locator(".wall button").first.wait_for()
            host.evaluate(BLANK)
    host.wait_for_function("() => window.all_frames > 50")
    assert host.evaluate("window.blank_frames") == 0
    expect(host.locator(".wall button")).to_have_count(2)
    assert len(set(digits)) == 2


def test_undo_on_the_next_sheet_does_not_bring_the_last_drawing_back(visits):
    phone = visits[1]
    undo = phone.get_by_role("button", name="Undo")
    assert asked_for(phone) in range(10)
    expect(undo).to_be_disabled()
    draw(phone, 1)
    hand_in = phone.locator(".st-key-class_hand_in button:enabled")
    hand_in.wait_for()
    undo.click()
    expect(hand_in).to_have_count(0)
    expect(undo).to_be_disabled()


def test_the_network_is_judged_on_the_wall_and_the_drawings_can_be_taken_home(visits, tmp_path):
    host, first, _ = visits
    host.get_by_role("button", name="Judge the network").click()
    host.get_by_role("heading", name="What the network makes of it").wait_for()
    host.get_by_text("no random sample").wait_for()
    first.get_by_text("what the network read").wait_for()
    with host.expect_download() as download:
        host.get_by_role("button", name="Download as .npz").click()
    download.value.save_as(tmp_path / "class.npz")
    with np.load(tmp_path / "class.npz", allow_pickle=False) as file:
        assert file["x_test"].shape == (2, 28, 28)
        assert file["x_test"].dtype == np.uint8
        assert len(set(file["y_test"].tolist())) == 2
    host.locator(".wall button").first.click()
    host.get_by_role("button", name="Take the picked drawing down").click()
    host.get_by_text(re.compile("^1 drawing ")).wait_for()
    expect(host.locator(".wall button")).to_have_count(1)


def test_one_click_enters_a_run_on_the_board(visits, address, good_networks):
    host, first, _ = visits
    first.get_by_role("link", name="Challenge board").click()
    first.get_by_test_id("stTextInputField").fill("Ada L.")
    first.get_by_role("button", name="Enter this run").click()
    first.get_by_text("Entered in “Fewest parameters above 95 %”").wait_for()
    host.goto(f"{address}/challenges")
    host.locator("canvas td", has_text="Ada L.").first.wait_for(state="attached")
    assert first.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_last_word_takes_the_form_from_the_phones_by_itself(visits, code, address):
    host, first, _ = visits
    for page in (host, first):
        page.goto(f"{address}/challenges")
    first.get_by_role("button", name="Enter this run").wait_for()
    host.get_by_role("button", name="Judge on the other half").click()
    host.get_by_role("button", name="Judge now, once").click()
    first.get_by_text("The last word: ranked by the other half").wait_for()
    expect(first.get_by_role("button", name="Enter this run")).to_have_count(0, timeout=20_000)
    expect(first.get_by_text("no more runs are entered")).to_be_visible()
    expect(first.locator('[role="status"]#mlp-explainer-news')).to_have_text("The challenge has ended.")


def test_the_end_reaches_everybody_by_itself(visits, code, address):
    host, first, second = visits
    host.goto(f"{address}/classroom")
    link = link_of_class(host, address)
    host.get_by_role("button", name="End the class").click()
    host.get_by_role("button", name="End it and forget everything").click()
    host.get_by_role("button", name="Open a class").wait_for()
    second.get_by_text("it has ended").wait_for()
    first.goto(link)
    first.get_by_text("This link opens no class").wait_for()


def test_no_secret_of_the_host_is_sent_to_a_student(browser, address):
    host, phone = (browser.new_page() for _ in range(2))
    frames = []

    def keep(frame):
        frames.append(frame)

    phone.on("websocket", lambda socket: socket.on("framereceived", keep))
    code = opened_class(host, address)
    secret = host.evaluate("sessionStorage.getItem('mlp-explainer-visit')")
    assert len(secret) == 32
    phone.goto(link_of_class(host, address))
    phone.get_by_role("button", name=f"Join class {code}").click()
    phone.get_by_text("Keep this page open").wait_for()
    received = b"".join(frame if isinstance(frame, bytes) else frame.encode() for frame in frames)
    assert code.encode() in received
    assert secret.encode() not in received
    for page in (host, phone):
        page.close()


def test_the_lecturers_popover_stays_open_while_the_page_counts_who_joins(browser, address):
    host, phone = browser.new_page(), browser.new_page()
    code = opened_class(host, address)
    host.get_by_role("button", name="Manage the class").click()
    lock = host.get_by_role("button", name="Lock the class")
    lock.wait_for()
    phone.goto(link_of_class(host, address))
    phone.get_by_role("button", name=f"Join class {code}").click()
    host.get_by_role("heading", name="1 has joined").wait_for()
    phone.get_by_role("button", name="Leave the class").click()
    host.get_by_role("heading", name="0 have joined").wait_for()
    expect(lock).to_be_visible()
    for page in (host, phone):
        page.close()


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (1280, 720), (1920, 1080)])
def test_a_projector_shows_at_once_all_that_a_student_needs_to_join(browser, address, width, height):
    host = browser.new_page(viewport={"width": width, "height": height})
    code = opened_class(host, address)
    host.goto(f"{address}/classroom?embed=true")
    needed = (
        host.get_by_role("img", name="A QR code"),
        host.get_by_text(code, exact=True),
        host.get_by_role("heading", name="0 have joined"),
        host.get_by_text(re.compile(r"/join\?class=[0-9a-f]{32}")),
    )
    for element in needed:
        expect(element.first).to_be_in_viewport(ratio=1)
    host.close()
