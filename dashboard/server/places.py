"""Where a browser is in the dashboard, as Streamlit is told with each message; known while a page runs."""

from dataclasses import dataclass

from starlette.types import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ContextInfo
from streamlit.runtime.scriptrunner import get_script_run_ctx


@dataclass(frozen=True)
class Place:
    """What a browser says of itself whenever it asks for a part of its page.

    Attributes:
        query: What stands in its address behind the question mark.
        page: Streamlit's hash of the page.
        context: The whole address, the theme and so on; None where the browser has not said.
    """

    query: str
    page: str
    context: ContextInfo | None

    def ask_for(self, fragment: str) -> Message:
        """The message with which the browser's clock asks for a part of its page."""
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_script_hash = self.query, self.page
        asked.fragment_id, asked.is_auto_rerun = fragment, True
        if self.context is not None:
            asked.context_info.CopyFrom(self.context)
        return {"type": "websocket.receive", "bytes": message.SerializeToString()}


def current_place() -> Place:
    """Where the page is that is being drawn."""
    run = get_script_run_ctx()
    return Place(run.query_string, run.page_script_hash, run.context_info) if run else Place("", "", None)


def runs_alone() -> bool:
    """Whether only a part of the page runs, and not the whole of it."""
    run = get_script_run_ctx()
    return run is not None and bool(run.fragment_ids_this_run)
