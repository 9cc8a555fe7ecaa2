"""No other phone steers a lecture, and what lets one steer opens nothing else; over the real protocol."""

import secrets
from urllib.parse import parse_qs, urlsplit

import pytest
from hostile import Client

from dashboard.server.visitors import COOKIE

TOUR = "tour=10&step=1"
STEERS = "remote=on&embed=true&alone=true"


@pytest.fixture
def tab(strangers_address):
    """Opens tabs by their names, each with the cookie of its browser."""
    tabs = []

    def opened(name="", cookie=""):
        client = Client(strangers_address, name=name or secrets.token_hex(16), cookie=f"{COOKIE}={cookie}")
        tabs.append(client)
        return client

    yield opened
    for client in tabs:
        client.close()


@pytest.fixture
def lecture(tab):
    """A lecturer's tab at the first step of a tour, with the name and the cookie that nobody else knows."""
    name, cookie = secrets.token_hex(16), secrets.token_hex(16)
    lecturer = tab(name, cookie)
    lecturer.ask("", query=TOUR)
    return lecturer, name, cookie


def press(client, page, label, query=""):
    """Press a button of a page that is shown with this address."""
    shown = client.ask(page, query=query)
    return client.ask(page, [client.pressed(shown.buttons[label])], query)


def code_of(lecturer):
    """The code that the lecturer asks for, from the link to the second window."""
    (link,) = press(lecturer, "", "Remote", TOUR).links
    return parse_qs(urlsplit(link).query)["remote"][0]


def view(client, code):
    return client.ask("tour", query=f"remote={code}&embed=true&alone=true")


def step_of(phone):
    """Where the lecture stands that a phone steers."""
    texts = phone.ask("tour", query=STEERS).texts
    return next(text for text in texts if text.startswith("**Step"))


def test_the_code_steers_once_also_after_a_lost_connection_and_is_not_the_lecturers_name(tab, lecture):
    lecturer, name, cookie = lecture
    code, phone_name = code_of(lecturer), secrets.token_hex(16)
    phone = tab(phone_name)
    shown = view(phone, code)
    assert "Next" in shown.buttons
    assert name.encode() not in shown.raw
    assert cookie.encode() not in shown.raw
    assert code not in (name, cookie)
    phone.ask("tour", [phone.pressed(shown.buttons["Next"])], STEERS)
    while "Step 2 of" not in " ".join(lecturer.hear().texts):
        pass
    phone.close()
    again = tab(phone_name)  # its connection was lost
    assert step_of(again) == "**Step 2 of 5**"
    assert "Next" not in view(tab(), code).buttons


def test_no_cookie_no_link_no_code_of_a_class_and_no_others_button_steers(tab, lecture):
    lecturer, name, cookie = lecture
    phone = tab()
    button = view(phone, code_of(lecturer)).buttons["Next"]
    opened = press(lecturer, "classroom", "Open a class", TOUR)
    link = next(text for text in opened.raw.decode(errors="replace").split("join?class=")[1:])[:32]
    for code in (link, name, cookie, "on", button):
        stranger = tab(cookie=cookie)
        assert "Next" not in view(stranger, code).buttons
        stranger.ask("tour", [stranger.pressed(button)], STEERS)
    assert step_of(phone) == "**Step 1 of 5**"


def test_the_code_as_a_tabs_name_opens_an_empty_visit(tab, lecture):
    lecturer, *_ = lecture
    assert not any("Step 1 of" in text for text in tab(code_of(lecturer)).ask("").texts)
