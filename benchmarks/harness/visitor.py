"""A visitor of the dashboard over its real websocket, without a browser: for benchmarks and tests."""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Button_pb2 import Button
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Slider_pb2 import Slider
from streamlit.proto.WidgetStates_pb2 import WidgetState

from dashboard.elements.button_labels import plain

ENDS = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
WORDS: Mapping[str, Callable[[Element], str]] = {
    "heading": lambda element: f"# {element.heading.body}",
    "markdown": lambda element: element.markdown.body,
    "metric": lambda element: f"{element.metric.label}: {element.metric.body}",
    "code": lambda element: element.code.code_text,
    "progress": lambda element: element.progress.text,
}
"""What a page says, by the kind of element."""


@dataclass(frozen=True)
class View:
    """What a visitor got of a page.

    Attributes:
        milliseconds: How long it took.
        alerts: Texts of the boxes on it.
        buttons: By their labels.
        sliders: By their ids, each with the fragment that moving it runs again, or "" for the whole page.
        texts: Markdown on it, and metrics with their labels.
        fragments: Of each button and component, by its id, what pressing it runs again.
        components: Ids of the browser components, by the last word of their names.
        clocks: Seconds after which a fragment runs again by itself, by its id.
        groups: Ids of segmented controls and toggles, by their labels.
        is_whole: Whether it is the whole page, and not only a fragment of it.
    """

    milliseconds: float
    alerts: frozenset[str]
    buttons: Mapping[str, Button]
    sliders: Mapping[str, tuple[Slider, str]]
    texts: tuple[str, ...] = ()
    fragments: Mapping[str, str] = field(default_factory=dict)
    components: Mapping[str, str] = field(default_factory=dict)
    clocks: Mapping[str, float] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    is_whole: bool = True


class Visitor:
    """One browser tab without the browser.

    Args:
        port: Of the dashboard, or of what stands before it.
        cookie: What the browser sends along.
        name: The tab's, as the script of the first page gives it one; None draws one.
    """

    def __init__(self, port: int, cookie: str = "", name: str | None = None) -> None:
        self.name = name or secrets.token_hex(16)
        self._address = f"ws://127.0.0.1:{port}/_stcore/stream"
        self._headers = {"Cookie": cookie} if cookie else {}
        self._socket: Any = None
        self._page_hash = ""

    @property
    def place(self) -> str:
        """Streamlit's hash of the page that it was shown last."""
        return self._page_hash

    async def open(self) -> None:
        """Connect."""
        self._socket = await websockets.connect(
            self._address,
            max_size=None,
            max_queue=None,  # as a browser, which takes all that comes, also what nobody here has asked for
            subprotocols=["streamlit", f"visit-{self.name}"],  # type: ignore[list-item, unused-ignore]
            additional_headers=self._headers,
        )

    async def look(self, page: str, link: str = "", pressed: Button | None = None) -> View:
        """Ask for a page, with the query string of a link or by a press of a button.

        Raises:
            RuntimeError: There is an exception or an error on the page.
        """
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.query_string = link
        if pressed is not None:
            message.rerun_script.widget_states.widgets.add(id=pressed.id, trigger_value=True)
        begun, view = time.perf_counter(), await self._ask(page, message)
        while not view.is_whole:  # a part of the page before, which the server had woken just then
            view = await self._view(page, begun, await asyncio.wait_for(self._run_begins(), 60))
        return view

    async def move(self, page: str, slider: Slider, fragment: str, value: float) -> View:
        """Move a slider of a page to a number, or to the option with this number.

        Raises:
            RuntimeError: There is an exception or an error on the page.
        """
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.fragment_id = fragment
        state = message.rerun_script.widget_states.widgets.add(id=slider.id)
        if slider.type == Slider.SELECT_SLIDER:
            state.string_array_value.data.append(slider.options[int(value)])
        else:
            state.double_array_value.data.append(value)
        return await self._ask(page, message)

    async def act(self, page: str, fragment: str, *states: WidgetState) -> View:
        """Run a fragment, or with "" the whole page, because something was done there.

        Args:
            page: Where.
            fragment: From `View.fragments`.
            *states: What was done.

        Raises:
            RuntimeError: There is an exception or an error on the page.
        """
        return await self._ask(page, self._of_fragment(page, fragment, *states))

    async def glance(self, page: str, fragment: str, seconds: float, does: asyncio.Event) -> View | None:
        """Run a fragment because its time has come; None if no answer begins, because nothing has changed.

        Args:
            page: Where.
            fragment: From `View.clocks`.
            seconds: How long an answer is waited for.
            does: Set as soon as the visitor does something, and waits no longer.

        Raises:
            RuntimeError: There is an exception or an error on the page.
        """
        message = self._of_fragment(page, fragment)
        message.rerun_script.is_auto_rerun = True
        begun = time.perf_counter()
        await self._socket.send(message.SerializeToString())
        first, ends = asyncio.create_task(self._run_begins()), asyncio.create_task(does.wait())
        await asyncio.wait({first, ends}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        ends.cancel()
        if not first.done():
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
            return None
        return await self._view(page, begun, first.result())

    async def _run_begins(self) -> bytes:
        """The first message of a run, after what is left of the run before."""
        while True:
            packed: bytes = await self._socket.recv()
            if ForwardMsg.FromString(packed).WhichOneof("type") == "new_session":
                return packed

    def _of_fragment(self, page: str, fragment: str, *states: WidgetState) -> BackMsg:
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.page_script_hash = self._page_hash  # for when the fragment runs the whole page
        message.rerun_script.fragment_id = fragment
        message.rerun_script.widget_states.widgets.extend(states)
        return message

    async def _ask(self, page: str, message: BackMsg) -> View:
        begun = time.perf_counter()
        await self._socket.send(message.SerializeToString())
        return await self._view(page, begun, await asyncio.wait_for(self._socket.recv(), 60))

    async def _view(self, page: str, begun: float, packed: bytes) -> View:
        """What comes from the first message on until a run has ended."""
        alerts: set[str] = set()
        buttons: dict[str, Button] = {}
        sliders: dict[str, tuple[Slider, str]] = {}
        texts: list[str] = []
        fragments: dict[str, str] = {}
        components: dict[str, str] = {}
        clocks: dict[str, float] = {}
        groups: dict[str, str] = {}
        is_whole = False
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(packed)
            kind = answer.WhichOneof("type")
            element = answer.delta.new_element
            if element.WhichOneof("type") == "exception":
                raise RuntimeError(f"{page}: {element.exception.message}")
            if element.WhichOneof("type") == "alert":
                alerts.add(element.alert.body)
                if element.alert.format == element.alert.ERROR:
                    raise RuntimeError(f"{page}: {element.alert.body}")
            if element.WhichOneof("type") == "button":
                buttons[plain(element.button.label)] = element.button
                fragments[element.button.id] = answer.delta.fragment_id
            if element.WhichOneof("type") in WORDS:
                texts.append(WORDS[element.WhichOneof("type")](element))
            if element.WhichOneof("type") == "bidi_component":
                name = element.bidi_component.component_name.rpartition("_")[2]
                components[name] = element.bidi_component.id
                fragments[element.bidi_component.id] = answer.delta.fragment_id
            if (control := element.WhichOneof("type")) in ("button_group", "checkbox"):
                groups[getattr(element, control).label] = getattr(element, control).id
            if kind == "navigation":
                self._page_hash = answer.navigation.page_script_hash
            if kind == "auto_rerun":
                clocks[answer.auto_rerun.fragment_id] = answer.auto_rerun.interval
            if element.WhichOneof("type") == "slider":
                sliders[element.slider.id] = element.slider, answer.delta.fragment_id
            # Where a part is asked for just as its page ends, Streamlit tells only of the part's end.
            is_whole |= kind == "new_session" and not answer.metadata.run.fragment_ids
            # A page that ends early begins again by itself, because a training ended meanwhile.
            if kind == "script_finished" and answer.script_finished in ENDS:
                milliseconds = 1000 * (time.perf_counter() - begun)
                rest = tuple(texts), fragments, components, clocks, groups, is_whole
                return View(milliseconds, frozenset(alerts), buttons, sliders, *rest)
            packed = await asyncio.wait_for(self._socket.recv(), 60)

    async def close(self) -> None:
        """Leave."""
        await self._socket.close()


async def wait_until_trained(port: int) -> None:
    """Until the classic network is there."""
    visitor = Visitor(port)
    await visitor.open()
    for _ in range(300):
        view = await visitor.look("evaluate")
        if not any("being trained" in text for text in view.alerts):
            break
        await asyncio.sleep(0.5)
    await visitor.close()
