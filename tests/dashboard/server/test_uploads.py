"""Uploads that are slow, silent, too many or too large: the middleware alone, with a clock of its own."""

import asyncio
import selectors

import pytest

from dashboard.server.uploads import UploadLimits
from dashboard.server.visitors import COOKIE
from mnist_core import bounds


class _Leap(selectors.DefaultSelector):
    """Waits for nothing: its loop's clock goes on by as much as it was to wait."""

    def __init__(self):
        super().__init__()
        self.now = 0.0

    def select(self, timeout=None):
        assert timeout is not None, "everything waits, and nothing would ever come"
        self.now += timeout
        return super().select(0)


class _FakeTime(asyncio.SelectorEventLoop):
    """An event loop with a clock that a test need not wait for."""

    def __init__(self):
        self._leap = _Leap()
        super().__init__(self._leap)

    def time(self):
        return self._leap.now


def run(scene):
    """Run a coroutine by the fake clock; what it returns."""
    with asyncio.Runner(loop_factory=_FakeTime) as runner:
        return runner.run(scene)


class Server:
    """What stands behind the middleware: it keeps the files that arrive whole."""

    def __init__(self):
        self.files, self.closed = {}, set()
        self.limits = UploadLimits(self._keep, lambda session: session not in self.closed, self._kept)

    def _kept(self, session):
        return len(self.files.get(session, [])), sum(sum(sizes) for sizes in self.files.values())

    async def _keep(self, scope, receive, send):
        n_bytes, is_more = 0, True
        while is_more:
            message = await receive()
            n_bytes += len(message["body"])
            is_more = message["more_body"]
        self.files.setdefault(scope["path"].split("/")[-2], []).append(n_bytes)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def upload(self, session, parts, is_whole=True, cookie=""):
        """Send (seconds to wait, bytes) and, if it is whole, the end: status, sentence, seconds it took."""
        loop, said = asyncio.get_running_loop(), {"words": ""}
        began, coming = loop.time(), iter(parts)

        async def receive():
            part = next(coming, None)
            if part is None and not is_whole:
                await asyncio.Event().wait()
            seconds, body = part or (0, b"")
            await asyncio.sleep(seconds)
            return {"type": "http.request", "body": body, "more_body": part is not None}

        async def send(message):
            said["status"] = message.get("status", said.get("status"))
            said["words"] += message.get("body", b"").decode()

        scope = {
            "type": "http",
            "method": "PUT",
            "path": f"/mlp/_stcore/upload_file/{session}/1",
            "headers": [(b"cookie", cookie.encode())] if cookie else [],
        }
        await self.limits(scope, receive, send)
        return said["status"], said["words"], loop.time() - began

    def silent(self, session, cookie=""):
        """An upload that has begun and sends nothing."""
        return asyncio.ensure_future(self.upload(session, [], False, cookie))


@pytest.fixture
def server():
    return Server()


PHOTOGRAPH = [(1, bytes(500_000))] * 10


def test_forty_uploads_that_send_nothing_refuse_nobody_and_end_after_twenty_seconds(server):
    async def scene():
        silent = [server.silent(f"stranger {n // 2}") for n in range(40)]
        await asyncio.sleep(0)
        photograph = await server.upload("phone", PHOTOGRAPH)
        return photograph, await asyncio.gather(*silent)

    photograph, silent = run(scene())
    assert photograph[0] == 204
    assert {(status, seconds) for status, _, seconds in silent} == {(408, bounds.MAX_UPLOAD_SILENCE)}
    assert all("Nothing of this file came for 20 seconds" in words for _, words, _ in silent)


def test_a_slow_upload_is_taken_as_long_as_something_comes(server):
    status, _, seconds = run(server.upload("phone", [(17, b"x")] * 10))
    assert (status, seconds) == (204, 170)


def test_an_upload_that_drips_for_three_minutes_ends(server):
    status, words, seconds = run(server.upload("drip", [(19, b"x")] * 100))
    assert (status, seconds) == (408, 180)
    assert "within 180 seconds" in words


def test_a_session_has_two_uploads_at_once_and_another_when_one_has_ended(server):
    async def scene():
        pending = [server.silent("one"), server.silent("one")]
        await asyncio.sleep(0)
        third, other = await server.upload("one", PHOTOGRAPH), await server.upload("other", PHOTOGRAPH)
        await asyncio.gather(*pending)
        return third, other, await server.upload("one", PHOTOGRAPH)

    third, other, later = run(scene())
    assert third[0] == 429
    assert "2 of your files are still arriving" in third[1]
    assert (other[0], later[0]) == (204, 204)


def cookie_of(letter):
    """The cookies of a browser whose name is one letter, repeated."""
    return f"_streamlit_xsrf=anything; {COOKIE}={letter * 32}"


def test_the_tabs_of_one_browser_have_two_uploads_at_once_and_another_browser_has_its_own(server):
    async def scene():
        mine, theirs = cookie_of("a"), cookie_of("b")
        pending = [server.silent("first tab", mine), server.silent("second tab", mine)]
        await asyncio.sleep(0)
        third = [await server.upload(tab, PHOTOGRAPH, cookie=mine) for tab in ("first tab", "third tab")]
        other = await server.upload("another tab", PHOTOGRAPH, cookie=theirs)
        await asyncio.gather(*pending)
        return third, other, await server.upload("third tab", PHOTOGRAPH, cookie=mine)

    third, other, later = run(scene())
    assert {(status, seconds) for status, _, seconds in third} == {(429, 0)}
    assert all("2 of your files are still arriving" in words for _, words, _ in third)
    assert (other[0], later[0]) == (204, 204)


@pytest.mark.parametrize("cookie", ["", f"{COOKIE}=none of ours"])
def test_tabs_without_a_name_of_their_browser_are_counted_one_by_one(server, cookie):
    async def scene():
        pending = [server.silent("one", cookie), server.silent("one", cookie)]
        await asyncio.sleep(0)
        answers = [await server.upload(tab, PHOTOGRAPH, cookie=cookie) for tab in ("one", "other")]
        await asyncio.gather(*pending)
        return [status for status, _, _ in answers]

    assert run(scene()) == [429, 204]


def test_another_cookie_with_each_upload_gives_a_session_no_more_of_them(server):
    async def scene():
        pending = [server.silent("one", cookie_of(letter)) for letter in "ab"]
        await asyncio.sleep(0)
        third = await server.upload("one", PHOTOGRAPH, cookie=cookie_of("c"))
        await asyncio.gather(*pending)
        return third[0]

    assert run(scene()) == 429


def test_an_upload_whose_session_has_closed_ends(server):
    async def scene():
        silent = server.silent("gone")
        sending = asyncio.ensure_future(server.upload("gone", [(3, b"x")] * 50))
        await asyncio.sleep(7)
        server.closed.add("gone")
        return await asyncio.gather(silent, sending)

    for status, words, seconds in run(scene()):
        assert status == 400
        assert "has been closed" in words
        assert seconds <= 10
    assert server.files == {}


def test_what_is_arriving_counts_by_the_bytes_that_have_come(server, monkeypatch):
    monkeypatch.setattr(bounds, "MAX_UPLOADED_BYTES", 12_000_000)

    async def scene():
        return await asyncio.gather(*(server.upload(f"phone {n}", PHOTOGRAPH) for n in range(4)))

    answers = run(scene())
    statuses = [status for status, _, _ in answers]
    assert statuses.count(204) == 2
    assert all("no room for another uploaded file" in words for status, words, _ in answers if status == 413)
    assert run(server.upload("last", [(0, bytes(1_500_000))]))[0] == 204  # what was refused takes no room


def test_a_session_that_keeps_eight_files_gets_no_more(server):
    async def scene():
        return [(await server.upload("one", [(0, b"x")]))[0] for _ in range(10)]

    assert run(scene()) == [204] * 8 + [413] * 2
