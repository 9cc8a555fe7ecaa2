"""Rooms with a clock that tests move."""

import pytest
from clock import Clock

from mnist_core.classroom.rooms import Classrooms


@pytest.fixture
def clock():
    return Clock(1000.0)


@pytest.fixture
def rooms(clock):
    return Classrooms(clock)
