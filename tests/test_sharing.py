import socket

import pytest

from dashboard.addresses import AddressError, checked, is_local, local_address, place
from dashboard.lesson import read_lesson
from dashboard.sharing import QUIET_ZONE, qr_svg

LAN = "192.168.1.20"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("http://192.168.1.20:8501", "http://192.168.1.20:8501"),
        ("  https://mnist.example.org/nets/  ", "https://mnist.example.org/nets"),
        ("http://[fd00::12]:8501", "http://[fd00::12]:8501"),
        ("HTTP://Lecture-PC:80/", "http://lecture-pc:80"),
    ],
)
def test_an_address_that_a_dashboard_can_have_is_taken(typed, kept):
    assert checked(typed) == kept
    assert checked(kept) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "192.168.1.20:8501",
        "ftp://example.org",
        "javascript:alert(1)",
        "http://",
        "http://example.org:99999",
        "http://example.org:0",
        "http://me:secret@example.org",
        "http://example.org/?units=3",
        "http://example.org/#top",
        "http://exa mple.org",
        "http://example.org/<script>",
        "http://-example.org",
        "http://[::1",
        "https://" + "a" * 300,
    ],
)
def test_any_other_address_is_refused_in_a_sentence(typed):
    with pytest.raises(AddressError) as refused:
        checked(typed)
    assert str(refused.value).endswith((".", ":8501"))
    assert len(str(refused.value)) > 20


def test_what_the_browser_shows_is_what_others_use_if_it_is_no_name_of_the_machine_itself():
    found = place("https://nets.example.org/course/train", "train", None, own=LAN)
    assert (found.base, found.is_reachable, found.note) == ("https://nets.example.org/course", True, "")
    assert found.link() == "https://nets.example.org/course/"
    assert found.link("draw", image="7") == "https://nets.example.org/course/draw?image=7"


def test_a_page_of_that_name_in_the_address_before_it_stays():
    assert place("http://example.org/train", "", None).base == "http://example.org/train"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "127.3.2.1", "mnist.localhost"])
def test_a_phone_is_given_the_machines_address_in_its_network(host):
    found = place(f"http://{host}:8501/train", "train", None, own=LAN)
    assert (found.base, found.is_reachable) == (f"http://{LAN}:8501", True)
    assert found.note == "on this machine"


def test_a_server_that_listens_to_its_own_machine_only_is_said_to_do_so():
    found = place("http://localhost:8501", "", "127.0.0.1", own=LAN)
    assert (found.base, found.is_reachable, found.note) == ("http://localhost:8501", False, "bound to itself")
    assert place("http://localhost:8501", "", "0.0.0.0", own=LAN).is_reachable


def test_a_machine_in_no_network_is_said_to_be_in_none():
    assert place("http://localhost:8501", "", None, own=None).note == "in no network"


def test_what_is_typed_comes_before_what_is_found():
    typed = "https://nets.example.org"
    assert (
        place("http://localhost:8501/draw", "draw", "127.0.0.1", typed, LAN).link("draw") == f"{typed}/draw"
    )


def test_every_note_on_an_address_has_its_words():
    words = read_lesson("lecture", "sharing")
    for note in ("typed", "on this machine", "bound to itself", "in no network"):
        assert words[note]


def test_settings_in_a_link_are_written_as_urls_need_them():
    assert place("http://a.org", "", None).link("train", a="1 & 2") == "http://a.org/train?a=1+%26+2"


def test_the_machines_address_is_one_it_really_has():
    found = local_address()
    if found is None:
        pytest.skip("this machine is in no network")
    assert not is_local(found)
    with socket.socket() as probe:
        probe.bind((found, 0))  # refused for any other machine's address


def dark_modules(svg):
    """The dark modules of an SVG as a set of (row, column), read from its one stroked path."""
    import re

    path = re.search(r'class="qrline" stroke="#000" d="([^"]*)"', svg)[1]
    row, column, dark = 0.0, 0.0, set()
    for command, numbers in re.findall(r"([Mmh])([^Mmh]*)", path):
        values = [float(number) for number in re.findall(r"-?\d*\.?\d+", numbers)]
        if command == "M":
            column, row = values
        elif command == "m":
            column, row = column + values[0], row + values[1]
        else:
            dark |= {(int(row), int(column + step)) for step in range(int(values[0]))}
            column += values[0]
    return dark


def test_a_qr_code_holds_the_address_and_a_quiet_zone():
    import segno

    address = "http://192.168.1.20:8501/predict?units=64&image=123"
    matrix = segno.make(address, error="m", micro=False).matrix
    expected = {(y + 4, x + 4) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}
    svg = qr_svg(address)
    assert dark_modules(svg) == expected
    assert min(min(pair) for pair in expected) == QUIET_ZONE
    assert 'fill="#fff"' in svg
    assert dark_modules(qr_svg(address + "4")) != expected
