"""Fixtures that several test files share."""

import os
import shutil
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from browsing import dashboard
from hypothesis import settings
from paths import SHARED_DATA
from streamlit.components.v2 import manifest_scanner
from training_process import end_training_process, running_app

from mnist_core.images.dataset import DataError, Dataset, load_dataset, load_embedded, read_npz

settings.load_profile("ci")  # the same inputs everywhere, and no deadline, because a machine may be busy

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
FLAGS += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]  # a camera
PATIENCE = 60_000
"""Milliseconds for what a page has yet to show, where a test says nothing else: on a machine where two others
draw at the same time, a page that comes after half a second may take twenty."""
SHARED_MNIST = SHARED_DATA / "mnist.npz"


@pytest.fixture(scope="session", autouse=True)
def packages_searched_once():
    """What a page without a browser does as it is opened: it takes ten times as long as the page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests)
        )
        yield


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    """The whole of MNIST, where it is at hand."""
    path = Path(os.environ.get("MNIST_PATH", SHARED_MNIST))
    if not path.is_file():
        pytest.skip("the whole of MNIST is not on this machine (MNIST_PATH)")
    return read_npz("path", path)


@pytest.fixture(scope="session")
def good_networks():
    """Where a network of the dashboard reads more than 95 %, which takes more images than the sample has."""
    if load_dataset().origin.kind == "embedded":
        pytest.skip("the dashboard does not have the whole of MNIST here (MNIST_PATH)")


@pytest.fixture(scope="session")
def sample() -> Dataset:
    """The embedded images."""
    return load_embedded()


@pytest.fixture(scope="module")  # longer, and its event loop would be in the way of other tests
def browser():
    """Headless Chromium."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        reason = "no Chromium on this machine: the dashboard was not tried in a browser"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        started.new_context, started.new_page = patient(started.new_context), patient(started.new_page)
        yield started
        started.close()


def patient(opens):
    """The same way to open a page, whose waits are longer than Playwright's own."""

    def opened(**options):
        made = opens(**options)
        made.set_default_timeout(PATIENCE)
        return made

    return opened


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


@pytest.fixture(scope="session")
def kept_training_process():
    """The one of all pages that run without a browser: to start one takes ten seconds of a processor."""
    yield
    end_training_process()


@pytest.fixture(scope="module")
def training_process(kept_training_process):
    """The same for one file; what still works for it at its end is ended, or the next file would wait."""
    from dashboard.session import resources

    yield
    client = resources.engine()._cluster.client
    if client is None or any(client.processing().values()):
        end_training_process()


@pytest.fixture(scope="module")
def app(training_process):
    """The dashboard without a browser, on the best images of this machine."""
    return running_app()


@pytest.fixture(scope="module")
def sample_app(training_process, tmp_path_factory):
    """The same on the sample, where trainings are done within a second."""
    from dashboard.session import resources

    folder = str(tmp_path_factory.mktemp("nothing"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("MNIST_PATH", ""), ("KERAS_HOME", folder), ("XDG_CACHE_HOME", folder)):
            patch.setenv(name, value)
        patch.setattr("dashboard.session.resources.download_dataset", _no_network)
        resources._holder.clear()
        yield running_app()
    resources._holder.clear()


def _no_network():
    raise DataError("MNIST could not be downloaded: the network did not answer.")


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """Of a dashboard with a server of its own, which must have nothing to complain about at the end."""
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with dashboard(log) as started:
        yield started
    assert "Traceback" not in log.read_text()
    assert "Error" not in log.read_text()


@pytest.fixture(scope="session")
def sample_address(tmp_path_factory):
    """Of one that finds no MNIST on the machine, and trains on the sample within seconds."""
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with dashboard(log, MNIST_PATH="", KERAS_HOME=str(log.parent), XDG_CACHE_HOME=str(log.parent)) as started:
        yield started
    assert "Traceback" not in log.read_text()
