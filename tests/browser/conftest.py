"""One Chromium for all tests of this folder, the pages that they open in it, and another dashboard."""

import shutil
from contextlib import suppress

import pytest
from missing import end_test
from one_server import shared_server
from paths import ROOT

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
FLAGS += ["--process-per-site"]  # a new tab has the scripts compiled already: a third less of a processor
# Measured, and no gain: a profile on the disk with its cache of compiled code, V8 without its optimising
# compilers, --in-process-gpu, reduced motion, and to look less often than in every frame.
FLAGS += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]  # a camera
PATIENCE = 180_000
"""Milliseconds for what a page has yet to show: it comes after half a second on a quiet machine, and the
first network, for which TensorFlow is loaded, after a minute on a busy one."""
WIDE = {"width": 1280, "height": 1000}
PHONE = {"width": 390, "height": 844}
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


@pytest.fixture(scope="package")  # longer, and its event loop would be in the way of other tests
def browser():
    """Headless Chromium."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        end_test("no Chromium on this machine: the dashboard was not tried in a browser")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        started.new_context = patient(started.new_context)
        yield started
        started.close()


def patient(opens):
    """The same way to open a browser context, whose waits are longer than Playwright's own."""

    def opened(**options):
        context = opens(**options)
        context.set_default_timeout(PATIENCE)
        return context

    return opened


@pytest.fixture(scope="package")
def new_context(browser, request):
    """Opens a browser context that keeps its renderer, and what that has compiled, from test to test."""
    address, contexts = shared_server(request.config, "dashboard").address, []

    def opened(viewport):
        contexts.append(browser.new_context(viewport=viewport))
        contexts[-1].new_page().goto(f"{address}/_stcore/health")
        return contexts[-1]

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="package")
def context(new_context):
    """The browser of one visitor after the other: each tab is a new visit.

    Who joins a class is known by a cookie, and needs a phone of `phone_of`.
    """
    return new_context(WIDE)


@pytest.fixture
def page(context):
    """A tab that nobody has used."""
    tab = context.new_page()
    yield tab
    tab.close()


@pytest.fixture(scope="module")
def kept_tab(context):
    """A tab that tests of a file use one after the other: to load a page takes longer than most of them."""
    tab = context.new_page()
    yield tab
    tab.close()


@pytest.fixture
def visitor_of(browser):
    """Opens a tab in a browser of its own, with the options of a browser context."""
    contexts = []

    def opened(**options):
        contexts.append(browser.new_context(**{"viewport": WIDE, **options}))
        return contexts[-1].new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="package")
def phones_of_before():
    """Browser contexts of phones that earlier tests used."""
    return []


@pytest.fixture
def phone_of(new_context, phones_of_before):
    """Opens a tab in the browser of one more phone, which nobody knows."""
    tabs = []

    def opened():
        if len(tabs) == len(phones_of_before):
            phones_of_before.append(new_context(PHONE))
        context = phones_of_before[len(tabs)]
        context.clear_cookies()
        tabs.append(context.new_page())
        return tabs[-1]

    yield opened
    for tab in tabs:
        tab.close()


@pytest.fixture
def phone(phone_of):
    """One such tab; behind another tab of one browser it would draw one frame a second."""
    return phone_of()


@pytest.fixture(scope="session")
def other_server(request):
    """A dashboard under the path /mlp, whose glossary was replaced by a page that fails on demand."""
    return shared_server(request.config, "other", broken_copy, "/mlp", SECRET)


def broken_copy(folder):
    """Copy the project into a folder, with another glossary and another path; the folder."""
    folder.mkdir()
    for part in ("app.py", "dashboard", "mnist_core", "pages", ".streamlit"):
        source = ROOT / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / part)
    (folder / "pages/reference/glossary.py").write_text(BROKEN_PAGE)
    settings = folder / ".streamlit/config.toml"
    settings.write_text(settings.read_text().replace("[server]\n", '[server]\nbaseUrlPath = "mlp"\n'))
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Where a test in the browser fails, its report says what its pages show."""
    report = yield
    if report.failed and call.when == "call" and "browser" in item.funcargs:
        for context in item.funcargs["browser"].contexts:
            for page in context.pages:
                with suppress(Exception):  # whatever the matter with a page is, the fault itself is told
                    report.sections.append((page.url, page.inner_text("body", timeout=2_000)))
    return report
