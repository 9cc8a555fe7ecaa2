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


def until_it_says(words, client, answer):
    """The answer that has these words: others may come before it, of runs that nobody here has asked for."""
    while words.encode() not in answer.raw:
        answer = client.hear()
    return answer


def press(client, page, label, query, then):
    """Press a button of a page that is shown with this address; the answer that has the words `then`."""
    shown = client.ask(page, query=query)
    while label not in shown.buttons:
        shown = client.hear()
    return until_it_says(then, client, client.ask(page, [client.pressed(shown.buttons[label])], query))


def code_of(lecturer):
    """The code that the lecturer asks for, from the link to the second window."""
    (link,) = press(lecturer, "", "Remote", TOUR, "remote=").links
    return parse_qs(urlsplit(link).query)["remote"][0]


def view(client, code):
    return client.ask("tour", query=f"remote={code}&embed=true&alone=true")


def step_of(phone):
    """Where the lecture stands that a phone steers."""
    answer = until_it_says("**Step ", phone, phone.ask("tour", query=STEERS))
    return next(text for text in answer.texts if text.startswith("**Step "))


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
    until_it_says("Step 2 of", lecturer, lecturer.hear())
    phone.close()
    again = tab(phone_name)  # its connection was lost
    assert step_of(again).startswith("**Step 2 of")
    assert "Next" not in view(tab(), code).buttons


def test_no_cookie_no_link_no_code_of_a_class_and_no_others_button_steers(tab, lecture):
    lecturer, name, cookie = lecture
    phone = tab()
    button = view(phone, code_of(lecturer)).buttons["Next"]
    opened = press(lecturer, "classroom", "Open a class", TOUR, "join?class=")
    link = next(text for text in opened.raw.decode(errors="replace").split("join?class=")[1:])[:32]
    for code in (link, name, cookie, "on", button):
        stranger = tab(cookie=cookie)
        assert "Next" not in view(stranger, code).buttons
        stranger.ask("tour", [stranger.pressed(button)], STEERS)
    assert step_of(phone).startswith("**Step 1 of")


def test_the_code_as_a_tabs_name_opens_an_empty_visit(tab, lecture):
    lecturer, *_ = lecture
    assert not any("Step 1 of" in text for text in tab(code_of(lecturer)).ask("").texts)
