"""What a class keeps of the runs of its members."""

import json

import pytest

from mnist_core.bounds import MAX_CLASS_RUNS, MAX_CLASS_RUNS_OF_ONE
from mnist_core.classroom.runs import STEP_SECONDS, ClassRun, Runs
from mnist_core.classroom.shared_rooms import SharedClassrooms
from mnist_core.config import DEFAULT


@pytest.fixture
def runs(clock):
    return Runs(clock)


@pytest.fixture
def room(rooms):
    """A class with two members."""
    room = rooms.open("host")
    for member in ("a", "b"):
        rooms.join(room.code, member)
    return room


def run(seed, accuracy=0.9):
    return ClassRun(DEFAULT.with_changes(seed=seed), accuracy)


def seeds(runs):
    return [entered.config.training.seed for entered in runs.view().runs]


def test_runs_stand_in_the_order_in_which_they_entered(runs):
    runs.add("a", [run(3), run(1)])
    runs.add("b", [run(2)])
    runs.add("a", [run(3), run(0)])
    assert seeds(runs) == [3, 1, 2, 0]


def test_equal_configs_are_one_run_whoever_trained_it(runs):
    assert runs.add("a", [run(1, 0.9), run(1, 0.9)]) == 1
    revision = runs.view().revision
    assert runs.add("b", [run(1, 0.8)]) == 0
    assert runs.view().runs == (run(1, 0.9),)
    assert runs.view().revision == revision


def test_only_members_have_runs_in_a_class(rooms, room):
    assert room.runs.add("stranger", [run(1)]) == 0
    assert room.runs.add("host", [run(1)]) == 0
    assert room.runs.add("a", [run(1)]) == 1
    rooms.leave("a")
    assert room.runs.add("a", [run(2)]) == 0
    assert seeds(room.runs) == [1], "the run of a member who has left stays"


def test_a_member_has_so_many_runs_in_a_class_and_the_others_have_room(runs):
    assert runs.add("a", [run(seed) for seed in range(MAX_CLASS_RUNS_OF_ONE + 5)]) == MAX_CLASS_RUNS_OF_ONE
    assert runs.add("a", [run(1_000)]) == 0
    assert runs.add("b", [run(1_000)]) == 1


def test_a_class_has_so_many_runs_and_says_that_it_is_full(runs):
    for number in range(MAX_CLASS_RUNS // MAX_CLASS_RUNS_OF_ONE):
        assert not runs.view().is_full
        first = number * MAX_CLASS_RUNS_OF_ONE
        runs.add(f"{number}", [run(seed) for seed in range(first, first + MAX_CLASS_RUNS_OF_ONE)])
    assert runs.view().is_full
    assert runs.add("one more", [run(MAX_CLASS_RUNS)]) == 0
    assert len(runs.view().runs) == MAX_CLASS_RUNS


def test_the_runs_of_who_is_put_out_go_and_all_go_with_the_class(rooms, room):
    room.runs.add("a", [run(1)])
    room.runs.add("b", [run(1), run(2)])
    room.put_out("a")
    assert seeds(room.runs) == [2]
    room.runs.add("b", [run(1)])
    assert seeds(room.runs) == [2, 1], "b has trained the same, and its page offers it again"
    rooms.close("host")
    assert room.runs.view().runs == ()


def test_phones_are_shown_the_first_run_at_once_and_then_many_together(runs, clock):
    shown = [runs.settled_revision]
    for seed in range(4):
        clock.now += STEP_SECONDS / 4
        runs.add("a", [run(seed)])
        shown.append(runs.settled_revision)
    assert len(set(shown)) == 2, "none, and the first"
    clock.now += STEP_SECONDS / 4
    assert runs.settled_revision == runs.view().revision != shown[-1]


def test_the_runs_are_the_same_on_both_servers(tmp_path, clock):
    here, there = SharedClassrooms(tmp_path, clock), SharedClassrooms(tmp_path, clock)
    room = here.open("host")
    for server, member in ((here, "a"), (there, "b")):
        server.join(room.code, member)
    room.runs.add("a", [run(1, 0.91)])
    there.joined("b").runs.add("b", [run(1, 0.5), run(2, 0.92)])
    later = SharedClassrooms(tmp_path, clock).joined("a")  # a server that has only just begun
    for server_room in (room, there.joined("b"), later):
        assert server_room.runs.view().runs == (run(1, 0.91), run(2, 0.92))
    there.joined("b").put_out("a")
    assert seeds(room.runs) == [2]


def test_a_class_from_a_file_without_runs_has_none(tmp_path, clock):
    room = SharedClassrooms(tmp_path, clock).open("host")
    (file,) = (tmp_path / "classes").glob("*.json")
    content = json.loads(file.read_text())
    del content["room"]["runs"]
    file.write_text(json.dumps(content))
    later = SharedClassrooms(tmp_path, clock).hosted("host")
    assert later.code == room.code
    assert later.runs.view().runs == ()
