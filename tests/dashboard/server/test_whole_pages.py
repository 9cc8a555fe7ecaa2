"""What asks for a part of a page waits until the browser knows that the whole page is drawn."""

import asyncio

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dashboard.server import whole_pages
from dashboard.server.whole_pages import PageRuns, WholePagesFirst


def asks(fragment="", is_clock=False):
    sent = BackMsg()
    sent.rerun_script.fragment_id = fragment
    sent.rerun_script.is_auto_rerun = is_clock
    return {"type": "websocket.receive", "bytes": sent.SerializeToString()}


def told(**what):
    return {"type": "websocket.send", "bytes": ForwardMsg(**what).SerializeToString()}


def begins(*fragments):
    message = ForwardMsg()
    message.metadata.run.fragment_ids.extend(fragments)
    message.new_session.page_script_hash = "1"
    return {"type": "websocket.send", "bytes": message.SerializeToString()}


PAGE, OTHER_PAGE, PART, OTHER_PART, TICK = (
    asks(),
    asks(),
    asks("part"),
    asks("other part"),
    asks("part", is_clock=True),
)
LEFT = {"type": "websocket.disconnect"}
EARLY, DRAWN, PART_DRAWN = (
    told(script_finished=end)
    for end in (
        ForwardMsg.FINISHED_EARLY_FOR_RERUN,
        ForwardMsg.FINISHED_SUCCESSFULLY,
        ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
    )
)


class Browser:
    """What a browser sends, one by one, and what is let through of it."""

    def __init__(self, *messages):
        self.sent = asyncio.Queue()
        for each in messages:
            self.sent.put_nowait(each)
        self.runs = PageRuns(self.sent.get)

    async def passed(self, n):
        """The next n messages that Streamlit sees."""
        return [await self.runs.next() for _ in range(n)]

    async def nothing_passes(self):
        """Whether no message comes, however long one waits; the task that waits for the next."""
        task = asyncio.create_task(self.runs.next())
        for _ in range(20):
            await asyncio.sleep(0)
        assert not task.done()
        return task


def run(scenario):
    asyncio.run(asyncio.wait_for(scenario(), 20))


@pytest.mark.parametrize("end", [DRAWN, PART_DRAWN], ids=["its end", "the end of a part that ran before"])
def test_parts_wait_for_the_end_of_the_page_in_their_order(end):
    async def scenario():
        browser = Browser(PAGE, PART, OTHER_PART)
        assert await browser.passed(1) == [PAGE]
        task = await browser.nothing_passes()
        for no_end in (EARLY, told(ref_hash="a"), told(ref_hash="long" * 10_000)):
            browser.runs.told(no_end)
        await asyncio.sleep(0)
        assert not task.done()
        browser.runs.told(end)
        assert await task is PART
        assert await browser.passed(1) == [OTHER_PART]

    run(scenario)


def test_parts_wait_also_for_a_page_that_runs_again_by_itself():
    async def scenario():
        browser = Browser(PART)
        browser.runs.told(begins())
        task = await browser.nothing_passes()
        browser.runs.told(DRAWN)
        assert await task is PART

    run(scenario)


def test_a_part_that_runs_lets_other_parts_through():
    async def scenario():
        browser = Browser(PART, PART)
        browser.runs.told(begins("part"))
        assert await browser.passed(2) == [PART, PART]

    run(scenario)


def test_another_page_does_not_wait_and_what_was_pressed_before_comes_before_it():
    async def scenario():
        browser = Browser(PAGE, OTHER_PAGE)
        assert await browser.passed(2) == [PAGE, OTHER_PAGE]
        browser = Browser(PAGE, PART, OTHER_PAGE, OTHER_PART)
        passed = await browser.passed(3)
        assert [
            message is expected for message, expected in zip(passed, [PAGE, PART, OTHER_PAGE], strict=True)
        ]
        await browser.nothing_passes()

    run(scenario)


def test_what_a_clock_asks_while_the_page_is_drawn_is_let_go():
    async def scenario():
        browser = Browser(PAGE, TICK, PART)
        await browser.passed(1)
        browser.runs.told(DRAWN)
        assert await browser.passed(1) == [TICK]
        browser = Browser(PAGE, TICK, PART)
        await browser.passed(1)
        task = await browser.nothing_passes()
        browser.runs.told(DRAWN)
        assert await task is PART

    run(scenario)


def test_what_is_no_run_does_not_wait():
    async def scenario():
        broken = {"type": "websocket.receive", "bytes": b"\xff\xff"}
        browser = Browser(PAGE, PART, broken, LEFT)
        assert await browser.passed(3) == [PAGE, broken, LEFT]

    run(scenario)


def test_a_page_of_whose_end_nobody_hears_counts_as_drawn_after_a_while(monkeypatch):
    monkeypatch.setattr(whole_pages, "PATIENCE_SECONDS", 0.01)

    async def scenario():
        assert await Browser(PAGE, PART).passed(2) == [PAGE, PART]

    run(scenario)


def test_each_connection_has_its_own_page_and_nothing_runs_on_after_it():
    async def scenario():
        seen, sent = [], []

        async def app(scope, receive, send):
            seen.append(await receive())
            await send(DRAWN)
            seen.append(await receive())

        async def send(message):
            sent.append(message)

        messages = asyncio.Queue()
        for each in (PAGE, PART):
            messages.put_nowait(each)
        tasks = asyncio.all_tasks()
        await WholePagesFirst(app)({"type": "websocket"}, messages.get, send)
        await asyncio.sleep(0)
        assert seen == [PAGE, PART]
        assert sent == [DRAWN]
        assert asyncio.all_tasks() == tasks

    run(scenario)
