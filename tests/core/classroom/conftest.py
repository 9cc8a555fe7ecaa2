"""Rooms with a clock that tests move."""

import pytest
from classes import Clock

from mnist_core.classroom.rooms import Classrooms


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def rooms(clock):
    return Classrooms(clock)
