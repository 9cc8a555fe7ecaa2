"""What the terminal says at the start and at the end."""

import contextlib

from streamlit import config, net_util
from streamlit.web import server


def print_addresses() -> None:
    """Say where the dashboard is; nobody on the internet is asked."""
    address = (
        config.get_option("browser.serverAddress") if config.is_manually_set("browser.serverAddress") else ""
    )
    bound = config.get_option("server.address")
    if not address and bound not in (None, "", "0.0.0.0", "::"):
        address = bound
    say("\n  MLP Explainer is ready. Open it in your browser:\n")
    if address:
        say(f"  URL: {server.server_util.get_url(address)}\n")
        return
    say(f"  On this computer: {server.server_util.get_url('localhost')}")
    if own := net_util.get_internal_ip():
        say(f"  In this network:  {server.server_util.get_url(own)}")
    say("")


def say(line: str) -> None:
    """Print a line, if there is still somebody to read it: a terminal that was closed is no error."""
    with contextlib.suppress(OSError, ValueError):
        print(line, flush=True)
