"""An engine whose training process does what a test says."""

import pytest
from pretending import Client, engine_of


@pytest.fixture
def client():
    return Client()


@pytest.fixture
def engine(client, monkeypatch):
    started = engine_of(client, monkeypatch)
    yield started
    started.close()
