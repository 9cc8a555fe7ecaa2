"""Visitors who stay on a page and follow it as a browser does: its own clocks run it again and again."""

import asyncio
import json
import random
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.harness.visitor import View, Visitor
from mnist_core.images.sample_drawings import sample

LOOK_SECONDS: Final = 2.0
"""How often a page without a clock of its own is looked at for one."""
Times = dict[str, list[float]]
"""Milliseconds of each rerun, by who did what."""


class Client:
    """A visitor that stays on one page and looks again whenever the page's own clock says so."""

    def __init__(self, port: int, page: str, kind: str, times: Times, cookie: str = "") -> None:
        self.page = page
        self._port = port
        self.seen = ""
        self.buttons: dict[str, str] = {}
        self._kind = kind
        self._visitor = Visitor(port, cookie)
        self._times = times
        self._fragments: dict[str, str] = {}
        self._components: dict[str, str] = {}
        self._groups: dict[str, str] = {}
        self._clocks: dict[str, float] = {}
        self._turn = asyncio.Lock()
        self._does = asyncio.Event()
        self._n_doing = 0

    @property
    def visit(self) -> str:
        """The visit's name, which is the tab's."""
        return self._visitor.name

    async def open(self, link: str = "") -> None:
        """Connect, and see the page."""
        await self._visitor.open()
        self._take(await self._visitor.look(self.page, link), "opens a page")

    async def go(self, page: str, link: str = "") -> None:
        """Another page, with the query string of a link."""
        async with self._doing():
            self.page = page
            self._take(await self._visitor.look(page, link), "opens a page")

    async def come_back(self, cookie: str = "", link: str = "") -> None:
        """Load the page anew, or a link to it, as a browser does: the tab keeps its name."""
        async with self._doing():
            await self._visitor.close()
            self._visitor = Visitor(self._port, cookie, self.visit)
            await self._visitor.open()
            self._take(await self._visitor.look(self.page, link), "comes back")

    async def press(self, label: str) -> None:
        """Press the first button whose label begins so."""
        async with self._doing():
            button = next(name for text, name in self.buttons.items() if text.startswith(label))
            await self._act(self._fragments[button], "presses", WidgetState(id=button, trigger_value=True))

    async def choose(self, label: str, option: str) -> None:
        """Choose an option of a segmented control that stands in no fragment."""
        async with self._doing():
            state = WidgetState(id=self._groups[label])
            state.string_array_value.data.append(option)
            await self._act("", "presses", state)

    async def answer(self) -> None:
        """Press one of the answers of the open poll, any of them."""
        await self.press(random.choice([text for text in self.buttons if re.match(r"\*\*[A-Z]\*\* ·", text)]))

    async def draw(self, digit: int) -> None:
        """Send a drawing, as the canvas does when the pen is lifted."""
        strokes = [{"width": s.width, "points": [list(p) for p in s.points]} for s in sample(digit)]
        async with self._doing():
            name = self._components["canvas"]
            state = WidgetState(id=name, json_value=json.dumps({"drawing": {"strokes": strokes}}))
            await self._act(self._fragments[name], "lifts the pen", state)

    async def follow(self, until: asyncio.Event) -> None:
        """Let the page's own clocks run it again and again, at fixed times as a browser does."""
        due = time.perf_counter()
        while not until.is_set():
            now, pause = time.perf_counter(), min(self._clocks.values(), default=LOOK_SECONDS)
            due = max(due + pause, now)
            await asyncio.sleep(due - now)
            async with self._turn:
                for fragment in tuple(self._clocks):
                    await self._glance(fragment, pause)

    async def _glance(self, fragment: str, pause: float) -> None:
        """Look for news, until it is time for the next look or this visitor does something."""
        if fragment not in self._clocks:  # the look before has changed the page
            return
        self._does.clear()
        if self._n_doing:
            return
        view = await self._visitor.glance(self.page, fragment, pause, self._does)
        if view is not None:
            self._take(view, "looks again")

    @asynccontextmanager
    async def _doing(self) -> AsyncIterator[None]:
        """Have a turn; a look that has not been answered yet is waited for no longer."""
        self._n_doing += 1
        self._does.set()
        try:
            async with self._turn:
                yield
        finally:
            self._n_doing -= 1

    async def wait_for(self, words: str) -> None:
        """Until the page says something; its own clock lets it look."""
        while words not in self.seen:
            await asyncio.sleep(0.1)

    async def close(self) -> None:
        """Leave."""
        await self._visitor.close()

    async def _act(self, fragment: str, what: str, *states: WidgetState) -> None:
        self._take(await self._visitor.act(self.page, fragment, *states), what)

    def _take(self, view: View, what: str) -> None:
        self.seen = "\n".join((*view.texts, *view.alerts, *view.buttons))
        if view.is_whole:
            self.buttons, self._fragments, self._components, self._groups, self._clocks = {}, {}, {}, {}, {}
        self.buttons |= {text: button.id for text, button in view.buttons.items()}
        self._fragments |= view.fragments
        self._components |= view.components
        self._groups |= view.groups
        self._clocks |= view.clocks
        self._times[f"{self._kind} {what}"].append(view.milliseconds)
