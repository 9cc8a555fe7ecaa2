"""The address under which other devices in the room reach this dashboard; knows no Streamlit.

A lecturer opens the dashboard as `http://localhost:8501`, which on a student's phone means the phone itself.
What phones can reach is the machine's address in the local network, or what the lecturer knows and types.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal
from urllib.parse import SplitResult, urlencode, urlsplit

from mnist_core.bounds import MAX_ADDRESS

LOCAL_NAMES: Final = ("localhost", "127.0.0.1", "::1", "[::1]")
HINT: Final = (
    "http:// or https://, a host, and if need be a port and a path, such as http://192.168.1.20:8501"
)

Note = Literal["", "chosen", "on this machine", "bound to itself", "in no network"]

_NAME: Final = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
)
_PATH: Final = re.compile(r"[A-Za-z0-9._~/+-]*")


class AddressError(ValueError):
    """An address cannot be used; the message says why, in a sentence."""


@dataclass(frozen=True)
class DashboardAddress:
    """Where the dashboard is.

    Attributes:
        base: The address of its first page, without a slash at the end.
        is_reachable: Whether other devices are likely to reach it there.
        note: What is to be said about it, a part of `pages/lecture/sharing.md`; empty for nothing.
    """

    base: str
    is_reachable: bool
    note: Note = ""

    def link(self, page: str = "", **parameters: str) -> str:
        """The address of one page.

        Args:
            page: Its URL path, such as "train"; empty for the first page.
            **parameters: What stands behind the question mark.
        """
        query = f"?{urlencode(parameters)}" if parameters else ""
        return f"{self.base}/{page}{query}"


def checked(text: str) -> str:
    """Check an address that a visitor typed.

    Returns:
        The address without a slash at the end.

    Raises:
        AddressError: A dashboard cannot have this address.
    """
    text = text.strip()
    if len(text) > MAX_ADDRESS:
        raise AddressError(
            f"An address may have {MAX_ADDRESS} characters. This one has {len(text):,}. "
            "Type only the host, the port and the path."
        )
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise AddressError(f"This is not an address. It takes {HINT}.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise AddressError(f"An address takes {HINT}.")
    if parts.username is not None or parts.password is not None:
        raise AddressError("An address that everybody sees must not contain a name or a password.")
    if parts.query or parts.fragment or "?" in text or "#" in text:
        raise AddressError("Leave out what begins with ? or #: the page and its settings are added here.")
    if port == 0:
        raise AddressError("The port must be 1 to 65535, not 0.")
    if not (_is_ip(host) or _NAME.fullmatch(host)) or not _PATH.fullmatch(parts.path):
        raise AddressError(f"There is a character that an address cannot have. It takes {HINT}.")
    return f"{parts.scheme}://{_netloc(host, port)}{parts.path.rstrip('/')}"


def reachable_address(
    url: str | None, page: str, bound_to: str | None, chosen: str = "", own: str | None = None
) -> DashboardAddress:
    """Where other devices find the dashboard.

    Args:
        url: The address in the visitor's browser, up to a question mark; None if it did not say.
        page: The URL path of the page it shows.
        bound_to: The one address the server listens at; None for all of them.
        chosen: What the visitor knows better, already checked; empty for nothing.
        own: The machine's address in the network that phones are likely in; None without one.
    """
    if chosen:
        return DashboardAddress(chosen, is_reachable=True, note="chosen")
    seen = _split(url, page)
    here = DashboardAddress(_text(seen, seen.netloc), is_reachable=True)
    if not is_local(seen.hostname or ""):
        return here
    if bound_to is not None and is_local(bound_to):
        return replace(here, is_reachable=False, note="bound to itself")
    if own is None:
        return replace(here, is_reachable=False, note="in no network")
    return DashboardAddress(_text(seen, _netloc(own, seen.port)), is_reachable=True, note="on this machine")


def own_bases(url: str | None, page: str, bound_to: str | None, own: Sequence[str]) -> tuple[str, ...]:
    """Where the dashboard is at each of the machine's addresses; nothing for who is not at this machine.

    Args:
        url: The address in the visitor's browser, up to a question mark; None if it did not say.
        page: The URL path of the page it shows.
        bound_to: The one address the server listens at; None for all of them.
        own: The machine's addresses.
    """
    seen = _split(url, page)
    host = seen.hostname or ""
    if not (is_local(host) or host in own) or (bound_to is not None and is_local(bound_to)):
        return ()
    return tuple(_text(seen, _netloc(address, seen.port)) for address in own)


def is_local(host: str) -> bool:
    """Whether a host means the very machine that asks for it."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() in LOCAL_NAMES or host.lower().endswith(".localhost")


def _split(url: str | None, page: str) -> SplitResult:
    """The address of the first page; what no browser has is taken for a dashboard started as usual."""
    usual = urlsplit("http://localhost:8501")
    try:
        seen = urlsplit((url or "").removesuffix("/").removesuffix(f"/{page}" if page else ""))
        host, port = seen.hostname or "", seen.port
    except ValueError:
        return usual
    is_host = _is_ip(host) or _NAME.fullmatch(host)
    if seen.scheme not in ("http", "https") or not is_host or len(seen.path) > MAX_ADDRESS:
        return usual
    return seen._replace(netloc=_netloc(host, port))


def _text(parts: SplitResult, netloc: str) -> str:
    # Community Cloud shows the dashboard in a frame of its own, at an address that is not the visitor's.
    return f"{parts.scheme}://{netloc}{parts.path.removesuffix('/~/+').rstrip('/')}"


def _netloc(host: str, port: int | None) -> str:
    named = f"[{host}]" if ":" in host else host
    return named if port is None else f"{named}:{port}"


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
