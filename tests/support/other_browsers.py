"""Firefox and WebKit for tests, each by its own protocol, behind the same few verbs."""

import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from missing import end_test

from benchmarks.harness.server import free_port

LIBRARY = r"""
const everything = root => [...root.querySelectorAll('*')].flatMap(e =>
  e.shadowRoot ? [e, ...everything(e.shadowRoot)] : [e])
const all = selector => everything(document).filter(e => e.matches(selector))
const texts = () => document.body.innerText
const says = words => texts().includes(words)
const named = words => all('button').find(e => !e.disabled && !e.closest('[data-stale=true]') &&
  e.innerText.split('\n').some(line => line.trim().startsWith(words)))
"""
"""For scripts: what is on the page, also within components; a button is named by how a line of it begins."""
PATIENCE = 60.0
"""Seconds for what a page has yet to show."""
LECTURER = (1280, 1000)
PHONE = (390, 844)


class Firefox:
    """A Firefox without a window, by Marionette."""

    def __init__(self, folder):
        from marionette_driver.marionette import Marionette

        port = free_port()
        options = {"headless": True, "bin": shutil.which("firefox-esr"), "profile": None}
        self._driver = Marionette(port=port, prefs={}, workspace=str(folder), gecko_log=os.devnull, **options)
        self._driver.start_session()
        self._let_be_narrow()
        self.first_tab = self.current()

    def _let_be_narrow(self):
        """The bars of its window are never narrower than 500 pixels by themselves."""
        with self._driver.using_context("chrome"):
            narrow = "document.documentElement.style.setProperty('min-width', '0', 'important')"
            self._driver.execute_script(narrow)

    def resize(self, width, height):
        """Give the page this size in pixels."""
        bars = self.run("return outerHeight - innerHeight")
        self._driver.set_window_rect(width=width, height=height + bars)

    def open(self, url):
        """Show a page."""
        self._driver.navigate(url)

    def tab(self):
        """Go on in a new tab; its handle."""
        self.show(self._driver.open("tab")["handle"])
        return self.current()

    def current(self):
        """The handle of the tab that is shown."""
        return self._driver.current_window_handle

    def show(self, handle):
        """Go on in another tab."""
        self._driver.switch_to_window(handle)

    def run(self, script):
        """What a script on the page returns."""
        return self._driver.execute_script(f"{LIBRARY}\n{script}", sandbox=None)

    def drag(self, points):
        """Draw with the mouse; points are pixels of the window."""
        from marionette_driver.marionette import ActionSequence

        pen = ActionSequence(self._driver, "pointer", "mouse", {"pointerType": "mouse"})
        pen.pointer_move(*points[0]).pointer_down()
        for point in points[1:]:
            pen.pointer_move(*point, duration=30)
        pen.pointer_up().perform()

    def save(self, path):
        """Save a picture of what the window shows."""
        from base64 import b64decode

        Path(path).write_bytes(b64decode(self._driver.screenshot(full=False)))

    def close(self):
        """End it."""
        self._driver.cleanup()


class WebKit:
    """WebKitGTK's MiniBrowser, by WebDriver; it needs a display."""

    def __init__(self, _):
        from selenium import webdriver
        from selenium.webdriver.webkitgtk.service import Service

        (browser,) = Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser")
        options = webdriver.WebKitGTKOptions()
        options.binary_location = str(browser)
        options.add_argument("--automation")
        self._driver = webdriver.WebKitGTK(options, Service(shutil.which("WebKitWebDriver")))
        self.first_tab = self.current()

    def resize(self, width, height):
        """Give the page this size in pixels; its bar is never narrower than about 450."""
        bars = self.run("return outerHeight - innerHeight")
        self._driver.set_window_size(width, height + bars)

    def open(self, url):
        """Show a page."""
        self._driver.get(url)

    def tab(self):
        """Go on in a new tab; its handle."""
        self._driver.switch_to.new_window("tab")
        return self.current()

    def current(self):
        """The handle of the tab that is shown."""
        return self._driver.current_window_handle

    def show(self, handle):
        """Go on in another tab."""
        self._driver.switch_to.window(handle)

    def run(self, script):
        """What a script on the page returns."""
        return self._driver.execute_script(f"{LIBRARY}\n{script}")

    def drag(self, points):
        """Draw with the mouse; points are pixels of the window. In a new tab the driver never answers."""
        from selenium.webdriver.common.actions.action_builder import ActionBuilder

        actions = ActionBuilder(self._driver, duration=30)
        pen = actions.pointer_action
        pen.move_to_location(*points[0]).pointer_down()
        for point in points[1:]:
            pen.move_to_location(*point)
        pen.pointer_up()
        actions.perform()

    def save(self, path):
        """Save a picture of what the window shows."""
        self._driver.save_screenshot(str(path))

    def close(self):
        """End it."""
        self._driver.quit()


def wait_for(browser, condition):
    """Until a JavaScript expression holds; its value."""
    ends = time.monotonic() + PATIENCE
    while not (value := browser.run(f"return {condition}")):
        assert time.monotonic() < ends, (condition, browser.run("return texts()")[-1_500:])
        time.sleep(0.2)
    return value


def wait_for_text(browser, words):
    """Until the page says something."""
    wait_for(browser, f"says({words!r})")


def press(browser, words):
    """Press the button that begins with these words, once it is there."""
    wait_for(browser, f"(button => button && (button.click(), true))(named({words!r}))")


@contextmanager
def started(name, folder):
    """One of the two browsers; a missing one fails where CI runs, and is reported elsewhere."""
    program = {"firefox": "firefox-esr", "webkit": "WebKitWebDriver"}[name]
    missing = [needed for needed in (program, "Xvfb") if shutil.which(needed) is None]
    if missing:
        reason = f"not on this machine: {', '.join(missing)}"
        end_test(reason)
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x1100x24"]
    display = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    number = os.read(reading, 20).decode().strip()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISPLAY", f":{number}")
        browser = {"firefox": Firefox, "webkit": WebKit}[name](folder)
        try:
            yield browser
        finally:
            browser.close()
            display.terminate()
            display.wait(20)
            os.close(reading)
            os.close(writing)
