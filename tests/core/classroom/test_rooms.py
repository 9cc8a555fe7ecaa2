"""Rooms, polls and walls, with a clock that the tests move."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from classes import ASKED, IMAGE, OTHER

from mnist_core.bounds import (
    HOST_AWAY_SECONDS,
    MAX_ANSWERS,
    MAX_DRAWINGS,
    MAX_MEMBERS,
    MAX_POLLS,
    MAX_REMOVED,
    MAX_ROOMS,
    MAX_WRONG_TRIES,
    POLL_SECONDS,
    ROOM_SECONDS,
    TRY_SECONDS,
)
from mnist_core.classroom.members import RoomError
from mnist_core.classroom.polls import PollError, PollQuestion, Polls
from mnist_core.classroom.room import Room
from mnist_core.classroom.rooms import LETTERS, Classrooms, random_code
from mnist_core.classroom.walls import Wall, WallError


@pytest.fixture
def polls(clock):
    return Polls(clock)


def test_one_member_has_one_answer_the_last_one_given(polls):
    poll = polls.open(ASKED)
    for member, choice in (("a", 0), ("b", 1), ("a", 1), ("a", 1), ("c", 0)):
        polls.answer(poll.number, member, choice)
    seen = polls.latest("a")
    assert (seen.counts, seen.n_answers, seen.n_right, seen.own) == ((1, 2), 3, 2, 1)
    assert polls.latest("stranger").own is None


def test_an_answer_after_the_truth_was_seen_cannot_be_changed(polls):
    poll = polls.open(ASKED)
    polls.answer(poll.number, "a", 0, is_final=True)
    assert polls.latest("a").is_own_final
    with pytest.raises(PollError, match="stays as it was"):
        polls.answer(poll.number, "a", 1)
    assert polls.latest().counts == (1, 0)


def test_a_poll_closes_by_itself_and_takes_nothing_later(polls, clock):
    poll = polls.open(ASKED)
    clock.now += POLL_SECONDS - 0.1
    assert polls.latest().seconds_left == pytest.approx(0.1)
    polls.answer(poll.number, "a", 0)
    clock.now += 0.1
    assert not polls.latest().is_open
    with pytest.raises(PollError, match="too late"):
        polls.answer(poll.number, "b", 0)
    assert polls.latest().counts == (1, 0)
    assert not polls.latest().is_revealed


def test_another_poll_closes_the_one_before_and_an_answer_never_lands_in_the_wrong_one(polls):
    first = polls.open(ASKED)
    polls.answer(first.number, "a", 0)
    second = polls.open(OTHER)
    with pytest.raises(PollError):
        polls.answer(first.number, "b", 1)
    polls.answer(second.number, "b", 1)
    assert not polls.find(ASKED.name).is_open
    assert polls.find(ASKED.name).counts == (1, 0)
    assert polls.latest().counts == (0, 1, 0)


def test_closing_twice_does_not_open_a_poll_again_and_revealing_closes_it(polls, clock):
    polls.open(ASKED)
    polls.close()
    clock.now += 1
    polls.close()
    assert not polls.latest().is_open
    polls.open(ASKED)
    polls.reveal(ASKED.name)
    assert (polls.latest().is_open, polls.latest().is_revealed) == (False, True)
    polls.reveal("a question that was never asked")


def test_asking_again_begins_at_nought(polls):
    first = polls.open(ASKED)
    polls.answer(first.number, "a", 0)
    again = polls.open(ASKED)
    assert (again.counts, again.is_open) == ((0, 0), True)
    assert polls.latest("a").own is None
    with pytest.raises(PollError):
        polls.answer(first.number, "a", 1)


@pytest.mark.parametrize("choice", [-1, 2])
def test_what_is_no_answer_is_refused(polls, choice):
    poll = polls.open(ASKED)
    with pytest.raises(PollError, match="none of the answers"):
        polls.answer(poll.number, "a", choice)


def test_polls_and_answers_are_bounded(polls):
    poll = polls.open(ASKED)
    for number in range(MAX_ANSWERS):
        polls.answer(poll.number, f"{number}", 0)
    with pytest.raises(PollError, match="no more are taken"):
        polls.answer(poll.number, "one more", 0)
    polls.answer(poll.number, "7", 1)  # who has answered may still change it
    for number in range(MAX_POLLS):
        polls.open(PollQuestion(f"{number}", "?", ("a", "b"), ("x", "y"), 0))
    assert polls.find(ASKED.name) is None


def test_a_question_needs_a_reason_for_each_answer_and_a_right_one():
    for answers, reasons, right in (
        (("a",), ("x",), 0),
        (("a", "b"), ("x",), 0),
        (("a", "b"), ("x", "y"), 2),
    ):
        with pytest.raises(ValueError, match="reasons"):
            PollQuestion("n", "?", answers, reasons, right)


def test_a_hundred_members_at_once_are_counted_exactly_once(clock):
    room = Room("name", "BDHJMN", "host", clock)
    poll = room.ask(ASKED)
    barrier = threading.Barrier(100)

    def answer(member):
        barrier.wait()
        room.members.admit(f"{member}")
        for choice in (0, 1, member % 2):
            room.polls.answer(poll.number, f"{member}", choice)

    with ThreadPoolExecutor(100) as threads:
        list(threads.map(answer, range(100)))
    assert room.n_members == 100
    assert room.polls.latest().counts == (50, 50)


def test_a_hundred_members_draw_ten_digits_evenly_and_none_is_lost():
    wall = Wall()
    wall.ask("each")
    barrier = threading.Barrier(100)

    def draw(member):
        barrier.wait()
        for _ in range(3):
            wall.add(f"{member}", wall.requested_digit(f"{member}"), IMAGE)

    with ThreadPoolExecutor(100) as threads:
        list(threads.map(draw, range(100)))
    view = wall.view()
    assert len(view.drawings) == 300
    assert len({drawing.number for drawing in view.drawings}) == 300
    assert np.bincount(view.labels).min() >= 27
    assert np.bincount(view.labels).max() <= 33


def test_one_digit_is_drawn_once_by_each_and_a_second_drawing_takes_its_place():
    wall = Wall()
    wall.ask(7)
    first, other = wall.add("a", 7, IMAGE), wall.add("b", 7, IMAGE)
    again = wall.add("a", 7, IMAGE.T.copy())
    assert [drawing.number for drawing in wall.view().drawings] == [again.number, other.number]
    assert first.number not in (again.number, other.number)
    assert np.array_equal(wall.view().images[0], IMAGE.T)
    assert not wall.drawings_by("a")[0].image.flags.writeable
    assert wall.view().labels.tolist() == [7, 7]


def test_who_has_drawn_all_ten_is_asked_for_no_more():
    wall = Wall()
    wall.ask("each")
    drawn = []
    while (digit := wall.requested_digit("a")) is not None:
        assert wall.requested_digit("a") == digit  # asking twice changes nothing
        drawn.append(digit)
        wall.add("a", digit, IMAGE)
    assert sorted(drawn) == list(range(10))


def test_asking_for_more_takes_no_digit_from_those_who_still_draw_it():
    wall = Wall()
    wall.ask("each")
    asked = {f"{number}": wall.requested_digit(f"{number}") for number in range(30)}
    done = "7"
    wall.add(done, asked[done], IMAGE)
    for stop in (lambda: None, wall.stop, lambda: wall.show_readings({})):
        stop()
        wall.ask("each")
        assert {
            member for member, digit in reversed(asked.items()) if wall.requested_digit(member) != digit
        } == {done}
    wall.add("8", asked["8"], IMAGE)
    wall.ask(4)
    assert {wall.requested_digit(member) for member in asked} == {4}
    wall.ask("each")
    digits = Counter(wall.requested_digit(member) for member in reversed(asked))
    assert set(digits.values()) <= {2, 3, 4}, "all digits are covered alike"


def test_a_drawing_that_is_not_asked_for_is_refused():
    wall = Wall()
    for asked, digit in ((None, 3), (4, 3)):
        if asked is not None:
            wall.ask(asked)
        with pytest.raises(WallError, match="no longer asked for"):
            wall.add("a", digit, IMAGE)
    wall.stop()
    with pytest.raises(WallError):
        wall.add("a", 4, IMAGE)
    with pytest.raises(ValueError, match="0 to 9"):
        wall.ask(10)
    with pytest.raises(ValueError, match="28"):
        wall.add("a", 4, IMAGE[:27])
    assert wall.view().images.shape == (0, 28, 28)


def test_who_had_two_drawings_taken_down_hangs_up_no_more():
    wall = Wall()
    wall.ask(1)
    wall.add("b", 1, IMAGE)
    for _ in range(MAX_REMOVED):
        wall.remove(wall.add("a", 1, IMAGE).number)
    with pytest.raises(WallError, match="taken down"):
        wall.add("a", 1, IMAGE)
    wall.remove(12345)
    assert [drawing.number for drawing in wall.view().drawings] == [1]


def test_readings_end_the_drawing_and_reach_who_drew():
    wall = Wall()
    wall.ask(3)
    drawing = wall.add("a", 3, IMAGE)
    wall.show_readings({drawing.number: 8})
    view = wall.view()
    assert (view.is_open, view.is_judged) == (False, True)
    assert wall.drawings_by("a")[0].reading == view.drawings[0].reading == 8
    before = view.revision
    wall.show_readings({drawing.number: 8})
    assert wall.view().revision == before
    wall.ask(4)
    assert wall.drawings_by("a")[0].reading is None
    assert not wall.view().is_judged


def test_a_wall_is_bounded():
    wall = Wall()
    wall.ask(0)
    for number in range(MAX_DRAWINGS):
        wall.add(f"{number}", 0, IMAGE)
    with pytest.raises(WallError, match="full"):
        wall.add("one more", 0, IMAGE)
    wall.add("5", 0, IMAGE)


def test_a_room_is_joined_by_its_code_however_it_is_typed(rooms):
    room = rooms.open("host")
    assert len(room.code) == 6
    assert set(room.code) <= set(LETTERS)
    for typed in (room.code, room.code.lower(), f" {room.code[:3]} {room.code[3:]}\n"):
        assert rooms.join(typed, "visit") is room
    assert room.n_members == 1
    assert rooms.joined("visit") is room
    assert rooms.open("host") is room
    rooms.leave("visit")
    assert (room.n_members, rooms.joined("visit")) == (0, None)


def test_guessing_codes_is_bounded_and_the_right_one_works_a_minute_later(rooms, clock):
    room = rooms.open("host")
    for _ in range(MAX_WRONG_TRIES):
        with pytest.raises(RoomError, match="no class with this code"):
            rooms.join("AAAAAA", "visit")
    with pytest.raises(RoomError, match="Wait a minute"):
        rooms.join(room.code, "visit")
    assert rooms.join(room.code, "somebody else") is room
    clock.now += TRY_SECONDS
    assert rooms.join(room.code, "visit") is room


def test_a_code_is_drawn_again_while_it_is_taken(clock):
    codes = iter(["BBBBBB", "BBBBBB", "DDDDDD"])
    rooms = Classrooms(clock, lambda: next(codes))
    assert [rooms.open(host).code for host in ("a", "b")] == ["BBBBBB", "DDDDDD"]
    assert len({random_code() for _ in range(50)}) > 40


def test_a_host_does_not_join_the_own_class_and_who_joins_another_leaves_the_first(rooms):
    first, second = rooms.open("a"), rooms.open("b")
    with pytest.raises(RoomError, match="your own class"):
        rooms.join(first.code, "a")
    rooms.join(first.code, "visit")
    rooms.join(second.code, "visit")
    assert (first.n_members, second.n_members) == (0, 1)
    rooms.join(first.code, "b")  # a host may visit another class
    assert rooms.hosted("b") is second


def test_rooms_and_members_are_bounded(rooms):
    opened = [rooms.open(f"host {number}") for number in range(MAX_ROOMS)]
    with pytest.raises(RoomError, match="open on this server"):
        rooms.open("one more")
    for number in range(MAX_MEMBERS):
        rooms.join(opened[0].code, f"{number}")
    with pytest.raises(RoomError, match="full"):
        rooms.join(opened[0].code, "one more")
    assert rooms.join(opened[0].code, "7") is opened[0]


def fill(rooms, room):
    rooms.join(room.code, "visit")
    poll = room.ask(ASKED)
    room.polls.answer(poll.number, "visit", 1)
    room.ask_for_drawings(7)
    room.wall.add("visit", 7, IMAGE)
    assert room.cached("picture", lambda: 1) == 1


def is_forgotten(rooms, room):
    assert room.is_ended
    assert rooms.joined("visit") is None
    assert (room.n_members, room.activity, room.polls.latest(), room.wall.view().drawings) == (
        0,
        "nothing",
        None,
        (),
    )
    assert room.cached("picture", lambda: 2) == 2
    assert room.cached("picture", lambda: 3) == 3
    with pytest.raises(RoomError):
        rooms.join(room.code, "another visit")
    return True


def test_a_room_that_its_host_ends_is_forgotten_with_all_that_is_in_it(rooms):
    room = rooms.open("host")
    fill(rooms, room)
    rooms.close("host")
    assert is_forgotten(rooms, room)
    assert rooms.hosted("host") is None
    rooms.close("host")


def test_a_room_ends_when_its_host_has_been_away_for_long(rooms, clock):
    room = rooms.open("host")
    fill(rooms, room)
    clock.now += HOST_AWAY_SECONDS - 1
    assert rooms.hosted("host") is room  # the host is seen again
    clock.now += HOST_AWAY_SECONDS - 1
    assert rooms.joined("visit") is room  # a member does not keep it open
    clock.now += 1
    assert rooms.sweep() == 0
    assert is_forgotten(rooms, room)


def test_a_room_ends_after_three_hours_even_with_its_host(rooms, clock):
    room = rooms.open("host")
    fill(rooms, room)
    while clock.now < 1000 + ROOM_SECONDS - 60:
        clock.now += 60
        assert rooms.hosted("host") is room
    clock.now += 60
    assert rooms.hosted("host") is None
    assert is_forgotten(rooms, room)


def test_a_class_does_one_thing_at_a_time(rooms):
    room = rooms.open("host")
    assert room.activity == "nothing"
    room.ask(ASKED)
    assert room.activity == "poll"
    room.ask_for_drawings("each")
    assert (room.activity, room.polls.latest().is_open) == ("wall", False)
    room.ask(OTHER)
    assert (room.activity, room.wall.view().is_open) == ("poll", False)


def test_what_is_made_of_a_room_is_made_once(rooms):
    room, built = rooms.open("host"), []
    for _ in range(3):
        room.cached("a", lambda: built.append(1))
    assert len(built) == 1
