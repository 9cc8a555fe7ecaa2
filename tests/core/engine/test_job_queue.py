import threading
from dataclasses import replace

import pytest
from clock import Clock
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.chapters import Chapter
from mnist_core.config import DEFAULT, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.engine.estimate import Estimator, nominal_seconds
from mnist_core.engine.job_queue import JobQueue, Lane, lane_of
from mnist_core.engine.jobs import EngineBusyError
from mnist_core.engine.process.gate import PATIENCE_SECONDS, TURN_SECONDS, Gate
from mnist_core.training.stopwatch import Stopwatch

LARGEST = RunConfig(NetworkConfig((256, 256, 256)), TrainingConfig(epochs=30, batch_size=1))


def names(queue):
    return [queue.next().job_id for _ in range(len(queue))]


def test_visitors_take_turns():
    queue = JobQueue(clock=Clock())
    for number in range(3):
        queue.add(f"a{number}", Lane.SHORT, 5.0, {"a"})
    queue.add("b0", Lane.SHORT, 5.0, {"b"})
    assert [entry.job_id for entry in queue.in_order()] == ["a0", "b0", "a1", "a2"]
    assert names(queue) == ["a0", "b0", "a1", "a2"]


def test_a_short_training_goes_before_a_long_one_and_the_pinned_one_before_all():
    queue = JobQueue(clock=Clock())
    queue.add("long", Lane.LONG, 3000.0, {"a"})
    queue.add("short", Lane.SHORT, 3.0, {"b"})
    queue.charge({"everybody"}, 1e6)
    queue.add("classic", Lane.PINNED, 3.0, {"everybody"})
    assert names(queue) == ["classic", "short", "long"]


def test_what_had_begun_goes_on_before_others():
    queue = JobQueue(clock=Clock())
    queue.add("short", Lane.SHORT, 3.0, {"b"})
    queue.put_back("lost", Lane.SHORT, 19.0, {"a"})
    assert names(queue) == ["lost", "short"]


def test_a_lane_that_is_not_open_holds_no_other_up():
    queue = JobQueue(clock=Clock())
    queue.add("short", Lane.SHORT, 3.0, {"a"})
    queue.add("long", Lane.LONG, 3000.0, {"a"})
    assert queue.next(lambda lane: lane is Lane.LONG).job_id == "long"
    assert queue.next(lambda lane: lane is Lane.LONG) is None


@given(st.floats(1, 3000), st.floats(0, 5000), st.lists(st.floats(1, 100), min_size=1, max_size=20))
def test_nothing_that_arrives_later_overtakes_what_has_waited_as_long_as_it_cost(seconds, had, others):
    clock = Clock()
    queue = JobQueue(clock=clock)
    queue.charge({"a"}, had)
    queue.add("old", Lane.LONG, seconds, {"a"})
    clock.now = had + seconds
    for number, other in enumerate(others):
        queue.add(f"new {number}", Lane.SHORT, other, {f"visitor {number}"})
    assert queue.next().job_id == "old"


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.floats(1, 3000)), max_size=40))
def test_every_training_goes_once_and_the_forecast_has_them_all(rows):
    queue = JobQueue(clock=Clock())
    for number, (visitor, seconds) in enumerate(rows):
        queue.add(str(number), lane_of(seconds), seconds, {visitor})
    assert {entry.job_id for entry in queue.in_order()} == set(map(str, range(len(rows))))
    assert sorted(map(int, names(queue))) == list(range(len(rows)))


def test_what_one_visitor_may_have_waiting_is_bounded_in_seconds_and_another_is_not_held_up():
    queue = JobQueue(clock=Clock())
    queue.check_room("a", Lane.LONG, 3000.0)
    queue.add("one", Lane.LONG, 3000.0, {"a"})
    with pytest.raises(
        EngineBusyError, match="takes about 50 minutes to compute, and this training about 50 more"
    ):
        queue.check_room("a", Lane.LONG, 3000.0)
    queue.check_room("b", Lane.LONG, 3000.0)


def test_long_trainings_that_fill_their_lane_leave_room_for_short_ones():
    queue = JobQueue(clock=Clock())
    for number in range(9):
        queue.add(str(number), Lane.LONG, 3100.0, {str(number)})
    with pytest.raises(EngineBusyError, match="networks of this size"):
        queue.check_room("new", Lane.LONG, 3000.0)
    queue.check_room("new", Lane.SHORT, 3.0)


def test_a_training_with_chapters_is_estimated_chapter_by_chapter():
    whole = replace(DEFAULT.with_changes(epochs=6), chapters=(Chapter(4, 1, "adam", 0.001),))
    halves = [config.with_changes(epochs=3) for config in (DEFAULT, DEFAULT.with_changes(batch_size=1))]
    first, second = (nominal_seconds(config, 60_000) for config in halves)
    assert nominal_seconds(whole, 60_000) == pytest.approx(first + second)
    n_done = 3 * DEFAULT.training.steps_per_epoch(60_000)
    assert nominal_seconds(whole, 60_000, n_done) == pytest.approx(second)


def test_the_default_training_is_short_and_the_largest_long():
    assert lane_of(nominal_seconds(DEFAULT, 60_000)) is Lane.SHORT
    assert lane_of(nominal_seconds(LARGEST, 60_000)) is Lane.LONG
    assert lane_of(nominal_seconds(LARGEST, 60_000), is_pinned=True) is Lane.PINNED


def test_an_estimate_follows_what_trainings_really_took():
    estimator = Estimator()
    for _ in range(50):
        estimator.learn(2.0, 8.0)
    assert estimator.seconds(2.0) == pytest.approx(8.0, rel=0.01)


def test_time_asleep_is_not_time_worked():
    clock = Clock()
    watch = Stopwatch(clock)
    for passed in (1.0, 1.0, 300.0, 1.0):
        clock.now += passed
        watch.lap()
    clock.now += 500.0  # waited for others
    watch.skip()
    clock.now += 1.0
    watch.lap()
    assert watch.seconds == 5.0


def crossing(gate, name, rank, log, is_stopped=lambda: False):
    def cross():
        with gate.through(rank, is_stopped):
            log.append(name)

    thread = threading.Thread(target=cross, daemon=True)
    thread.start()
    while not (is_stopped() or any(waiting[0] == rank for waiting in gate._waiting.values())):
        thread.join(0.001)
    return thread


def test_a_long_training_lets_a_short_one_through_between_two_chunks_and_goes_on():
    clock, log = Clock(), []
    gate = Gate(clock)
    with gate.through(3, lambda: False) as give_way:
        thread = crossing(gate, "short", 1, log)
        give_way()
        assert log == []  # its own turn has just begun
        clock.now += TURN_SECONDS
        give_way()
        assert log == ["short"]
    thread.join(5)


def test_a_short_training_lets_a_long_one_through_that_has_waited_too_long():
    clock, log = Clock(), []
    gate = Gate(clock)
    with gate.through(1, lambda: False) as give_way:
        thread = crossing(gate, "long", 3, log)
        clock.now += TURN_SECONDS
        give_way()
        assert log == []
        clock.now += PATIENCE_SECONDS
        give_way()
        assert log == ["long"]
    thread.join(5)


def test_a_stop_is_heard_at_the_gate():
    gate, log, stopped = Gate(Clock()), [], []
    with gate.through(1, lambda: False):
        thread = crossing(gate, "stopped", 3, log, lambda: bool(stopped))
        stopped.append(True)
        thread.join(5)
        assert log == ["stopped"]
    with gate.through(2, lambda: False):
        assert not gate._waiting
