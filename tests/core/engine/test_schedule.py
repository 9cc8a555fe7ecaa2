"""When trainings begin, without any training process."""

from types import SimpleNamespace

import pytest
from clock import Clock

from mnist_core.bounds import MAX_WAITING_SECONDS_OF_ONE
from mnist_core.config import RunConfig
from mnist_core.engine.job_queue import JobQueue
from mnist_core.engine.jobs import EngineBusyError, Job
from mnist_core.engine.schedule import FORECAST_SECONDS, Schedule


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def schedule(clock):
    return Schedule(JobQueue(clock=clock), lambda: 3.0, clock)


def job(name, nominal_seconds=10.0, visitor="a"):
    no_images = SimpleNamespace(mixture=None)
    return Job(name, name, RunConfig(), no_images, payers={visitor}, nominal_seconds=nominal_seconds)


def test_a_training_waits_for_analyses_and_for_those_before_it(schedule):
    first, second = job("first"), job("second", visitor="b")
    schedule.wait(first)
    schedule.wait(second)
    assert [schedule.place(each, 1) for each in (first, second)] == [(1, 3.0), (2, 13.0)]
    assert schedule.place(job("unknown"), 1) == (0, 0.0)


def test_places_are_worked_out_anew_after_a_second_and_at_once_when_the_queue_changes(clock):
    seconds = [3.0]
    schedule = Schedule(JobQueue(clock=clock), lambda: seconds[0], clock)
    waiting = job("waiting")
    schedule.wait(waiting)
    assert schedule.place(waiting, 1) == (1, 3.0)
    seconds[0] = 9.0
    assert schedule.place(waiting, 1) == (1, 3.0)
    clock.now += FORECAST_SECONDS + 0.1
    assert schedule.place(waiting, 1) == (1, 9.0)
    seconds[0] = 1.0
    schedule.wait(job("later", visitor="b"))
    assert schedule.place(waiting, 1) == (1, 1.0)


def test_one_training_of_each_lane_begins_on_a_worker_and_the_next_when_it_ends(schedule):
    jobs = {name: job(name, seconds) for name, seconds in (("a", 10.0), ("b", 10.0), ("long", 1000.0))}
    for each in jobs.values():
        schedule.wait(each)
    begun = []
    while (name := schedule.next(n_workers=1, n_threads=4)) is not None:
        schedule.begin(jobs[name])
        begun.append(name)
    assert begun == ["a", "long"]
    schedule.end(jobs["a"])
    assert schedule.next(n_workers=1, n_threads=4) == "b"


def test_a_training_that_had_begun_goes_before_others_of_its_lane(schedule):
    early, lost = job("early"), job("lost", visitor="b")
    schedule.wait(early)
    schedule.wait(lost, is_put_back=True)
    assert schedule.next(1, 4) == "lost"
    assert schedule.remove(early)
    assert not schedule.remove(early)


def test_only_what_one_visitor_alone_pays_counts_against_that_visitor(schedule):
    schedule.wait(job("waiting", MAX_WAITING_SECONDS_OF_ONE))
    with pytest.raises(EngineBusyError, match="this training about 1 more"):
        schedule.check_room(job("next"))
    shared = job("shared")
    shared.payers.add("b")
    schedule.check_room(shared)
