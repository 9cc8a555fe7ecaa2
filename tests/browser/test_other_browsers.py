"""The dashboard in Firefox and WebKit: what each browser draws, and hears of a pointer, in its own way."""

import re

import pytest
from other_browsers import LECTURER, PHONE, press, started, wait_for, wait_for_text

from benchmarks.pages import PAGES

pytestmark = [pytest.mark.other_browsers, pytest.mark.filterwarnings("ignore")]  # of the browsers' drivers
CURVES = "all('[data-testid=stVegaLiteChart] .mark-line path').map(e => (e.getAttribute('d') || '').length)"
"""How long each live curve is, as characters of its path."""
CUT_OFF = """
all('.stPopover button p').filter(label => {
  const box = label.parentElement, width = element => element.getBoundingClientRect().width
  return width(box) < width(label) && getComputedStyle(box).textOverflow === 'ellipsis'
}).map(label => label.innerText)
"""
"""The labels of popovers that end in dots."""
N_TIMES = 3


@pytest.fixture(scope="module", params=["firefox", "webkit"])
def window(request, tmp_path_factory):
    with started(request.param, tmp_path_factory.mktemp(request.param)) as browser:
        yield browser


@pytest.fixture
def tab(window):
    """Its first tab, as large as a laptop shows it."""
    window.show(window.first_tab)
    window.resize(*LECTURER)
    return window


@pytest.fixture
def lecturer(window):
    """A new tab of the same size, which has opened no class yet."""
    window.tab()
    window.resize(*LECTURER)
    return window


@pytest.fixture
def phone(window):
    """A new tab, as large as a phone shows it."""
    window.tab()
    window.resize(*PHONE)
    return window


def open_class(tab, address):
    """Open a class in this tab; the link by which students join it."""
    tab.open(f"{address}/classroom")
    press(tab, "Open a class")
    wait_for(tab, "/join[?]class=/.test(texts() + document.body.innerHTML)")
    shown = tab.run("return texts() + document.body.innerHTML")
    return address + re.search(r"/join\?class=[^\s\"'<&]+", shown)[0]


def end_class(tab):
    press(tab, "End the class")
    press(tab, "End it and forget everything")
    wait_for(tab, "named('Open a class')")


def test_a_digit_drawn_with_the_mouse_is_read(tab, address):
    tab.open(f"{address}/draw")
    wait_for(tab, "all('canvas[role=img]').length")
    x, y, width = tab.run(
        "const c = all('canvas[role=img]')[0]; c.scrollIntoView({block: 'center'});"
        "const b = c.getBoundingClientRect(); return [b.x, b.y, b.width]"
    )
    places = [(0.5, 0.2), (0.5, 0.4), (0.5, 0.6), (0.5, 0.8)]
    tab.drag([(round(x + a * width), round(y + b * width)) for a, b in places])
    wait_for(tab, "all('h2').some(e => e.innerText.startsWith('Read as a'))")


def test_the_network_is_drawn_and_a_neuron_can_be_opened(tab, address):
    tab.open(f"{address}/predict")
    wait_for(tab, "all('.network .neuron').length >= 42")
    tab.run("all('.network .neuron')[5].dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    wait_for_text(tab, "the full calculation")


def test_the_curves_grow_while_a_network_is_trained(tab, address):
    tab.open(f"{address}/train?units=256&epochs=30&batch=1&seed=914")
    press(tab, "Train")
    lengths = wait_for(tab, f"(curves => curves.length >= 2 && Math.min(...curves) > 20 && curves)({CURVES})")
    wait_for(tab, f"{CURVES}.every((length, n) => length > {lengths}[n])")
    press(tab, "Pause")
    wait_for_text(tab, "Paused: ")


def test_no_label_of_a_popover_ends_in_dots(lecturer, address):
    open_class(lecturer, address)
    for label in ("Manage the class", "End the class"):
        wait_for(lecturer, f"named({label!r})")
    assert lecturer.run(f"return ({CUT_OFF})") == []
    end_class(lecturer)


def test_a_class_is_asked_and_sees_the_right_answer(lecturer, address):
    tab, host = lecturer, lecturer.current()
    link, student = open_class(tab, address), tab.tab()
    tab.open(link)
    press(tab, "Join class")
    wait_for_text(tab, "Keep this page open")
    tab.show(host)
    wait_for_text(tab, "1 has joined")
    tab.open(f"{address}/neurons")
    press(tab, "Ask the class")
    tab.show(student)
    wait_for(tab, "all('[class*=st-key-class_answer] button').length >= 2")
    tab.run("all('[class*=st-key-class_answer] button')[1].click()")
    wait_for_text(tab, "Your answer is in")
    tab.show(host)
    wait_for_text(tab, "1 answer ·")
    press(tab, "Close the poll")
    press(tab, "Show the answer")
    for handle in (host, student):
        tab.show(handle)
        wait_for_text(tab, "of 1 answer right:")
        wait_for_text(tab, "One weight for each of the 784 pixels")
    tab.show(host)
    tab.open(f"{address}/classroom")
    end_class(tab)
    tab.show(student)
    wait_for_text(tab, "it has ended")


def test_a_phone_that_scans_the_code_again_is_the_same_member(phone, address):
    host, link = phone.current(), open_class(phone, address)
    phone.tab()
    phone.open(link)
    wait_for(phone, "named('Join class')")
    assert phone.run("return document.documentElement.scrollWidth <= innerWidth")
    press(phone, "Join class")
    wait_for_text(phone, "Keep this page open")
    phone.tab()
    phone.open(link)
    wait_for_text(phone, "Keep this page open")
    phone.show(host)
    wait_for_text(phone, "1 has joined")
    end_class(phone)


def test_the_first_click_in_a_tab_that_was_here_before_takes_effect(phone, address):
    for number in range(N_TIMES):
        phone.open(f"{address}/train?units={20 + number}&epochs=1")
        press(phone, "Train")
        wait_for_text(phone, f"The run shown: {20 + number} hidden neurons")


def test_every_page_is_shown(lecturer, address):
    for page in PAGES.values():
        lecturer.open(f"{address}/{page}")
        wait_for(lecturer, "document.querySelector('[data-testid=stMain] h1')")
        wait_for(lecturer, "document.querySelector('[data-test-script-state=notRunning]')")
        faults = "return all('[data-testid=stException]').length"
        assert lecturer.run(faults) == 0, page
