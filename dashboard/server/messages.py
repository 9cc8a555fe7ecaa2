"""What browsers and Streamlit say to each other, as far as our middlewares have to understand it."""

from typing import Final

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from starlette.types import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

_END_BYTES: Final = 500
"""More than a message takes that tells of the end of a run; longer ones need not be read for one."""


def asked_by(message: Message) -> ClientState:
    """What a browser asks for; nothing where it cannot be read, and Streamlit says what is wrong with it."""
    return _read(message).rerun_script


def asks_for_page(message: Message) -> bool:
    """Whether a browser asks for a whole page, and not for a part of it."""
    sent = _read(message)
    return sent.WhichOneof("type") == "rerun_script" and not sent.rerun_script.fragment_id


def clock_of(message: Message) -> str:
    """The part of a page whose own clock sent a message; "" if it was something else."""
    asked = asked_by(message)
    return str(asked.fragment_id) if asked.is_auto_rerun else ""


def tells_of_end(message: Message) -> bool:
    """Whether a browser is told that its page, or a part of it, has been run to its end."""
    packed = message.get("bytes") or b""
    if len(packed) > _END_BYTES:
        return False
    told = ForwardMsg.FromString(packed)
    early = ForwardMsg.FINISHED_EARLY_FOR_RERUN  # it is run once more
    return bool(told.WhichOneof("type") == "script_finished" and told.script_finished != early)


def _read(message: Message) -> BackMsg:
    sent = BackMsg()
    try:
        sent.ParseFromString(message.get("bytes") or b"")
    except DecodeError:
        sent.Clear()
    return sent
