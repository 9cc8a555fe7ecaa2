"""What the server's middlewares have in common. `app.py` puts them between the browsers and Streamlit."""

from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Scope, Send


class Middleware:
    """One of them; its `__call__` serves one request or connection.

    Args:
        app: What serves what the middleware lets through.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app


def with_header(scope: Scope, name: str, value: str) -> Scope:
    """A request with a header of ours, in the place of what a client may have sent under its name.

    Args:
        scope: The request.
        name: In lower case.
        value: Empty for no such header.
    """
    headers = [header for header in scope["headers"] if header[0] != name.encode()]
    if value:
        headers.append((name.encode(), value.encode()))
    return {**scope, "headers": headers}


def editing_headers(send: Send, edit: Callable[[MutableHeaders], None]) -> Send:
    """The same `send`, with the headers of the answer edited."""

    async def send_edited(message: Message) -> None:
        if message["type"] == "http.response.start":
            edit(MutableHeaders(scope=message))
        await send(message)

    return send_edited
