"""Where a browser is in the dashboard, as Streamlit is told with each message; known while a page runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlencode

from starlette.types import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ContextInfo
from streamlit.runtime.scriptrunner import get_script_run_ctx

_EMBEDDING: Final = ("embed", "embed_options")
"""What stays in the address from page to page."""


@dataclass(frozen=True)
class Place:
    """What a browser says of itself whenever it asks for a part of its page.

    Attributes:
        query: What stands in its address behind the question mark.
        page: Streamlit's hash of the page.
        context: The whole address, the theme and so on; None where the browser has not said.
        pages: Streamlit's hashes of all pages, by their URL paths.
    """

    query: str
    page: str
    context: ContextInfo | None
    pages: Mapping[str, str] = field(default_factory=dict)

    def ask_for(self, fragment: str) -> Message:
        """The message with which the browser's clock asks for a part of its page."""
        return self._ask(
            query_string=self.query, page_script_hash=self.page, fragment_id=fragment, is_auto_rerun=True
        )

    def ask_for_page(self, page: str, parameters: Mapping[str, str]) -> Message:
        """The message with which the browser asks for another page.

        Args:
            page: Its URL path, one of `pages`.
            parameters: What is to stand in its address, of which its browser is not told by this.
        """
        stays = {name: value for name, value in parse_qsl(self.query) if name in _EMBEDDING}
        return self._ask(query_string=urlencode(stays | dict(parameters)), page_script_hash=self.pages[page])

    def _ask(self, **asked: str | bool) -> Message:
        message = BackMsg()
        for name, value in asked.items():
            setattr(message.rerun_script, name, value)
        if self.context is not None:
            message.rerun_script.context_info.CopyFrom(self.context)
        return {"type": "websocket.receive", "bytes": message.SerializeToString()}


def current_place() -> Place:
    """Where the page is that is being drawn."""
    run = get_script_run_ctx()
    if run is None:
        return Place("", "", None)
    known = run.pages_manager.get_pages().items()
    pages = {page.get("url_pathname", ""): page_hash for page_hash, page in known}
    return Place(run.query_string, run.page_script_hash, run.context_info, pages)


def runs_alone() -> bool:
    """Whether only a part of the page runs, and not the whole of it."""
    run = get_script_run_ctx()
    return run is not None and bool(run.fragment_ids_this_run)
