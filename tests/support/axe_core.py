"""What axe-core finds on a page, and what does not fit there, also with words as long as German ones."""

from pathlib import Path

import axe_playwright_python
from paths import SUPPORT

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
LONG_WORDS = (SUPPORT / "long_words.js").read_text(encoding="utf-8")
LEARN = f"() => {{ {LONG_WORDS}\nObject.assign(window, {{ problems, problemsWithLongWords }}) }}"
"""Teaches a page both functions; a script element would be refused by the content policy."""
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


def learn(page):
    """Teach a page what is asked of it here."""
    page.evaluate(AXE)
    page.evaluate(LEARN)


def faults_in_any_theme(page, *left_out):
    """What axe-core finds and what does not fit; sentences."""
    return serious(page, RULES, "tag", left_out) + words(page)


def faults_of_this_theme(page):
    """The same of what depends on colours and widths."""
    return serious(page, SEEN_RULES, "rule", [SIDEBAR]) + words(page)


def serious(page, rules, kind, left_out):
    """What axe-core finds."""
    return page.evaluate(SERIOUS, [rules, kind, OUT_OF_REACH, left_out])


def words(page):
    """What does not fit, as it is and with words as long as German ones."""
    return page.evaluate("problems()") + page.evaluate("problemsWithLongWords()")
