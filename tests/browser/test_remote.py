"""Several browsers at once: a phone turns the steps of the projected page, and other phones follow it."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from walking import go, open_class

from dashboard.lecture.itinerary import read_tour

pytestmark = pytest.mark.browser
STEPS = read_tour(10).steps
PROJECTOR = {"width": 1280, "height": 720}


def at_step(page, number):
    page.wait_for_function(
        "number => new URLSearchParams(location.search).get('step') === `${number}`", arg=number
    )


@pytest.fixture
def projected(page, address):
    """The second step of the tour of ten minutes in present mode."""
    page.set_viewport_size(PROJECTOR)
    page.goto(f"{address}/train?tour=10&step=2&embed=true")
    page.get_by_text(f"2 / {len(STEPS)}").wait_for()
    return page


def link_of_remote(projected, address):
    """What the code on the lecturer's page opens."""
    projected.get_by_role("button", name="Notes").click()
    projected.get_by_role("button", name="Remote").click()
    link = projected.get_by_role("link", name="Open it in a second window")
    return f"{address}/{link.get_attribute('href').lstrip('/')}"


def test_a_phone_turns_the_steps_of_the_projected_page_which_shows_none_of_the_notes(
    projected, phone, visitor_of, address
):
    link = link_of_remote(projected, address)
    phone.goto(link)
    phone.get_by_role("heading", name=STEPS[1].title).wait_for()
    expect(phone.get_by_text("Likely answers.")).to_be_in_viewport()
    expect(projected.get_by_role("dialog")).to_have_count(0)
    phone.get_by_role("button", name="Next").click()
    at_step(projected, 3)
    projected.get_by_text(f"3 / {len(STEPS)}").wait_for()
    phone.get_by_role("heading", name=STEPS[2].title).wait_for()
    for words in ("Likely answers.", "Ask.", "Show."):
        expect(projected.get_by_text(words)).to_have_count(0)
    projected.keyboard.press("n")  # at the laptop
    phone.get_by_role("heading", name=STEPS[3].title).wait_for()
    phone.reload()
    phone.get_by_role("button", name="Back").click()
    at_step(projected, 3)
    for button in ("Back", "Next"):
        box = phone.get_by_role("button", name=button).bounding_box()
        assert box["height"] >= 64
        assert box["y"] + box["height"] <= phone.viewport_size["height"]
    stranger = visitor_of()
    stranger.goto(link)
    stranger.get_by_text("This code opens no remote").wait_for()
    expect(stranger.get_by_role("button", name="Next")).to_have_count(0)


def test_a_phone_follows_wanders_off_and_comes_back_by_one_press(page, phone_of, address):
    page.goto(f"{address}/classroom")
    student = phone_of()
    open_class(page, student, address)
    page.get_by_text("Phones follow me").click()
    student.get_by_text("You follow your lecturer").wait_for()
    go(page, "inside")
    student.wait_for_function("() => location.pathname === '/inside'")
    page.get_by_role("radio", name="Switch off").click()
    expect(student.get_by_role("radio", name="Switch off")).to_be_checked()
    go(student, "glossary")
    back = student.get_by_role("button", name="Back to the lecturer")
    back.wait_for()
    go(page, "loss?units=8")
    go(page, "predict")
    assert urlsplit(student.url).path == "/glossary"
    back.click()
    student.wait_for_function("() => location.pathname === '/predict'")
    student.get_by_text("You follow your lecturer").wait_for()
    expect(back).to_have_count(0)
