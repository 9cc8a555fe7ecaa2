"""Open files, silent connections and the log: what is there for all is shared by all."""

import asyncio
import logging
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest
from clock import Clock
from paths import ROOT

from dashboard.server import log
from dashboard.server.connections import FILES_OF_SERVER, SilentConnections, n_phones
from dashboard.server.log import Bounded
from mnist_core.bounds import (
    MAX_LOG_BURST,
    MAX_LOGGED,
    MAX_SILENT_SECONDS,
    REPEAT_SECONDS,
    RESERVED_FILES,
)


class Connection:
    """A connection over HTTP, as uvicorn has it."""

    timeout_keep_alive_task = None

    def __init__(self, cycle=None):
        self.cycle = cycle
        self.is_closed = False
        self.transport = SimpleNamespace(abort=self.close)

    def close(self):
        """Called instead of a transport."""
        self.is_closed = True


def test_the_phones_that_fit_are_reckoned_from_the_open_files():
    base = FILES_OF_SERVER + RESERVED_FILES
    assert n_phones(base - 1) == 0
    assert n_phones(base + (4 + 3) * 20) == 20
    assert n_phones(base + 3 * 128 + 4 * 300) == 300
    assert n_phones(65_536) > 10_000


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
@pytest.mark.parametrize(("hard", "words"), [(700, "enough for 90 phones at a time"), (4000, "")])
def test_the_soft_limit_is_raised_and_one_that_is_too_low_is_in_the_log(hard, words):
    script = f"""
import logging, resource
resource.setrlimit(resource.RLIMIT_NOFILE, (256, {hard}))
from dashboard.server import connections
logging.basicConfig()
connections.raise_limit()
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert ended.stdout.split() == [str(hard)]
    assert words in ended.stderr
    assert bool(words) == ("open files" in ended.stderr or "phones" in ended.stderr)


def test_a_connection_without_a_request_is_closed_after_its_time():
    clock, silent = Clock(), Connection()
    closer = SilentConnections(clock)
    assert closer.close_old({silent}) == 0
    clock.now += MAX_SILENT_SECONDS - 1
    assert closer.close_old({silent}) == 0
    clock.now += 1
    assert closer.close_old({silent}) == 1
    assert silent.is_closed


def test_websockets_and_requests_under_way_are_never_closed():
    clock = Clock()
    closer, upload = SilentConnections(clock), Connection(SimpleNamespace(response_complete=False))
    for _ in range(5):
        assert closer.close_old({upload, object()}) == 0
        clock.now += MAX_SILENT_SECONDS


def test_a_connection_that_goes_on_asking_stays():
    clock, busy = Clock(), Connection()
    closer = SilentConnections(clock)
    for _ in range(5):
        busy.cycle = SimpleNamespace(response_complete=True)
        assert closer.close_old({busy}) == 0
        clock.now += MAX_SILENT_SECONDS - 1
    clock.now += MAX_SILENT_SECONDS
    closer.close_old({busy})
    clock.now += MAX_SILENT_SECONDS
    assert closer.close_old({busy}) + busy.is_closed >= 1


def say(bounded, text, *values, name="a", error=None):
    """A record, and whether it is written."""
    info = None if error is None else (type(error), error, error.__traceback__)
    record = logging.LogRecord(name, logging.ERROR, "", 1, text, values, info)
    return bounded.filter(record), record.getMessage()


def test_repeats_are_counted_and_said_once_a_minute():
    clock = Clock()
    bounded = Bounded(clock)
    assert say(bounded, "gone: %s", 1) == (True, "gone: 1")
    assert not any(say(bounded, "gone: %s", number)[0] for number in range(412))
    assert bounded.summary() == "412 × “gone: %s”"
    assert bounded.summary() == ""
    clock.now += REPEAT_SECONDS
    assert say(bounded, "gone: %s", 5)[0]


def test_what_is_said_too_often_is_counted_although_it_was_never_said():
    bounded = Bounded(Clock())
    n_written = sum(say(bounded, "z" * number)[0] for number in range(200))
    assert bounded.summary() == f"{200 - n_written} × others of a"


def test_a_summary_names_a_few_messages_and_counts_the_others():
    bounded = Bounded(Clock())
    for word in "abcdefgh":
        for _ in range(3):
            say(bounded, word)
    assert bounded.summary().count("2 × “") == 5
    for word in "abcdefgh":
        say(bounded, word)
    assert bounded.summary().endswith("; 3 × something else")


def test_an_attempt_to_connect_that_is_given_up_is_not_told_again_as_a_traceback():
    given_up, failed = asyncio.CancelledError(), RuntimeError()
    assert not say(Bounded(Clock()), "", name="distributed.client", error=given_up)[0]
    assert say(Bounded(Clock()), "", name="distributed.client", error=failed)[0]
    assert say(Bounded(Clock()), "", name="dashboard", error=given_up)[0]


def test_a_message_and_a_traceback_of_any_length_are_shortened():
    text = say(Bounded(Clock()), "page %s", "x" * 1_000_000)[1]
    assert text.startswith("page xxx")
    assert len(text) == MAX_LOGGED + 2
    try:
        raise ValueError("y" * 1_000_000)
    except ValueError as error:
        record = logging.LogRecord(
            "b", logging.ERROR, "", 1, "", (), (ValueError, error, error.__traceback__)
        )
    assert Bounded(Clock()).filter(record)
    assert len(logging.Formatter().format(record)) < 2 * MAX_LOGGED + 10


def test_what_python_itself_would_print_of_a_thread_goes_into_the_log(caplog):
    with log.bounded():
        failing = threading.Thread(target=lambda: 1 / 0)
        failing.start()
        failing.join()
    assert caplog.records[-1].exc_info[0] is ZeroDivisionError
    assert threading.excepthook is not log._log_uncaught


def test_numbers_in_a_message_make_it_no_other_one():
    bounded = Bounded(Clock())
    assert sum(say(bounded, f"session {number} at 0x{number:x}")[0] for number in range(1000)) == 1


def test_different_failures_are_all_written():
    bounded, n_written = Bounded(Clock()), 0
    for kind in (ValueError, KeyError):
        try:
            raise kind("it")
        except (ValueError, KeyError) as error:
            n_written += say(bounded, "A page failed", error=error)[0]
    assert n_written == 2


def test_what_floods_the_log_with_ever_new_words_is_cut_and_others_are_heard():
    clock = Clock()
    bounded = Bounded(clock)
    words = [f"{a}{b}" for a in "abcdefghijklmnop" for b in "ghijklmnopqrstuv"]
    assert sum(say(bounded, word)[0] for word in words) == MAX_LOG_BURST
    assert say(bounded, "a page failed", name="another")[0]
    clock.now += 1
    assert sum(say(bounded, f"z{word}")[0] for word in words) == 2


def test_the_log_is_bounded_only_while_the_server_runs():
    logger, named = logging.getLogger("of.a.test"), logging.getLogger
    with log.bounded():
        assert logger.filters
        assert named("of.a.test.that.begins.later").filters
    assert not logger.filters
    assert not named("of.a.test.that.begins.later").filters
