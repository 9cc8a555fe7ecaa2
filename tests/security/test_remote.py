"""Nobody else's phone steers a lecture, and no code of it opens the lecturer's visit: over the real protocol."""

import secrets

import pytest
from hostile import Client
from one_server import shared_server

TOUR = "tour=10&step=1"
NEXT, BACK = "Next", "Back"


@pytest.fixture(scope="module")
def address(request):
    """A dashboard that is only talked to in its protocol."""
    return shared_server(request.config, "dashboard").address


@pytest.fixture
def tab(address):
    """Opens tabs, each with a name of its own or a given one."""
    tabs = []

    def opened(name=""):
        tabs.append(Client(address, name=name or secrets.token_hex(16)))
        return tabs[-1]

    yield opened
    for client in tabs:
        client.close()
