"""Faults between a browser and the dashboard, and pages that fail: what a visitor sees of it."""

import contextlib
import re
import shutil
import socket
import threading
from urllib.parse import urlparse

import pytest
from browsing import dashboard
from paths import ROOT
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PARTS = ("app.py", "dashboard", "mnist_core", "pages", ".streamlit")
SECRET = "a path of this server"
BROKEN_PAGE = f'''
import streamlit as st

def fail():
    raise ZeroDivisionError("{SECRET}")

@st.fragment
def part():
    if st.button("Break a part"):
        fail()

st.title("Glossary")
st.button("Break a callback", on_click=fail)
st.download_button("Break a file", fail, "file.txt", on_click="ignore")
part()
if st.button("Break the page"):
    fail()
st.write("The end of the page")
'''


class Wire:
    """A cable between browser and server that can be pulled out."""

    def __init__(self, address):
        target = urlparse(address)
        self._target = (target.hostname, target.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open = set()
        self._is_cut = False
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
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


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("server") / "log.txt"


@pytest.fixture(scope="module")
def broken_address(log):
    """Of a dashboard on the sample, whose glossary was replaced by a page that fails on demand."""
    copy, empty = log.parent / "copy", str(log.parent)
    for part in PARTS:
        source = ROOT / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, _made(copy) / part)
    (copy / "pages/reference/glossary.py").write_text(BROKEN_PAGE)
    surroundings = {"PYTHONPATH": str(copy), "MNIST_PATH": "", "KERAS_HOME": empty, "XDG_CACHE_HOME": empty}
    with dashboard(log, copy, **surroundings) as started:
        yield started


def _made(folder):
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def wire(broken_address):
    made = Wire(broken_address)
    yield made
    made.close()


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def _begin_long_run(page, address):
    """Begin a run of a minute or more, or join it: it is the same for all tests."""
    page.goto(f"{address}/train?units=256&epochs=30&batch=1")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(_progress(page)).to_be_visible(timeout=180_000)


def _progress(page):
    return page.get_by_text(re.compile(r"Epoch \d+ of 30 · step [\d,]+ of"))


def _step(page):
    return int(re.search(r"step ([\d,]+) of", _progress(page).inner_text())[1].replace(",", ""))


def test_a_browser_whose_connection_breaks_in_mid_training_sees_the_run_go_on(wire, page):
    _begin_long_run(page, wire.address)
    before = _step(page)
    wire.cut()
    expect(page.get_by_text("Connecting")).to_be_visible()
    wire.mend()
    expect(page.get_by_text("Connecting")).to_have_count(0)
    page.wait_for_function(
        "n => { const m = document.body.innerText.match(/step ([0-9,]+) of/);"
        " return m && Number(m[1].replaceAll(',', '')) > n }",
        arg=before,
    )


def test_a_visitor_who_vanishes_in_mid_training_comes_back_to_the_same_run(broken_address, page):
    _begin_long_run(page, broken_address)
    before = _step(page)
    other = page.context.new_page()
    page.close()
    _begin_long_run(other, broken_address)
    assert _step(other) > before


def test_a_page_that_fails_says_what_to_do_and_the_log_has_the_run(broken_address, page, log):
    page.goto(f"{broken_address}/train?units=3&epochs=1")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("Runs of this visit")).to_be_visible()  # waiting or done
    for name in ("the page", "a part", "a callback"):
        page.goto(f"{broken_address}/glossary")
        n_before = len(log.read_text())
        page.get_by_role("button", name=f"Break {name}").click()
        expect(page.get_by_text("Something on this page went wrong")).to_be_visible()
        expect(page.get_by_role("link", name="Overview").first).to_be_visible()
        assert SECRET not in page.content()
        assert "Traceback" not in page.content()
        found = log.read_text()[n_before:]
        assert re.search(r"failed for visit [0-9a-f]{8} with run [0-9a-f]{16}-\d+\nTraceback", found), name
        assert SECRET in found


def test_a_file_that_cannot_be_made_is_said_on_its_button(broken_address, page, log):
    page.goto(f"{broken_address}/glossary")
    page.get_by_role("button", name="Break a file").click()
    expect(page.get_by_text("Failed to generate file")).to_be_visible()
    assert SECRET not in page.content()
    assert SECRET in log.read_text()
