"""Under a path of a server, such as /mlp: links, the class, a drawing and a training work there."""

import re

import browsing
import pytest
from walking import link_of_class, settled

from benchmarks.harness.server import Server
from mnist_core.images.sample_drawings import sample

pytestmark = pytest.mark.browser
BASE_PATH = "/mlp"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Of a dashboard under the path, which trains on the sample within seconds."""
    log = tmp_path_factory.mktemp("server") / "log.txt"
    environment = {"MNIST_PATH": "", "KERAS_HOME": str(log.parent), "XDG_CACHE_HOME": str(log.parent)}
    options = [f"--server.baseUrlPath={BASE_PATH}"]
    with log.open("w") as output, Server(output=output, environment=environment, options=options) as server:
        yield server.address + BASE_PATH
    assert "Traceback" not in log.read_text()


@pytest.fixture
def page(browser, address):
    """A visitor on the first page."""
    context = browser.new_context()
    opened = context.new_page()
    opened.goto(address)
    settled(opened)
    yield opened
    context.close()


def follow(page, name):
    """A click on a link of the sidebar."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    page.wait_for_url(re.compile(f"{BASE_PATH}/\\w+$"))
    settled(page)


def test_links_share_a_drawing_and_a_training_work_under_a_base_path(page, address):
    follow(page, "Train")
    assert page.url == f"{address}/train"
    page.get_by_role("button", name="Share").click()
    page.get_by_role("dialog").get_by_text(f"{BASE_PATH}/train").first.wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("link", name="Judge it on the test images").wait_for()
    follow(page, "Draw")
    browsing.draw(page, page.locator("canvas[role=img]"), [stroke.points for stroke in sample(3)])
    page.get_by_role("heading", name="Read as a").wait_for()


def test_a_class_is_joined_by_its_link_under_a_base_path(page, browser, address):
    follow(page, "Classroom")
    page.get_by_role("button", name="Open a class").click()
    page.get_by_text("0 have joined").wait_for()
    link = link_of_class(page, address)
    assert page.get_by_text(f"{BASE_PATH}/join?class=").count() == 1
    student = browser.new_page()
    student.goto(link)
    student.get_by_role("button", name="Join class").click()
    student.get_by_text("Keep this page open").wait_for()
    page.get_by_text("1 has joined").wait_for()
    student.close()
