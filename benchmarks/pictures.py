"""The README's pictures, taken from the running dashboard in headless Chromium.

`python -m benchmarks.pictures` writes the screenshots and the short film of the stage to `docs/screenshots`;
with names of pictures only these. They show the whole of MNIST where that is at hand (`MNIST_PATH`).
"""

import argparse
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from PIL import Image

from benchmarks.browser import browser
from benchmarks.harness.server import ROOT

FOLDER: Final = ROOT / "docs/screenshots"
DESK: Final = {"width": 1280, "height": 800}
PROJECTOR: Final = {"width": 1280, "height": 720}
FILM_SIZE: Final = (960, 540)
FRAME_MS: Final = 100
N_FRAMES: Final = 105
"""The film of 10 s, and the page as it is after it."""
LAST_MS: Final = 2_500
"""For which the last frame stays before the film begins anew."""
QUALITY: Final = 60
"""Of the film's frames, as WebP counts it."""
PATIENCE_MS: Final = 180_000
AT_REST_MS: Final = 3_000


def overview(page: Any) -> None:
    """The network at work on a digit."""
    page.locator(".network .outputs .neuron").first.wait_for()


def train(page: Any) -> None:
    """The film of the classic network, paused at a third of its moments."""
    begin_film(page)
    page.locator(".stage .run").click()
    place = page.locator(".stage .place")
    place.evaluate("slider => { slider.value = slider.max / 3; slider.dispatchEvent(new Event('input')) }")
    page.mouse.move(0, 0)


def learning(page: Any) -> None:
    """A lesson, its question answered and folded."""
    page.get_by_role("button", name="Show me without a guess").click()
    page.get_by_role("heading", name="Check yourself").wait_for()
    page.locator(".st-key-lesson_question summary").click()
    page.locator(".stPlotlyChart .main-svg").first.wait_for()
    page.mouse.move(0, 0)


def draw(page: Any) -> None:
    """A digit that was drawn."""
    page.get_by_role("button", name="Draw one for me").click()
    page.get_by_role("heading", name="Read as a").wait_for()


def evaluate(page: Any) -> None:
    """The confusion matrix and the images of its most frequent mistake."""
    page.locator(".contact-sheet figure").first.wait_for()


def inside(page: Any) -> None:
    """The weights of all neurons."""
    page.locator(".st-key-inside_tiles").wait_for()


SHOTS: Final[dict[str, tuple[str, Callable[[Any], None]]]] = {
    "overview": ("", overview),
    "train": ("train", train),
    "lesson": ("learning", learning),
    "draw": ("draw", draw),
    "evaluate": ("evaluate", evaluate),
    "inside": ("inside", inside),
}
"""Of each screenshot the address, and what is done there before it is taken."""


def begin_film(page: Any) -> None:
    """Ask for the classic network, until its film plays."""
    page.locator(".stage .neuron").first.wait_for()
    page.locator(".st-key-train button").click()
    page.locator(".stage.playing").wait_for()


def opened_page(opened: Any, size: dict[str, int], address: str) -> Any:
    """A page of a new visitor, who has waited until it is at rest."""
    page = opened.new_page(viewport=size)
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_timeout(AT_REST_MS)
    return page


def take_screenshot(opened: Any, address: str, name: str) -> None:
    """Write one screenshot."""
    path, prepare = SHOTS[name]
    page = opened_page(opened, DESK, f"{address}/{path}")
    prepare(page)
    page.wait_for_timeout(AT_REST_MS)
    page.screenshot(path=FOLDER / f"{name}.png")
    page.close()


def film_frames(opened: Any, address: str) -> list[Image.Image]:
    """The stage in present mode while it plays; the browser's clock goes on only between two frames."""
    page = opened_page(opened, PROJECTOR, f"{address}/train?embed=true")
    begin_film(page)
    page.clock.install()
    page.clock.pause_at(page.evaluate("() => Date.now() + 500"))
    page.locator(".stage .begin").click()
    page.locator(".stage .run").click()
    page.mouse.move(0, 0)
    frames = []
    for _ in range(N_FRAMES):
        page.clock.run_for(FRAME_MS)
        shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        frames.append(shot.resize(FILM_SIZE, Image.Resampling.LANCZOS))
    page.close()
    return frames


def write_film(path: Path, frames: list[Image.Image]) -> None:
    """An animated WebP that begins anew at its end."""
    durations = [FRAME_MS] * (len(frames) - 1) + [LAST_MS]
    look = {"quality": QUALITY, "method": 6, "minimize_size": True}
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=durations, loop=0, **look)


def main() -> None:
    """Take the pictures that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("names", nargs="*", choices=[[], "film", *SHOTS], help="of pictures; none for all")
    wanted = parser.parse_args().names or ["film", *SHOTS]
    with browser() as (opened, address):
        for name in wanted:
            if name == "film":
                write_film(FOLDER / "film.webp", film_frames(opened, address))
            else:
                take_screenshot(opened, address, name)


if __name__ == "__main__":
    main()
