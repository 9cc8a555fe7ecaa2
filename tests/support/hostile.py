"""A browser that means harm: it speaks Streamlit's protocol, and sends what no page ever would."""

import json
import random
import time
from contextlib import ExitStack

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Slider_pb2 import Slider
from streamlit.proto.WidgetStates_pb2 import WidgetState
from waiting import until
from websockets.sync.client import connect

from dashboard.elements.button_labels import plain

EVIL = (
    "<script>alert(1)</script>![x](http://evil.test/x.png) [y](http://evil.test) $x$ :red[z] \u202e \x00 🐍"
)
BROKEN_JSON = ("[[[[", "[" * 5_000, "9" * 5_000, "\x00")
JSON = (
    "NaN", "1e999", "null", "true", '"text"', "{}", "[1, 2]",
    json.dumps({"drawing": {"strokes": [{"width": 1e300, "points": [[0, 0]]}]}}),
    json.dumps({"drawing": {"strokes": [{"width": 18, "points": [[float("nan"), {}]]}] * 200}}),
    json.dumps({"selected": [10**30, -1], "picked": -(10**30), "visit": EVIL, "settled": []}),
    json.dumps({"selected": EVIL, "picked": [[]], "visit": {"name": EVIL}, "drawing": [EVIL]}),
)  # fmt: skip
SELECTIONS = (
    "{}",
    json.dumps({"selection": {"points": [{"customdata": EVIL}], "rows": [-1, 10**9, EVIL], "columns": 7}}),
    json.dumps({"selection": {"points": [{"customdata": [float("nan"), 10**400]}, 5], "rows": EVIL}}),
    json.dumps({"selection": {"points": None, "rows": {}, "cells": []}}),
)
"""What charts and tables send; Streamlit itself takes nothing that is no selection."""
FINISHED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


def hostile_state(name, kind, dice):
    """Of the widget with this id, of one of the protocol's types, whatever type the widget has."""
    state = WidgetState(id=name)
    number = dice.choice([float("nan"), float("inf"), -1e308, 1e308, 0.5, -1.0, 10_000.0])
    text = dice.choice([EVIL, "", "9" * 5_000, "x" * 20_000])
    if kind.endswith("_array_value"):
        item = {"double": number, "int": 2**40, "string": EVIL}[kind.split("_")[0]]
        getattr(state, kind).data.extend([item] * dice.choice([0, 1, 2, 50]))
    elif kind == "string_trigger_value":
        state.string_trigger_value.data = text
    elif kind == "file_uploader_state_value":
        state.file_uploader_state_value.uploaded_file_info.add(file_id=EVIL, name=EVIL, size=2**60)
    else:
        values = {
            "trigger_value": True, "bool_value": dice.random() < 0.5, "double_value": number,
            "int_value": dice.choice([-1, 2**40, -(2**40)]), "bytes_value": b"\xff\x00", "string_value": text,
            "json_value": dice.choice(BROKEN_JSON + JSON), "json_trigger_value": dice.choice(JSON),
        }  # fmt: skip
        setattr(state, kind, values[kind])
    return state


def wrong_value(name, element, dice):
    """Of the type that the widget has, and yet nothing that its page could send; None for a button."""
    kind = element.WhichOneof("type")
    widget, state = getattr(element, kind), WidgetState(id=name)
    if kind == "button":
        return None
    if kind == "slider" and widget.type != Slider.SELECT_SLIDER:
        number = dice.choice([float("nan"), float("inf"), -1e308, 0.123, 1e9])
        state.double_array_value.data.extend([number] * dice.choice([0, 1, 2]))
    elif kind in ("slider", "button_group", "multiselect"):
        state.string_array_value.data.extend([dice.choice([EVIL, "", "-1"])] * dice.choice([1, 2, 40]))
    elif kind == "number_input":
        state.double_value = dice.choice([-1.0, 1e18, 0.5])
    elif kind in ("checkbox", "expandable", "popover"):
        state.bool_value = dice.random() < 0.5
    elif kind in ("file_uploader", "camera_input"):
        return hostile_state(name, "file_uploader_state_value", dice)
    elif kind == "bidi_component":
        state.json_value = dice.choice(JSON)
    elif kind in ("plotly_chart", "arrow_data_frame"):
        state.string_value = dice.choice(SELECTIONS)
    else:
        state.string_value = dice.choice([EVIL, "", "9" * 5_000, "x" * 20_000])
    return state


def as_shown(slider):
    """What a browser says of a slider that nobody has moved."""
    state = WidgetState(id=slider.id)
    if slider.type == Slider.SELECT_SLIDER:
        places = [slider.options[int(place)] for place in slider.default]
        state.string_array_value.data.extend(slider.raw_value if slider.set_value else places)
    else:
        state.double_array_value.data.extend(slider.value if slider.set_value else slider.default)
    return state


KINDS = (
    "trigger_value", "bool_value", "double_value", "int_value", "string_value", "double_array_value",
    "int_array_value", "string_array_value", "bytes_value", "string_trigger_value", "json_value",
    "json_trigger_value", "file_uploader_state_value",
)  # fmt: skip


class Answer:
    """What came back: whether the script ran to its end, what it drew, and the names of its widgets."""

    def __init__(self):
        self.is_finished = False
        self.exceptions = []
        self.widgets = {}
        self.texts = []
        self.buttons = {}
        self.disabled = set()
        self.links = []
        self.raw = b""

    def take(self, message):
        """Note what a message draws."""
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.exceptions.append(element.exception)
        elif kind == "markdown":
            self.texts.append(element.markdown.body)
        elif kind == "heading":
            self.texts.append(f"# {element.heading.body}")
        elif kind == "progress":
            self.texts.append(element.progress.text)
        elif kind == "alert":
            self.texts.append(element.alert.body)
        elif kind == "link_button":
            self.links.append(element.link_button.url)
        elif kind == "button":
            label = plain(element.button.label)
            self.buttons[label] = element.button.id
            if element.button.disabled:
                self.disabled.add(label)
        if kind is not None and getattr(getattr(element, kind), "id", ""):
            self.widgets[getattr(element, kind).id] = element


class Client:
    """One tab of such a browser."""

    def __init__(self, address, origin=None, name="", cookie=""):
        url = f"{address.replace('http', 'ws')}/_stcore/stream"
        self._open = ExitStack()
        protocols = ["streamlit", f"visit-{name}"] if name else ["streamlit"]
        # A queue without an end: a full one would keep a client that leaves waiting ten seconds for its end.
        options = {"subprotocols": protocols, "max_size": None, "max_queue": None, "open_timeout": 30}
        options["additional_headers"] = {"Cookie": cookie} if cookie else {}
        self._socket = self._open.enter_context(connect(url, origin=origin, **options))
        self.session = ""

    def ask(self, page, states=(), query="", url=""):
        """Run a page's script with these states of its widgets."""
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.query_string = query
        if url:
            message.rerun_script.context_info.url = url
        message.rerun_script.widget_states.widgets.extend(states)
        return self.send(message.SerializeToString())

    def press(self, page, button, url=""):
        """Press a button, by its id; all else on the page is as it was at first."""
        return self.ask(page, [WidgetState(id=button, trigger_value=True)], url=url)

    def pressed(self, button):
        """What says that a button is pressed, by its id."""
        return WidgetState(id=button, trigger_value=True)

    def train(self, query):
        """Begin the training that a link describes, with the sliders as the page shows them."""
        shown = self.ask("train", query=query)
        sliders = [w.slider for w in shown.widgets.values() if w.WhichOneof("type") == "slider"]
        pressed = WidgetState(id=shown.buttons["Train"], trigger_value=True)
        return self.ask("train", [*map(as_shown, sliders), pressed], query)

    def wait(self, seconds):
        """Before the next question."""
        time.sleep(seconds)

    def wait_until_trained(self):
        """Until the server has the classic network."""
        until(lambda: not any("being trained" in text for text in self.ask("evaluate").texts), pause=0.2)

    def run_fragment(self, page, fragment):
        """Ask for a part of a page; there is no answer where there is no such part."""
        message = BackMsg()
        message.rerun_script.page_name, message.rerun_script.fragment_id = page, fragment
        self._socket.send(message.SerializeToString())

    def say(self, content):
        """Send bytes, and wait for no answer."""
        self._socket.send(content)

    def send(self, content):
        """Send bytes, and wait until the script that they start has ended."""
        self._socket.send(content)
        return self.hear()

    def hear(self):
        """Wait until a script that has begun has ended, also one that nobody here has asked for."""
        answer, ends = Answer(), 0
        while True:
            message = ForwardMsg()
            packed = self._socket.recv(60)
            message.ParseFromString(packed)
            answer.raw += packed
            answer.take(message)
            if message.WhichOneof("type") == "new_session":
                self.session = message.new_session.initialize.session_id
            if message.WhichOneof("type") == "script_finished":
                ends += 1
                answer.is_finished = message.script_finished in FINISHED
                if answer.is_finished or message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return answer

    def file(self, button):
        """Press a button that makes a file, by what the page says of it; the file's address."""
        message = BackMsg()
        request = message.backend_operation_request
        request.request_id, request.session_id = "1", self.session
        request.deferred_file.file_id = button.download_button.deferred_file_id
        self._socket.send(message.SerializeToString())
        answer = ForwardMsg()
        while answer.WhichOneof("type") != "backend_operation_response":
            answer.ParseFromString(self._socket.recv(60))
        return answer.backend_operation_response.deferred_file.url

    def close(self):
        """Leave."""
        self._open.close()


def dice_of(number):
    return random.Random(number)
