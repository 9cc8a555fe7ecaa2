"""Visitors who train as much as they can, for `benchmarks.storm`."""

import asyncio
import math
import re
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.following import Client, Times
from benchmarks.harness.server import Server
from benchmarks.harness.visitor import View, Visitor, wait_until_trained
from benchmarks.storm.results import Figure

TINY: Final = {"epochs": "1", "images": "20", "batch": "1024", "validation": "0"}
LARGEST: Final = {"layers": "3", "units2": "256", "units3": "256", "epochs": "30", "batch": "1"}
N_STRANGERS: Final = 4
N_LARGEST: Final = 51
MAX_BEGIN: Final = 15.0
"""Seconds until the lecturer's training has to begin."""
N_SHAPES: Final = 10
"""Numbers of hidden neurons in a class, each of which takes a compilation of its own."""
MAX_RATIO: Final = 1.5
"""Of the time in which a class is done to what its trainings take one after the other."""
MAX_WAIT: Final = 400.0
"""Seconds after which what still trains is given up, and for each training of many: """
MAX_WAIT_OF_ONE: Final = 0.5


class Trainer(Visitor):
    """A tab at the train page."""

    async def arrive(self, settings: Mapping[str, str]) -> View:
        """Open a link with settings."""
        await self.open()
        return await self.look("train", urlencode(settings))

    async def train(self, view: View, units: int | None = None) -> View:
        """Press Train, with another number of hidden neurons first if there is one.

        Raises:
            RuntimeError: The page did not take the number.
        """
        states = [WidgetState(id=view.buttons["Train"].id, trigger_value=True)]
        if units is not None:
            slider = next(slider for slider, _ in view.sliders.values() if slider.label == "Hidden neurons")
            moved = WidgetState(id=slider.id)
            moved.double_array_value.data.append(units)
            states.insert(0, moved)
        after = await self.act("train", "", *states)
        if units is not None and not any(f" → **{units}** → " in text for text in after.texts):
            raise RuntimeError(f"The page does not say {units} hidden neurons.")
        return after

    async def end(self, seconds: float) -> View:
        """Look until the current run has ended.

        Raises:
            TimeoutError: It has not in this time.
        """
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            view = await self.look("train")
            if has_ended(view):
                return view
            await asyncio.sleep(0.5)
        raise TimeoutError(f"A training has not ended in {seconds:.0f} s.")


def has_ended(view: View) -> bool:
    """Whether the page shows a finished run."""
    return any(text.startswith(("Trained: ", "Paused: ")) for text in view.texts)


def has_begun(view: View) -> bool:
    """Whether the page shows a run that computes or has ended."""
    return has_ended(view) or any(text.startswith("Epoch ") for text in view.texts)


async def tiny(port: int, n_sessions: int, n_each: int) -> tuple[list[Figure], list[str]]:
    """Many tiny trainings, and whether what was there before them still is."""
    lecturer = Trainer(port)
    await lecturer.train(await lecturer.arrive({"seed": "12345", "epochs": "1"}))
    await lecturer.end(MAX_WAIT)
    begun = time.perf_counter()
    limit = MAX_WAIT + MAX_WAIT_OF_ONE * n_sessions * n_each
    sessions = [Trainer(port) for _ in range(n_sessions)]
    presses: list[float] = []
    refused: list[str] = []

    async def press(trainer: Trainer, number: int) -> None:
        view = await trainer.arrive({**TINY, "seed": str(number)})
        for units in range(1, n_each + 1):
            after = await trainer.train(view, units)
            presses.append(after.milliseconds / 1000)
            refused.extend(alert for alert in after.alerts if "wait" in alert)

    await asyncio.gather(*(press(trainer, number) for number, trainer in enumerate(sessions)))
    pressed = time.perf_counter() - begun
    problems = [f"Refused: {text}" for text in sorted(set(refused))[:3]]
    for trainer in sessions:
        await trainer.end(max(1.0, limit - (time.perf_counter() - begun)))
    trained = time.perf_counter() - begun
    problems += [] if has_ended(await lecturer.look("train")) else ["The lecturer's run is gone."]
    asked = time.perf_counter()
    await wait_until_trained(port)
    waited = time.perf_counter() - asked
    for trainer in (lecturer, *sessions):
        await trainer.close()
    return [
        Figure("tiny trainings", len(presses)),
        Figure("refused", len(refused)),
        Figure("seconds until all were asked for", pressed),
        Figure("seconds until all had ended", trained),
        Figure("a press of Train, slowest, s", max(presses)),
        Figure("the classic network on a new tab, s", waited, 2.0),
    ], problems


async def at_once(port: int, n: int) -> tuple[list[Figure], list[str]]:
    """A class that presses Train at the same moment, each with settings of its own, and then watches."""
    times: Times = defaultdict(list)
    phones = [Client(port, "train", "phone", times) for _ in range(n)]
    for number, phone in enumerate(phones):
        await phone.open(urlencode({"units": 8 * (1 + number % N_SHAPES), "seed": number}))
    begun = time.perf_counter()

    async def train(phone: Client) -> float:
        await phone.press("Train")
        has_seen_it = asyncio.Event()
        watching = asyncio.create_task(phone.follow(has_seen_it))
        try:
            await asyncio.wait_for(phone.wait_for("Trained: "), MAX_WAIT)
        finally:
            has_seen_it.set()
        await watching
        return own_seconds(phone.seen)

    results = await asyncio.gather(*map(train, phones), return_exceptions=True)
    elapsed = time.perf_counter() - begun
    for phone in phones:
        await phone.close()
    together = sum(result for result in results if isinstance(result, float))
    failed = {repr(result) for result in results if isinstance(result, BaseException)}
    return [
        Figure("trainings of a class, each with other settings", n),
        Figure("seconds until all had ended", elapsed),
        Figure("seconds that these trainings say they took, together", together),
        Figure("ratio of the two", elapsed / together if together and not failed else math.inf, MAX_RATIO),
        Figure("a press of Train, slowest, s", max(times["phone presses"]) / 1000),
        Figure("looks of who waits", len(times["phone looks again"])),
    ], sorted(failed)[:3]


def own_seconds(page: str) -> float:
    """What a finished run on a page says that it took."""
    match = re.search(r"^(?:Trained|Paused): .* in ([\d.,]+) s", page, re.MULTILINE)
    if match is None:
        raise RuntimeError("A finished run does not say how long it took.")
    return float(match[1].replace(",", ""))


async def largest(server: Server) -> tuple[list[Figure], list[str]]:
    """Strangers ask for the largest trainings; then the lecturer asks for the usual one."""
    strangers = [Trainer(server.port) for _ in range(N_STRANGERS)]
    links = [{**LARGEST, "seed": str(number)} for number in range(N_STRANGERS)]
    views = [await stranger.arrive(link) for stranger, link in zip(strangers, links, strict=True)]
    n_refused = 0
    for number in range(N_LARGEST):
        at = number % N_STRANGERS
        after = await strangers[at].train(views[at], 256 - number // N_STRANGERS)
        n_refused += any("wait" in alert for alert in after.alerts)
    lecturer = Trainer(server.port)
    view = await lecturer.arrive({"seed": "12345"})
    begun = time.perf_counter()
    view = await lecturer.train(view)
    while not has_begun(view) and time.perf_counter() - begun < 2 * MAX_BEGIN:
        await asyncio.sleep(0.25)
        view = await lecturer.look("train")
    begins = time.perf_counter() - begun if has_begun(view) else math.inf
    try:
        await lecturer.end(120)
        ends = time.perf_counter() - begun
    except TimeoutError:
        ends = math.inf
    for trainer in (lecturer, *strangers):
        await trainer.close()
    return [
        Figure("largest trainings asked for", N_LARGEST),
        Figure("of them refused with a sentence", n_refused),
        Figure("the lecturer's training begins, s", begins, MAX_BEGIN),
        Figure("the lecturer's training has ended, s", ends),
    ], []
