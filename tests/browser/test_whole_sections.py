"""What a projector shows: pages by the rule of one screen, and lessons by sections, each a screen of its own.

A section is looked at before and after what it asks and trains, and behind each of its tabs.
"""

import pytest
from data_room import low_charts
from one_screen import (
    HEAD_IN_ORDER,
    PROJECTORS,
    QUERIES,
    SIZES,
    STICKS_OUT,
    parts_of,
    problems_of,
    too_wide,
    views_of,
)
from playwright.sync_api import expect
from walking import drawn, fill, go, visit

from dashboard.site_map import COURSE, LAB, PAGES

pytestmark = pytest.mark.browser
ON = ".st-key-section_keys button >> nth=-1"
"""The way to the next section of a lesson."""
HAS_ANOTHER_HEADING = """
before => {
  const now = [...document.querySelectorAll('[data-testid="stMain"] h2')].map(heading => heading.innerText)
  return now.length && now.join() !== before.join()
}
"""
WITH_FORMULAS = ("activations", "learning", "optimizers", "starting_weights", "testing")
"""The lessons that show a projector a formula."""
UNFOLDS = '[data-testid="stMain"] details > summary'
"""What would make a section higher once it is opened."""
PICTURE = ".st-key-lesson_question :is(.asked, .stCode)"
"""What a question is about, beside it."""
RESULT = '[data-testid="stMain"] :is(.js-plotly-plot, .stImage, .stDataFrame) >> visible=true'
"""What trainings lead to."""
SHOWN = (
    '[data-testid="stMain"] :is(.js-plotly-plot, .stImage, .stVegaLiteChart, .stTable, .stDataFrame, '
    ".stCode, .listing, .asked, "
    ".stBidiComponent:not(.st-key-lecture *, .st-key-present_bar *, .st-key-section_row *)) >> visible=true"
)
"""What there is to see in a section beside its words."""
WORDS = ("What people often get wrong", "Check yourself", "Ten exercises")
"""The sections that are words alone."""
GUESS = '[data-testid="stMain"] .stRadio >> visible=true'
"""A question that a section begins with: what it is about is seen after the guess."""
BEGIN, STOP = '[class*="st-key-begin_"] button', '[class*="st-key-stop_"] button'
"""What begins the trainings of an experiment, and what is there while they last."""


@pytest.fixture(scope="module")
def tab_of(context, address):
    """Opens the tab of a size, once the classic network is trained; figures are made for its first size."""
    tabs = {}

    def tab(size):
        if size not in tabs:
            tabs[size] = context.new_page()
            tabs[size].set_viewport_size(SIZES[size])
            tabs[size].goto(f"{address}/predict{QUERIES[size]}")
            tabs[size].locator(".stPlotlyChart").first.wait_for()
        tabs[size].bring_to_front()  # behind another one it would draw one frame a second
        return tabs[size]

    yield tab
    for page in tabs.values():
        page.close()


@pytest.mark.parametrize(
    "entry", [page for page in PAGES if page not in COURSE], ids=lambda entry: entry.stem
)
def test_a_projector_shows_what_changes_beside_what_changes_it_and_on_a_narrower_one_nothing_sticks_out(
    tab_of, entry
):
    projector = tab_of("projector")
    visit(projector, f"{entry.address}{QUERIES['projector']}")
    drawn(projector)
    found = problems_of(projector, entry.stem, "projector")
    if entry in LAB:
        found += parts_of(projector, entry.stem, "projector")
    projector.set_viewport_size(SIZES["old projector"])
    drawn(projector)
    found += [f"“{words}” sticks out of a narrower one" for words in projector.evaluate(STICKS_OUT)]
    found += [f"a narrower one: {fault}" for _, seen in views_of(projector) for fault in too_wide(seen)]
    projector.set_viewport_size(SIZES["projector"])
    assert [f"{entry.stem}, projector: {fault}" for fault in found] == []


@pytest.mark.parametrize("entry", COURSE, ids=lambda entry: entry.stem)
def test_every_section_of_a_lesson_is_one_screen_before_and_after_what_it_asks_and_trains(tab_of, entry):
    n_formulas, found = dict.fromkeys(PROJECTORS, 0), []
    for size in PROJECTORS:
        go(tab_of(size), f"{entry.address}{QUERIES[size]}")
        drawn(tab_of(size))
        expect(tab_of(size).locator(PICTURE)).to_be_in_viewport(ratio=1)
    for size, heading in side_by_side(tab_of):
        n_here, faults = look(tab_of(size), entry.stem, size)
        n_formulas[size] += n_here
        found += [f"{entry.stem}, {size}, {heading}, {fault}" for fault in faults]
    assert found == []
    assert all(n_formulas.values()) or entry.stem not in WITH_FORMULAS


def side_by_side(tab_of):
    """Stop at each state of a lesson on every projector: what the first one trains is there for all."""
    walks = {size: states_of(tab_of(size)) for size in PROJECTORS}
    while walks:
        for size in list(walks):
            tab_of(size)  # comes to the front
            if (heading := next(walks[size], None)) is None:
                del walks[size]
            else:
                yield size, heading


def states_of(page):
    """Go from section to section of a lesson, and stop at each, before and after what it asks or trains."""
    yield from answers_of(page, "the question")
    while page.locator(ON).count() and page.locator(ON).is_enabled():
        before = page.locator("h2").all_inner_texts()
        page.keyboard.press("j")
        page.wait_for_function(HAS_ANOTHER_HEADING, arg=before)
        drawn(page)
        yield from answers_of(page, " ".join(page.locator("h2").all_inner_texts()))


def answers_of(page, heading):
    """Stop at a section, and again after it has been answered and after what it trains is trained."""
    yield f"“{heading}”"
    if page.get_by_role("button", name="Show me without a guess").count():
        fill(page)
        drawn(page)
        yield f"“{heading}”, answered"
    if page.locator(BEGIN).count():
        page.locator(BEGIN).click()
        expect(page.locator(BEGIN)).to_have_count(0)
        expect(page.locator(STOP)).to_have_count(0)
        drawn(page)
        assert page.locator(RESULT).count(), f"{heading}: nothing came of what was trained"
        yield f"“{heading}”, trained"


def look(page, stem, size):
    """How many formulas a section shows, and what of it breaks a rule; sentences."""
    n_formulas, found = 0, []
    if size == "projector":
        found += [f"tab 0: {fault}" for fault in problems_of(page, stem, size)]
    for number, seen in views_of(page):
        n_formulas += seen["nFormulas"]
        faults = too_wide(seen)
        if (more := seen["height"] - SIZES[size]["height"]) > 0:
            faults.append(f"{more} higher than the screen")
        if size == "projector":
            faults += low_charts(page)
            is_seen = page.locator(SHOWN).or_(page.locator(GUESS)).count() or any(
                page.get_by_role("heading", name=n).count() for n in WORDS
            )
            faults += [] if is_seen or number else ["there is nothing to see"]
        found += [f"tab {number}: {fault}" for fault in faults]
    found += (
        []
        if page.evaluate(HEAD_IN_ORDER)
        else ["the ways to other sections are over the title, or in two rows"]
    )
    found += [f"“{words}” sticks out" for words in page.evaluate(STICKS_OUT)]
    if page.locator(".st-key-section_row h2").count():
        words = page.locator(UNFOLDS).all_inner_texts()
        found += [f"“{label}” unfolds in its place, and not over the section" for label in words]
    return n_formulas, found
