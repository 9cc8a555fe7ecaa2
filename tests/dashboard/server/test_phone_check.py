"""A phone that opens the address of a check is counted, and nothing else is, nor kept."""

import pytest
from asking import ask
from starlette.responses import PlainTextResponse

from dashboard.server.phone_check import FOLDER, PhoneCheck, PhoneChecks, checks
from mnist_core.bounds import MAX_PHONE_CHECKS, MAX_PHONES_SEEN, PHONE_CHECK_SECONDS


@pytest.fixture
def app():
    """What answers checks, before all other pages."""
    return PhoneCheck(PlainTextResponse("a page"))


def test_a_phone_is_counted_and_told_so_without_a_cookie(app):
    name = checks().open()
    for _ in range(2):
        status, headers, body = ask(app, f"/{FOLDER}/{name}")
    assert checks().n_seen(name) == 2
    assert (status, headers["cache-control"]) == (200, "no-store")
    assert b"Your phone is here" in body
    assert b'href="/"' in body
    assert "frame-ancestors" in headers["content-security-policy"]
    assert "set-cookie" not in headers


@pytest.mark.parametrize("name", ["", "0" * 16, "x" * 16, "<script>", "a" * 10_000, "../../app.py"])
def test_what_is_no_check_is_told_so_and_counted_nowhere(app, name):
    before = dict(checks()._seen)
    status, _, body = ask(app, f"/{FOLDER}/{name}")
    assert status == 404
    assert b"<script" not in body
    assert dict(checks()._seen) == before


def test_other_requests_are_handed_on(app):
    assert ask(app, "/phones")[2] == b"a page"


def test_checks_are_bounded_in_number_time_and_count():
    now = [0.0]
    kept = PhoneChecks(lambda: now[0])
    name = kept.open()
    for _ in range(MAX_PHONES_SEEN + 1):
        assert kept.note(name)
    assert kept.n_seen(name) == MAX_PHONES_SEEN
    now[0] = PHONE_CHECK_SECONDS + 1
    assert kept.n_seen(name) is None
    assert not kept.note(name)
    names = [kept.open() for _ in range(MAX_PHONE_CHECKS + 1)]
    assert kept.n_seen(names[0]) is None
    assert kept.n_seen(names[-1]) == 0
