"""Fixtures that several test files share."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from mnist_core.data import Dataset, load_embedded, load_npz

settings.load_profile("ci")  # the same inputs everywhere, and no deadline, because a machine may be busy

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SHARED_MNIST = Path(__file__).parents[2] / "shared" / "data" / "mnist.npz"


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    """The whole of MNIST, where it is at hand."""
    path = Path(os.environ.get("MNIST_PATH", SHARED_MNIST))
    if not path.is_file():
        pytest.skip("the whole of MNIST is not on this machine (MNIST_PATH)")
    return load_npz(path)


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
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()
