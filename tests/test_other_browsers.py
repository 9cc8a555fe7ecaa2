"""The dashboard in Firefox and WebKit: what each browser draws, and hears of a pointer, in its own way."""

import re

import pytest
from other_browsers import press, started, wait_for

pytestmark = [pytest.mark.other_browsers, pytest.mark.filterwarnings("ignore")]  # of the browsers' drivers


@pytest.fixture(scope="module", params=["firefox", "webkit"])
def tab(request, tmp_path_factory):
    with started(request.param, tmp_path_factory.mktemp(request.param)) as browser:
        yield browser


def test_a_digit_drawn_with_the_mouse_is_read(tab, sample_address):
    tab.open(f"{sample_address}/draw")
    wait_for(tab, "all('canvas[role=img]').length")
    x, y, width = tab.run(
        "const c = all('canvas[role=img]')[0]; c.scrollIntoView({block: 'center'});"
        "const b = c.getBoundingClientRect(); return [b.x, b.y, b.width]"
    )
    places = [(0.5, 0.2), (0.5, 0.4), (0.5, 0.6), (0.5, 0.8)]
    tab.drag([(round(x + a * width), round(y + b * width)) for a, b in places])
    wait_for(tab, "all('h2').some(e => e.innerText.startsWith('Read as a'))")


def test_the_network_is_drawn_and_a_neuron_can_be_opened(tab, sample_address):
    tab.open(f"{sample_address}/predict")
    wait_for(tab, "all('.network .neuron').length >= 42")
    tab.run("all('.network .neuron')[5].dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    wait_for(tab, "texts().includes('the full calculation')")


def test_the_curve_grows_while_a_network_is_trained(tab, sample_address):
    tab.open(f"{sample_address}/train?units=256&epochs=30")
    press(tab, "Train")
    wait_for(tab, "all('[class*=st-key-live_loss] svg, [class*=st-key-live_loss] canvas').length")
    wait_for(tab, "texts().includes('Updates of the weights')")


def test_a_student_joins_a_class_by_the_link_that_the_page_shows(tab, sample_address):
    tab.open(f"{sample_address}/classroom")
    press(tab, "Open a class")
    wait_for(tab, "/join[?]class=/.test(texts() + document.body.innerHTML)")
    shown = tab.run("return texts() + document.body.innerHTML")
    link = re.search(r"/join\?class=[^\s\"'<&]+", shown)[0]
    tab.tab()
    tab.open(f"{sample_address}{link}")
    press(tab, "Join class")
    wait_for(tab, "texts().includes('Keep this page open')")
