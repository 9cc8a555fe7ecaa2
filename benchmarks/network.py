"""How smoothly the picture of the network plays, and how much is sent for it.

`python -m benchmarks.network` trains networks of several sizes, opens each in headless
Chromium, and prints the kilobytes of one update and the frames a second: at rest, which is what the
browser can do on this machine, and while the signal is played.
"""

import argparse
import json
import os
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from playwright.sync_api import Browser

from benchmarks.browser import browser
from dashboard.components.network import signal_message
from mnist_core.analysis.network_trace import trace_signal
from mnist_core.config import NetworkConfig
from mnist_core.network.parameters import initial_parameters

NETWORKS = {
    "32": "units=32",
    "64": "units=64",
    "256": "units=256",
    "64 + 64 + 64": "units=64&units2=64&units3=64&layers=3",
}
SECONDS = 4
FRAMES = """
seconds => new Promise(done => {
  const times = []
  const tick = now => {
    times.push(now)
    if (now - times[0] < 1000 * seconds) requestAnimationFrame(tick)
    else done((times.length - 1) / ((times.at(-1) - times[0]) / 1000))
  }
  requestAnimationFrame(tick)
})
"""


@dataclass(frozen=True)
class Row:
    """One network: what is sent for an image, and frames a second."""

    hidden_units: str
    kilobytes: float
    at_rest: float
    playing: float


def kilobytes(hidden_units: str) -> float:
    """The size of one message as JSON."""
    units = tuple(map(int, hidden_units.split(" + ")))
    inputs = np.random.default_rng(0).random(784, dtype=np.float32)
    signal = trace_signal(initial_parameters(NetworkConfig(units), 0), inputs)
    return len(json.dumps(signal_message(signal, "relu", 7))) / 1000


def measure(opened: Browser, address: str, hidden_units: str, link: str) -> Row:
    """Train, then play slowly for longer than is measured."""
    page: Any = opened.new_page(viewport={"width": 1280, "height": 1000})
    page.goto(f"{address}/train?{link}&epochs=1&images=1000")
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("Judge it on the test images").wait_for(timeout=90_000)
    page.goto(f"{address}/predict")
    page.locator(".network .outputs .neuron").first.scroll_into_view_if_needed()
    page.wait_for_timeout(3_000)
    at_rest = page.evaluate(FRAMES, SECONDS)
    page.locator(".signal .pace").select_option("10")
    page.locator(".signal .run").click()
    playing = page.evaluate(FRAMES, SECONDS)
    page.close()
    return Row(hidden_units, kilobytes(hidden_units), at_rest, playing)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    as_json = parser.parse_args().json
    os.environ.setdefault("MNIST_PATH", "")
    with browser() as (opened, address):
        rows = [measure(opened, address, units, link) for units, link in NETWORKS.items()]
    if as_json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
        return
    print(f"{'hidden neurons':16}{'kB an update':>14}{'frames/s at rest':>18}{'playing':>10}")
    for row in rows:
        print(f"{row.hidden_units:16}{row.kilobytes:>14.0f}{row.at_rest:>18.0f}{row.playing:>10.0f}")


if __name__ == "__main__":
    main()
