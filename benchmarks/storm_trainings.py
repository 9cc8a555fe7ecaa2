"""Visitors who train as much as they can, for `benchmarks.storm`."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.harness.server import Server
from benchmarks.pages import View, Visitor, wait_until_trained
from benchmarks.storm_phones import Figure

TINY: Final = {"epochs": "1", "images": "20", "batch": "1024", "validation": "0"}
LARGEST: Final = {"layers": "3", "units2": "256", "units3": "256", "epochs": "30", "batch": "1"}
N_STRANGERS: Final = 4
N_LARGEST: Final = 51
MAX_BEGIN: Final = 15.0
"""Seconds until the lecturer's training has to begin."""
MAX_WAIT: Final = 400.0
"""Seconds after which what still trains is given up."""


class Trainer(Visitor):
    """A tab at the train page."""

    async def arrive(self, settings: Mapping[str, str]) -> View:
        """Open a link with settings."""
        await self.open()
        return await self.look("train", urlencode(settings))

    async def train(self, view: View, units: int | None = None) -> View:
        """Press Train, with another number of hidden units first if there is one.

        Raises:
            RuntimeError: The page did not take the number.
        """
        states = [WidgetState(id=view.buttons["Train"].id, trigger_value=True)]
        if units is not None:
            slider = next(one for one, _ in view.sliders.values() if one.label == "Hidden units")
            moved = WidgetState(id=slider.id)
            moved.double_array_value.data.append(units)
            states.insert(0, moved)
        after = await self.act("train", "", *states)
        if units is not None and not any(f" → **{units}** → " in text for text in after.texts):
            raise RuntimeError(f"The page does not say {units} hidden units.")
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
    return any(text.startswith("Updates of the weights") for text in view.texts)


def has_begun(view: View) -> bool:
    """Whether the page shows a run that computes or has ended."""
    return has_ended(view) or any(text.startswith("Epoch ") for text in view.texts)


async def tiny(port: int, n_sessions: int, n_each: int) -> tuple[list[Figure], list[str]]:
    """Many tiny trainings, and whether what was there before them still is."""
    lecturer = Trainer(port)
    await lecturer.train(await lecturer.arrive({"seed": "12345", "epochs": "1"}))
    await lecturer.end(MAX_WAIT)
    begun = time.perf_counter()
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
        await trainer.end(max(1.0, MAX_WAIT - (time.perf_counter() - begun)))
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


async def largest(server: Server) -> tuple[list[Figure], list[str]]:
    """Strangers ask for the largest trainings; then the lecturer asks for the usual one."""
    strangers = [Trainer(server.port) for _ in range(N_STRANGERS)]
    links = [{**LARGEST, "seed": str(number)} for number in range(N_STRANGERS)]
    views = [await one.arrive(link) for one, link in zip(strangers, links, strict=True)]
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
    begins = time.perf_counter() - begun if has_begun(view) else float("inf")
    try:
        await lecturer.end(120)
        ends = time.perf_counter() - begun
    except TimeoutError:
        ends = float("inf")
    for trainer in (lecturer, *strangers):
        await trainer.close()
    return [
        Figure("largest trainings asked for", N_LARGEST),
        Figure("of them refused with a sentence", n_refused),
        Figure("the lecturer's training begins, s", begins, MAX_BEGIN),
        Figure("the lecturer's training has ended, s", ends),
    ], []
