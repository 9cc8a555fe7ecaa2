"""A server that may open too few files: those who are inside go on, and its log stays small."""

import socket
import time
from contextlib import ExitStack
from http.client import HTTPConnection

import pytest
from hostile import Client
from servers import sample_server
from waiting import until

from benchmarks.harness.server import LOCAL
from dashboard.server.connections import n_phones

pytestmark = pytest.mark.load
HARD_LIMIT = 96
N_SOCKETS = 1_100


def health(port):
    """The status of the health check."""
    connection = HTTPConnection(LOCAL, port, timeout=5)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status
    finally:
        connection.close()


class Hall:
    """A server with a low limit, and its log.

    Attributes:
        server: It.
        lecturer: Who is inside.
    """

    def __init__(self, server, log):
        self.server, self._log = server, log
        self.lecturer = Client(server.address, name="1" * 32)

    def words(self):
        """The log."""
        return self._log.read_text()

    def fill(self):
        """Phones join until one is refused."""
        phones = []
        try:
            while len(phones) < HARD_LIMIT:
                phones.append(Client(self.server.address))
        except Exception as refusal:  # each kind of refusal; the test looks at its words
            return phones, str(refusal)
        return phones, ""

    def reload(self):
        """The lecturer's tab comes back."""
        self.lecturer.close()
        self.lecturer = Client(self.server.address, name="1" * 32)

    def seconds_of_click(self, page="classroom"):
        """For which the lecturer waits for a page."""
        begun = time.monotonic()
        answer = self.lecturer.ask(page)
        assert answer.is_finished
        assert not answer.exceptions
        return time.monotonic() - begun


@pytest.fixture(scope="module")
def hall(tmp_path_factory):
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with sample_server(log, soft_limit=64, hard_limit=HARD_LIMIT) as server:
        hall = Hall(server, log)
        hall.lecturer.wait_until_trained()
        yield hall
        hall.lecturer.close()


def test_the_log_and_the_lecturers_page_say_how_many_phones_fit(hall):
    n_fitting = n_phones(HARD_LIMIT)
    assert f"open {HARD_LIMIT} files, which is enough for {n_fitting} phones" in hall.words()
    words = hall.lecturer.ask("classroom").texts
    assert any(f"lets only {n_fitting} phones in at a time" in text for text in words)


def test_phones_that_do_not_fit_are_refused_and_who_is_inside_goes_on(hall):
    phones, refusal = hall.fill()
    assert len(phones) >= n_phones(HARD_LIMIT)
    assert "503" in refusal
    for page in ("glossary", "classroom", "tour"):  # the first of them is read from the disk only now
        assert hall.seconds_of_click(page) < 1
    assert health(hall.server.port) == 200
    hall.reload()
    assert hall.seconds_of_click() < 1
    for phone in phones:
        phone.close()
    until(lambda: health(hall.server.port) == 200, 5)


def test_connections_that_use_up_the_files_hurt_nobody_and_leave_a_small_log(hall):
    before = len(hall.words())
    most = 0
    with ExitStack() as sockets:
        for number in range(N_SOCKETS):
            sockets.enter_context(socket.create_connection((LOCAL, hall.server.port), timeout=5))
            if number % 50 == 0:
                most = max(most, hall.server.open_files())
        assert most > HARD_LIMIT - 4  # they are used up
        clicks = [hall.seconds_of_click() for _ in range(20)]
        # About 45 are let in at a time and closed a good second later: all are gone after 30 s at most.
        until(lambda: hall.server.open_files() <= HARD_LIMIT - 8)
        assert health(hall.server.port) == 200
        cpu = hall.server.cpu_seconds()
        hall.lecturer.wait(2)
        # It does not spin, which takes 1.3 s or more, also beside two other busy processes.
        assert hall.server.cpu_seconds() - cpu < 1
    assert sorted(clicks)[-2] < 1
    until(lambda: hall.lecturer.ask("glossary").is_finished and health(hall.server.port) == 200, 5)
    assert hall.words()[before:].count("\n") <= 20
