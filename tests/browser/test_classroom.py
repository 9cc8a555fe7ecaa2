"""A class in a real browser: a lecturer and two phones at once, from the first question to the end."""

import re

import browsing
import numpy as np
import pytest
from one_screen import cut_off
from playwright.sync_api import expect
from walking import drawn, go, link_of_class

from mnist_core.images.sample_drawings import sample

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
POINTS = ".layer_0_marks path"
"""Of Vega's picture, those of its first layer."""
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


@pytest.fixture
def host(page):
    """The lecturer, who is known by the tab."""
    return page


@pytest.fixture
def phones(phone_of):
    """Two students."""
    return phone_of(), phone_of()


def open_class(host, address):
    """Open a class in this tab; its code."""
    host.goto(f"{address}/classroom")
    host.get_by_role("button", name="Open a class").click()
    host.get_by_text("0 have joined").wait_for()
    heading = host.get_by_role("heading", name=re.compile("Class [A-Z]{3} [A-Z]{3}"))
    return heading.inner_text().removeprefix("Class ")


def join(phone, link, code):
    """Join a class by its link."""
    phone.goto(link)
    phone.get_by_role("button", name=f"Join class {code}").click()
    phone.get_by_text("Keep this page open").wait_for()


def class_of(host, phones, address):
    """Open a class with these students in it."""
    code = open_class(host, address)
    link = link_of_class(host, address)
    for phone in phones:
        join(phone, link, code)


def show_on_projector(host):
    """Enter present mode with the page as it is."""
    host.keyboard.press("p")
    host.locator(".st-key-present_bar").wait_for()
    drawn(host)


def answers(phone):
    return phone.locator("[class*=st-key-class_answer] button")


def draw(phone, digit):
    browsing.draw(phone, phone.locator("canvas[role=img]"), [stroke.points for stroke in sample(digit)])


def asked_for(phone):
    return int(phone.get_by_role("heading", name=re.compile(r"Draw a \d")).inner_text().split()[-1])


def test_students_join_by_the_link_and_by_the_code_and_the_end_reaches_everybody(host, phones, address):
    first, second = phones
    code = open_class(host, address)
    link = link_of_class(host, address)
    join(first, link, code)
    second.goto(f"{address}/join")
    second.get_by_label("Code of the class").fill(code.lower())
    second.get_by_label("Code of the class").press("Enter")
    second.get_by_text("Keep this page open").wait_for()
    for phone in phones:
        assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    host.get_by_text("2 have joined").wait_for()
    for page in (host, first):
        page.reload()
    host.get_by_text("2 have joined").wait_for()
    first.get_by_text("Keep this page open").wait_for()
    assert f"Class {code}" in first.get_by_role("heading", level=1).inner_text()
    host.get_by_role("button", name="End the class").click()
    host.get_by_role("button", name="End it and forget everything").click()
    host.get_by_role("button", name="Open a class").wait_for()
    second.get_by_text("it has ended").wait_for()
    first.goto(link)
    first.get_by_text("This link opens no class").wait_for()


def test_a_phone_takes_the_network_home_by_the_address_in_the_code(host, phone_of, address, tmp_path):
    open_class(host, address)
    host.get_by_role("button", name="Take home").click()
    shown = host.locator("[data-testid=stCode]", has_text="/network/")
    phone = phone_of()
    answer = phone.goto(f"{address}/network/{shown.inner_text().strip().rpartition('/')[2]}")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; ")
    browsing.draw(phone, phone.locator("#pad"), [stroke.points for stroke in sample(7)])
    expect(phone.get_by_role("status")).to_contain_text("Read as a")
    name = browsing.saved(phone, phone.get_by_role("link", name="Save this page").click, tmp_path / "saved")
    assert name.endswith(".html")
    assert (tmp_path / "saved").read_bytes() == answer.body()
    host.get_by_role("button", name="Close").click()
    host.get_by_role("button", name="End the class").click()
    host.get_by_role("button", name="End it and forget everything").click()
    host.get_by_role("button", name="Open a class").wait_for()


def test_a_laptop_shows_at_once_all_that_puts_a_student_out_and_keeps_it_open_while_students_come_and_go(
    host, phones, address
):
    first, second = phones
    code = open_class(host, address)
    link = link_of_class(host, address)
    join(first, link, code)
    host.get_by_role("heading", name="1 has joined").wait_for()
    host.set_viewport_size({"width": 1280, "height": 800})
    host.get_by_role("button", name="Manage the class").click()
    lock = host.get_by_role("button", name="Lock the class")
    expect(host.get_by_role("button", name="Put out 0 selected")).to_be_in_viewport(ratio=1)
    expect(host.get_by_text("This cannot be undone")).to_be_in_viewport(ratio=1)
    join(second, link, code)
    host.get_by_role("heading", name="2 have joined").wait_for()
    second.get_by_role("button", name="Leave the class").click()
    host.get_by_role("heading", name="1 has joined").wait_for()
    expect(lock).to_be_visible()


def test_the_answers_of_a_poll_appear_on_the_lecturers_page_beside_the_truth_and_in_the_report(
    host, phones, address, tmp_path
):
    class_of(host, phones, address)
    ask_a_question(host, phones)
    host.get_by_role("button", name="Close the poll").click()
    phones[0].get_by_text("Your lecturer will show the answer").wait_for()
    host.get_by_role("button", name="Show the answer").click()
    for page in (host, *phones):
        page.get_by_text("1 of 2 answers right: 50%").wait_for()
        page.get_by_text("so both get large sums").first.wait_for()
    host.get_by_role("heading", name="A neuron by hand").wait_for()
    go(host, "classroom")
    host.get_by_role("button", name="End the class").click()
    for kind, words in (("HTML", "2 answers, 50% right"), ("CSV", ",1,50.0,yes")):
        button = host.get_by_role("button", name=f"Report as {kind}")
        name = browsing.saved(host, button.click, tmp_path / kind)
        assert name == f"class-report.{kind.lower()}"
        assert words in (tmp_path / kind).read_text("utf-8-sig")


def ask_a_question(host, phones):
    """Both answer it, and one of them changes the answer."""
    first, second = phones
    go(host, "neurons")
    host.get_by_role("button", name="Ask the class").click()
    host.get_by_text("0 answers").wait_for()
    expect(host.locator(".st-key-way_in_asked img")).to_be_in_viewport(ratio=1)
    answers(first).nth(1).click()
    expect(first.locator('[role="status"]#mlp-explainer-news')).to_have_text("Here is question 1.")
    first.get_by_text("Your answer is in").wait_for()
    host.get_by_text("1 answer ·").wait_for()
    expect(host.locator(".st-key-way_in_asked")).to_have_count(0)
    answers(second).nth(0).click()
    answers(second).nth(2).click()
    host.get_by_text("2 answers").wait_for()
    expect(host.get_by_text("1 (50%)")).to_have_count(2)
    assert first.get_by_text("so both get large sums").count() == 0


def test_drawings_gather_on_the_wall_without_a_blank_frame_and_are_judged_and_taken_home(
    host, phones, address, tmp_path
):
    class_of(host, phones, address)
    gather_drawings(host, phones)
    draw_and_undo(phones[0])
    host.get_by_role("button", name="Judge the network").click()
    host.get_by_text("no random sample").wait_for()
    phones[0].get_by_text("the digit that the network read").wait_for()
    browsing.saved(host, host.get_by_role("button", name="Download as .npz").click, tmp_path / "class.npz")
    with np.load(tmp_path / "class.npz", allow_pickle=False) as file:
        assert file["x_test"].shape == (2, 28, 28)
        assert file["x_test"].dtype == np.uint8
        assert len(set(file["y_test"].tolist())) == 2
    host.locator(".wall button").first.click()
    host.get_by_role("button", name="Take the picked drawing down").click()
    host.get_by_text(re.compile("^1 drawing ")).wait_for()
    expect(host.locator(".wall button")).to_have_count(1)


def gather_drawings(host, phones):
    """Each hands in another digit, and the wall is never empty once there is one."""
    host.get_by_text("Handwriting").click()
    host.get_by_role("button", name="Ask for it").click()
    digits = []
    for number, phone in enumerate(phones, 1):
        digits.append(asked_for(phone))
        draw(phone, digits[-1])
        phone.locator(".st-key-class_hand_in button:enabled").click()
        phone.get_by_text("Your drawings, as the network").wait_for()
        host.get_by_text(re.compile(f"^{number} drawing")).wait_for()
        if number == 1:
            host.locator(".wall button").first.wait_for()
            host.evaluate(BLANK)
    expect(host.locator(".wall button")).to_have_count(2)
    host.wait_for_function("() => window.all_frames > 50")
    assert host.evaluate("window.blank_frames") == 0
    assert len(set(digits)) == 2


def draw_and_undo(phone):
    """On the next sheet, where it does not bring the last drawing back."""
    undo = phone.get_by_role("button", name="Undo")
    assert asked_for(phone) in range(10)
    expect(undo).to_be_disabled()
    draw(phone, 1)
    hand_in = phone.locator(".st-key-class_hand_in button:enabled")
    hand_in.wait_for()
    undo.click()
    expect(hand_in).to_have_count(0)
    expect(undo).to_be_disabled()


def test_one_click_enters_a_run_on_the_board_and_the_last_word_takes_the_form_from_the_phones(
    host, phone_of, address
):
    phone = phone_of()
    class_of(host, [phone], address)
    phone.goto(f"{address}/train?units=2&epochs=1")
    phone.get_by_role("button", name="Train", exact=True).click()
    phone.get_by_text("Trained: ").first.wait_for()
    for page in (host, phone):
        go(page, "challenges")
    phone.get_by_test_id("stTextInputField").fill("Ada L.")
    phone.get_by_role("button", name="Enter this run").click()
    phone.get_by_text("Entered in “Most accurate after one epoch”").wait_for()
    host.locator("td", has_text="Ada L.").first.wait_for()
    show_on_projector(host)
    board = ['[data-testid="stMain"] :is(h2, table)', ".stForm button"]
    assert cut_off(host, board) == []
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    host.get_by_role("button", name="Judge on the other half").click()
    host.get_by_role("button", name="Judge now, once").click()
    phone.get_by_text("The final result: ranked by the other half").wait_for()
    expect(phone.get_by_role("button", name="Enter this run")).to_have_count(0)
    expect(phone.get_by_text("no more runs are entered")).to_be_visible()
    expect(phone.locator('[role="status"]#mlp-explainer-news')).to_have_text("The challenge has ended.")


def test_a_run_of_a_student_becomes_a_point_on_all_pages_which_keep_their_picture_when_another_comes(
    host, phones, address
):
    trainer, watcher = phones
    class_of(host, phones, address)
    host.get_by_text("Runs", exact=True).click()
    host.get_by_text("each such run becomes a point here").wait_for()
    trainer.goto(f"{address}/train?units=2&epochs=1&images=300")
    trainer.get_by_role("button", name="Train", exact=True).click()
    trainer.get_by_text("Trained: ").first.wait_for()
    pictures = [page.get_by_test_id("stVegaLiteChart").locator("svg.marks") for page in (host, watcher)]
    for page, picture in zip((host, watcher), pictures, strict=True):
        page.get_by_text("1 run · highest validation accuracy").wait_for()
        expect(picture.locator(POINTS)).to_have_count(1)
        expect(picture).not_to_contain_text("2 hidden neurons, 1 epoch")
        picture.hover()  # the nearest run is the only one
        expect(picture).to_contain_text("2 hidden neurons, 1 epoch")
        picture.evaluate("picture => { picture.is_the_first = true }")
    trainer.goto(f"{address}/train?units=3&epochs=30&images=3000&batch=1")
    trainer.get_by_role("button", name="Train", exact=True).click()
    trainer.get_by_role("button", name="Pause").wait_for()
    go(trainer, "join")  # which sees the end, because it looks for news
    trainer.get_by_text("2 runs · highest validation accuracy").wait_for()
    for page, picture in zip((host, watcher), pictures, strict=True):
        page.get_by_text("2 runs · highest validation accuracy").wait_for()
        expect(picture.locator(POINTS)).to_have_count(2)
        assert picture.evaluate("picture => picture.is_the_first")
        expect(picture).to_contain_text(re.compile("[23] hidden neurons"))  # whichever is nearer now
    assert trainer.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_no_secret_of_the_host_is_sent_to_a_student(host, phone_of, address):
    phone, frames = phone_of(), []

    def keep(frame):
        frames.append(frame)

    phone.on("websocket", lambda socket: socket.on("framereceived", keep))
    code = open_class(host, address)
    secret = host.evaluate("sessionStorage.getItem('mlp-explainer-visit')")
    assert len(secret) == 32
    join(phone, link_of_class(host, address), code)
    received = b"".join(frame if isinstance(frame, bytes) else frame.encode() for frame in frames)
    assert code.encode() in received
    assert secret.encode() not in received


def test_a_screen_shows_at_once_all_that_a_student_needs_to_join_as_large_as_it_has_room(host, address):
    code = open_class(host, address)
    qr_code, letters = host.get_by_role("img", name="A QR code"), host.get_by_text(code, exact=True)
    needed = (
        qr_code,
        letters,
        host.get_by_role("heading", name="0 have joined"),
        host.get_by_text(re.compile(r"/join and type")),
        host.get_by_text(re.compile(r"/join\?class=[0-9a-f]{32}")),
        host.get_by_role("button", name="End the class"),
    )
    for is_first, mode, width, height, share in (
        (False, "", 1280, 800, 0.6),
        (False, "", 1280, 720, 0.6),
        (False, "", 1920, 1080, 0.6),
        (True, "?embed=true", 1024, 768, 0.6),
        (False, "?embed=true", 1280, 720, 0.6),
        (False, "?embed=true", 1920, 1080, 0.6),
        (True, "?embed=true&tour=30&step=1&part=Join", 1280, 720, 0.545),
        (False, "the same tour", 1920, 1080, 0.545),
    ):
        host.set_viewport_size({"width": width, "height": height})
        if is_first:
            host.goto(f"{address}/classroom{mode}")
        for element in needed:
            expect(element.first).to_be_in_viewport(ratio=1)
        qr_box, box = qr_code.bounding_box(), letters.bounding_box()
        assert qr_box["height"] == pytest.approx(share * height, rel=0.02)
        assert box["height"] >= 2 * 0.15 * height, "two rows"
        assert box["x"] > qr_box["x"] + qr_box["width"], "beside each other"


def test_a_sidebar_is_found_whole_on_a_laptop_and_its_links_are_met_by_a_finger(visitor_of, address):
    page = visitor_of(viewport={"width": 1280, "height": 800})  # a browser keeps that the sidebar was opened
    page.goto(f"{address}/glossary")
    sidebar = page.get_by_test_id("stSidebar")
    for last in (sidebar.get_by_role("link", name="Glossary"), sidebar.get_by_role("radio", name="SVG")):
        expect(last).to_be_in_viewport(ratio=1)
    page.set_viewport_size(PHONE)
    page.reload()
    page.get_by_test_id("stExpandSidebarButton").click()
    for name in ("Overview", "Join"):
        link = sidebar.get_by_role("link", name=name)
        link.wait_for()
        assert link.bounding_box()["height"] >= 44


def test_a_word_reaches_the_phones_and_the_projected_page_only_after_the_lecturer_has_let_it(
    host, phones, address
):
    class_of(host, phones, address)
    host.get_by_role("radio", name="Questions").click(force=True)
    field = host.get_by_role("textbox", name="Your questions")
    field.fill("What is a neuron like?\nword")
    field.press("Control+Enter")
    host.get_by_role("button", name="Ask", exact=True).click()
    for phone, word in zip(phones, ("Sieve", "rude"), strict=True):
        phone.get_by_label("Your word").fill(word)
        phone.get_by_role("button", name="Send").click()
        phone.get_by_text(f"Your answer: {word.lower()}").wait_for()
    host.get_by_text("2 answers").wait_for()
    host.get_by_role("button", name="Show the answers").click()
    phones[1].get_by_text("No answers are shown yet").wait_for()
    assert host.get_by_text("rude").count() == 0
    host.get_by_role("button", name=re.compile("Words: 0 of 2 shown")).click()
    host.get_by_test_id("stPopoverBody").get_by_text("sieve").click()
    for page in (host, *phones):
        page.locator(".cloud li").get_by_text("sieve").wait_for()
        assert page.locator(".cloud li").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    host.keyboard.press("Escape")  # the list of words
    show_on_projector(host)
    question = [
        "h3",
        ".st-key-own_controls button",
        ".st-key-own_ask_0 button",
        ".cloud",
        ".st-key-class_tools",
    ]
    assert cut_off(host, question) == []
