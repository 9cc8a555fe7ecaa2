"""Whatever message of Streamlit's protocol a stranger sends, nothing that belongs to others is lost."""

import asyncio
from collections import defaultdict
from contextlib import suppress

import pytest
from hostile import Client
from streamlit.proto.BackMsg_pb2 import BackMsg

from benchmarks import following
from benchmarks.classroom import LESSON
from benchmarks.storm.phones import open_class

LECTURER = "7e" * 16
UNSENT = tuple(field.name for field in BackMsg.DESCRIPTOR.fields if field.name != "rerun_script")
"""All messages but the one by which every page is asked for."""


def message(name):
    """One that a page of ours never sends, filled with what a stranger might put there."""
    filled = BackMsg()
    field = BackMsg.DESCRIPTOR.fields_by_name[name]
    if field.message_type is None:
        setattr(filled, name, True)
    else:
        getattr(filled, name).SetInParent()
    return filled.SerializeToString()


@pytest.fixture(scope="module")
def address(strangers_address):
    return strangers_address


@pytest.fixture(scope="module")
def lecturer(address):
    """Who has a class open and a training under way."""
    client = Client(address, name=LECTURER)
    client.train("units=256&layers=3&units2=256&units3=256&epochs=30&batch=1")  # first: a visit has one link
    classroom = client.ask("classroom")
    client.press("classroom", classroom.buttons["Open a class"])
    yield client
    client.close()
    again = Client(address, name=LECTURER)
    for button in [id for label, id in again.ask("train").buttons.items() if label == "Pause"]:
        again.press("train", button)  # or it ends by itself when nobody has waited for it for two minutes
    again.close()


def test_a_phone_in_a_class_is_sent_nothing_until_there_is_news(address):
    async def scenario():
        looks = defaultdict(list)
        port = int(address.rpartition(":")[2])
        host, code = await open_class(port, {})
        phone = following.Client(port, "join", "phone", looks)
        await phone.open(f"class={host.seen.split('join?class=')[1][:32]}")
        await phone.press(f"Join class {code}")
        follows = asyncio.create_task(phone.follow(asyncio.Event()))
        await asyncio.sleep(2.5)  # its clock has asked once, and no answer can be waited for
        assert not looks["phone looks again"]
        await host.go(LESSON)
        await host.press("Ask the class")
        await phone.wait_for("**C** ·")
        follows.cancel()  # it would wait for its next look
        with suppress(asyncio.CancelledError):
            await follows
        for client in (host, phone):
            await client.close()

    asyncio.run(asyncio.wait_for(scenario(), 60))


def test_a_member_who_presses_the_lecturers_buttons_changes_nothing(address, lecturer):
    member = Client(address, name="2" * 32)
    code = next(text for text in lecturer.ask("classroom").texts if text.startswith("# Class "))
    lessons = ("classroom", "challenges", "activations", "loss")
    buttons = {page: lecturer.ask(page).buttons for page in lessons}
    assert "End it and forget everything" in buttons["classroom"]
    assert any(label.startswith("Ask the class") for label in buttons["loss"])
    for page, by_label in buttons.items():
        for button in by_label.values():
            answer = member.press(page, button)
            assert answer.is_finished
            assert not answer.exceptions
    after = lecturer.ask("classroom").texts
    assert code in after
    assert any("0 have joined" in text for text in after)
    for page in lessons[2:]:
        assert lecturer.ask(page).buttons.keys() == buttons[page].keys()  # nothing is asked, nothing shown
    member.close()


@pytest.mark.parametrize("name", UNSENT)
def test_a_message_that_no_page_sends_takes_nothing_from_others(address, lecturer, name):
    before = [text for text in lecturer.ask("classroom").texts if text.startswith("# Class ")]
    assert before
    stranger = Client(address)
    stranger.ask("train")
    stranger.say(message(name))
    other = Client(address)
    assert other.ask("glossary").is_finished
    again = Client(address, name=LECTURER)
    assert [text for text in again.ask("classroom").texts if text.startswith("# Class ")] == before
    train = again.ask("train")
    assert not train.exceptions
    assert "Pause" in train.buttons or any("256 + 256 + 256" in text for text in train.texts)
    for client in (stranger, other, again):
        client.close()
