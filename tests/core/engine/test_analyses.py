"""Analyses wait as trainings do: by turns, within the same bounds, and with a sentence beyond them."""

from concurrent.futures import CancelledError
from dataclasses import replace

import pytest
from cachetools import LRUCache
from pretending import NO_LOGITS, Client

from mnist_core.config import RunConfig, TrainingConfig
from mnist_core.engine import analyses
from mnist_core.engine.jobs import JobState
from mnist_core.training.record import RunRecord


def count_units(record, dataset):
    """An analysis."""
    raise AssertionError("the tests say what it finds")


def place_images(record, dataset):
    """Another one."""
    raise AssertionError("the tests say what it finds")


@pytest.fixture
def trained(engine, client, sample):
    """What gives the id of a run that has ended, by its seed."""
    untrained = RunRecord.untrained(RunConfig(), sample)

    def run(seed):
        config = RunConfig(training=TrainingConfig(seed=seed))
        job = engine.submit(config, sample, f"trained {seed}")
        record = replace(untrained, config=config, steps_done=1, is_stopped=False)
        client.futures[-1].end((record, NO_LOGITS, 0, ""))
        assert engine.view(job).state is JobState.FINISHED
        return job

    return run


def handed_out(client):
    """All analyses that were handed out; each ends as soon as it has been."""
    order = []
    while len(client.analyses) > len(order):
        future = client.analyses[len(order)]
        order.append(future.asked)
        future.end(("found", 1.0))
    return order


def test_visitors_take_turns_with_analyses_however_many_one_of_them_asks_for(engine, client, trained):
    runs = [trained(seed) for seed in range(5)]
    for job in runs[:4]:
        engine.analysis(job, count_units, "a")
    engine.analysis(runs[4], count_units, "b")
    assert handed_out(client) == [("count_units", seed) for seed in (0, 4, 1, 2, 3)]
    assert all(engine.analysis(job, count_units, "a").result == "found" for job in runs)


def test_as_many_analyses_are_handed_out_as_there_are_training_processes(engine, client, trained):
    runs = [trained(seed) for seed in range(4)]
    engine._cluster._n_slots = 2
    for job in runs:
        engine.analysis(job, count_units, "a")
    assert [future.asked[1] for future in client.analyses] == [0, 1]
    client.analyses[1].end(ValueError("nothing to count"))
    assert [future.asked[1] for future in client.analyses] == [0, 1, 2]
    assert engine.analysis(runs[1], count_units, "a").error == "This analysis failed: nothing to count"


def test_who_had_analyses_waits_longer_for_the_next_training(engine, client, trained, sample):
    job = trained(0)
    engine.submit(RunConfig(training=TrainingConfig(seed=1)), sample, "c")  # computes: the others wait
    engine.analysis(job, count_units, "a")
    waiting = [
        engine.submit(RunConfig(training=TrainingConfig(seed=seed)), sample, visitor)
        for seed, visitor in ((2, "a"), (3, "b"))
    ]
    assert [engine.view(job).position for job in waiting] == [2, 1]


def test_an_analysis_that_waits_has_no_place_among_trainings_but_its_seconds_count(
    engine, client, trained, sample
):
    first, second = trained(0), trained(1)
    engine.submit(RunConfig(training=TrainingConfig(seed=2)), sample, "c")
    waiting = engine.submit(RunConfig(training=TrainingConfig(seed=3)), sample, "b")
    before = engine.view(waiting)
    for job in (first, second):  # one is handed out, and the other waits
        engine.analysis(job, count_units, "a")
    engine._schedule.forget_forecast()  # a forecast is a second old at most
    after = engine.view(waiting)
    assert (before.position, after.position) == (1, 1)
    waited = after.seconds_until_begin - before.seconds_until_begin
    assert waited == pytest.approx(2 * analyses.FIRST_SECONDS)


def test_the_trainings_and_analyses_of_one_visitor_have_one_bound_and_beyond_it_a_page_gets_a_sentence(
    engine, client, trained, sample, monkeypatch
):
    monkeypatch.setattr("mnist_core.engine.job_queue.MAX_WAITING_SECONDS_OF_ONE", analyses.FIRST_SECONDS)
    first, second, third = (trained(seed) for seed in range(3))
    assert engine.analysis(first, count_units, "a").error is None
    for seed, visitor in ((4, "c"), (5, "a")):
        engine.submit(RunConfig(training=TrainingConfig(seed=seed)), sample, visitor)
    view = engine.analysis(second, count_units, "a")  # it would wait beside a training
    assert view.result is None
    assert view.error.startswith("What you are waiting for takes about")
    assert "this analysis about 1 more" in view.error
    assert engine.begun_analysis(second, count_units) is None
    assert engine.analysis(third, count_units, "b").error is None
    assert handed_out(client) == [("count_units", 0), ("count_units", 2)]


def test_the_analyses_of_all_visitors_have_a_bound_and_trainings_none_of_theirs(
    engine, client, trained, sample
):
    engine._queue._max_waiting = 2
    runs = [trained(seed) for seed in range(4)]
    views = [engine.analysis(job, count_units, str(job)) for job in runs]
    assert [view.error for view in views[:3]] == [None] * 3
    assert views[3].error.startswith("2 other analyses are waiting, and no more are taken.")
    engine.submit(RunConfig(training=TrainingConfig(seed=5)), sample, "b")
    handed_out(client)
    assert engine.analysis(runs[3], count_units, "d").error is None


def test_an_analysis_that_several_wait_for_is_made_once_and_charged_to_all(engine, client, trained):
    blocked, shared = trained(0), trained(1)
    engine.analysis(blocked, count_units, "c")
    for visitor in "ab":
        engine.analysis(shared, count_units, visitor)
    handed_out(client)
    assert [engine._queue.had(visitor) for visitor in "ab"] == pytest.approx(
        [analyses.FIRST_SECONDS / 2] * 2, rel=0.1
    )
    assert len(client.analyses) == 2


def test_what_an_analysis_takes_is_learned_from_those_of_its_kind(engine, client, trained):
    runs = [trained(seed) for seed in range(3)]
    for job in runs:
        engine.analysis(job, count_units, "a")
        client.analyses[-1].end(("found", 40.0))
    engine.analysis(runs[0], place_images, "b")
    assert engine._queue.had("a") == pytest.approx(analyses.FIRST_SECONDS + 40 + 40, rel=0.1)
    assert engine._queue.had("b") == pytest.approx(analyses.FIRST_SECONDS, rel=0.1)


def test_analyses_whose_visitors_have_left_are_not_made(engine, client, trained):
    runs = [trained(seed) for seed in range(3)]
    for job, visitor in zip(runs, ("here", "gone", "here"), strict=True):
        engine.analysis(job, count_units, visitor)
    engine.connect_visits(dict, {"gone"}.__contains__)
    engine.end_abandoned()
    assert handed_out(client) == [("count_units", 0), ("count_units", 2)]
    assert engine.begun_analysis(runs[1], count_units) is None


def test_what_was_lost_with_the_connection_is_made_on_the_next_one(engine, client, trained):
    first, second = trained(0), trained(1)
    for job in (first, second):
        engine.analysis(job, count_units, "a")
    lost = client.analyses[0]
    lost.end(CancelledError())
    engine._cluster._client = again = Client()
    engine._dispatcher.on_ready()
    lost.end(("too late", 1.0))
    assert handed_out(again) == [("count_units", 0), ("count_units", 1)]
    assert engine.analysis(first, count_units).result == "found"


def test_a_run_whose_record_had_to_go_meanwhile_is_said_to_have_gone(engine, client, trained, monkeypatch):
    first, second = trained(0), trained(1)
    for job in (first, second):
        engine.analysis(job, count_units, "a")
    monkeypatch.setattr(engine._analyses, "_find_record", lambda job_id: None)
    client.analyses[0].end(("found", 1.0))
    assert engine.analysis(first, count_units).result == "found"
    assert engine.analysis(second, count_units).error == analyses.GONE


def test_a_result_that_comes_late_is_kept_also_when_many_others_came_before_it(
    engine, client, trained, monkeypatch
):
    monkeypatch.setattr(engine._analyses, "_ended", LRUCache(2))
    monkeypatch.setattr(engine._cluster, "_n_slots", 5)
    runs = [trained(seed) for seed in range(5)]
    for job in runs:
        engine.analysis(job, count_units, "a")
    for future in client.analyses[::-1]:
        future.end(("found", 1.0))
    kept = [job for job in runs if engine.begun_analysis(job, count_units) is not None]
    assert kept == runs[:2]
