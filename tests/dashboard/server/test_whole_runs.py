"""A run begins when the one before it has told the browser everything, and takes nothing of that away."""

import asyncio

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import app_session
from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.scriptrunner import ScriptRunnerEvent

from dashboard.server import whole_runs


class Runner:
    """A run of a page, as its session knows it."""

    def __init__(self, is_over=False):
        self.is_over, self.asked = is_over, []

    def request_rerun(self, data):
        """Take it, as long as the run goes on."""
        if not self.is_over:
            self.asked.append(data)
        return not self.is_over

    def request_stop(self):
        """End."""
        self.is_over = True


class Session(AppSession):
    """Streamlit's own, without a browser; what begins a run makes a runner of the tests."""

    def __init__(self, last):
        self._state = AppSessionState.APP_NOT_RUNNING
        self._scriptrunner, self._browser_queue = last, ForwardMsgQueue()
        self._event_loop = asyncio.get_running_loop()
        self._client_state, self._local_sources_watcher = ClientState(), None
        self.begun, self.fragments = [], {"part", "other part"}

    def __del__(self):
        """There is nothing to shut down."""

    def _create_scriptrunner(self, data):
        self.begun.append(data)
        self._scriptrunner = Runner()

    def has_fragment(self, fragment):
        """Whether the page has such a part."""
        return fragment in self.fragments

    def _enqueue_forward_msg(self, message):
        self._browser_queue.enqueue(message)

    def _create_script_finished_message(self, status, _):
        return ForwardMsg(script_finished=status)

    def _create_session_status_changed_message(self):
        return ForwardMsg()

    def _settle_once_delivered(self):
        pass

    def ask(self, fragment=""):
        """The browser asks for a part of the page, or for all of it."""
        self.request_rerun(ClientState(fragment_id=fragment))

    def hear(self, runner, event, **more):
        """A runner tells the session something."""
        self._handle_scriptrunner_event_on_event_loop(runner, event, **more)


@pytest.fixture(autouse=True)
def patched(monkeypatch):
    monkeypatch.setattr(
        Session, "_create_scriptrunner", whole_runs.await_last_run(Session._create_scriptrunner)
    )
    monkeypatch.setattr(Session, "_clear_queue", whole_runs.keep_messages_of_parts(Session._clear_queue))
    monkeypatch.setattr(whole_runs, "_LOOK_SECONDS", 0.0)


def run(scenario):
    asyncio.run(asyncio.wait_for(scenario(), 20))


async def a_while():
    for _ in range(10):
        await asyncio.sleep(0)


def delta(path, fragment=""):
    message = ForwardMsg()
    message.metadata.delta_path.extend(path)
    message.delta.add_block.SetInParent()
    message.delta.fragment_id = fragment
    return message


def test_a_part_that_is_asked_for_while_a_run_ends_begins_after_all_that_this_run_tells():
    async def scenario():
        over = Runner(is_over=True)
        session = Session(over)
        session.ask("part")
        await a_while()
        assert not session.begun
        session.hear(over, ScriptRunnerEvent.ENQUEUE_FORWARD_MSG, forward_msg=delta([0, 3]))
        session.hear(over, ScriptRunnerEvent.SCRIPT_STOPPED_WITH_SUCCESS)
        session.hear(over, ScriptRunnerEvent.SHUTDOWN)
        await a_while()
        assert [data.fragment_id for data in session.begun] == ["part"]
        told = [message.WhichOneof("type") for message in session._browser_queue.flush()]
        assert told == ["delta", "script_finished"]

    run(scenario)


def test_parts_that_are_asked_for_meanwhile_all_run_in_their_order():
    async def scenario():
        over = Runner(is_over=True)
        session = Session(over)
        session.ask("part")
        session.ask("other part")
        session.hear(over, ScriptRunnerEvent.SHUTDOWN)
        await a_while()
        assert [data.fragment_id for data in session.begun] == ["part"]
        assert [data.fragment_id for data in session._scriptrunner.asked] == ["other part"]

    run(scenario)


def test_a_page_does_not_wait_and_takes_the_parts_that_do():
    async def scenario():
        session = Session(Runner(is_over=True))
        session.ask("part")
        session.ask()
        assert [data.fragment_id for data in session.begun] == [None]
        await a_while()
        assert [data.fragment_id for data in session._scriptrunner.asked] == ["part"]

    run(scenario)


def test_a_part_that_is_gone_or_whose_visitor_is_begins_nothing():
    async def scenario():
        for ends in (
            lambda session: session.fragments.clear(),
            lambda session: setattr(session, "_state", AppSessionState.SHUTDOWN_REQUESTED),
        ):
            over = Runner(is_over=True)
            session = Session(over)
            session.ask("part")
            ends(session)
            session._scriptrunner = None
            await a_while()
            assert not session.begun

    run(scenario)


def test_what_a_part_stands_in_stays_on_its_way_when_the_part_runs_again():
    async def scenario():
        session = Session(None)
        for message in (delta([0, 2], "part"), delta([0, 2, 0], "inside"), delta([0, 3], "part")):
            session._browser_queue.enqueue(message)
        session._clear_queue(["part"])
        session._browser_queue.enqueue(delta([0, 2], "part"))
        told = session._browser_queue.flush()
        assert [list(message.metadata.delta_path) for message in told] == [[0, 2], [0, 2, 0], [0, 3], [0, 2]]
        session._browser_queue.enqueue(delta([0, 2], "part"))
        session._clear_queue(None)
        assert session._browser_queue.is_empty()

    run(scenario)


def test_all_sessions_of_the_server_do_so(monkeypatch):
    for name in ("_create_scriptrunner", "_clear_queue"):
        monkeypatch.setattr(app_session.AppSession, name, getattr(AppSession, name))
    before = AppSession._create_scriptrunner, AppSession._clear_queue
    whole_runs.hand_over_whole()
    after = AppSession._create_scriptrunner, AppSession._clear_queue
    assert [new.__wrapped__ for new in after] == list(before)
