"""Every page, filled: axe-core in light and dark, a phone, words as long as German ones, no other host."""

import re
from pathlib import Path

import axe_playwright_python
import pytest
from paths import SUPPORT
from walking import STEADY, Traffic, open_class, run_again, settled, visit

from benchmarks.pages import PAGES

pytestmark = pytest.mark.browser
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
LONG_WORDS = (SUPPORT / "long_words.js").read_text(encoding="utf-8")
LEARN = f"() => {{ {LONG_WORDS}\nObject.assign(window, {{ problems, problemsWithLongWords }}) }}"
"""Teaches a page both functions; a script element would be refused by the content policy."""
WIDE, PHONE = (
    {"width": width, "height": 4_000} for width in (1280, 390)
)  # tall, so that axe sees all of a page
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SEEN_RULES = ["color-contrast", "target-size"]
"""What depends on colours and widths; the rest is the same in light and dark."""
OUT_OF_REACH = (
    # Streamlit puts the sections of its navigation, with a list of links each, into a list.
    ("list", '[data-testid="stSidebarNavItems"]'),
    ("listitem", '[data-testid="stSidebarNavItems"] li'),
    # A long formula scrolls sideways; Chromium and Firefox make what scrolls a tab stop by themselves.
    ("scrollable-region-focusable", ".katex-display"),
    # Streamlit writes white on the primary colour; a button's label can be told otherwise, a chip's cannot.
    ("color-contrast", '[data-testid="stMultiSelect"] [title]'),
)
"""Findings in Streamlit's own markup that no use of it avoids: rule and selector."""
SERIOUS = """
async ([rules, kind, outOfReach, leftOut]) => {
  const options = { runOnly: { type: kind, values: rules }, resultTypes: ['violations'] }
  const { violations } = await axe.run({ include: [['html']], exclude: leftOut.map((one) => [one]) }, options)
  const isOurs = (rule, { target }) => !outOfReach.some(([name, selector]) =>
    name === rule && target.length === 1 && document.querySelector(target[0])?.matches(selector))
  const serious = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))
  return serious.flatMap(({ id, nodes }) => nodes.filter((node) => isOurs(id, node))
    .map((node) => `${id}: ${node.target.flat().join(' ')} ${node.html.slice(0, 200)}`))
}
"""
SIDEBAR = '[data-testid="stSidebar"]'
"""The same on every page: it is looked at on the first page alone."""
GROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 21, 28)"}
GROUND = "getComputedStyle(document.querySelector('.stApp')).backgroundColor"


@pytest.fixture(scope="module")
def visitors(browser, address):
    """The lecturer of a class and a student, each in a browser context of their own."""
    contexts = [browser.new_context(viewport=WIDE, color_scheme="light") for _ in range(2)]
    traffic = [Traffic(context) for context in contexts]
    host, student = pages = [context.new_page() for context in contexts]
    host.goto(f"{address}/evaluate")
    host.get_by_text("% correct (").wait_for()
    open_class(host, student, address)
    for page in pages:
        page.evaluate(AXE)
        page.evaluate(LEARN)
    yield pages
    for one in traffic:
        assert one.elsewhere(address) == set(), "a page asked another host"
        assert one.violations == [], "a page wanted more than the content policy allows"
    assert len(traffic[0].asked) > 100
    for context in contexts:
        context.close()


def look(page, size, scheme):
    """Give a page a size and a theme; what is drawn for the theme is drawn with its next run."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(size)
    page.wait_for_function(f"() => {GROUND} === '{GROUNDS[scheme]}'")


def faults_wide_and_light(page, *left_out):
    """What axe-core finds and what does not fit, once the page is drawn."""
    settled(page)
    return serious(page, RULES, "tag", left_out) + words(page)


def faults_on_a_dark_phone(page):
    """The same of what depends on colours and widths."""
    page.evaluate(STEADY)
    return serious(page, SEEN_RULES, "rule", [SIDEBAR]) + words(page)


def faults(page):
    """The same, first as it is and then on a dark phone; it is left wide and light."""
    found = faults_wide_and_light(page, SIDEBAR)
    look(page, PHONE, "dark")
    run_again(page)
    found += faults_on_a_dark_phone(page)
    look(page, WIDE, "light")
    return found


def serious(page, rules, kind, left_out):
    """What axe-core finds."""
    return page.evaluate(SERIOUS, [rules, kind, OUT_OF_REACH, left_out])


def words(page):
    """What does not fit, as it is and with words as long as German ones."""
    return page.evaluate("problems()") + page.evaluate("problemsWithLongWords()")


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_axe_finds_nothing_serious_on_a_wide_light_page_and_german_words_fit_it(visitors, path):
    host, _ = visitors
    look(host, WIDE, "light")
    visit(host, path)
    assert faults_wide_and_light(host, *[SIDEBAR] * bool(path)) == []


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_axe_finds_nothing_serious_on_a_dark_phone_and_german_words_fit_it(visitors, path):
    host, _ = visitors
    look(host, PHONE, "dark")
    visit(host, path)
    assert faults_on_a_dark_phone(host) == []


def test_the_same_of_a_wall_of_drawings_and_the_sheet_of_a_student(visitors):
    host, student = visitors
    look(host, WIDE, "light")
    visit(host, "classroom")
    host.get_by_text("Handwriting").click()
    host.get_by_role("button", name="Ask for it").click()
    host.get_by_role("heading", name="0 drawings").wait_for()
    student.get_by_role("heading", name="Draw a").wait_for()
    assert faults(host) == []
    assert faults(student) == []


def test_the_same_of_a_poll_and_the_answers_of_a_student(visitors):
    host, student = visitors
    look(host, WIDE, "light")
    visit(host, "loss")
    host.get_by_role("button", name="Ask the class again").click()
    host.get_by_text("0 answers").wait_for()
    student.get_by_role("button", name=re.compile("^A ·")).click()
    student.get_by_text("You may change").wait_for()
    host.get_by_text("1 answer ·").wait_for()
    assert faults(student) == []
    assert faults(host) == []
