import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from waiting import until

from mnist_core.analysis.evaluation import evaluate
from mnist_core.bounds import MAX_SWEEP_TRAININGS
from mnist_core.config import DEFAULT, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.engine.dispatcher import Dispatcher
from mnist_core.engine.engine import Engine
from mnist_core.engine.jobs import EngineBusyError, JobState, Outcome
from mnist_core.figures.lab.sweeps import (
    accuracy_figure,
    accuracy_frame,
    live_accuracies,
    time_figure,
    value_text,
)
from mnist_core.figures.style import alt_text, is_cut, styled, title_text
from mnist_core.settings import ConfigError
from mnist_core.sweeps.plans import (
    SWEEPABLE,
    SWEEPS,
    VARIANTS,
    Plan,
    PlannedLine,
    plan,
    swept_value,
    with_value,
)
from mnist_core.sweeps.ready_made import EQUAL_UPDATES, EXPERIMENTS
from mnist_core.sweeps.results import SweepPoint, collect
from mnist_core.sweeps.runner import Sweeps

pytestmark = pytest.mark.usefixtures("no_film_on_pages")


@pytest.fixture(scope="module")
def engine(scheduler):
    started = Engine(scheduler, max_waiting=2)
    yield started
    started.close()


@pytest.fixture
def sweeps(engine):
    return Sweeps(engine)


def small(*units, **training):
    settings = {"epochs": 1, "n_training_images": 200} | training
    return [RunConfig(NetworkConfig((n,)), TrainingConfig(**settings)) for n in units]


def long(seed):
    return RunConfig(NetworkConfig((9,)), TrainingConfig(epochs=30, batch_size=1, seed=seed))


def test_a_sweep_trains_every_network_and_judges_it_as_an_evaluation_does(engine, sweeps, sample):
    sweep = sweeps.submit(small(2, 4, 8), sample, "a")
    until(lambda: sweeps.view(sweep).state.is_final)
    view = sweeps.view(sweep)
    assert view.state is JobState.FINISHED
    assert (view.n_done, view.fraction, view.seconds_left) == (3, 1.0, 0.0)
    for point in view.points:
        record = engine.record(point.job_id)
        assert record.config == point.config
        expected = evaluate(record.parameters, sample.test_images, sample.test_labels)
        assert point.outcome.n_test_right == expected.n_right
        assert point.outcome.n_test_images == expected.n_images
        assert point.outcome.validation_accuracy == record.history.validation_accuracy[-1]


def test_equal_sweeps_are_one_and_each_network_is_trained_once(engine, sweeps, sample):
    first = sweeps.submit(small(2, 4, seed=1), sample, "a")
    assert sweeps.submit(small(2, 4, seed=1), sample, "b") == first
    until(lambda: sweeps.view(first).state.is_final)
    wider = sweeps.submit(small(2, 4, 8, seed=1), sample, "a")
    until(lambda: sweeps.view(wider).state.is_final)
    jobs = [point.job_id for point in sweeps.view(wider).points]
    assert jobs[:2] == [point.job_id for point in sweeps.view(first).points]
    assert engine.submit(small(8, seed=1)[0], sample, "c") == jobs[2]


@pytest.mark.load
def test_a_cluster_of_two_workers_trains_two_networks_of_a_sweep_at_once(sample):
    from distributed import LocalCluster

    no_page = {"dashboard_address": "127.0.0.1:0"}  # not the port that everybody's scheduler asks for
    with LocalCluster(n_workers=2, threads_per_worker=1, scheduler_kwargs=no_page) as cluster:
        wide = Engine(address=cluster.scheduler_address)
        until(lambda: wide.n_slots == 2)
        sweeps = Sweeps(wide)
        sweep = sweeps.submit([long(9), long(10), long(11)], sample, "a")
        until(lambda: sum(point.fraction > 0 for point in sweeps.view(sweep).points) == 2)
        assert sweeps.view(sweep).points[2].state is JobState.QUEUED
        sweeps.stop(sweep, "a")
        until(lambda: sweeps.view(sweep).state.is_final)
        wide.close()


def test_a_single_training_waits_for_one_network_of_a_sweep_and_not_for_all(engine, sweeps, sample):
    six = [config for seed in range(6) for config in small(8, epochs=8, batch_size=1, seed=seed)]
    sweep, n_done = sweeps.submit(six, sample, "a"), []
    job = engine.submit(small(8)[0], sample, "b")
    engine.watch(job, lambda: n_done.append(sweeps.view(sweep).n_done))
    until(lambda: sweeps.view(sweep).state.is_final)
    assert n_done[0] < 6


def test_a_stopped_sweep_keeps_what_was_trained(sweeps, sample):
    sweep = sweeps.submit([*small(2), long(9), *small(10)], sample, "a")
    until(lambda: sweeps.view(sweep).points[1].fraction > 0)
    view = sweeps.view(sweep)
    assert view.state is JobState.RUNNING
    assert 1 / 3 < view.fraction < 2 / 3
    assert sweeps.stop(sweep, "a") == "stopping"
    until(lambda: sweeps.view(sweep).state.is_final)
    view = sweeps.view(sweep)
    assert view.state is JobState.STOPPED
    assert [point.is_finished for point in view.points] == [True, False, False]
    assert view.points[1].state is JobState.STOPPED
    assert sweeps.stop(sweep, "a") == "ended"
    assert sweeps.submit(small(2), sample, "a") != sweep


def test_a_sweep_that_others_want_goes_on_without_who_leaves(sweeps, sample):
    sweep = sweeps.submit([long(11)], sample, "a")
    sweeps.submit([long(11)], sample, "b")
    assert sweeps.stop(sweep, "a") == "left"
    assert not sweeps.view(sweep).state.is_final
    assert sweeps.stop(sweep, "b") == "stopping"
    until(lambda: sweeps.view(sweep).state.is_final)


def test_stopping_a_sweep_lets_a_network_go_on_that_a_visitor_trains(engine, sweeps, sample):
    job = engine.submit(long(12), sample, "b")
    sweep = sweeps.submit([long(12)], sample, "a")
    assert sweeps.stop(sweep, "a") == "stopping"
    assert sweeps.view(sweep).state is JobState.STOPPED
    assert not engine.view(job).state.is_final
    engine.stop(job, "b")
    until(lambda: engine.view(job).state.is_final)


def test_a_sweep_waits_while_the_queue_is_full(engine, sweeps, sample):
    until(lambda: not engine._schedule.running)
    jobs = [engine.submit(long(seed), sample, "b") for seed in (40, 41, 42)]
    sweep = sweeps.submit(small(43), sample, "a")
    assert sweeps.view(sweep).state is JobState.QUEUED
    for job in jobs[::-1]:
        engine.stop(job, "b")
    until(lambda: sweeps.view(sweep).state.is_final)
    assert sweeps.view(sweep).state is JobState.FINISHED


def test_a_sweep_whose_trainings_all_fail_fails_and_can_be_tried_again(engine, sweeps, sample, monkeypatch):
    def refuse(*_):
        raise ValueError("nobody wants it")

    monkeypatch.setattr(Dispatcher, "_hand_out", refuse)
    sweep = sweeps.submit(small(44, 45), sample, "a")
    until(lambda: sweeps.view(sweep).state.is_final)
    view = sweeps.view(sweep)
    assert view.state is JobState.FAILED
    assert all("Training failed: nobody wants it" in point.error for point in view.points)
    monkeypatch.undo()
    assert sweeps.submit(small(44, 45), sample, "a") != sweep


def test_a_sweep_has_at_least_one_training_and_not_too_many(sweeps, sample):
    for configs in ([], small(*range(1, MAX_SWEEP_TRAININGS + 2))):
        with pytest.raises(ValueError, match=f"1 to 64 trainings, not {len(configs)}"):
            sweeps.submit(configs, sample)


def test_no_more_sweeps_are_taken_than_can_be_kept_in_view(engine, sample, monkeypatch):
    monkeypatch.setattr("mnist_core.sweeps.runner.MAX_ACTIVE_SWEEPS", 1)
    crowded = Sweeps(engine)
    sweep = crowded.submit([long(13)], sample, "a")
    with pytest.raises(EngineBusyError, match="1 other sweeps"):
        crowded.submit(small(2), sample, "b")
    crowded.stop(sweep, "a")
    until(lambda: crowded.view(sweep).state.is_final)


def test_one_visitor_does_not_take_the_sweeps_of_all(engine, sample, monkeypatch):
    monkeypatch.setattr("mnist_core.sweeps.runner.MAX_SWEEPS_OF_ONE", 1)
    crowded = Sweeps(engine)
    first = crowded.submit([long(14)], sample, "a")
    with pytest.raises(EngineBusyError, match="1 sweeps of yours"):
        crowded.submit(small(2), sample, "a")
    other = crowded.submit([long(15)], sample, "b")
    for sweep, visitor in ((other, "b"), (first, "a")):
        crowded.stop(sweep, visitor)
        until(lambda sweep=sweep: crowded.view(sweep).state.is_final)


def test_the_sweeps_of_one_visitor_take_an_estimated_hour_at_most(sample):
    sweeps = Sweeps(Slow(20 * 60))
    sweeps.submit(small(1, 2), sample, "a")
    with pytest.raises(EngineBusyError, match="about 80 minutes to train; at most 60 may wait"):
        sweeps.submit(small(3, 4), sample, "a")
    with pytest.raises(EngineBusyError, match="about 80 minutes"):
        sweeps.submit(small(5, 6, 7, 8), sample, "b")
    sweeps.submit(small(3, 4), sample, "b")


def test_the_sweeps_of_all_take_eight_estimated_hours_at_most(sample):
    sweeps = Sweeps(Slow(50 * 60))
    for number in range(9):
        sweeps.submit(small(1 + number), sample, f"visitor {number}")
    with pytest.raises(EngineBusyError, match=r"of others take about 7.5 hours more"):
        sweeps.submit(small(10), sample, "another")


class Slow:
    """An engine whose trainings all take as many seconds, and whose queue is full."""

    n_slots = 1

    def __init__(self, seconds):
        self.estimated_seconds = lambda config, dataset: seconds

    def are_gone(self, visitors):  # noqa: D102
        return False

    def submit(self, *_, **__):  # noqa: D102
        raise EngineBusyError("No more are taken.")


def test_a_plan_goes_over_values_and_seeds_and_changes_nothing_else():
    planned = plan(RunConfig(training=TrainingConfig(seed=7)), "batch size", (64, 8), n_seeds=2)
    settings = [(config.training.batch_size, config.training.seed) for config in planned.configs]
    assert settings == [(8, 7), (8, 8), (64, 7), (64, 8)]
    back = [with_value(config, "batch size", 32) for config in planned.configs]
    assert {config.training.epochs for config in back} == {5}


def test_more_images_than_there_are_is_all_of_them_once():
    planned = plan(DEFAULT, "training images", (1_000, 10_000, 60_000), n_available=4_000)
    assert [config.training.n_training_images for config in planned.configs] == [1_000, 4_000]


def test_a_sweep_of_units_changes_every_hidden_layer():
    planned = plan(RunConfig(NetworkConfig((5, 6))), "hidden neurons", (3,))
    assert planned.configs[0].network.hidden_units == (3, 3)


def test_the_seed_after_the_last_is_the_first():
    planned = plan(RunConfig(training=TrainingConfig(seed=2**31 - 1)), "batch size", (8,), n_seeds=2)
    assert [config.training.seed for config in planned.configs] == [2**31 - 1, 0]


def test_a_plan_without_values_or_with_too_many_is_refused_in_a_sentence():
    with pytest.raises(ConfigError, match="one value or more"):
        plan(DEFAULT, "batch size", ())
    with pytest.raises(ConfigError, match="9 values with 8 seeds each are 72 trainings"):
        plan(DEFAULT, "hidden neurons", SWEEPS["hidden neurons"].offered, n_seeds=8)
    with pytest.raises(ConfigError, match="hidden_units must be"):
        plan(DEFAULT, "hidden neurons", (0,))


@pytest.mark.parametrize("setting", SWEEPABLE)
def test_every_setting_is_read_as_it_was_applied(setting):
    sweep = SWEEPS[setting]
    assert set(sweep.usual) <= set(sweep.offered)
    for value in sweep.offered:
        assert swept_value(with_value(DEFAULT, setting, value), setting) == value


def outcome(right, seconds=1.0, validation=None):
    return Outcome(seconds, 10, False, 50 if validation is not None else 0, validation, 100, right)


def points(planned, outcomes):
    return [
        SweepPoint(config, "x", JobState.FINISHED if ended else JobState.FAILED, 1.0, ended)
        for config, ended in zip(planned.configs, outcomes, strict=True)
    ]


def test_a_worked_sweep():
    planned = plan(DEFAULT, "hidden neurons", (2, 4), n_seeds=2)
    outcomes = [outcome(60, 1.0, 0.5), outcome(70, 3.0, 0.6), outcome(90, 5.0, 0.8), None]
    result = collect(planned, points(planned, outcomes), "test")
    (line,) = result.lines
    assert line.values == (2, 4)
    assert line.means.tolist() == pytest.approx([0.65, 0.9])
    assert line.seconds.tolist() == [2.0, 5.0]
    assert [each.tolist() for each in line.accuracies] == [[0.6, 0.7], [0.9]]
    assert line.spread == pytest.approx(0.1)
    assert result.n_seeds == 2
    for interval, right in zip(line.intervals, (65, 90), strict=True):
        expected = binomtest(right, 100).proportion_ci(method="wilson")
        assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))
    watched = collect(planned, points(planned, outcomes), "validation").lines[0]
    assert watched.means.tolist() == pytest.approx([0.55, 0.8])


def test_networks_that_were_not_watched_have_no_validation_line():
    planned = plan(DEFAULT, "hidden neurons", (2,))
    assert collect(planned, points(planned, [outcome(60)]), "validation").lines == ()
    assert collect(planned, points(planned, [None]), "test").lines == ()


def test_points_of_another_plan_are_refused():
    planned = plan(DEFAULT, "hidden neurons", (2,))
    other = plan(DEFAULT, "hidden neurons", (4,))
    with pytest.raises(ValueError, match="not the trainings of this plan"):
        collect(planned, points(other, [outcome(60)]), "test")


@given(st.lists(st.integers(0, 100), min_size=4, max_size=4))
def test_means_lie_between_the_worst_and_the_best_seed(right):
    planned = plan(DEFAULT, "batch size", (8, 64), n_seeds=2)
    (line,) = collect(planned, points(planned, [outcome(n) for n in right]), "test").lines
    for mean, each, interval in zip(line.means, line.accuracies, line.intervals, strict=True):
        assert each.min() <= mean <= each.max()
        assert interval.low <= mean + 0.005
        assert mean - 0.005 <= interval.high


@pytest.mark.parametrize("n_available", [60_000, 4_000])
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_is_a_plan_that_fits_the_images_there_are(name, n_available):
    planned = EXPERIMENTS[name](n_available)
    assert 2 <= len(planned.configs) <= MAX_SWEEP_TRAININGS
    for config in planned.configs:
        assert (config.training.n_training_images or 0) <= n_available
    assert len(planned.values) == len(planned.configs)
    assert len(set(planned.values)) >= 2


def test_the_batch_experiment_has_equally_many_epochs_and_equally_many_updates():
    epochs, updates = EXPERIMENTS["batch size"](60_000).lines
    assert {config.training.epochs for config in epochs.configs} == {4}
    n_updates = [config.training.epochs / config.training.batch_size for config in updates.configs]
    assert set(n_updates) == {1 / 16}
    assert [config.training.batch_size for config in updates.configs] == list(EQUAL_UPDATES)


def test_the_classic_sweep_has_eight_sizes_of_the_hidden_layer():
    sizes = [config.network.hidden_units for config in EXPERIMENTS["few neurons"](60_000).configs]
    assert sizes == [(1,), (2,), (4,), (8,), (16,), (32,), (64,), (128,)]


def test_variants_are_one_line_with_a_place_for_each():
    planned = Plan(
        VARIANTS,
        tuple(
            PlannedLine(name, tuple(DEFAULT.with_changes(dropout=dropout, seed=seed) for seed in (0, 1)))
            for name, dropout in (("nothing", 0.0), ("dropout", 0.5))
        ),
    )
    result = collect(planned, points(planned, [outcome(n) for n in (60, 70, 90, 95)]), "test")
    assert [(line.name, line.values) for line in result.lines] == [("", ("nothing", "dropout"))]
    assert result.lines[0].means.tolist() == pytest.approx([0.65, 0.925])
    figure = accuracy_figure(result)
    assert title_text(figure) == "Test accuracy: 65.0 to 92.5%. Choose by the validation accuracy instead"
    assert figure.layout.xaxis.title.text == "What is different"
    assert {*figure.data[1].x} == {"nothing", "dropout"}
    assert "nothing 65.0%, dropout 92.5%" in alt_text(figure)
    assert all("lines" not in trace.mode for trace in figure.data)


def test_each_cure_changes_the_network_that_overfits_in_nothing_else():
    lines = {line.name: line.configs for line in EXPERIMENTS["cures"](60_000).lines}
    nothing = lines.pop("nothing")
    sizes = {config.training.split_sizes(60_000) for config in nothing}
    assert sizes == {(500, 500)}
    for name, configs in lines.items():
        changes = {
            each for each in nothing[0].values() if nothing[0].value_of(each) != configs[0].value_of(each)
        }
        assert len(changes) == (2 if name == "more images" else 1)
        assert configs[0].training.split_sizes(60_000)[1] == 500
        assert [config.training.seed for config in configs] == [0, 1, 2]


def test_the_figures_show_every_mean_and_every_seed():
    planned = plan(DEFAULT, "hidden neurons", (2, 4), n_seeds=2)
    right = (60, 70, 90, 95)
    result = collect(planned, points(planned, [outcome(n) for n in right]), "test")
    figure = accuracy_figure(result)
    seeds, means = figure.data
    assert list(seeds.y) == [60, 70, 90, 95]
    assert list(means.y) == pytest.approx([65, 92.5])
    assert title_text(figure) == "Test accuracy: 65.0 to 92.5%. Choose by the validation accuracy instead"
    chosen_by = [outcome(50, validation=share) for share in (0.6, 0.7, 0.9, 0.95)]
    chosen = accuracy_figure(collect(planned, points(planned, chosen_by), "validation"))
    assert title_text(chosen) == "Highest accuracy: 92.5% (hidden neurons: 4)"
    closer = [outcome(50, validation=share) for share in (0.9, 0.92, 0.9, 0.95)]
    assert title_text(accuracy_figure(collect(planned, points(planned, closer), "validation"))).endswith(
        "(hidden neurons: 4); the other may be as good"
    )
    assert "2 65.0%, 4 92.5%" in alt_text(figure)
    assert list(time_figure(result).data[0].y) == [1.0, 1.0]
    data, _ = live_accuracies(result, planned.values)
    assert data["accuracy"].tolist() == [60, 70, 90, 95]


@pytest.mark.parametrize(
    ("setting", "values"),
    [("hidden neurons", (2, 4, 8)), ("learning rate", (0.001, 0.01)), ("preparation", ("usual", "shuffled"))],
)
def test_a_sweep_keeps_its_frame_from_before_the_first_network_to_after_the_last(setting, values):
    planned = plan(DEFAULT, setting, values)
    some = [outcome(97), *[None] * (len(values) - 1)]
    results = [
        collect(planned, points(planned, so_far), "test") for so_far in (some, [outcome(97)] * len(values))
    ]
    frame = styled(go.Figure(), "", "", **accuracy_frame(planned, "test")).layout
    for result in results:
        layout = accuracy_figure(result, values=planned.values).layout
        for name in ("xaxis", "yaxis"):
            for part in ("range", "type", "tickvals", "ticktext"):
                assert layout[name][part] == frame[name][part]
        _, live = live_accuracies(result, planned.values)
        assert live["encoding"]["y"]["scale"]["domain"] == [*frame.yaxis.range] == [0, 100]
    closer = accuracy_figure(results[-1], values=planned.values, is_closer=True)
    assert closer.layout.yaxis.range is None
    assert is_cut(closer)
    assert not is_cut(accuracy_figure(results[-1], values=planned.values))


def test_a_figure_of_two_lines_has_both_names():
    lines = tuple(
        PlannedLine(name, plan(DEFAULT, "wrong labels", (0.0, share)).configs)
        for name, share in (("one", 0.2), ("other", 0.4))
    )
    planned = Plan("wrong labels", lines)
    figure = accuracy_figure(
        collect(planned, points(planned, [outcome(n) for n in (90, 80, 70, 60)]), "test")
    )
    assert [trace.name for trace in figure.data] == ["one", "other"]
    assert len({trace.line.color for trace in figure.data}) == 2
    assert list(figure.layout.xaxis.ticktext) == ["0%", "20%", "40%"]


def test_the_figure_of_pixels_names_both_means_and_draws_no_line_between_them():
    planned = plan(DEFAULT, "preparation", ("usual", "shuffled"))
    figure = accuracy_figure(collect(planned, points(planned, [outcome(90), outcome(91)]), "test"))
    assert title_text(figure) == "Mean accuracy: usual 90.0%, shuffled 91.0%"
    assert figure.data[0].mode == "markers"


def test_values_are_written_as_a_reader_expects():
    assert value_text("learning rate", 0.0003) == "0.0003"
    assert value_text("training images", 60_000) == "60,000"
    assert value_text("wrong labels", 0.2) == "20%"
    assert value_text("preparation", "usual") == "usual"


def test_arrays_of_a_result_cannot_be_changed():
    planned = plan(DEFAULT, "batch size", (8,))
    (line,) = collect(planned, points(planned, [outcome(9)]), "test").lines
    assert not any(array.flags.writeable for array in (line.means, line.seconds, *line.accuracies))
    assert isinstance(line.means, np.ndarray)
