"""A paused run that is to go on, and is paused again before it does."""

from dataclasses import replace

import numpy as np
import pytest
from pretending import NO_LOGITS

from mnist_core.chapters import Chapter
from mnist_core.config import RunConfig
from mnist_core.engine.jobs import JobState
from mnist_core.training.record import RunRecord, TrainingState

CONFIG = RunConfig()


@pytest.fixture
def paused(engine, client, sample):
    """The job of a run that was paused in its first epoch."""
    job = engine.submit(CONFIG, sample, "a")
    record = replace(
        RunRecord.untrained(CONFIG, sample), steps_done=5, seconds=0.5, state=TrainingState((), np.ones(2))
    )
    engine.stop(job, "a")
    client.futures[-1].end((record, NO_LOGITS, 0, ""))
    assert engine.view(job).state is JobState.STOPPED
    return job


@pytest.mark.parametrize("chapters", [(), (Chapter(2, 256, "adam", 0.001),)])
def test_a_run_paused_again_while_it_waits_is_kept_as_it_was(engine, sample, paused, chapters):
    engine.submit(CONFIG.with_changes(seed=9), sample, "b")  # computes: the other waits
    config = replace(CONFIG, chapters=chapters)
    job = engine.submit(config, sample, "a", beginning=paused)
    assert engine.view(job).state is JobState.QUEUED
    engine.stop(job, "a")
    view, record = engine.view(job), engine.record(job)
    assert (view.state, view.config, record.config) == (JobState.STOPPED, config, config)
    assert (record.steps_done, record.seconds) == (5, 0.5)
    assert view.outcome == engine.view(paused).outcome
    assert engine.test_logits(job) is engine.test_logits(paused)
    again = engine.submit(config, sample, "a", beginning=job)
    assert engine._jobs.beginning_of(engine._jobs[again]) is record


def test_a_run_that_ends_as_if_paused_though_nobody_paused_it_goes_on_from_there(engine, client, sample):
    job = engine.submit(CONFIG, sample, "a")
    reached = replace(
        RunRecord.untrained(CONFIG, sample), steps_done=5, seconds=0.5, state=TrainingState((), np.ones(2))
    )
    client.futures[-1].end((reached, NO_LOGITS, 0, ""))
    assert len(client.futures) == 2
    assert engine.view(job).state is JobState.RUNNING
    assert engine._jobs.beginning_of(engine._jobs[job]) is reached
    whole = replace(reached, is_stopped=False, steps_done=reached.timeline.n_steps)
    client.futures[-1].end((whole, NO_LOGITS, 0, ""))
    assert engine.view(job).state is JobState.FINISHED
    assert engine._jobs[job].reached is None


def test_a_run_whose_process_is_lost_while_it_is_paused_again_is_kept_as_it_was(engine, sample, paused):
    job = engine.submit(CONFIG, sample, "a", beginning=paused)
    assert engine.view(job).state is JobState.RUNNING
    engine.stop(job, "a")
    engine._dispatcher.on_lost()
    assert engine.view(job).state is JobState.STOPPED
    assert engine.record(job).steps_done == 5
