"""Under a path of a server, such as /mlp: links, the class, a drawing and a training work there."""

import re

import browsing
import pytest
from walking import link_of_class, settled

from mnist_core.images.sample_drawings import sample

pytestmark = pytest.mark.browser


@pytest.fixture
def address(other_server):
    """Of the dashboard under a path."""
    return other_server.address


def follow(page, name, address):
    """A click on a link of the sidebar."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    page.wait_for_url(re.compile(f"{address}/{name.lower()}"))
    settled(page)


def test_links_share_a_drawing_and_a_training_work_under_a_base_path(page, address):
    page.goto(address)
    settled(page)
    follow(page, "Train", address)
    page.get_by_role("button", name="Share").click()
    page.get_by_role("dialog").get_by_text("/mlp/train").first.wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("slider", name="Hidden neurons").press("Home")
    page.get_by_text("784 → 1 → 10").wait_for()
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("link", name="Judge it on the test images").wait_for()
    follow(page, "Draw", address)
    browsing.draw(page, page.locator("canvas[role=img]"), [stroke.points for stroke in sample(3)])
    page.get_by_role("heading", name=re.compile("^(Read as|Not sure: perhaps) a")).wait_for()


def test_a_class_is_joined_by_its_link_under_a_base_path(page, phone_of, address):
    page.goto(f"{address}/classroom")
    page.get_by_role("button", name="Open a class").click()
    page.get_by_text("0 have joined").wait_for()
    link = link_of_class(page, address)
    assert page.get_by_text("/mlp/join?class=").count() == 1
    student = phone_of()
    student.goto(link)
    student.get_by_role("button", name="Join class").click()
    student.get_by_text("Keep this page open").wait_for()
    page.get_by_text("1 has joined").wait_for()
