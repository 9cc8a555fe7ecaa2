"""The film of a training: its size, how soon and how smoothly it plays, and what it costs the server.

`python -m benchmarks.film` trains a network of the classic size in headless Chromium, plays its film there,
and then fetches the file as 100 viewers, one after the other and all at once. A run that is there already is
asked for by the same settings in another tab, whose browser has nothing of the film yet.
"""

import argparse
import concurrent.futures
import itertools
import json
import statistics
import time
import urllib.request
from dataclasses import asdict, dataclass
from typing import Any, Final

import psutil

from benchmarks.browser import browser

N_VIEWERS: Final = 100
N_PRESSES: Final = 5
SETTINGS: Final = "units=32&epochs=5&batch=32&seed=4"
WATCH: Final = """
stage => {
  window.shown = { pressed: 0, first: 0, frames: [] }
  addEventListener('click', () => { window.shown.pressed ||= performance.now() }, true)
  new MutationObserver(() => {
    if (!stage.classList.contains('playing')) return
    window.shown.first ||= performance.now()
    window.shown.frames.push(performance.now())
  }).observe(stage.querySelector('.told'), { childList: true, characterData: true, subtree: true })
}
"""
"""Notes when something is pressed, and each frame in which the film says where it is."""


@dataclass(frozen=True)
class Measured:
    """What was measured.

    Attributes:
        megabytes: Of the file, as it is sent.
        first_frame_ms: From the press to the first frame, of a run that is there; the median.
        frames_per_second: While it plays in 10 s, the first second left out.
        slowest_frame_ms: Between two frames there.
        server_ms_one_by_one: Of the server's processor, for a download of each of `N_VIEWERS`.
        server_ms_at_once: The same where all of them ask at once.
        seconds_at_once: Until all of them have it.
    """

    megabytes: float
    first_frame_ms: float
    frames_per_second: float
    slowest_frame_ms: float
    server_ms_one_by_one: float
    server_ms_at_once: float
    seconds_at_once: float


def pressed(page: Any, address: str) -> dict[str, Any]:
    """Ask for the run in a fresh tab and let its film begin; when it was pressed, and the frames so far."""
    page.goto(f"{address}/train?{SETTINGS}")
    page.locator(".stage .neuron").first.wait_for(timeout=120_000)
    page.wait_for_timeout(1_000)
    page.locator(".stage").evaluate(WATCH)
    page.locator(".st-key-train button").click()
    page.locator(".stage.playing").wait_for(timeout=120_000)
    page.wait_for_function("() => window.shown.first > 0")
    return dict(page.evaluate("() => window.shown"))


def played(opened: Any, address: str) -> tuple[list[float], list[float], str]:
    """Milliseconds to the first frame at each press, the times of the frames of one film, and its address."""
    urls: list[str] = []
    waits = []
    for number in range(N_PRESSES + 1):
        page = opened.new_page(viewport={"width": 1280, "height": 800})
        page.on("response", lambda answer: urls.append(answer.url) if "/film/" in answer.url else None)
        shown = pressed(page, address)
        if number:  # the first press trained it
            waits.append(shown["first"] - shown["pressed"])
        if number == N_PRESSES:
            page.locator(".stage:not(.playing)").wait_for(timeout=60_000)
            frames = list(page.evaluate("() => window.shown.frames"))
        page.close()
    return waits, frames, urls[-1]


def fetch(url: str) -> int:
    """The bytes of the file as they are sent."""
    asked = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(asked) as answer:
        return len(answer.read())


def cost(server: psutil.Process, url: str, n_at_once: int) -> tuple[float, float]:
    """Milliseconds of the server's processor for each of `N_VIEWERS`, and seconds until all have it."""
    before, began = sum(server.cpu_times()[:2]), time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(n_at_once) as pool:
        list(pool.map(fetch, [url] * N_VIEWERS))
    seconds = time.perf_counter() - began
    return 1000 * (sum(server.cpu_times()[:2]) - before) / N_VIEWERS, seconds


def server_process(address: str) -> psutil.Process:
    """The process that serves an address of this machine."""
    port = int(address.rpartition(":")[2])
    mine = psutil.Process().children(recursive=True)
    return next(p for p in mine if any(f"--server.port={port}" in word for word in p.cmdline()))


def measure() -> Measured:
    """All of it."""
    with browser() as (opened, address):
        waits, frames, url = played(opened, address)
        steps = [b - a for a, b in itertools.pairwise(frames) if a > frames[0] + 1000]
        server = server_process(address)
        n_bytes = fetch(url)
        alone, _ = cost(server, url, 1)
        at_once, seconds = cost(server, url, N_VIEWERS)
        return Measured(
            megabytes=n_bytes / 1e6,
            first_frame_ms=statistics.median(waits),
            frames_per_second=1000 / statistics.mean(steps),
            slowest_frame_ms=max(steps),
            server_ms_one_by_one=alone,
            server_ms_at_once=at_once,
            seconds_at_once=seconds,
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    as_json = parser.parse_args().json
    found = asdict(measure())
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        print(f"{name.replace('_', ' '):24}{value:10.2f}")


if __name__ == "__main__":
    main()
