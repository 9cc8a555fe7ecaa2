"""Nothing is read from the disk when a page is shown again: what was read once stays in memory.

Where the system has no more files to open, those who are inside go on only because of it. And no page has the
server load what belongs into the training process.
"""

from pathlib import Path

import psutil
import pytest
from hostile import Client
from paths import SUPPORT
from servers import sample_server

from dashboard import site_map

PAGES = [page.address for page in site_map.PAGES]
BY_THE_CLOCK = ("'/proc/", "'/dev/fd'")
"""Whether pages are shown or not: Dask, a part of the server's process, looks twice a second how much memory
its worker has, and `server.connections` once how many files are open."""


class Opened:
    """What the server's own process opens, as `opened/sitecustomize.py` writes it down."""

    def __init__(self, notes, process):
        self._notes, self._process = notes, str(process)
        self._n_read = 0

    def since(self):
        """The files and folders opened since this was asked before."""
        lines = self._notes.read_text().splitlines()
        entries = [line.split(" ", 1) for line in lines[self._n_read :]]
        self._n_read = len(lines)
        return [
            name
            for process, name in entries
            if process == self._process and not name.startswith(BY_THE_CLOCK)
        ]


@pytest.fixture(scope="module")
def visited(tmp_path_factory, scheduler):
    """A visitor to whom each page was shown, what the server opened, and its process; it trains elsewhere."""
    folder = tmp_path_factory.mktemp("server")
    noting = {"PYTHONPATH": str(SUPPORT / "opened"), "OPENED": str(folder / "opened")}
    noting["DASK_SCHEDULER_ADDRESS"] = scheduler
    with sample_server(folder / "log.txt", noting) as server:
        client = Client(server.address, name="a" * 32)
        client.wait_until_trained()
        for page in [*PAGES, *PAGES]:  # some begin work that the next one shows
            client.ask(page)
        opened = Opened(folder / "opened", server.process.pid)
        assert len(opened.since()) > 1000  # else nothing is noted
        yield client, opened, psutil.Process(server.process.pid)
        client.close()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_is_shown_again_opens_no_file(visited, page):
    client, opened, _ = visited
    opened.since()
    answer = client.ask(page)
    assert answer.is_finished
    assert not answer.exceptions
    assert opened.since() == []


@pytest.mark.parametrize("library", ["tensorflow", "sklearn", "scipy"])
def test_the_server_has_shown_every_page_without_it(visited, library):
    loaded = {part for file in visited[2].memory_maps() for part in Path(file.path).parts}
    assert "numpy" in loaded  # else nothing is found
    assert library not in loaded
