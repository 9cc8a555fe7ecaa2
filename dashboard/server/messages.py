"""What browsers and Streamlit say to each other, as far as our middlewares have to understand it."""

from typing import Final

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from starlette.types import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

_END_BYTES: Final = 500
_BEGIN_BYTES: Final = 20_000
"""More than a message takes that tells of the end or the beginning of a run; longer ones need not be read."""


def read(message: Message) -> BackMsg:
    """What a browser says; nothing where it cannot be read, and Streamlit says what is wrong with it."""
    said = BackMsg()
    try:
        said.ParseFromString(message.get("bytes") or b"")
    except DecodeError:
        said.Clear()
    return said


def asks_for_page(said: BackMsg) -> bool:
    """Whether a browser asks for a whole page, and not for a part of it."""
    return said.WhichOneof("type") == "rerun_script" and not said.rerun_script.fragment_id


def clock_of(said: BackMsg) -> str:
    """The part of a page whose own clock speaks; "" if it is something else."""
    asked = said.rerun_script
    return str(asked.fragment_id) if asked.is_auto_rerun else ""


def tells_of_page(message: Message) -> bool:
    """Whether a browser is told that a whole page begins, and not a part of it."""
    packed = message.get("bytes") or b""
    if len(packed) > _BEGIN_BYTES:
        return False
    told = ForwardMsg.FromString(packed)
    return bool(told.WhichOneof("type") == "new_session" and not told.metadata.run.fragment_ids)


def tells_of_end(message: Message) -> bool:
    """Whether a browser is told that its page, or a part of it, has been run to its end."""
    packed = message.get("bytes") or b""
    if len(packed) > _END_BYTES:
        return False
    told = ForwardMsg.FromString(packed)
    early = ForwardMsg.FINISHED_EARLY_FOR_RERUN  # it is run once more
    return bool(told.WhichOneof("type") == "script_finished" and told.script_finished != early)
