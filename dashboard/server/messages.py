"""What browsers and Streamlit say to each other, as far as our middlewares have to understand it."""

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from starlette.types import Message
from streamlit.proto.BackMsg_pb2 import BackMsg


def read(message: Message) -> BackMsg:
    """What a browser says; nothing where it cannot be read, and Streamlit says what is wrong with it."""
    said = BackMsg()
    try:
        said.ParseFromString(message.get("bytes") or b"")
    except DecodeError:
        said.Clear()
    return said


def clock_of(said: BackMsg) -> str:
    """The part of a page whose own clock speaks; "" if it is something else."""
    asked = said.rerun_script
    return str(asked.fragment_id) if asked.is_auto_rerun else ""
