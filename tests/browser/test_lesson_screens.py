"""The lessons on a desk, a phone and a projector: cause beside effect, every formula seen to its end."""

import pytest
from playwright.sync_api import expect
from walking import STEADY, settled

from dashboard.site_map import COURSE

pytestmark = pytest.mark.browser
DESK, PROJECTOR = {"width": 1280, "height": 800}, {"width": 1280, "height": 720}
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
SEEN = """
() => [...document.querySelectorAll('[data-testid="stMain"] .katex-display')]
  .filter((formula) => formula.getBoundingClientRect().width > 0).length
"""
WIDER = """
() => document.querySelector('[data-testid="stMain"]').scrollWidth - document.documentElement.clientWidth
"""
PLACES = """
() => {
  const of = (names) => [...document.querySelectorAll(names)].filter((part) => part.offsetParent)
  const tops = of('.stMain :is(.stPlotlyChart, .stSlider, .stSelectbox, .stButtonGroup, .stDataFrame)')
    .map((part) => part.getBoundingClientRect().top)
  const pairs = of('[class*="st-key-beside_"]').map((part) => part.getBoundingClientRect().height)
  return { first: Math.min(...tops), highest: Math.max(0, ...pairs) }
}
"""
"""Where the first control or picture begins, and the height of the highest that stand beside each other."""


def answered(tab, address):
    tab.goto(address)
    tab.get_by_role("button", name="Show me without a guess").click()
    expect(tab.get_by_text("The classic network is being trained")).to_have_count(0)
    settled(tab)


def look(tab):
    """Nothing is cut in what is shown and behind each of its tabs; how many formulas that were."""
    tabs, n_formulas = tab.locator('[data-testid="stMain"] [role="tab"]'), 0
    for number in range(max(1, tabs.count())):
        if tabs.count():
            tabs.nth(number).click()
        assert tab.evaluate(CUT) == []
        assert tab.evaluate(WIDER) <= 0
        n_formulas += tab.evaluate(SEEN)
    return n_formulas


@pytest.mark.parametrize("lesson", COURSE, ids=lambda lesson: lesson.stem)
def test_no_formula_of_a_lesson_is_cut_on_a_phone(phone, address, lesson):
    answered(phone, f"{address}/{lesson.stem}")
    expect(phone.get_by_role("heading", name="Check yourself")).to_be_visible()
    look(phone)


@pytest.mark.parametrize("stem", ["activations", "learning", "optimizers", "testing"])
def test_no_formula_of_a_lesson_is_cut_on_a_projector(page, address, stem):
    page.set_viewport_size(PROJECTOR)
    answered(page, f"{address}/{stem}?embed=true")
    n_formulas, at = 0, page.locator(".st-key-section_row")
    n_sections = int(at.get_by_text(" of ").last.inner_text().split()[-1])
    for place in range(1, n_sections + 1):
        page.keyboard.press("j")
        expect(at.get_by_text(f"{place} of {n_sections}")).to_be_visible()
        settled(page)
        n_formulas += look(page)
    assert n_formulas > 0


@pytest.mark.parametrize("lesson", COURSE, ids=lambda lesson: lesson.stem)
def test_a_lesson_begins_with_what_answers_and_shows_it_beside_its_controls(page, address, lesson):
    page.set_viewport_size(DESK)
    answered(page, f"{address}/{lesson.stem}")
    page.reload()  # the guess is folded now
    expect(page.get_by_role("heading", name="Check yourself")).to_be_visible()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    settled(page)
    page.evaluate(STEADY)
    places = page.evaluate(PLACES)
    assert 0 < places["first"] <= 200
    assert places["highest"] <= 640
