"""Faults between a browser and the dashboard, and pages that fail: what a visitor sees of it."""

import contextlib
import re
import socket
import threading
from pathlib import Path
from urllib.parse import urlparse

import pytest

pytestmark = pytest.mark.browser
SECRET = "a path of this server"
"""What the error of the broken page says."""
IS_FURTHER = """
step => {
  const text = document.body.innerText, found = text.match(/update ([0-9,]+) of/)
  return found && Number(found[1].replaceAll(',', '')) > step && !text.includes('Connecting')
}
"""


class Wire:
    """A cable between browser and server that can be pulled out."""

    def __init__(self, address):
        target = urlparse(address)
        self._target = (target.hostname, target.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open = set()
        self._is_cut = False
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}{urlparse(address).path}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """Pull it out: what is open breaks, and nobody gets through."""
        self._is_cut = True
        for end in list(self._open):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self):
        """Put it in again."""
        self._is_cut = False

    def close(self):
        """Throw it away."""
        self.cut()
        self._listener.close()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:  # closed
                return
            if self._is_cut:
                near.close()
                continue
            far = socket.create_connection(self._target)
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source, sink):
        self._open.add(source)
        with contextlib.suppress(OSError), source:
            while received := source.recv(65_536):
                sink.sendall(received)
            sink.shutdown(socket.SHUT_WR)
        self._open.discard(source)


@pytest.fixture
def wire(other_server):
    opened = Wire(other_server.address)
    yield opened
    opened.close()


def train_for_long(page, address):
    """Begin a run of a minute or more, or join it, and wait for its first step."""
    page.goto(f"{address}/train?units=256&epochs=30&batch=1&seed=916")
    page.get_by_role("button", name="Train", exact=True).click()
    progress(page).wait_for()


def stop(page):
    page.locator(".st-key-stop button").click()
    progress(page).wait_for(state="detached")


def progress(page):
    return page.get_by_text(re.compile(r"Epoch \d+ of 30 · update [\d,]+ of"))


def step(page):
    return int(re.search(r"update ([\d,]+) of", progress(page).inner_text())[1].replace(",", ""))


def test_a_browser_whose_connection_breaks_in_mid_training_sees_the_run_go_on_and_a_new_one_joins_it(
    wire, page, phone
):
    train_for_long(phone, wire.address)
    before = step(phone)
    wire.cut()
    phone.get_by_text("Connecting").wait_for()
    wire.mend()
    phone.wait_for_function(IS_FURTHER, arg=before)
    before = step(phone)
    phone.goto("about:blank")  # who vanishes
    train_for_long(page, wire.address)
    assert step(page) > before
    stop(page)
    phone.go_back()
    stop(phone)


def test_a_page_that_fails_says_what_to_do_and_the_log_has_the_run(other_server, page):
    log = Path(other_server.log)
    page.goto(f"{other_server.address}/train?units=3&epochs=1")
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("Runs of this visit").wait_for()  # waiting or done
    for name in ("the page", "a part", "a callback"):
        page.goto(f"{other_server.address}/glossary")
        n_before = len(log.read_text())
        page.get_by_role("button", name=f"Break {name}").click()
        page.get_by_text("Something on this page went wrong").wait_for()
        page.get_by_role("link", name="Overview").first.wait_for()
        assert SECRET not in page.content()
        assert "Traceback" not in page.content()
        found = log.read_text()[n_before:]
        assert re.search(r"failed for visit [0-9a-f]{8} with run [0-9a-f]{16}-\d+\nTraceback", found), name
        assert SECRET in found


def test_a_file_that_cannot_be_made_is_said_on_its_button(other_server, page):
    page.goto(f"{other_server.address}/glossary")
    page.get_by_role("button", name="Break a file").click()
    page.get_by_text("Failed to generate file").wait_for()
    assert SECRET not in page.content()
    assert SECRET in Path(other_server.log).read_text()
