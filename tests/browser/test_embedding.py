"""Parts of pages within a page of another site, as in slides or an LMS, in a real browser."""

import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import quote, unquote_to_bytes, urlsplit

import pytest
from playwright.sync_api import expect
from walking import link_of_class

pytestmark = pytest.mark.browser
NAMED, UNNAMED = "localhost", "elsewhere.localhost"
"""Names of this machine; browsers refuse pages of the internet what is in a local network."""
FRAME = '<iframe id="{name}" src="{source}" width="640" height="600"></iframe>'


class Slides(BaseHTTPRequestHandler):
    """A page of another site; what follows the question mark is its content."""

    def do_GET(self):  # noqa: D102
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(
            b"<!doctype html><title>Slides</title>" + unquote_to_bytes(urlsplit(self.path).query)
        )

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def slides(visitor_of, address):
    """Opens a page of a site in a browser of its own, with frames of the dashboard in it."""

    def opened(site, **paths):
        sources = {name: f"{address}/{path}".replace("&", "&amp;") for name, path in paths.items()}
        frames = "".join(FRAME.format(name=name, source=source) for name, source in sources.items())
        tab = visitor_of()
        tab.goto(f"http://{site}:{server.server_port}/?{quote(frames)}")
        return tab

    with ThreadingHTTPServer(("127.0.0.1", 0), Slides) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield opened
        server.shutdown()


def test_parts_of_pages_work_in_frames_of_an_allowed_site_with_nothing_around_them(slides):
    tab = slides(
        NAMED,
        race="optimizers?embed=true&alone=true&section=2",
        pad="draw?embed=true&alone=true",
    )
    race, pad = tab.frame_locator("#race"), tab.frame_locator("#pad")
    race.locator(".frames .player .place").fill("0")
    expect(race.locator(".frames .told")).to_have_text(re.compile("made: 0 of"))
    pad.get_by_role("button", name="Draw one for me").click()
    pad.get_by_role("heading", name="Read as a").wait_for()
    for frame in (race, pad):
        expect(
            frame.get_by_role("button", name=re.compile("^(Share|Pages|Leave present mode)"))
        ).to_have_count(0)
        expect(frame.locator('[data-testid="stSidebar"], [data-testid="stToolbar"]')).to_have_count(0)
        title = frame.get_by_role("heading", level=1)
        assert title.bounding_box()["height"] > 0, "it is read out"
        assert (
            title.locator("xpath=ancestor::*[@data-testid='stElementContainer'][1]").bounding_box()["width"]
            <= 1
        )
    expect(race.get_by_role("heading", level=2)).to_have_count(1)


def test_a_student_joins_a_class_in_a_frame_where_no_cookie_is_kept(page, slides, address):
    page.goto(f"{address}/classroom")
    page.get_by_role("button", name="Open a class").click()
    page.get_by_role("heading", name=re.compile("^Class [A-Z]{3} [A-Z]{3}$")).wait_for()
    link = link_of_class(page, address).removeprefix(f"{address}/")
    tab = slides(NAMED, phone=f"{link}&embed=true&alone=true")
    student = tab.frame_locator("#phone")
    student.get_by_role("button", name=re.compile("^Join class")).click()
    student.get_by_text("Keep this page open").wait_for()
    page.get_by_text("1 has joined").wait_for()
    tab.reload()  # a frame that is loaded anew is a new visit, which joins by one press
    student.get_by_role("button", name=re.compile("^Join class")).click()
    student.get_by_text("Keep this page open").wait_for()
    assert tab.context.cookies(address) == []
    page.get_by_role("button", name="End the class").click()
    page.get_by_role("button", name="End it and forget everything").click()
    page.get_by_role("button", name="Open a class").wait_for()


def test_a_site_that_nobody_named_shows_nothing(slides, address):
    tab = slides(UNNAMED, race="optimizers?embed=true&alone=true")
    frame = next(frame for frame in tab.frames if frame.parent_frame)
    frame.wait_for_load_state()
    assert not frame.url.startswith(address)
    assert frame.locator('[data-testid="stApp"]').count() == 0
