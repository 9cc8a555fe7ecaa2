"""A dashboard of its own in headless Chromium, for what only a browser can measure."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from benchmarks.harness.server import Server


@contextmanager
def browser() -> Iterator[tuple[Browser, str]]:
    """A browser, and the address of a fresh dashboard without a slash at its end."""
    with Server("app.py") as server, sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        yield opened, f"http://127.0.0.1:{server.port}"
        opened.close()
