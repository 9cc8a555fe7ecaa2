"""A full lecture hall: many visitors at once over real websockets, some of them training.

`python -m benchmarks.load` starts the dashboard, waits until the classic network is there, and lets visitors
walk through its pages, each with a click every few seconds, while some train networks of their own. Like a
browser, a visitor also reruns what a page wants rerun by itself. It prints how long clicks took, what failed,
and memory before, during and after; then all of them press "Train" with the same settings at once, beside one
visitor who does.
"""

import argparse
import asyncio
import json
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Button_pb2 import Button
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.pages import ENDS, FILLING, PAGES, Server, wait_until_trained

CLICK_SECONDS = 5.0
"""From one click of a visitor to the next, on average."""
LEFT_SECONDS = 150.0
"""Until the server has forgotten who left: Streamlit keeps a session for two minutes, should they return."""
PATIENCE = 60.0


@dataclass
class Tally:
    """What all visitors together found.

    Attributes:
        clicks: Milliseconds of each click, by page.
        reruns: Milliseconds of each rerun that a page asked for itself.
        errors: Sentences.
    """

    clicks: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    reruns: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Walker:
    """A browser tab without the browser, which follows the page as a browser does."""

    def __init__(self, port: int, tally: Tally) -> None:
        self._address = f"ws://127.0.0.1:{port}/_stcore/stream"
        self._tally = tally
        self._page = ""
        self._link = ""
        self._page_hash = ""
        self._asked: tuple[str, float] | None = None  # what the run under way is for, and since when
        self._finished = asyncio.Event()
        self._timers: dict[str, asyncio.Task[None]] = {}
        self.buttons: dict[str, Button] = {}
        self.text: set[str] = set()

    async def __aenter__(self) -> "Walker":
        self._socket = await websockets.connect(
            self._address, max_size=None, subprotocols=["streamlit"], open_timeout=PATIENCE  # type: ignore[list-item, unused-ignore]
        )  # fmt: skip
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop_timers()
        self._reader.cancel()
        await self._socket.close()

    async def look(self, page: str, link: str = "", pressed: Button | None = None) -> float:
        """Open a page, or press a button on it; milliseconds until it is there."""
        self._page, self._link = page, link
        message = self._message()
        if pressed is not None:
            message.rerun_script.widget_states.widgets.add(id=pressed.id, trigger_value=True)
        self._stop_timers()
        self.buttons, self.text = {}, set()
        self._finished.clear()
        self._asked = (page, time.perf_counter())
        await self._socket.send(message.SerializeToString())
        try:
            await asyncio.wait_for(self._finished.wait(), PATIENCE)
        except TimeoutError:
            self._tally.errors.append(f"{page or 'overview'}: no answer in {PATIENCE:.0f} s")
        return self._took

    def _message(self) -> BackMsg:
        message = BackMsg()
        message.rerun_script.page_name = self._page
        message.rerun_script.query_string = self._link
        return message

    async def _read(self) -> None:
        async for packed in self._socket:
            answer = ForwardMsg()
            answer.ParseFromString(packed)
            self._take(answer)

    def _take(self, answer: ForwardMsg) -> None:
        kind, element = answer.WhichOneof("type"), answer.delta.new_element
        if kind == "navigation":
            self._page_hash = answer.navigation.page_script_hash
        elif kind == "auto_rerun":
            fragment, interval = answer.auto_rerun.fragment_id, answer.auto_rerun.interval
            if fragment not in self._timers:
                self._timers[fragment] = asyncio.create_task(self._rerun_every(fragment, interval))
        elif kind == "stop_auto_rerun":
            for fragment in answer.stop_auto_rerun.fragment_ids:
                if timer := self._timers.pop(fragment, None):
                    timer.cancel()
        elif kind == "script_finished" and answer.script_finished in ENDS:
            is_fragment = answer.script_finished == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
            self._end(is_fragment)
        elif element.WhichOneof("type") == "exception":
            self._tally.errors.append(f"{self._page or 'overview'}: {element.exception.message}")
        elif element.WhichOneof("type") == "alert":
            self.text.add(element.alert.body)
            if element.alert.format == element.alert.ERROR:
                self._tally.errors.append(f"{self._page or 'overview'}: {element.alert.body}")
        elif element.WhichOneof("type") == "button":
            self.buttons[element.button.label] = element.button
        elif element.WhichOneof("type") == "metric":
            self.text.add(element.metric.label)

    def _end(self, is_fragment: bool) -> None:
        if self._asked is None or (is_fragment and not self._finished.is_set()):
            return  # the click itself is still being answered
        page, since = self._asked
        self._took = 1000 * (time.perf_counter() - since)
        if self._finished.is_set():
            self._tally.reruns.append(self._took)
        else:
            self._tally.clicks[page or "overview"].append(self._took)
            self._finished.set()
        self._asked = None

    async def _rerun_every(self, fragment: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            if self._asked is not None:
                continue  # a browser leaves one out, too, while the one before is under way
            message = self._message()
            message.rerun_script.fragment_id = fragment
            message.rerun_script.page_script_hash = self._page_hash
            message.rerun_script.is_auto_rerun = True
            self._asked = ("", time.perf_counter())
            await self._socket.send(message.SerializeToString())

    def _stop_timers(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()


async def walk(port: int, tally: Tally, number: int, seconds: float, trains: bool) -> None:
    """One visitor who clicks through the pages until the time is over; who trains begins with that."""
    dice = random.Random(number)
    await asyncio.sleep(dice.uniform(0, CLICK_SECONDS))
    end = time.monotonic() + seconds
    async with Walker(port, tally) as visitor:
        if trains:
            link = f"units={40 + number}&epochs=3"
            await visitor.look("train", link)
            if button := visitor.buttons.get("Train"):
                await visitor.look("train", link, button)
        while time.monotonic() < end:
            await asyncio.sleep(dice.uniform(0.5, 1.5) * CLICK_SECONDS)
            page = dice.choice(list(PAGES.values()))
            await visitor.look(page)
            for label in FILLING:
                if button := visitor.buttons.get(label):
                    await asyncio.sleep(dice.uniform(0.5, 1.5) * CLICK_SECONDS)
                    await visitor.look(page, pressed=button)


async def press_together(port: int, n: int, seed: int) -> float:
    """Seconds until each of n visitors, who press "Train" with the same settings at once, sees the end."""
    tally, link = Tally(), f"units=48&seed={seed}"

    async def press() -> None:
        async with Walker(port, tally) as visitor:
            await visitor.look("train", link)
            await gate.wait()
            await visitor.look("train", link, visitor.buttons["Train"])
            while "Updates of the weights" not in visitor.text:
                await asyncio.sleep(0.1)

    gate = asyncio.Event()
    tasks = [asyncio.create_task(press()) for _ in range(n)]
    await asyncio.sleep(2 + n / 10)
    begun = time.perf_counter()
    gate.set()
    await asyncio.gather(*tasks)
    if tally.errors:
        raise RuntimeError(tally.errors[0])
    return time.perf_counter() - begun


@dataclass(frozen=True)
class Result:
    """What was measured; memory in MB of the Streamlit process and of all together."""

    visitors: int
    training: int
    clicks: int
    p50: float
    p95: float
    slowest_page: str
    slowest_page_p95: float
    reruns: int
    reruns_p95: float
    errors: int
    first_errors: Sequence[str]
    memory_before: tuple[float, float]
    memory_during: tuple[float, float]
    memory_after: tuple[float, float]
    one_presses_s: float
    all_press_s: float


def p95(times: Sequence[float]) -> float:
    """The 95th percentile; the largest of fewer than 20."""
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else max(times, default=0.0)


def measure(n_visitors: int, n_training: int, seconds: float) -> Result:
    """Let them walk, leave, and press together."""
    tally = Tally()

    async def everybody(port: int) -> None:
        walks = (walk(port, tally, number, seconds, number < n_training) for number in range(n_visitors))
        await asyncio.gather(*walks)

    with Server("app.py") as server:
        asyncio.run(wait_until_trained(server.port))
        asyncio.run(everybody_looks_once(server.port))
        before = server.megabytes()
        asyncio.run(everybody(server.port))
        during = server.megabytes()
        time.sleep(LEFT_SECONDS)
        after = server.megabytes()
        one = asyncio.run(press_together(server.port, 1, 1))
        together = asyncio.run(press_together(server.port, n_visitors, 2))
    clicks = [one for times in tally.clicks.values() for one in times]
    slowest = max(tally.clicks, key=lambda page: p95(tally.clicks[page]))
    return Result(
        n_visitors, n_training, len(clicks), statistics.median(clicks), p95(clicks), slowest,
        p95(tally.clicks[slowest]), len(tally.reruns), p95(tally.reruns), len(tally.errors),
        sorted(set(tally.errors))[:5], before, during, after, one, together,
    )  # fmt: skip


async def everybody_looks_once(port: int) -> None:
    """Every page once, so that what is kept for all visitors is there before memory is measured."""
    async with Walker(port, Tally()) as visitor:
        for page in PAGES.values():
            await visitor.look(page)
            for label in FILLING:
                if button := visitor.buttons.get(label):
                    await visitor.look(page, pressed=button)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--visitors", type=int, default=100)
    parser.add_argument(
        "--training", type=int, default=10, help="how many of them train networks of their own"
    )
    parser.add_argument("--seconds", type=float, default=120.0, help="how long they walk")
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    arguments = parser.parse_args()
    result = measure(arguments.visitors, arguments.training, arguments.seconds)
    if arguments.json:
        print(json.dumps(asdict(result), indent=2))
        return
    for name, value in asdict(result).items():
        shown = tuple(round(v) for v in value) if isinstance(value, tuple) else value
        print(f"{name.replace('_', ' '):18} {f'{shown:,.1f}' if isinstance(shown, float) else shown}")


if __name__ == "__main__":
    main()
