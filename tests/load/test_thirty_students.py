"""A whole lecture with a class of thirty, over websockets."""

import asyncio
from collections import defaultdict

import pytest
from servers import sample_server

from benchmarks import classroom
from benchmarks.harness.visitor import wait_until_trained

pytestmark = pytest.mark.load


def test_thirty_visitors_over_websockets_are_each_counted_once(monkeypatch, tmp_path):
    """The whole lecture of the benchmark, with fewer students and less time to think."""
    for name in ("JOIN_SECONDS", "ANSWER_SECONDS", "DRAW_SECONDS"):
        monkeypatch.setattr(classroom, name, 1.0)
    times = defaultdict(list)
    with sample_server(tmp_path / "log.txt") as server:
        asyncio.run(wait_until_trained(server.port))
        assert asyncio.run(asyncio.wait_for(classroom.lecture(server, 30, times), 240)) == []
    assert len(times["a student opens a page"]) == 30
