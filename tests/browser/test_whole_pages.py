"""Every page, filled, at a light desk and on a dark phone: one screen, axe-core, German words, no other host.

Each page is opened once for a desk and once for a phone, and looked at there with all that there is to see.
"""

import re
from contextlib import contextmanager

import pytest
from axe_core import SIDEBAR, faults_in_any_theme, faults_of_this_theme, learn
from data_room import PARTS
from one_screen import SIZES, apart_on_a_phone, parts_of, problems_of, small_targets, too_wide, views_of
from playwright.sync_api import expect
from walking import Traffic, choose, drawn, open_class, open_empty_class, run_again, settled, visit

from dashboard.site_map import COURSE, LAB, PAGES

pytestmark = pytest.mark.browser
TALL = {"desk": {"width": 1280, "height": 4_000}, "phone": {"width": 390, "height": 4_000}}
"""So that axe sees all of a page."""
SCHEMES = {"desk": "light", "phone": "dark"}
GROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 21, 28)"}
GROUND = "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
OPENED = '[data-testid="stMain"] details[open] > summary'
"""What folds a guess, and whatever else is unfolded."""
MOST_SCREENS = 6
"""How long a lesson is, at most, before anything is trained on it."""
PLACES = """
() => {
  const of = (names) => [...document.querySelectorAll(names)].filter((part) => part.offsetParent)
  const { scrollTop, scrollHeight } = document.querySelector('[data-testid="stMain"]')
  const tops = of('.stMain :is(.stPlotlyChart, .stSlider, .stSelectbox, .stButtonGroup, .stDataFrame)')
    .map((part) => part.getBoundingClientRect().top + scrollTop)
  const pairs = of('[class*="st-key-beside_"]').map((part) => part.getBoundingClientRect().height)
  return { first: Math.min(...tops), highest: Math.max(0, ...pairs), height: scrollHeight }
}
"""
"""Where the first control or picture of a lesson begins, the highest pair, and its height."""
OTHERS = [entry for entry in PAGES if entry.section == "Lecture"]
"""The pages that look otherwise to who has no class."""
STATES = [*(("a class", entry) for entry in PAGES), *(("no class", entry) for entry in OTHERS)]
each_page = pytest.mark.parametrize(
    ("state", "entry"), STATES, ids=[f"{entry.stem}, {state}" for state, entry in STATES]
)


@pytest.fixture(scope="module")
def traffic(address):
    """What all tabs of these tests ask for; none has asked another host or been refused anything."""
    traffic = Traffic()
    yield traffic
    assert len(traffic.asked) > 50
    assert traffic.elsewhere(address) == set(), "a page asked another host"
    assert traffic.violations == [], "a page wanted more than the content policy allows"


@pytest.fixture(scope="module")
def new_tab(traffic):
    """Opens a tab of a size in a browser context."""
    tabs = []

    def opened(context, size):
        tab = traffic.listen(context.new_page())
        tabs.append(tab)
        tab.set_viewport_size(SIZES[size])
        tab.emulate_media(color_scheme=SCHEMES[size])
        return tab

    yield opened
    for tab in tabs:
        tab.close()


@pytest.fixture(scope="module")
def tab_of(new_tab, context, address):
    """The tab of a size, of who has opened a class or has none, once the classic network is trained."""
    tabs = {}

    def tab(size, state):
        if (size, state) not in tabs:
            page = new_tab(context, size)
            page.goto(f"{address}/evaluate")
            page.get_by_text("% correct (").wait_for()
            learn(page)
            if state == "a class":
                open_empty_class(page)
            tabs[size, state] = page
        return tabs[size, state]

    return tab


@pytest.fixture(scope="module")
def class_of_one(new_tab, context, new_context, address):
    """A lecturer at a desk, and a student in the class."""
    host, student = pages = [new_tab(its, "desk") for its in (context, new_context(SIZES["desk"]))]
    host.goto(f"{address}/evaluate")
    host.get_by_text("% correct (").wait_for()
    open_class(host, student, address)
    for page in pages:
        learn(page)
    return pages


def opened(tab, entry, size):
    """Open a page, filled, on the screen of its size, for which pictures take their height."""
    look(tab, SIZES[size], SCHEMES[size])
    visit(tab, entry.address)
    drawn(tab)


@contextmanager
def as_without_a_class(tab):
    """A page for the rule of one screen, which need not reckon with the button that only a host has."""
    asks = tab.locator('[class*="st-key-ask_"]')
    asks.evaluate_all("all => all.forEach((one) => { one.style.display = 'none' })")
    drawn(tab)
    yield
    asks.evaluate_all("all => all.forEach((one) => { one.style.display = '' })")


def not_one_screen(tab, state, entry, size):
    """What breaks the rule of one screen, which is for pages as they are without a class; sentences."""
    if state == "a class" and entry in OTHERS:
        return []
    with as_without_a_class(tab):
        return problems_of(tab, entry.stem, size)


def grow(tab, size):
    """Give a page that has been opened a screen so high that all of it is seen."""
    look(tab, TALL[size], SCHEMES[size])
    drawn(tab)


def look(page, size, scheme):
    """Give a page a size and a theme; what is drawn for the theme is drawn with its next run."""
    page.bring_to_front()  # behind another one it would draw one frame a second
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(size)
    page.wait_for_function(f"() => {GROUND} === '{GROUNDS[scheme]}'")


def places_of(page):
    """Whether a lesson, with its guesses folded, begins with what answers, and how long it is; sentences."""
    expect(page.get_by_role("heading", name="Check yourself")).to_be_visible()
    opened = page.locator(OPENED)
    while n_open := opened.count():
        opened.first.click()
        expect(opened).to_have_count(n_open - 1)
    drawn(page)
    places, found = page.evaluate(PLACES), []
    if places["height"] > MOST_SCREENS * SIZES["desk"]["height"]:
        found.append(f"with its guess folded it is {places['height']} high")
    if not 0 < places["first"] <= 200:
        found.append(f"with its guess folded the first picture or control begins at {places['first']:.0f}")
    if places["highest"] > 640:
        found.append(f"what stands beside each other is {places['highest']:.0f} high")
    return found


@each_page
def test_at_a_light_desk_a_page_is_one_screen_axe_finds_nothing_serious_and_german_words_fit(
    tab_of, state, entry
):
    desk = tab_of("desk", state)
    opened(desk, entry, "desk")
    found = not_one_screen(desk, state, entry, "desk")
    grow(desk, "desk")
    found += faults_in_any_theme(desk, *[SIDEBAR] * bool(entry.address))
    if entry in (*COURSE, *LAB):
        look(desk, SIZES["desk"], "light")
        with as_without_a_class(desk):
            found += places_of(desk) if entry in COURSE else parts_of(desk, entry.stem, "desk")
    assert [f"{entry.stem}, light desk, {state}: {fault}" for fault in found] == []


@each_page
def test_on_a_dark_phone_a_page_is_one_screen_met_by_a_thumb_axe_finds_nothing_serious_and_german_words_fit(
    tab_of, state, entry
):
    phone = tab_of("phone", state)
    opened(phone, entry, "phone")
    found = [*not_one_screen(phone, state, entry, "phone"), *small_targets(phone)]
    if entry in (*COURSE, *LAB):
        found += apart_in_all_parts(phone)
    grow(phone, "phone")
    found += faults_of_this_theme(phone)
    if entry in COURSE:
        expect(phone.get_by_role("heading", name="Check yourself")).to_be_visible()
        found += [fault for _, seen in views_of(phone) for fault in too_wide(seen)]
    assert [f"{entry.stem}, dark phone, {state}: {fault}" for fault in found] == []


def apart_in_all_parts(phone):
    """What a phone does not show beside what changes it, behind each part of a page; sentences."""
    parts, found = phone.locator(PARTS), apart_on_a_phone(phone)
    for number in range(1, parts.count()):
        choose(phone, parts.nth(number))
        found += apart_on_a_phone(phone)
    if parts.count():
        choose(phone, parts.first)
    return found


def faults_at_a_desk_and_on_a_phone(page, where):
    """The same of a page that only its class brings about; it is left as it was."""
    look(page, TALL["desk"], "light")
    settled(page)
    found = [f"{where}, light desk: {fault}" for fault in faults_in_any_theme(page, SIDEBAR)]
    look(page, TALL["phone"], "dark")
    run_again(page)
    drawn(page)
    found += [f"{where}, dark phone: {fault}" for fault in faults_of_this_theme(page)]
    look(page, TALL["desk"], "light")
    return found


def test_the_same_of_a_wall_of_drawings_and_the_sheet_of_a_student(class_of_one):
    host, student = class_of_one
    look(host, TALL["desk"], "light")
    visit(host, "classroom")
    host.get_by_text("Handwriting").click()
    host.get_by_role("button", name="Ask for it").click()
    host.get_by_role("heading", name="0 drawings").wait_for()
    student.get_by_role("heading", name="Draw a").wait_for()
    assert faults_at_a_desk_and_on_a_phone(host, "the wall") == []
    assert faults_at_a_desk_and_on_a_phone(student, "the sheet") == []


def test_the_same_of_a_poll_and_the_answers_of_a_student(class_of_one):
    host, student = class_of_one
    look(host, TALL["desk"], "light")
    visit(host, "loss")
    host.get_by_role("button", name="Ask the class again").click()
    host.get_by_text("0 answers").wait_for()
    student.get_by_role("button", name=re.compile("^A ·")).click()
    student.get_by_text("You may change").wait_for()
    host.get_by_text("1 answer ·").wait_for()
    assert faults_at_a_desk_and_on_a_phone(student, "the answers") == []
    assert faults_at_a_desk_and_on_a_phone(host, "the poll") == []


def test_the_same_of_the_speaker_view_the_code_that_opens_it_and_the_remote_on_a_phone(
    new_tab, context, address
):
    host, speaker = (new_tab(context, "desk") for _ in range(2))
    host.goto(f"{address}/train?tour=30&step=5")
    host.get_by_role("button", name="Remote").click()
    link = host.get_by_role("link", name="Open it in a second window")
    link.wait_for()
    learn(host)
    assert [f"the code: {fault}" for fault in faults_in_any_theme(host, SIDEBAR)] == []
    speaker.goto(f"{address}/{link.get_attribute('href').lstrip('/')}")
    speaker.get_by_role("button", name="Next").wait_for()
    learn(speaker)
    assert faults_at_a_desk_and_on_a_phone(speaker, "the speaker view") == []
