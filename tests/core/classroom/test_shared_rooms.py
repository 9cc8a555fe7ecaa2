"""The same class on two servers that share a folder, with a clock that the tests move."""

import errno
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from classes import ASKED, IMAGE, OTHER, RESULT

from mnist_core.bounds import HOST_AWAY_SECONDS
from mnist_core.classroom.members import RoomError
from mnist_core.classroom.polls import PollError
from mnist_core.classroom.room import HOST_SEEN_SECONDS
from mnist_core.classroom.shared_rooms import SharedClassrooms
from mnist_core.classroom.walls import WallError


@pytest.fixture
def servers(tmp_path, clock):
    return SharedClassrooms(tmp_path, clock), SharedClassrooms(tmp_path, clock)


@pytest.fixture
def room(servers):
    return servers[0].open("host")


@pytest.fixture
def code(room):
    return room.code


@pytest.fixture
def file(room):
    """The name of the class's file."""
    return room.name


def test_a_class_opened_on_one_server_is_joined_and_counted_on_the_other(servers, code):
    here, there = servers
    there.join(code, "a")
    here.join(code.lower(), "b")
    assert here.hosted("host").n_members == there.hosted("host").n_members == 2
    assert here.joined("a").code == code
    there.leave("a")
    assert here.joined("a") is None
    assert here.hosted("host").n_members == 1


def test_a_host_has_one_class_on_all_servers(servers, code):
    assert servers[1].open("host").code == code


def test_answers_from_both_servers_are_one_poll_that_outlives_either(servers, code, tmp_path, clock):
    here, there = servers
    poll = here.hosted("host").ask(ASKED, is_hidden=True)
    for number, (server, choice) in enumerate(((here, 0), (there, 1), (here, 1), (there, 1))):
        server.join(code, f"m{number}").polls.answer(poll.number, f"m{number}", choice, is_final=number == 1)
    assert here.hosted("host").polls.latest().counts == (1, 3)
    here.hosted("host").polls.reveal(ASKED.name)
    later = SharedClassrooms(tmp_path, clock).joined("m1")  # a server that has only just begun
    view = later.polls.latest("m1")
    assert (view.counts, view.own, view.is_own_final, view.is_revealed) == ((1, 3), 1, True, True)
    assert view.question == ASKED
    assert later.activity == "poll"
    with pytest.raises(PollError, match="too late"):
        later.polls.answer(poll.number, "m0", 1)
    assert later.ask(OTHER).number == poll.number + 1


def test_a_wall_is_the_same_on_both_servers(servers, code):
    here, there = servers
    here.hosted("host").ask_for_drawings("each")
    asked = {}
    for number in range(10):
        server = servers[number % 2]
        wall = server.join(code, f"m{number}").wall
        asked[number] = wall.requested_digit(f"m{number}")
        wall.add(f"m{number}", asked[number], IMAGE + np.uint8(number))
    assert sorted(asked.values()) == list(range(10))  # each digit once, whoever was asked where
    mine, theirs = here.hosted("host").wall.view(), there.hosted("host").wall.view()
    assert np.array_equal(mine.images, theirs.images)
    assert np.array_equal(mine.labels, theirs.labels)
    assert mine.revision == theirs.revision
    assert here.hosted("host").wall.n_asked == there.hosted("host").wall.n_asked == 1
    there.hosted("host").wall.show_readings({mine.drawings[0].number: 3})
    here.hosted("host").wall.remove(mine.drawings[1].number)
    assert there.joined("m0").wall.drawings_by("m0")[0].reading == 3
    assert len(there.hosted("host").wall.view().drawings) == 9
    with pytest.raises(WallError, match="no longer asked for"):
        here.joined("m5").wall.add("m5", 5, IMAGE)


def test_a_board_is_the_same_on_both_servers(servers, code, tmp_path, clock):
    here, there = servers
    here.hosted("host").board.set_mark(RESULT)
    there.join(code, "a").board.enter("a", "Ada", RESULT)
    here.join(code, "b").board.enter("b", "Bob", RESULT)
    later = SharedClassrooms(tmp_path, clock).joined("a").board
    assert later.name_of("a") == "Ada"
    assert later.has_mark
    places = later.view().standings["smallest"]
    assert {place.entry.name for place in places} == {"Ada", "Bob", "Classic network"}
    assert all(place.entry.result == RESULT for place in places)
    here.hosted("host").board.finish()
    assert later.view().is_final


def test_a_hundred_answers_at_once_on_two_servers_are_all_counted(servers, code):
    poll = servers[0].hosted("host").ask(ASKED)
    begin = threading.Barrier(8)

    def answer(number):
        if number < 8:
            begin.wait(10)
        server = servers[number % 2]
        server.join(code, f"m{number}").polls.answer(poll.number, f"m{number}", number % 2)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(answer, range(100)))
    for server in servers:
        assert server.hosted("host").polls.latest().counts == (50, 50)
        assert server.hosted("host").n_members == 100


def test_an_answer_that_is_refused_changes_no_file(servers, code, file):
    room = servers[0].join(code, "a")
    version = servers[0]._folder.version(file)
    with pytest.raises(PollError):
        room.polls.answer(7, "a", 0)
    assert servers[0]._folder.version(file) == version


def test_a_change_that_breaks_off_is_undone_here_and_never_seen_there(servers, code):
    room = servers[0].hosted("host")
    with pytest.raises(RuntimeError), room._guard.changing():  # noqa: PT012
        room.ask(ASKED)
        raise RuntimeError("half done")
    assert room.activity == servers[1].hosted("host").activity == "nothing"
    assert room.polls.latest() is None


def test_who_only_looks_writes_nothing_and_reads_no_file_that_has_not_changed(servers, code, monkeypatch):
    here, there = servers
    there.join(code, "a")
    here.hosted("host").ask_for_drawings("each")
    there.joined("a").wall.requested_digit("a")
    here.hosted("host")
    touched = []
    for access in ("read", "write"):
        monkeypatch.setattr(
            type(here._folder), access, lambda self, *more, access=access: touched.append(access)
        )
    for _ in range(5):
        room = there.joined("a")
        assert room.activity == "wall"
        room.wall.requested_digit("a")
        room.wall.drawings_by("a")
        room.polls.latest("a")
        here.hosted("host")
    assert touched == []


def test_a_class_that_is_closed_leaves_no_file_and_is_gone_on_both_servers(servers, code, tmp_path):
    room = servers[1].join(code, "a")
    servers[0].close("host")
    assert room.is_ended
    assert servers[1].joined("a") is None
    assert not list((tmp_path / "classes").glob("*.json"))
    with pytest.raises(PollError):
        room.polls.answer(1, "a", 0)  # of somebody whose page still shows the poll
    assert not list((tmp_path / "classes").glob("*.json"))


def test_a_class_whose_host_stays_away_ends_and_the_host_may_look_in_on_any_server(
    servers, code, tmp_path, clock
):
    here, there = servers
    clock.now += HOST_AWAY_SECONDS - 1
    assert there.hosted("host") is not None
    clock.now += HOST_AWAY_SECONDS - 1
    assert here.sweep() == 1  # the other server saw the host
    clock.now += 2
    assert here.sweep() == there.sweep() == 0
    assert not list((tmp_path / "classes").glob("*.json"))


def test_that_the_host_is_there_is_written_now_and_then(servers, code, file, clock):
    version = servers[0]._folder.version(file)
    clock.now += HOST_SEEN_SECONDS - 1
    servers[0].hosted("host")
    assert servers[0]._folder.version(file) == version
    clock.now += 1
    servers[0].hosted("host")
    assert servers[0]._folder.version(file) != version


@pytest.mark.parametrize("content", ["", "rubbish", "[]", '{"format": 0}', '{"format": 2, "room": {}}'])
def test_a_damaged_file_is_a_class_that_is_gone_and_no_error(
    servers, code, file, tmp_path, clock, content, caplog
):
    servers[0].join(code, "a")
    (tmp_path / "classes" / f"{file}.json").write_text(content)
    for server in (*servers, SharedClassrooms(tmp_path, clock)):
        assert server.joined("a") is None
        assert server.hosted("host") is None
    assert "is lost" in caplog.text
    assert servers[1].open("host").code


def test_while_the_folder_does_not_answer_a_class_goes_on_with_what_it_had(servers, code, monkeypatch):
    room = servers[0].join(code, "a")
    poll = servers[0].hosted("host").ask(ASKED)

    def broken(self, *_, **__):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        for name in ("stat", "read_bytes", "replace", "unlink"):
            patch.setattr(Path, name, broken)
        patch.setattr("os.scandir", broken)
        room.polls.answer(poll.number, "a", 1)
        assert servers[0].joined("a").polls.latest().counts == (0, 1)
    assert servers[0].hosted("host").n_members == 1
    assert servers[1].joined("a") is not None


def test_a_class_that_cannot_be_written_is_refused_in_a_sentence(servers, monkeypatch):
    def full(self, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(RoomError, match="not writable"):
        servers[0].open("host")


def test_codes_of_strangers_open_no_other_file(servers, code, tmp_path):
    (tmp_path / "secret.json").write_text("{}")
    for typed in ("../secret", "..", "/etc", "", "opening"):
        with pytest.raises(RoomError, match=r"no class with this code|wrong codes"):
            servers[1].join(typed, f"visit {typed}")


def test_a_full_class_stays_a_small_file(servers, code, file):
    room = servers[0].hosted("host")
    room.ask_for_drawings("each")
    for number in range(50):
        member = f"{number:032x}"
        room.members.admit(member)
        room.wall.add(member, room.wall.requested_digit(member), IMAGE)
    assert len(servers[0]._folder.read(file)) < 50_000
