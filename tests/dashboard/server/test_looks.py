"""A page is not run for looks that would find no news; those that find some take turns."""

import asyncio

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from dashboard.server import looks, turns
from dashboard.server.looks import HEADER, Connection, LooksForNews
from dashboard.server.places import Place
from mnist_core.bounds import LOOKS_AT_ONCE


def message(fragment="news", is_clock=True):
    sent = BackMsg()
    sent.rerun_script.fragment_id = fragment
    sent.rerun_script.is_auto_rerun = is_clock
    return {"type": "websocket.receive", "bytes": sent.SerializeToString()}


LOOK, PRESS = message(), message(is_clock=False)
LEFT = {"type": "websocket.disconnect"}


class Phone:
    """What a browser sends, one by one, and the connection that passes it on."""

    def __init__(self, *messages):
        self.sent = asyncio.Queue()
        for each in messages:
            self.sent.put_nowait(each)
        self.connection = Connection(self.sent.get)
        self.state = "waiting"

    async def show(self):
        """The page draws what is there now."""
        self.connection.show("news", lambda: self.state, self.state)
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def own_turns():
    turns.turns.clear()
    yield
    turns.turns.clear()


@pytest.fixture
def now(monkeypatch):
    """The time of the turns, in a list of one, which goes on only by hand."""
    time = [100.0]
    monkeypatch.setattr(turns.time, "monotonic", lambda: time[0])
    return time


def run(scenario):
    asyncio.run(asyncio.wait_for(scenario(), 20))


def test_a_look_passes_only_when_the_page_would_show_something_else():
    async def scenario():
        phone = Phone(LOOK, LOOK, PRESS)
        await phone.show()
        assert await phone.connection.news() is PRESS
        phone.sent.put_nowait(LOOK)
        phone.state = "a poll"
        assert await phone.connection.news() is LOOK

    run(scenario)


@pytest.mark.parametrize(
    "other",
    [PRESS, LEFT, message("another part"), {"type": "websocket.receive", "bytes": b"\xff\xff"}],
    ids=["press", "left", "another part", "no message"],
)
def test_everything_else_passes(other):
    async def scenario():
        phone = Phone(other)
        await phone.show()
        assert await phone.connection.news() is other

    run(scenario)


def test_before_anything_is_shown_every_look_passes():
    async def scenario():
        assert await Phone(LOOK).connection.news() is LOOK

    run(scenario)


async def with_news(n):
    """As many phones that look at the same moment, and the tasks of those looks."""
    phones = [Phone(LOOK) for _ in range(n)]
    for phone in phones:
        await phone.show()
        phone.state = "a poll"
    tasks = [asyncio.create_task(phone.connection.news()) for phone in phones]
    await until_nothing_moves()
    return phones, tasks


async def until_nothing_moves():
    for _ in range(50):
        await asyncio.sleep(0)


def passed(tasks):
    return [number for number, task in enumerate(tasks) if task.done()]


def test_few_are_shown_news_at_once_and_the_next_when_a_page_is_drawn():
    async def scenario():
        phones, tasks = await with_news(LOOKS_AT_ONCE + 2)
        assert passed(tasks) == list(range(LOOKS_AT_ONCE))
        await phones[0].show()
        await until_nothing_moves()
        assert passed(tasks) == list(range(LOOKS_AT_ONCE + 1))
        phones[1].connection.close()  # this phone leaves before it has drawn anything
        await until_nothing_moves()
        assert len(passed(tasks)) == LOOKS_AT_ONCE + 2

    run(scenario)


def test_a_turn_of_a_page_that_never_says_it_is_drawn_ends_by_itself(monkeypatch):
    async def scenario():
        _, tasks = await with_news(LOOKS_AT_ONCE + 1)
        await tasks[-1]

    monkeypatch.setattr(looks, "TURN_SECONDS", 0.05)
    run(scenario)


def test_a_press_does_not_wait_for_the_turn_of_the_look_before_it():
    async def scenario():
        phones, tasks = await with_news(LOOKS_AT_ONCE + 1)
        phones[-1].sent.put_nowait(LOOK)  # its clock once more
        phones[-1].sent.put_nowait(PRESS)
        assert await tasks[-1] is PRESS

    run(scenario)


def test_who_leaves_while_waiting_takes_no_turn_along():
    async def scenario():
        phones, tasks = await with_news(LOOKS_AT_ONCE + 2)
        tasks[LOOKS_AT_ONCE].cancel()
        phones[LOOKS_AT_ONCE].connection.close()
        await phones[0].show()
        assert await tasks[-1] is LOOK
        for phone in phones:
            await phone.show()
        phones, tasks = await with_news(LOOKS_AT_ONCE)
        assert len(passed(tasks)) == LOOKS_AT_ONCE

    run(scenario)


def test_phones_wait_a_moment_when_their_lecturer_has_pressed_something(now, monkeypatch):
    async def scenario():
        lecturer = Phone(message("a clock of hers"), PRESS)
        lecturer.connection.has_priority = True
        await lecturer.connection.news()  # her page's own clock holds nobody up
        _, tasks = await with_news(1)
        assert passed(tasks) == [0]
        await lecturer.connection.news()
        _, tasks = await with_news(1)
        assert passed(tasks) == []
        now[0] += turns.PAUSE_SECONDS
        assert await tasks[0] is LOOK

    monkeypatch.setattr(turns, "PAUSE_SECONDS", 0.05)
    run(scenario)


def test_no_phone_runs_while_a_lecturers_page_is_drawn_and_at_most_for_so_long(now):
    async def scenario():
        lecturer = Phone(message("", is_clock=False), message("", is_clock=False))
        lecturer.connection.has_priority = True
        await lecturer.connection.news()
        _, tasks = await with_news(1)
        now[0] += turns.PAGE_SECONDS / 2
        await until_nothing_moves()
        assert passed(tasks) == []
        lecturer.connection.drawn(PLACE)
        await until_nothing_moves()
        now[0] += turns.PAUSE_SECONDS  # far less than what was left
        assert await tasks[0] is LOOK
        await lecturer.connection.news()
        _, tasks = await with_news(1)
        assert passed(tasks) == []
        now[0] += turns.PAGE_SECONDS
        assert await tasks[0] is LOOK

    run(scenario)


def test_a_page_knows_its_connection_by_a_header_that_no_client_can_give():
    given = []

    async def app(scope, receive, send):
        given.append(dict(scope["headers"])[HEADER.encode()])
        assert len(looks.connections()) == 1

    scope = {"type": "websocket", "headers": [(HEADER.encode(), b"stolen")]}
    middleware = LooksForNews(app)
    for _ in range(2):
        asyncio.run(middleware(scope, None, None))
    assert given == [b"1", b"2"]
    assert not looks.connections()


PLACE = Place("step=2", "a page", None)


def asked(message):
    """What a message asks Streamlit to run: the part, and the address."""
    rerun = BackMsg.FromString(message["bytes"]).rerun_script
    assert rerun.is_auto_rerun
    return rerun.fragment_id, rerun.query_string, rerun.page_script_hash


def subscribed(has_priority=True):
    phone = Phone()
    phone.connection.has_priority = has_priority
    phone.connection.subscribe("the lecture", "part", PLACE)
    return phone


def test_who_waits_for_a_topic_runs_at_once_when_somebody_notifies_from_another_thread():
    async def scenario():
        phones = [subscribed(), subscribed(), Phone()]
        looks.connections().update({f"{number}": phone.connection for number, phone in enumerate(phones)})
        tasks = [asyncio.create_task(phone.connection.news()) for phone in phones]
        await until_nothing_moves()
        assert passed(tasks) == []
        await asyncio.to_thread(looks.notify, "another lecture")
        await until_nothing_moves()
        assert passed(tasks) == []
        await asyncio.to_thread(looks.notify, "the lecture")
        assert [asked(await task) for task in tasks[:2]] == [("part", "step=2", "a page")] * 2
        tasks[2].cancel()

    run(scenario)


@pytest.fixture(autouse=True)
def own_connections():
    looks.connections.clear()
    yield
    looks.connections.clear()


def test_a_notice_that_comes_while_the_page_runs_is_not_lost_and_several_are_one():
    async def scenario():
        phone = subscribed()
        phone.connection.notify("the lecture")
        phone.connection.notify("the lecture")
        phone.connection.drawn(Place("step=3", "another page", None))
        assert asked(await phone.connection.news()) == ("part", "step=3", "another page")
        phone.sent.put_nowait(PRESS)
        assert await phone.connection.news() is PRESS

    run(scenario)


def test_a_press_comes_before_a_notice_that_waits_for_its_turn_and_the_notice_after_it():
    async def scenario():
        others, _ = await with_news(LOOKS_AT_ONCE)
        phone = subscribed(has_priority=False)
        phone.connection.notify("the lecture")
        task = asyncio.create_task(phone.connection.news())
        await until_nothing_moves()
        assert not task.done()
        phone.sent.put_nowait(PRESS)
        assert await task is PRESS
        others[0].connection.drawn(PLACE)
        assert asked(await phone.connection.news())[0] == "part"

    run(scenario)


def test_few_follow_at_once_and_the_next_when_a_page_is_drawn():
    async def scenario():
        phones = [subscribed(has_priority=False) for _ in range(LOOKS_AT_ONCE + 1)]
        tasks = [asyncio.create_task(phone.connection.news()) for phone in phones]
        for phone in phones:
            phone.connection.notify("the lecture")
        await until_nothing_moves()
        assert len(passed(tasks)) == LOOKS_AT_ONCE
        phones[passed(tasks)[0]].connection.drawn(PLACE)
        await until_nothing_moves()
        assert len(passed(tasks)) == LOOKS_AT_ONCE + 1

    run(scenario)


def test_a_page_may_ask_for_another_one_and_what_is_no_news_takes_no_turn_from_others():
    async def scenario():
        wanted = [None, PRESS]
        phones = [subscribed(has_priority=False) for _ in range(LOOKS_AT_ONCE + 2)]
        first, *others = phones
        first.connection.subscribe("the lecture", "part", PLACE, lambda *_: wanted.pop(0))
        task = asyncio.create_task(first.connection.news())
        first.connection.notify("the lecture")
        await until_nothing_moves()
        assert wanted == [PRESS]
        assert not task.done()
        first.connection.notify("the lecture")
        assert await task is PRESS
        tasks = [asyncio.create_task(phone.connection.news()) for phone in others]
        for phone in others:
            phone.connection.notify("the lecture")
        await until_nothing_moves()
        assert len(passed(tasks)) == LOOKS_AT_ONCE - 1  # one has the page that was asked for
        for task in tasks:
            task.cancel()

    run(scenario)


def test_what_is_asked_for_after_a_wait_is_what_is_news_then():
    async def scenario():
        others, _ = await with_news(LOOKS_AT_ONCE)
        phone, pages = subscribed(has_priority=False), ["first"]
        place = Place("embed=true&units=8", "a page", None, {"first": "1", "second": "2"})
        ask = lambda place, _: place.ask_for_page(pages[-1], {"part": "Runs"})  # noqa: E731
        phone.connection.subscribe("the lecture", "part", place, ask)
        phone.connection.notify("the lecture")
        task = asyncio.create_task(phone.connection.news())
        await until_nothing_moves()
        pages.append("second")
        phone.connection.notify("the lecture")
        others[0].connection.drawn(PLACE)
        asked_for = BackMsg.FromString((await task)["bytes"]).rerun_script
        assert (asked_for.page_script_hash, asked_for.query_string) == ("2", "embed=true&part=Runs")
        assert not asked_for.fragment_id
        phone.sent.put_nowait(PRESS)
        assert await phone.connection.news() is PRESS, "both notices were about the same"

    run(scenario)


def test_a_page_that_was_broken_off_by_the_next_one_does_not_end_the_turn_of_that():
    async def scenario():
        phones = [subscribed(has_priority=False) for _ in range(LOOKS_AT_ONCE + 1)]
        first, *others = phones
        first.connection.notify("the lecture")
        await first.connection.news()
        broken_off = first.connection.turn
        first.connection.notify("the lecture")
        await first.connection.news()
        tasks = [asyncio.create_task(phone.connection.news()) for phone in others]
        for phone in others:
            phone.connection.notify("the lecture")
        first.connection.drawn(PLACE, broken_off)
        await until_nothing_moves()
        assert len(passed(tasks)) == LOOKS_AT_ONCE - 1
        first.connection.drawn(PLACE, first.connection.turn)
        await until_nothing_moves()
        assert len(passed(tasks)) == LOOKS_AT_ONCE

    run(scenario)
