"""The rule of one screen: on every page, what changes stands in one view with what changes it.

A lesson begins with what answers, and no formula of it is cut. Each page is opened once for each size.
"""

import pytest
from data_room import PARTS, low_charts
from playwright.sync_api import expect
from walking import STEADY, fill, go, settled, visit

from dashboard.site_map import BY_STEM, COURSE, LAB, PAGES

pytestmark = pytest.mark.browser
SIZES = {
    "desk": {"width": 1280, "height": 800},
    "phone": {"width": 390, "height": 844},
    "projector": {"width": 1280, "height": 720},
    "old projector": {"width": 1024, "height": 768},
    "large projector": {"width": 1920, "height": 1080},
}
PROJECTORS = [size for size in SIZES if "projector" in size]
QUERIES = {size: "?embed=true" if size in PROJECTORS else "" for size in SIZES}
ON = ".st-key-section_keys button >> nth=-1"
"""The way to the next section of a lesson."""
HAS_ANOTHER_HEADING = """
before => {
  const now = [...document.querySelectorAll('[data-testid="stMain"] h2')].map(heading => heading.innerText)
  return now.length && now.join() !== before.join()
}
"""
ROOM = {"desk": 640, "phone": 700, "projector": 650}
"""Pixels that a control and its effect may take together."""
TOGETHER = {
    "overview": [".st-key-begin", ".st-key-overview_network"],
    "train": [".st-key-train", ".st-key-stage_numbers", ".stage .curve.accuracy", ".stage .at-work"],
    "draw": [".st-key-draw_answer", ".st-key-draw_pad"],
    "predict": [".st-key-predict_choice", ".st-key-predict_outputs"],
    "evaluate": [".st-key-confusion", ".contact-sheet figure"],
    "inside": [".st-key-inside_tiles", ".st-key-beside_detail_neuron .stMarkdown"],
    "compare": [".st-key-compare_shown", ".st-key-compare_accuracies"],
}
"""What has to be seen at once, by the stem of a page."""
WITHIN = ("train", "pixel", "real_neuron")
"""Pairs of which a part is enough: that of the stage is named above, the others are several images, of which
a phone shows the last beside the controls."""
WITH_FORMULAS = ("activations", "learning", "optimizers", "starting_weights", "testing")
"""The lessons that show a projector a formula."""
MEASURE = """
() => {
  const main = document.querySelector('[data-testid="stMain"]')
  const box = element => {
    const { top, bottom, left, height } = element.getBoundingClientRect()
    return { top: top + main.scrollTop, bottom: bottom + main.scrollTop, left, height }
  }
  const isSeen = element => element.checkVisibility() && element.getBoundingClientRect().height > 2
  const isOfThePage = element => !element.closest('.st-key-lecture, .st-key-present_bar, .st-key-section_row')
  const answering = '.stPlotlyChart, .stVegaLiteChart, .stBidiComponent, .stImage, .stDataFrame, ' +
    '.stSlider, .stButton, .stButtonGroup, .stTabs, .stSelectbox, .stTextInput, .stNumberInput, .stRadio'
  const first = [...main.querySelectorAll(answering)].filter(isSeen).filter(isOfThePage)
  const besides = [...main.querySelectorAll('[class*="st-key-beside_controls_"]')].filter(isSeen)
  const pairs = besides.map(controls => {
    const key = [...controls.classList].find(name => name.startsWith('st-key-beside_controls_')).slice(23)
    const picture = main.querySelector(`.st-key-beside_picture_${key}, .st-key-beside_pinned_${key}`)
    return picture && { key, controls: box(controls), picture: box(picture) }
  }).filter(Boolean) // a picture of what the training process still computes is not there yet
  return {
    title: box(main.querySelector('h1')).top,
    sticksOut: main.scrollWidth - main.clientWidth,
    first: first.length ? Math.min(...first.map(element => box(element).top)) : null,
    pairs,
  }
}
"""
BOX = """
element => {
  const { top, bottom } = element.getBoundingClientRect()
  const scrolled = document.querySelector('[data-testid="stMain"]').scrollTop
  return { top: top + scrolled, bottom: bottom + scrolled }
}
"""
CUT = """
() => [...document.querySelectorAll('[data-testid="stMain"] .katex')].filter((formula) => {
  const ends = [...formula.querySelectorAll('.base')].map((part) => part.getBoundingClientRect())
  const left = Math.min(...ends.map((end) => end.left)), right = Math.max(...ends.map((end) => end.right))
  for (let around = formula.parentElement; around; around = around.parentElement) {
    const box = around.getBoundingClientRect(), cuts = getComputedStyle(around).overflowX !== 'visible'
    if (box.width && cuts && (right > box.right + 1.5 || left < box.left - 1.5)) return true
  }
  return false
}).map((formula) => formula.querySelector('annotation').textContent)
"""
"""The formulas of which something is cut away, as LaTeX."""
FORMULAS = """
() => [...document.querySelectorAll('[data-testid="stMain"] .katex-display')]
  .filter((formula) => formula.getBoundingClientRect().width > 0).length
"""
"""How many formulas are seen."""
VIEWS = '[data-testid="stMain"] [role="tab"], .st-key-testing_view button'
"""What shows another part of a section in the same place."""
OPENED = '[data-testid="stMain"] details[open] > summary'
"""What folds a guess, and whatever else is unfolded."""
UNFOLDS = '[data-testid="stMain"] details > summary'
"""What would make a section higher once it is opened."""
MOST_SCREENS = 6
"""How long a lesson is, at most, before anything is trained on it."""
BEGIN, STOP = '[class*="st-key-begin_"] button', '[class*="st-key-stop_"] button'
"""What begins the trainings of an experiment, and what is there while they last."""
HIGHER = "() => document.querySelector('[data-testid=\"stMain\"]').scrollHeight"
"""The height of a page."""
WIDER = """
() => document.querySelector('[data-testid="stMain"]').scrollWidth - document.documentElement.clientWidth
"""
"""Pixels by which a page is wider than its screen."""
PLACES = """
() => {
  const of = (names) => [...document.querySelectorAll(names)].filter((part) => part.offsetParent)
  const { scrollTop } = document.querySelector('[data-testid="stMain"]')
  const tops = of('.stMain :is(.stPlotlyChart, .stSlider, .stSelectbox, .stButtonGroup, .stDataFrame)')
    .map((part) => part.getBoundingClientRect().top + scrollTop)
  const pairs = of('[class*="st-key-beside_"]').map((part) => part.getBoundingClientRect().height)
  return { first: Math.min(...tops), highest: Math.max(0, ...pairs) }
}
"""
"""Where the first control or picture of a lesson begins, and the height of the highest beside each other."""


def problems_of(page, stem, size):
    """What of a page, as it is shown now, breaks the rule; sentences."""
    seen = page.evaluate(MEASURE)
    found = []
    if seen["title"] > 60:
        found.append(f"the title begins at {seen['title']:.0f}")
    if seen["sticksOut"] > 1:
        found.append(f"the page is {seen['sticksOut']} wider than the screen")
    first = None if BY_STEM[stem] in COURSE else seen["first"]
    if size == "desk" and first is not None and first > 200:
        found.append(f"the first picture or control begins at {first:.0f}")
    for pair in seen["pairs"]:
        picture, controls = pair["picture"], pair["controls"]
        if picture["height"] > ROOM[size] and pair["key"] not in WITHIN:
            found.append(f"the picture of {pair['key']} is {picture['height']:.0f} high")
        if size != "phone" and abs(picture["top"] - controls["top"]) > 8:
            found.append(f"the picture of {pair['key']} does not begin beside its controls")
        if size == "phone" and picture["top"] > controls["top"]:
            found.append(f"the picture of {pair['key']} comes below its controls")
    if boxes := [page.locator(selector).first.evaluate(BOX) for selector in TOGETHER.get(stem, ())]:
        if size == "phone":  # the main button stays at the bottom
            boxes = [box for box in boxes if box["top"] < SIZES["phone"]["height"] - 60]
        height = max(box["bottom"] for box in boxes) - min(box["top"] for box in boxes)
        if height > ROOM[size]:
            found.append(f"what belongs together takes {height:.0f}")
    return [f"{stem}, {size}: {problem}" for problem in found]


def places_of(page, stem):
    """Whether a lesson, with its guesses folded, begins with what answers, and how long it is; sentences."""
    opened = page.locator(OPENED)
    while n_open := opened.count():
        opened.first.click()
        expect(opened).to_have_count(n_open - 1)
    page.evaluate(STEADY)
    places, found = page.evaluate(PLACES), []
    if (height := page.evaluate(HIGHER)) > MOST_SCREENS * SIZES["desk"]["height"]:
        found.append(f"it is {height} high")
    if not 0 < places["first"] <= 200:
        found.append(f"the first picture or control begins at {places['first']:.0f}")
    if places["highest"] > 640:
        found.append(f"what stands beside each other is {places['highest']:.0f} high")
    return [f"{stem}, its guess folded: {problem}" for problem in found]


def charts_of(page):
    """What leaves too little of its frame to its data, behind each part of a page of the lab; sentences."""
    parts, found = page.locator(PARTS), low_charts(page)
    for number in range(parts.count()):
        parts.nth(number).click()
        drawn(page)
        found += low_charts(page)
    return found


def formulas_of(page, stem):
    """How many formulas of a lesson are shown, behind all of its tabs, and what is cut there; sentences."""
    tabs, n_formulas, found = page.locator('[data-testid="stMain"] [role="tab"]'), 0, []
    for number in range(max(1, tabs.count())):
        if tabs.count():
            tabs.nth(number).click()
        found += [f"{stem}: {formula} is cut" for formula in page.evaluate(CUT)]
        if (wider := page.evaluate(WIDER)) > 0:
            found.append(f"{stem}, tab {number}: the page is {wider} wider than the screen")
        n_formulas += page.evaluate(FORMULAS)
    return n_formulas, found


def too_high(page, stem, screen):
    """By how much a section, behind each of its tabs, is higher than its screen; sentences."""
    tabs, found = page.locator(VIEWS), []
    for number in range(max(1, tabs.count())):
        if tabs.count():
            tabs.nth(number).click()
            drawn(page)
        if (more := page.evaluate(HIGHER) - screen) > 0:
            heading = " ".join(page.locator("h2").all_inner_texts()) or "the question"
            found.append(f"{stem}, “{heading}”, tab {number}: {more} higher than the screen")
    return found


def sections_of(page):
    """Go from section to section of a lesson, and stop at each, before and after what it asks or trains."""
    while page.locator(ON).count() and page.locator(ON).is_enabled():
        before = page.locator("h2").all_inner_texts()
        page.keyboard.press("j")
        page.wait_for_function(HAS_ANOTHER_HEADING, arg=before)
        drawn(page)
        yield
        if page.get_by_role("button", name="Show me without a guess").count():
            fill(page)
            drawn(page)
            yield
        if page.locator(BEGIN).count():
            page.locator(BEGIN).click()
            expect(page.locator(BEGIN)).to_have_count(0)
            expect(page.locator(STOP)).to_have_count(0)
            drawn(page)
            yield


def drawn(page):
    """Wait until a section shows all that it has, also what the training process computes for it."""
    settled(page)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    expect(page.get_by_text("This takes a moment")).to_have_count(0)
    settled(page)
    page.evaluate(STEADY)


@pytest.fixture(scope="module")
def tab_of(new_context, address):
    """Opens the tab of a size."""
    opened = {}

    def tab(size):
        if size not in opened:
            opened[size] = new_context(SIZES[size]).new_page()
            opened[size].goto(f"{address}/predict{QUERIES[size]}")
            opened[size].locator(".stPlotlyChart").first.wait_for()  # the classic network is there
        return opened[size]

    yield tab
    for page in opened.values():
        page.close()


@pytest.fixture(params=PAGES, ids=lambda entry: entry.stem)
def shown(request, tab_of):
    """Opens the page in the tab of a size, filled and drawn; the tab."""

    def page(size):
        tab = tab_of(size)
        visit(tab, f"{request.param.address}{QUERIES[size]}")
        expect(tab.get_by_test_id("stSkeleton")).to_have_count(0)
        tab.evaluate(STEADY)
        return tab, request.param

    return page


def test_a_desk_shows_what_changes_beside_what_changes_it_and_a_lesson_begins_with_what_answers(shown):
    desk, entry = shown("desk")
    found = problems_of(desk, entry.stem, "desk")
    if entry in COURSE:
        expect(desk.get_by_role("heading", name="Check yourself")).to_be_visible()
        found += places_of(desk, entry.stem)
    if entry in LAB:
        found += charts_of(desk)
    assert not found


def test_a_phone_shows_what_changes_above_what_changes_it_and_no_formula_of_a_lesson_is_cut(shown):
    phone, entry = shown("phone")
    found = problems_of(phone, entry.stem, "phone")
    if entry in COURSE:
        expect(phone.get_by_role("heading", name="Check yourself")).to_be_visible()
        found += formulas_of(phone, entry.stem)[1]
    assert not found


def test_a_projector_shows_the_same_section_by_section_and_every_formula_to_its_end(shown):
    projector, entry = shown("projector")
    found, n_formulas = problems_of(projector, entry.stem, "projector"), 0
    for _ in sections_of(projector):
        found += problems_of(projector, entry.stem, "projector")
        n_here, cut = formulas_of(projector, entry.stem)
        n_formulas += n_here
        found += cut
    assert not found
    assert n_formulas or entry.stem not in WITH_FORMULAS


@pytest.mark.parametrize("size", PROJECTORS)
@pytest.mark.parametrize("entry", COURSE, ids=lambda entry: entry.stem)
def test_every_section_of_a_lesson_is_one_screen_before_and_after_what_it_asks_and_trains(
    entry, size, tab_of
):
    projector, height, found = tab_of(size), SIZES[size]["height"], []
    go(projector, f"{entry.address}{QUERIES[size]}")
    drawn(projector)
    if projector.get_by_role("button", name="Show me without a guess").count():
        found += too_high(projector, entry.stem, height)
        fill(projector)
    found += too_high(projector, entry.stem, height)
    for _ in sections_of(projector):
        found += too_high(projector, entry.stem, height)
        unfolds = projector.locator(UNFOLDS).all_inner_texts()
        found += [
            f"{entry.stem}: “{words}” unfolds in its place, and not over the section" for words in unfolds
        ]
    assert not found
