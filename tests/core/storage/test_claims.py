"""Who trains what: claims of several servers in one folder."""

import json
import os
import threading
import time

import pytest

from mnist_core.storage import claims as module
from mnist_core.storage.claims import Claims

KEY = "0123456789abcdef"


@pytest.fixture
def servers(tmp_path):
    return Claims(tmp_path / "claims"), Claims(tmp_path / "claims")


def test_the_second_hears_of_the_first_until_that_is_done(servers):
    first, second = servers
    assert first.take(KEY, "a") == "a"
    assert second.take(KEY, "b") == "a"
    assert second.holder(KEY) == "a"
    assert first.holder(KEY) == "", "of another server"
    second.release(KEY)  # which has none
    assert second.holder(KEY) == "a"
    first.release(KEY)
    assert second.take(KEY, "b") == "b"


def test_who_claims_anew_what_is_its_own_already_gets_it(servers):
    first, second = servers
    first.take(KEY, "a")
    assert first.take(KEY, "c") == "c"
    assert second.holder(KEY) == "c"


def test_of_many_who_claim_at_once_one_gets_it(tmp_path):
    servers = [Claims(tmp_path / "claims") for _ in range(8)]
    start, jobs = threading.Barrier(8), []

    def take(number, server):
        start.wait()
        if server.take(KEY, str(number)) == str(number):
            jobs.append(number)

    threads = [threading.Thread(target=take, args=each) for each in enumerate(servers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(jobs) == 1


def test_a_claim_that_nobody_touches_counts_for_nothing(servers, tmp_path):
    first, second = servers
    first.take(KEY, "a")
    old = time.time() - module.STALE_SECONDS - 5
    os.utime(tmp_path / "claims" / KEY, (old, old))
    assert second.holder(KEY) == ""
    first.refresh()
    assert second.holder(KEY) == "a"
    os.utime(tmp_path / "claims" / KEY, (old, old))
    assert second.take(KEY, "b") == "b"


def test_a_server_of_this_machine_that_has_ended_holds_nothing(servers, tmp_path, monkeypatch):
    first, second = servers
    first.take(KEY, "a")
    monkeypatch.setattr("psutil.pid_exists", lambda number: number != os.getpid())
    assert second.take(KEY, "b") == "b"


@pytest.mark.parametrize("content", ["", "rubbish", "[]", json.dumps({"host": "h"})])
def test_what_is_no_claim_counts_for_nothing(servers, tmp_path, content):
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / KEY).write_text(content)
    assert servers[1].take(KEY, "b") in {"b"}


def test_all_are_released_at_the_end_and_what_was_forgotten_goes(servers, tmp_path):
    first, second = servers
    first.take(KEY, "a")
    first.close()
    assert second.holder(KEY) == ""
    first.take(KEY, "a")
    old = time.time() - module.FORGOTTEN_SECONDS - 5
    os.utime(tmp_path / "claims" / KEY, (old, old))
    second.refresh()
    assert not list((tmp_path / "claims").iterdir())


def test_where_the_folder_fails_everybody_trains(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    claims = Claims(tmp_path / "file")
    assert claims.take(KEY, "a") == "a"
    assert "may be done by several servers" in caplog.text
    claims.refresh()
    claims.release(KEY)
