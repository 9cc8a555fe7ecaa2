"""The field that loads a lecturer's own tour in a real browser: what is chosen, dropped, and refused."""

import json
import re

import pytest
from playwright.sync_api import expect
from walking import go, settled

from dashboard.lecture.own_tour import OwnStep, OwnTour
from mnist_core.bounds import MAX_TOUR_BYTES

pytestmark = pytest.mark.browser
DROP = """
(zone, [name, content]) => {
  const data = new DataTransfer()
  data.items.add(new File([content], name))
  for (const kind of ['dragenter', 'dragover', 'drop'])
    zone.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }))
}
"""
TOUR, OTHER = (
    OwnTour(title, (OwnStep(f"A step of {title}", 2.0, page="loss", part="Along the curve"),)).to_json()
    for title in ("Friday", "Monday")
)
REFUSED = {
    "broken.json": (TOUR[:40], "The file is not JSON."),
    "notebook.json": (json.dumps({"cells": [], "nbformat": 4}), "A tour has the kind"),
    "long.json": (f"{TOUR}{' ' * MAX_TOUR_BYTES}", "a tour has 100,000 at most"),
}
"""What is sent to the server and is no tour, with what is said of it."""
TOO_LARGE = "x" * 1_100_000


def choose(page, name, content):
    """Choose a file in the dialog of the browser."""
    with page.expect_file_chooser() as opened:
        page.get_by_role("button", name=re.compile("^(Upload|Add files)$")).click()
    opened.value.set_files({"name": name, "mimeType": "application/json", "buffer": content.encode()})
    settled(page)


def drop(page, name, content):
    """Let a file fall onto the field."""
    page.get_by_test_id("stFileUploaderDropzone").evaluate(DROP, [name, content])
    settled(page)


def test_a_tour_is_chosen_or_dropped_and_what_is_none_is_refused_in_a_sentence(kept_tab, address):
    page = kept_tab
    page.goto(f"{address}/tour")
    page.get_by_role("tab", name="Your own tour").click()
    for name, (content, sentence) in REFUSED.items():
        choose(page, name, content)
        expect(page.get_by_role("alert").filter(has_text=sentence)).to_be_visible()
    expect(page.get_by_role("button", name="Begin your own tour")).to_have_count(0)
    choose(page, "huge.json", TOO_LARGE)
    expect(page.get_by_text("1.0MB")).to_be_visible()
    drop(page, "tour.json", TOUR)
    begin = page.get_by_role("button", name="Begin your own tour")
    begin.wait_for()
    page.get_by_text("A step of Friday").first.wait_for()
    page.get_by_text("Save, load and share").click()
    choose(page, "notes.txt", OTHER)
    expect(page.get_by_text("files are not allowed")).to_be_visible()
    choose(page, "other.json", OTHER)
    page.get_by_text("A step of Monday").first.wait_for()
    go(page, "glossary")
    go(page, "tour")
    page.get_by_role("tab", name="Your own tour").click()
    begin.click()
    page.get_by_role("heading", name="Along the curve").wait_for()
