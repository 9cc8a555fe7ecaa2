"""A hall on two dashboards: visitors spread over both, a worker and a dashboard killed, and nothing lost."""

import asyncio
import shutil
from collections import defaultdict

import pytest
from missing import end_test
from scaling import Hall
from waiting import until

from benchmarks.following import Client

pytestmark = pytest.mark.load
LESSON = "neurons"
LONG = "epochs=30&batch=1&images=2500"


@pytest.fixture(scope="module")
def hall(tmp_path_factory):
    if shutil.which("nginx") is None:
        end_test("no nginx on this machine: several servers were not tried")
    folder = tmp_path_factory.mktemp("hall")
    started = Hall(folder)
    yield started
    started.close()


def replica(headers):
    """The cookie that names a dashboard, of those that an answer sets; "" if it sets none."""
    given = [cookie.partition(";")[0] for cookie in headers.get_all("Set-Cookie", [])]
    return next((cookie for cookie in given if cookie.startswith("mlp_replica=")), "")


@pytest.fixture(scope="module")
def cookies(hall):
    """Three visitors' cookies for each dashboard, as nginx gave them to visitors who all have one address."""
    found = defaultdict(list)
    for _ in range(200):
        if len(found) == 2 and all(len(one) >= 3 for one in found.values()):
            break
        cookie = replica(hall.get()[1])
        found[cookie].append(cookie)
    assert set(found) == {"mlp_replica=1", "mlp_replica=2"}
    return ["mlp_replica=1"] * 3 + ["mlp_replica=2"] * 3


def test_a_visitor_stays_where_the_cookie_says_and_nothing_else_can_be_said(hall, cookies):
    for cookie in set(cookies):
        assert not replica(hall.get(cookie=cookie)[1])
    for forged in ("mlp_replica=3", "mlp_replica=127.0.0.1:22", "mlp_replica=../1", "mlp_replica="):
        status, headers = hall.get(cookie=forged)
        assert status == 200
        assert replica(headers) in set(cookies)
    assert "HttpOnly" in hall.get()[1]["Set-Cookie"]
    assert hall.get()[1].get_all("X-Content-Type-Options") == ["nosniff"]


def test_a_worker_and_a_dashboard_are_killed_and_nobody_loses_a_run_or_an_answer(hall, cookies):
    asyncio.run(asyncio.wait_for(_lecture(hall, cookies), 240))
    assert "Traceback" not in hall.log("dashboard 1")


async def _lecture(hall, cookies):
    visitors = [Client(hall.port, "train", "a visitor", defaultdict(list), cookie) for cookie in cookies]
    host = Client(hall.port, "classroom", "the host", defaultdict(list), cookies[0])
    expected = [f"{3 + number % 3} hidden neurons" for number in range(6)]
    await asyncio.gather(*(_train(visitors[number], 3 + number) for number in range(3)))
    await asyncio.to_thread(until, lambda: len(hall.records()) == 4, 20)  # with the classic network
    await asyncio.gather(*(_train(visitors[number], number) for number in range(3, 6)))
    code = await _open_class(host, visitors)
    for number in (0, 1, 3, 4):  # two on each dashboard
        await _answer(visitors[number])
    await _lose_a_worker(hall, visitors[1], cookies[1])
    expected[1] = "9 hidden neurons"
    await _lose_a_dashboard(hall, visitors[3:])
    expected[5] = "10 hidden neurons"
    assert not any(f"Join class {code}" in visitor.buttons for visitor in visitors[3:])
    await _answer(visitors[2])
    await _answer(visitors[5])
    await _look_until(host, "**6 answers")
    await host.press("Close the poll")
    await host.press("Show the answer")
    for visitor, run in zip(visitors, expected, strict=True):
        await visitor.go("join")
        assert "**6 of 6 answers right" in visitor.seen
        assert "Your answer: **C" in visitor.seen
        await visitor.go("train")
        await _look_until(visitor, f"The run shown: {run}")
        await visitor.close()
    await host.close()
    await asyncio.to_thread(until, lambda: len(hall.records()) >= 6, 20)
    assert len(hall.records()) == 6  # the second dashboard found what the first one had trained


async def _train(visitor, units):
    await visitor.open(f"units={units}&epochs=1")
    await visitor.press("Train")
    await _look_until(visitor, "The run shown")


async def _open_class(host, visitors):
    """A class that all are in, and a question that it is asked."""
    await host.open()
    await host.press("Open a class")
    code, link = host.seen.split("# Class ")[1][:7], host.seen.split("join?class=")[1][:32]
    for visitor in visitors:
        await visitor.go("join", f"class={link}")
        await visitor.press(f"Join class {code}")
    await host.go(LESSON)
    await host.press("Ask the class")
    return code


async def _lose_a_worker(hall, visitor, cookie):
    """Kill the worker that trains for somebody: the other one does it again, to its end."""
    visitor.page = "train"
    await visitor.come_back(cookie, f"{LONG}&units=9")
    await visitor.press("Train")
    hall.kill(await asyncio.to_thread(hall.busy_worker))
    await _look_until(visitor, "The run shown: 9 hidden neurons")


async def _lose_a_dashboard(hall, visitors):
    """Kill the second dashboard, while it trains for one of its visitors: all come to the first one."""
    last = visitors[-1]
    last.page = "train"
    await last.come_back("mlp_replica=2", f"{LONG}&units=10")
    await last.press("Train")
    await asyncio.to_thread(until, lambda: hall.saved(last.visit, "unfinished"), 20)
    hall.kill("dashboard 2")
    status, headers = hall.get(cookie="mlp_replica=2")
    assert status == 200
    assert replica(headers) == "mlp_replica=1"
    for visitor in visitors:
        visitor.page = "join"
        await visitor.come_back("mlp_replica=2")  # a browser that has loaded nothing since


async def _answer(visitor):
    await visitor.go("join")
    await visitor.press("**C**")


async def _look_until(visitor, words, seconds=40):
    for _ in range(int(seconds / 0.3)):
        if words in visitor.seen:
            return
        await asyncio.sleep(0.3)
        await visitor.go(visitor.page)
    raise TimeoutError(f"{visitor.page} says nothing of {words!r}, but: {visitor.seen}")
