"""What comes out of the browser's print: the words and pictures of a page, and nothing to press."""

import re

import pypdfium2 as pdfium
import pytest
from walking import go, settled, visit

from dashboard.lecture.itinerary import read_tour

pytestmark = pytest.mark.browser
A4 = (595, 842)
"""Points."""
LABELS = """
() => [...document.querySelectorAll('.stApp :is(button, summary, [role=tab], [role=slider], .stPageLink a)')]
  .filter(one => one.checkVisibility() && !one.closest('details[open], .stRadio'))
  .map(one => (one.ariaLabel || one.innerText).trim().split('\\n').at(-1)).filter(words => words.length > 2)
"""
"""What can be pressed on the page that is shown."""


def printed(page):
    """The lines of the page on paper, and all of them as one text, with single spaces."""
    document = pdfium.PdfDocument(page.pdf(prefer_css_page_size=True))
    try:
        assert all(sheet.get_size() == pytest.approx(A4, abs=1) for sheet in document)
        text = "\n".join(sheet.get_textpage().get_text_range() for sheet in document)
    finally:
        document.close()
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return lines, " ".join(lines)


def flat(markdown):
    """The words of a text without its marks."""
    return " ".join(re.sub("[*`]", "", markdown).split())


def test_a_lesson_is_printed_with_all_its_sections_and_no_controls(page, address):
    page.goto(f"{address}/tour")
    settled(page)
    visit(page, "loss")
    page.get_by_role("heading", name="Along the curve").wait_for()  # the network is there
    settled(page)
    labels = page.evaluate(LABELS)
    assert "Share" in labels, "they are on the screen"
    headings = page.locator('[data-testid="stMain"] h2').all_inner_texts()
    lines, text = printed(page)
    for heading in headings:
        assert " ".join(heading.split()) in text
    assert set(lines) & set(labels) <= {"−ln p"}, "a line of the chart has this name, too"


@pytest.mark.parametrize("kind", ["script", "worksheet"])
def test_a_tour_is_printed_as_a_script_with_the_answers_and_as_a_worksheet_without(page, address, kind):
    page.goto(f"{address}/tour")
    settled(page)
    go(page, f"tour?paper={kind}&of=30")
    page.get_by_role("button", name="Print, or save as PDF").wait_for()
    if kind == "worksheet":
        sheet, room = (page.locator(name).first.bounding_box() for name in (".st-key-paper", ".paper-lines"))
        assert room["width"] > 0.7 * sheet["width"], "the code leaves the rest of the sheet to the answer"
    lines, text = printed(page)
    for number, step in enumerate(read_tour(30).steps, start=1):
        assert f"{number}. {step.title}" in text
        assert flat(step.ask) in text
        assert (flat(step.hope_for) in text) == (kind == "script")
    assert {"Print, or save as PDF", "Back to the tours", "Share", "Glossary"}.isdisjoint(lines)
