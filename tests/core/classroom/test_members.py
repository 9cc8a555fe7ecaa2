"""Who gets into a class, stays in it, makes room and is put out, with a clock that the tests move."""

import pytest
from classes import ASKED, IMAGE, OTHER, RESULT

from mnist_core.bounds import (
    ABSENT_SECONDS,
    CODE_LENGTH,
    HOST_AWAY_SECONDS,
    MAX_MEMBERS,
    MAX_ROOMS,
    MAX_SAVED_WRONG_CODES,
    SECONDS_PER_WRONG_CODE,
)
from mnist_core.classroom.boards import EntryError
from mnist_core.classroom.members import NOTED_SECONDS, PRESENT_SECONDS, RoomError
from mnist_core.classroom.polls import PollError
from mnist_core.classroom.rooms import LETTERS
from mnist_core.classroom.shared_rooms import SharedClassrooms
from mnist_core.classroom.walls import WallError

WEEK = 7 * 24 * 3600


@pytest.fixture
def room(rooms):
    return rooms.open("host")


def guess(rooms, clock, seconds):
    """Guess a code ten times a second, each time as another visit; how many codes were looked at."""
    n, end = 0, clock.now + seconds
    while clock.now < end:
        with pytest.raises(RoomError) as refused:
            rooms.join("AAAAAA", f"stranger {clock.now}")
        n += "no class with this code" in str(refused.value)
        clock.now += 0.1
    return n


def test_half_of_all_codes_take_more_than_a_week_and_so_does_any_class_of_a_full_server():
    n_codes = len(LETTERS) ** CODE_LENGTH
    n_in_a_week = WEEK / SECONDS_PER_WRONG_CODE + MAX_SAVED_WRONG_CODES
    assert n_in_a_week < n_codes / 2
    assert 1 - (1 - n_in_a_week / n_codes) ** MAX_ROOMS < 0.5


def test_wrong_codes_are_bounded_for_all_visits_together(rooms, room, clock):
    seconds = 601
    n = guess(rooms, clock, seconds)
    assert n <= MAX_SAVED_WRONG_CODES + seconds / SECONDS_PER_WRONG_CODE
    assert rooms.is_guessed
    with pytest.raises(RoomError, match=r"none is accepted for \d seconds. Scan the QR code"):
        rooms.join(room.code, "an honest typist")
    clock.now += SECONDS_PER_WRONG_CODE
    assert rooms.join(room.code, "an honest typist") is room


def test_while_codes_are_guessed_the_link_lets_in_and_members_stay(rooms, room, clock):
    rooms.join(room.code, "member")
    guess(rooms, clock, 60)
    assert rooms.join(room.code, "member") is room
    assert rooms.joined("member") is room
    assert rooms.join_by_link(room.link, "by the link") is room
    assert len(bytes.fromhex(room.link)) >= 8


def test_a_class_of_300_may_mistype_every_fourth_code_at_once(rooms, room):
    for number in range(300):
        if number % 4 == 1:
            with pytest.raises(RoomError, match="no class with this code"):
                rooms.join("BBBBBX", f"{number}")
        assert rooms.join(room.code, f"{number}") is room


def test_wrong_codes_on_one_server_count_on_the_other(tmp_path, clock):
    here, there = SharedClassrooms(tmp_path, clock), SharedClassrooms(tmp_path, clock)
    for number in range(MAX_SAVED_WRONG_CODES):
        with pytest.raises(RoomError, match="no class"):
            (here, there)[number % 2].join("AAAAAA", f"{number}")
    assert here.is_guessed
    assert there.is_guessed


@pytest.mark.parametrize("link", ["", "a", "é", "0" * 32])
def test_a_wrong_link_opens_no_class_and_holds_nobody_up(rooms, room, link):
    for _ in range(2 * MAX_SAVED_WRONG_CODES):
        with pytest.raises(RoomError, match="opens no class"):
            rooms.join_by_link(link, "visit")
    assert rooms.join(room.code, "visit") is room


def test_who_scans_again_is_the_same_member(rooms, room):
    for _ in range(3):
        rooms.join_by_link(room.link, "phone")
    assert room.n_members == 1


def test_a_tab_that_leads_a_class_has_joined_none(rooms, room):
    other = rooms.open("other host")
    rooms.join(other.code, "browser")
    assert rooms.joined("browser", "another tab") is other
    assert rooms.joined("browser", "host") is None


def test_a_full_class_lets_the_longest_absent_member_go_who_comes_back_with_its_answer(rooms, room, clock):
    for number in range(MAX_MEMBERS):
        rooms.join_by_link(room.link, f"{number}")
    poll = room.ask(ASKED)
    room.polls.answer(poll.number, "7", 1)
    clock.now += ABSENT_SECONDS
    with pytest.raises(RoomError, match="full"):
        rooms.join_by_link(room.link, "new")
    for number in range(MAX_MEMBERS):
        if number not in (7, 8):
            assert rooms.joined(f"{number}") is room
    clock.now += 16
    rooms.join_by_link(room.link, "new")
    assert not room.members.has("7")
    assert room.polls.latest().counts == (0, 1)
    assert rooms.joined("7") is room, "the other absent member makes room for the one who is back"
    assert room.polls.latest("7").own == 1
    assert not room.members.has("8")
    assert rooms.joined("8") is None, "everybody else is here"


def test_who_was_cut_off_for_136_seconds_is_still_in(rooms, room, clock):
    rooms.join(room.code, "phone")
    clock.now += 136
    assert rooms.joined("phone") is room


def test_who_is_here_now_is_counted_beside_who_has_joined(rooms, room, clock):
    for name in ("a", "b"):
        rooms.join(room.code, name)
    clock.now += PRESENT_SECONDS
    rooms.joined("a")
    clock.now += 1
    assert (room.n_members, room.members.n_present) == (2, 1)
    assert [view.is_present for view in room.list_members()] == [True, False]


def test_looks_of_many_phones_are_one_file_written_now_and_then(tmp_path, clock):
    here, there = SharedClassrooms(tmp_path, clock), SharedClassrooms(tmp_path, clock)
    room = here.open("host")
    for number in range(20):
        here.join_by_link(room.link, f"{number}")
    versions = set()
    for _ in range(20):
        clock.now += NOTED_SECONDS / 10
        for number in range(20):
            assert here.joined(f"{number}").name == room.name
            versions.add(here._folder.version(room.name))
    assert len(versions) <= 3
    assert there.hosted("host").members.n_present == 20


def test_answers_drawings_and_entries_need_membership(rooms, room):
    rooms.join(room.code, "a")
    rooms.leave("a")
    with pytest.raises(PollError, match="not in this class"):
        room.polls.answer(room.ask(ASKED).number, "a", 1)
    room.ask_for_drawings(3)
    with pytest.raises(WallError, match="not in this class"):
        room.wall.add("a", 3, IMAGE)
    with pytest.raises(EntryError, match="not in this class"):
        room.board.enter("a", "Ada", RESULT)
    assert room.board.enter("host", "Ada", RESULT), "a lecturer may enter a run"


def test_answer_leave_and_join_again_is_one_answer(rooms, room):
    poll = room.ask(ASKED)
    for _ in range(5):
        rooms.leave("a")
        rooms.join(room.code, "a")
        room.polls.answer(poll.number, "a", 1)
    assert room.polls.latest().counts == (0, 1)


def test_who_leaves_takes_the_answer_to_an_open_poll_along_and_no_other(rooms, room):
    closed = room.ask(OTHER)
    rooms.join_by_link(room.link, "a")
    room.polls.answer(closed.number, "a", 2)
    poll = room.ask(ASKED)
    other_class = rooms.open("other host")
    ways_out = (rooms.leave, lambda name: rooms.join_by_link(other_class.link, name), room.put_out)
    for number in range(30):
        rooms.join_by_link(room.link, f"{number}")
        room.polls.answer(poll.number, f"{number}", 1, is_final=number % 2 == 0)
        ways_out[number % 3](f"{number}")
    room.polls.answer(poll.number, "a", 0)
    assert (room.n_members, room.polls.latest().counts) == (1, (1, 0))
    rooms.leave("a")
    rooms.join_by_link(room.link, "a")
    assert room.polls.latest("a").own is None
    assert room.polls.find(OTHER.name, "a").own == 2
    room.polls.answer(poll.number, "a", 1)
    assert room.polls.latest().counts == (0, 1)


def test_an_answer_goes_with_its_member_on_both_servers_and_no_other_class_is_written(tmp_path, clock):
    here, there = SharedClassrooms(tmp_path, clock), SharedClassrooms(tmp_path, clock)
    room, other = here.open("host"), here.open("other host")
    poll = room.ask(ASKED)
    for name in ("a", "b"):
        there.join(room.code, name).polls.answer(poll.number, name, 1)
    before = here._folder.version(other.name)
    there.leave("a")
    assert here.hosted("host").polls.latest().n_answers == 1
    assert [view.n_answers for view in here.hosted("host").list_members()] == [1]
    later = SharedClassrooms(tmp_path, clock).joined("b").polls.latest("b")
    assert (later.counts, later.own) == ((0, 1), 1)
    assert here._folder.version(other.name) == before


def test_a_digit_that_somebody_was_asked_for_who_has_gone_is_asked_of_others(rooms, room):
    room.ask_for_drawings("each")
    for name, go in (("a", rooms.leave), ("b", room.put_out)):
        rooms.join_by_link(room.link, name)
        digit = room.wall.requested_digit(name)
        go(name)
        assert room.wall.requested_digit("next") == digit
        room.wall.ask_no_more("next")


def test_a_locked_class_lets_nobody_else_in_until_it_is_unlocked(rooms, room):
    rooms.join(room.code, "a")
    room.members.lock(True)
    for enter in (lambda: rooms.join(room.code, "b"), lambda: rooms.join_by_link(room.link, "b")):
        with pytest.raises(RoomError, match="locked"):
            enter()
    assert rooms.joined("a") is rooms.join_by_link(room.link, "a") is room
    room.members.lock(False)
    assert rooms.join(room.code, "b") is room


def test_a_new_code_and_link_end_the_old_ones_and_keep_the_members(rooms, room):
    rooms.join(room.code, "a")
    code, link = room.code, room.link
    rooms.renew_code("host")
    assert rooms.joined("a") is rooms.hosted("host") is room
    with pytest.raises(RoomError, match="no class with this code"):
        rooms.join(code, "b")
    assert rooms.linked(link) is None
    assert rooms.join(room.code, "b") is rooms.join_by_link(room.link, "c") is room


def test_who_is_put_out_goes_with_the_drawings_and_stays_out_until_forgiven(rooms, room):
    for name in ("a", "b"):
        rooms.join(room.code, name)
    room.polls.answer(room.ask(ASKED).number, "a", 1)
    room.ask_for_drawings(3)
    number = room.wall.add("a", 3, IMAGE).number
    room.wall.add("b", 3, IMAGE)
    room.put_out(room.wall.member_who_drew(number))
    assert [drawing.number for drawing in room.wall.view().drawings] == [2]
    assert room.polls.latest().n_answers == 0
    assert rooms.joined("a") is None
    for enter in (lambda: rooms.join(room.code, "a"), lambda: rooms.join_by_link(room.link, "a")):
        with pytest.raises(RoomError, match="put this phone out"):
            enter()
    room.members.forgive()
    assert rooms.join(room.code, "a") is room


def test_lock_put_out_and_absence_are_the_same_on_both_servers(tmp_path, clock):
    here, there = SharedClassrooms(tmp_path, clock), SharedClassrooms(tmp_path, clock)
    room = here.open("host")
    there.join(room.code, "a")
    here.hosted("host").put_out("a")
    here.renew_code("host")
    assert there.joined("a") is None
    assert there.hosted("host").code == room.code
    with pytest.raises(RoomError, match="put this phone out"):
        there.join_by_link(room.link, "a")
    here.hosted("host").members.lock(True)
    with pytest.raises(RoomError, match="locked"):
        there.join_by_link(room.link, "b")


def test_all_drawings_of_a_member_or_of_everybody_are_taken_down(rooms, room):
    room.ask_for_drawings("each")
    for name in ("a", "a", "b"):
        rooms.join(room.code, name)
        room.wall.add(name, room.wall.requested_digit(name), IMAGE)
    room.wall.remove_all_of("a")
    assert len(room.wall.view().drawings) == 1
    with pytest.raises(WallError, match="taken down"):
        room.wall.add("a", room.wall.requested_digit("a"), IMAGE)
    room.wall.remove_all()
    assert room.wall.view().drawings == ()
    assert room.wall.view().is_open
    room.wall.add("b", room.wall.requested_digit("b"), IMAGE)


def test_on_a_full_server_an_empty_class_whose_lecturer_is_away_makes_place(rooms, clock):
    opened = [rooms.open(f"host {number}") for number in range(MAX_ROOMS)]
    rooms.join(opened[0].code, "a")
    clock.now += ABSENT_SECONDS
    with pytest.raises(RoomError, match="Try again in a few minutes"):
        rooms.open("new")
    for number in range(2, MAX_ROOMS):
        rooms.hosted(f"host {number}")
    clock.now += 60
    assert rooms.open("new")
    assert [number for number, room in enumerate(opened) if room.is_ended] == [1]


def test_one_join_holds_each_class_of_a_full_server_while_its_lecturer_may_come_back(rooms, clock):
    for number in range(MAX_ROOMS):
        rooms.join_by_link(rooms.open(f"host {number}").link, f"stranger {number}")
    clock.now += HOST_AWAY_SECONDS - 1
    with pytest.raises(RoomError, match="Try again in a few minutes"):
        rooms.open("new")
    clock.now += 1
    assert rooms.open("new")


def test_a_class_needs_the_word_and_wrong_words_are_bounded(rooms, clock):
    rooms.check_word("sesame", " sesame ", "visit")
    for number in range(MAX_SAVED_WRONG_CODES):
        with pytest.raises(RoomError, match="not the word"):
            rooms.check_word("sesame", "é", f"{number}")
    with pytest.raises(RoomError, match="Many wrong words"):
        rooms.check_word("sesame", "sesame", "visit")
    clock.now += SECONDS_PER_WRONG_CODE
    rooms.check_word("sesame", "sesame", "visit")
