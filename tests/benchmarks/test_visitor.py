"""A visitor without a browser knows a whole page, whatever Streamlit says of its end."""

import asyncio

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.harness.visitor import Visitor

PART = "part"


def begins(*fragments):
    message = ForwardMsg()
    message.new_session.name = "app"
    message.metadata.run.fragment_ids.extend(fragments)
    return message.SerializeToString()


def says(words):
    message = ForwardMsg()
    message.delta.new_element.markdown.body = words
    return message.SerializeToString()


def ends(how):
    return ForwardMsg(script_finished=how).SerializeToString()


PAGE_ENDS, PART_ENDS = (
    ends(ForwardMsg.FINISHED_SUCCESSFULLY),
    ends(ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY),
)
PAGE, OLD_PART = (begins(), says("the page")), (begins(PART), says("a part"), PART_ENDS)


class Socket:
    """A server that has said all it will ever say."""

    def __init__(self, messages):
        self._messages = list(messages)

    async def send(self, message):
        """Nothing that is asked changes it."""

    async def recv(self):
        """The next of its messages."""
        return self._messages.pop(0)


@pytest.mark.parametrize(
    "messages",
    [
        (*PAGE, PAGE_ENDS),
        (*OLD_PART, *PAGE, PAGE_ENDS),
        (*PAGE, *OLD_PART),
    ],
    ids=[
        "the page",
        "a part of the page before, and the page",
        "a part began before the page's end was told",
    ],
)
def test_the_page_that_was_asked_for_is_seen(messages):
    visitor = Visitor(0)
    visitor._socket = Socket(messages)
    view = asyncio.run(visitor.look("train"))
    assert view.is_whole
    assert "the page" in view.texts
