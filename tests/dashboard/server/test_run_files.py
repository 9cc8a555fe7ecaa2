import gzip

import pytest
from asking import ask
from starlette.responses import PlainTextResponse

from dashboard.server.run_files import FILMS, NETWORKS, RunFiles
from dashboard.session import films, resources
from mnist_core.config import DEFAULT
from mnist_core.training.record import RunRecord

FILM = gzip.compress(b"moments" * 100)


@pytest.fixture
def app():
    return RunFiles(PlainTextResponse("a page"), FILMS, lambda name: {"run-1-aa": FILM}.get(name, b""))


def path_of(name):
    return f"/{FILMS.address(name)}"


def test_a_film_is_answered_as_it_is_kept_and_may_be_kept_by_the_browser(app):
    status, headers, body = ask(app, path_of("run-1-aa"), accept_encoding="gzip, br")
    assert (status, body) == (200, FILM)
    assert headers["content-encoding"] == "gzip"
    assert headers["content-length"] == str(len(FILM))
    assert "immutable" in headers["cache-control"]
    assert "content-security-policy" in headers


def test_who_takes_no_gzip_gets_it_unpacked(app):
    _, headers, body = ask(app, path_of("run-1-aa"), accept_encoding="identity")
    assert "content-encoding" not in headers
    assert body == gzip.decompress(FILM)


@pytest.mark.parametrize("name", ["run-2-aa", "", "../../etc/passwd", "x" * 5000])
def test_a_film_that_is_not_there_is_said_in_a_sentence(app, name):
    status, _, body = ask(app, path_of(name))
    assert status == 404
    assert b"Train the network again" in body


def test_a_network_to_take_home_is_a_page_with_a_policy_of_its_own():
    app = RunFiles(PlainTextResponse("a page"), NETWORKS, lambda _: gzip.compress(b"<!doctype html>"))
    status, headers, body = ask(app, f"/{NETWORKS.address('run-1-aa.html')}", accept_encoding="identity")
    assert (status, body) == (200, b"<!doctype html>")
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["content-security-policy"].startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_all_else_is_answered_by_what_comes_after(app):
    assert ask(app, "/train")[2] == b"a page"


def test_a_film_is_found_by_its_name_as_long_as_its_contents_are_those(monkeypatch, sample):
    record = RunRecord.untrained(DEFAULT, sample)
    records = {"job-7": RunRecord(**{**vars(record), "film": FILM})}
    engine = type("Engine", (), {"record": staticmethod(records.get)})
    monkeypatch.setattr("dashboard.session.resources.engine", lambda: engine)
    name = f"film-job-7-{films._digest(FILM)}"
    assert films.find(name) == FILM
    assert films.find("film-job-7-0000000000000000") == b""
    assert films.find("film-job-8-" + name[11:]) == b""
    assert films.find("") == b""
    assert resources.engine() is engine
