"""How long after the pen is lifted the ten bars of the draw page change, in a real browser.

`python -m benchmarks.pen` draws strokes on the canvas in headless Chromium and prints the median and the
slowest time from lifting the pen to the change of the bars.
"""

import argparse
import json
import statistics
from typing import Any, Final

from benchmarks.browser import browser

N_STROKES: Final = 14
NOT_COUNTED: Final = 2
"""First strokes, while the browser still compiles its scripts."""
WATCH = """
() => {
  addEventListener('pointerup', () => { window.lifted = performance.now(); window.followed = null }, true)
  const host = [...document.querySelectorAll('*')].find(one => one.shadowRoot?.querySelector('.bars'))
  new MutationObserver(() => { window.followed ??= performance.now() - window.lifted })
    .observe(host.shadowRoot, { subtree: true, childList: true, characterData: true, attributes: true })
}
"""
"""Notes how long after the pen was lifted the bars changed."""


def measure(page: Any) -> list[float]:
    """Milliseconds of each stroke."""
    canvas = page.locator("canvas[role=img]")
    canvas.wait_for(timeout=120_000)
    page.get_by_role("button", name="Draw one for me").click()
    page.get_by_role("heading", name="Read as a").wait_for(timeout=60_000)
    page.wait_for_timeout(3_000)
    page.evaluate(WATCH)
    box = canvas.bounding_box()
    times = []
    for number in range(N_STROKES):
        x = box["x"] + box["width"] * (number + 1) / (N_STROKES + 1)
        page.mouse.move(x, box["y"] + 0.3 * box["height"])
        page.mouse.down()
        page.mouse.move(x + 4, box["y"] + 0.7 * box["height"], steps=8)
        page.mouse.up()
        page.wait_for_function("() => window.followed !== null", timeout=20_000)
        times.append(page.evaluate("() => window.followed"))
        page.wait_for_timeout(1_000)
    return times[NOT_COUNTED:]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--json", action="store_true", help="print data instead of words")
    as_json = parser.parse_args().json
    with browser() as (opened, address):
        page = opened.new_page(viewport={"width": 1280, "height": 1000})
        page.goto(f"{address}/draw")
        times = measure(page)
    waited = {"median_ms": statistics.median(times), "slowest_ms": max(times)}
    if as_json:
        print(json.dumps(waited, indent=2))
    else:
        print(f"From lifting the pen to the changed bars: median {waited['median_ms']:.0f} ms,", end=" ")
        print(f"slowest {waited['slowest_ms']:.0f} ms")


if __name__ == "__main__":
    main()
