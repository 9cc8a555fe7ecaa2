"""The rule of one screen: on every page, what changes stands in one view with what changes it."""

import pytest
from walking import STEADY, settled, visit

from dashboard.site_map import COURSE, PAGES

pytestmark = pytest.mark.browser
SIZES = {
    "desk": {"width": 1280, "height": 800},
    "phone": {"width": 390, "height": 844},
    "projector": {"width": 1280, "height": 720},
}
QUERIES = {"desk": "", "phone": "", "projector": "?embed=true"}
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
LESSONS = [entry.stem for entry in COURSE]
"""Their first picture is measured by `test_lesson_screens`, with the guess folded."""
MEASURE = """
selectors => {
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
    return { key, controls: box(controls), picture: box(picture) }
  })
  return {
    title: box(main.querySelector('h1')).top,
    sticksOut: main.scrollWidth - main.clientWidth,
    first: first.length ? Math.min(...first.map(element => box(element).top)) : null,
    pairs,
    together: selectors.map(selector => box(main.ownerDocument.querySelector(selector))),
  }
}
"""


def problems_of(page, stem, size):
    """What of a page, as it is shown now, breaks the rule; sentences."""
    seen = page.evaluate(MEASURE, TOGETHER.get(stem, []))
    found = []
    if seen["title"] > 60:
        found.append(f"the title begins at {seen['title']:.0f}")
    if seen["sticksOut"] > 1:
        found.append(f"the page is {seen['sticksOut']} wider than the screen")
    first = None if stem in LESSONS else seen["first"]
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
    if boxes := seen["together"]:
        if size == "phone":  # the main button stays at the bottom
            boxes = [box for box in boxes if box["top"] < SIZES["phone"]["height"] - 60]
        height = max(box["bottom"] for box in boxes) - min(box["top"] for box in boxes)
        if height > ROOM[size]:
            found.append(f"what belongs together takes {height:.0f}")
    return [f"{stem}, {size}: {problem}" for problem in found]


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


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.stem)
def test_a_page_shows_what_changes_beside_what_changes_it(tab_of, entry, size):
    tab = tab_of(size)
    visit(tab, f"{entry.address}{QUERIES[size]}")
    tab.evaluate(STEADY)
    found = problems_of(tab, entry.stem, size)
    while tab.locator(ON).count() and tab.locator(ON).is_enabled():
        before = tab.locator("h2").all_inner_texts()
        tab.keyboard.press("j")
        tab.wait_for_function(HAS_ANOTHER_HEADING, arg=before)
        settled(tab)
        tab.evaluate(STEADY)
        found += problems_of(tab, entry.stem, size)
    assert not found
