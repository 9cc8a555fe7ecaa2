"""The start of the one process that serves all pages: its pauses made shorter and rarer, and its first words.

A page runs in a thread, and the interpreter lets one thread compute at a time. So whatever holds it up holds
up everybody: a lecturer's click waits while 300 telephones of her class run theirs.
"""

import contextlib
import functools
import gc
import sys
from typing import Final

from streamlit import config
from streamlit.delta_generator_singletons import context_dg_stack
from streamlit.web import server
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from dashboard.server.networks import own_addresses

SWITCH_SECONDS: Final = 0.001
"""After which a computing thread gives way: with Python's 5 ms, the thread that reads and sends for everybody
gets its turn too rarely."""
NEW_OBJECTS: Final = 10_000
"""More of them than were given back, and the youngest are searched for garbage; Python's is 700."""


def shorten_pauses() -> None:
    """Set the interpreter's pauses; called once, before the first visitor."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()  # three quarters of what there will be: it stays, and is searched for garbage no more
    gc.set_threshold(NEW_OBJECTS)
    # Each run of a page asks for all options of six sections, which do not change while the server runs.
    config.get_options_for_section = functools.cache(config.get_options_for_section)


def multiply_in_one_thread() -> None:
    """Have NumPy multiply matrices in the page's own thread.

    A page multiplies small ones, beside the pages of others. A second thread of OpenBLAS is no help with
    these, and keeps a core busy while it waits for the next: two thirds of what Draw cost. In the training
    processes Dask sees to the same.
    """
    threadpool_limits(1, user_api="blas")


def make_container_stack() -> None:
    """Make Streamlit's stack of containers before the first visitor.

    Streamlit makes it when a page first needs it, without a lock. Two first visitors at the same moment may
    make one each; then the page of one of them leaves a container that it has never entered, and fails.
    """
    context_dg_stack.get()


def print_addresses() -> None:
    """Print where the dashboard is, without asking any host on the internet."""
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
    for own in own_addresses():
        if own.kind in ("room", "unassigned"):
            say(f"  In this network:  {server.server_util.get_url(own.address)}  ({own.interface})")
    say("")


def say(line: str) -> None:
    """Print a line; a terminal that has been closed is no error."""
    with contextlib.suppress(OSError, ValueError):
        print(line, flush=True)
