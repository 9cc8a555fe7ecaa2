import re

import numpy as np
import pytest
from training_process import classic, opened_lesson, run_until, skip_guess, visit_of

from mnist_core.analysis.intervals import wilson_interval
from mnist_core.config import DEFAULT, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.figures.lessons.batches import (
    accuracy_figure,
    angle_figure,
    length_figure,
    progress_figure,
    time_figure,
)
from mnist_core.figures.style import VALIDATION, alt_text, title_text
from mnist_core.images.preparation import network_inputs
from mnist_core.lessons.batches import (
    N_DRAWS,
    EpochPlan,
    gradient_of,
    gradient_spread,
    spreads_of_run,
    spreads_over_time,
    uphill_images,
)
from mnist_core.lessons.training_curves import Validated, standing, validated
from mnist_core.network.parameters import initial_parameters
from mnist_core.network.passes import backward, forward
from mnist_core.training.training_set import training_images

SMALL = RunConfig(NetworkConfig((6,)), TrainingConfig(batch_size=64, n_training_images=500, l2=0.01))


@pytest.mark.parametrize(
    ("n_images", "batch_size", "counts"),
    [(54_000, 32, (1_687, 16, 1_688)), (60_000, 32, (1_875, 0, 1_875)), (10, 64, (0, 10, 1))],
)
def test_an_epoch_has_full_batches_and_what_is_left(n_images, batch_size, counts):
    plan = EpochPlan(n_images, batch_size)
    assert (plan.n_full, plan.n_left, plan.n_batches) == counts
    assert plan.n_full * batch_size + plan.n_left == n_images


def test_the_batches_of_an_epoch_hold_every_training_image_once_and_epochs_differ(sample):
    chosen = training_images(SMALL, sample)
    plan = EpochPlan(len(chosen.labels), 64)
    batches = [chosen.batch(1, number) for number in range(1, plan.n_batches + 1)]
    assert [len(batch) for batch in batches] == [64] * plan.n_full + [plan.n_left]
    assert sorted(np.concatenate(batches)) == list(range(450))
    assert not np.array_equal(chosen.batch(1, 1), chosen.batch(2, 1))


def test_the_gradient_in_parts_is_the_gradient_in_one_piece(sample):
    config = RunConfig(SMALL.network, TrainingConfig(n_training_images=3_000, l2=0.01))
    chosen, parameters = training_images(config, sample), initial_parameters(config.network, 1)
    inputs = network_inputs(chosen.images)
    whole = backward(parameters, forward(parameters, inputs), chosen.labels, 0.01).flat()
    np.testing.assert_allclose(gradient_of(parameters, chosen, np.arange(2_700)), whole, atol=1e-6)


def test_a_batch_of_all_images_has_no_angle_and_smaller_ones_scatter_more(sample):
    chosen, parameters = training_images(SMALL, sample), initial_parameters(SMALL.network, 1)
    whole = gradient_of(parameters, chosen, np.arange(len(chosen.labels)))
    spreads = [gradient_spread(parameters, chosen, whole, size, 10) for size in (1, 32, 1_024)]
    medians = [np.median(spread.angles) for spread in spreads]
    assert medians[0] > medians[1] > medians[2]
    assert spreads[2].angles == pytest.approx(np.zeros(10), abs=0.1)
    assert spreads[2].lengths == pytest.approx(np.ones(10), abs=1e-3)


def test_at_most_so_many_moments_of_a_run_are_looked_at_and_its_ends_always(sample):
    chosen = training_images(SMALL, sample)
    snapshots = [initial_parameters(SMALL.network, seed) for seed in range(9)]
    spreads = spreads_over_time(snapshots, chosen, {1: 3, 32: 2}, n_moments=4)
    assert (len(spreads), min(spreads), max(spreads)) == (4, 0, 8)
    assert [len(spread.angles) for spread in spreads[8]] == [3, 2]


def test_figures_show_the_numbers_they_were_given(sample):
    chosen, parameters = training_images(SMALL, sample), initial_parameters(SMALL.network, 1)
    whole = gradient_of(parameters, chosen, np.arange(len(chosen.labels)))
    spreads = [gradient_spread(parameters, chosen, whole, size, 5) for size in (1, 32)]
    assert [list(box.y) for box in angle_figure(spreads).data] == [list(s.angles) for s in spreads]
    assert [list(box.y) for box in length_figure(spreads).data] == [list(s.lengths) for s in spreads]
    accuracies = {1: 0.9, 32: 0.95}
    results = {n: Validated(a, wilson_interval(round(1000 * a), 1000)) for n, a in accuracies.items()}
    figure = accuracy_figure(results, 32)
    assert list(figure.data[0].y) == pytest.approx([90, 95])
    assert figure.data[0].marker.color == VALIDATION
    assert "Batches of 32 did best" in title_text(figure)
    assert "too close to call" in title_text(accuracy_figure(results, None))
    curves = {1: (np.array([1.0, 2.0]), np.array([2.0, 1.0])), 32: (np.array([1.0]), np.array([2.25]))}
    progress = progress_figure(curves, standing(curves), "updates")
    assert [list(trace.y) for trace in progress.data] == [[2.0, 1.0], [2.25]]
    assert title_text(progress) == "After 1 updates: loss 2.00 with batches of 1, 2.25 with batches of 32"
    assert "4 times as fast" in title_text(time_figure({1: 2.0, 32: 0.5}))
    assert "2.00 with batches of 1" in alt_text(time_figure({1: 2.0, 32: 0.5}))


@pytest.mark.parametrize(("last", "n_ticks"), [(1.0, 5), (10.0, 7), (1_000.0, 6)])
def test_seconds_have_two_ticks_a_power_of_ten_where_there_are_few_powers(last, n_ticks):
    curves = {32: (np.array([0.01, last]), np.array([2.0, 1.0]))}
    axis = progress_figure(curves, standing(curves), "seconds").layout.xaxis
    assert sum(0.0099 < tick <= last for tick in axis.tickvals) == n_ticks
    assert axis.type == "log"


@pytest.fixture(scope="module")
def app(training_process):
    app = skip_guess(opened_lesson("batches"), "batches")
    return run_until(app, lambda: any(slider.key == "batch_moment" for slider in app.select_slider))


def _says(app, text):
    return any(text in markdown.value for markdown in app.markdown)


def test_before_the_guess_there_is_nothing_but_the_guess(app):
    assert not opened_lesson("batches").header


def test_the_batch_slider_changes_the_number_of_updates(app):
    n_images, _ = DEFAULT.training.split_sizes(len(_dataset().train_labels))
    for size in (32, 1_024):
        app.select_slider(key="choice_batch").set_value(size).run()
        assert not app.exception
        assert _says(app, f"**{EpochPlan(n_images, size).n_batches:,} updates**")


def test_another_moment_of_the_run_gives_other_gradients(app):
    titles = set()
    for moment in (0, 5):
        app.select_slider(key="batch_moment").set_value(moment).run()
        assert not app.exception
        titles |= {one.value for one in app.markdown if one.value.startswith("**Median angle")}
    assert len(titles) == 2


def test_the_images_that_point_uphill_are_counted_and_shown(app):
    record = classic().record
    chosen = training_images(record.config, _dataset())
    for moment in (0, 5):
        app.select_slider(key="batch_moment").set_value(moment).run()
        singles = spreads_of_run(record, _dataset())[moment][0]
        found = uphill_images(record.snapshots[moment], chosen, singles)
        when = f"After {moment} epochs" if moment else "Before training"
        n_uphill = f"**{len(found.indices)} of {N_DRAWS[1]} single images**"
        assert len(found.indices) == singles.n_uphill > 0
        assert _says(app, when)
        assert _says(app, n_uphill)
        assert _says(app, f"The network reads {found.n_right} of the {singles.n_uphill} correctly")
        assert _says(app, f"The downhill images drawn here supply +{found.downhill:.2f}")


@pytest.fixture
def compared(app, trainings_end_at_once):
    """The page after the experiment."""
    app.select_slider(key="batches_times").set_value(1.0).run()
    app.select_slider(key="choice_batch").set_value(32).run()
    app.slider(key="choice_epochs").set_value(1).run()
    if any(button.key == "begin_batches" for button in app.button):
        app.button(key="begin_batches").click().run()
    return run_until(app, lambda: app.dataframe)


def test_the_experiment_ends_in_a_row_for_each_batch_size(compared):
    app = compared
    table = app.dataframe[0].value
    assert table["Batch size"].tolist() == [1, 8, 32, 128, 1_024]
    n_images, _ = TrainingConfig(n_training_images=10_000).split_sizes(len(_dataset().train_labels))
    assert table["Updates in all"].tolist() == [
        EpochPlan(n_images, size).n_batches for size in table["Batch size"]
    ]
    assert not any("Test" in name for name in table)  # test images have no part in any choice
    from dashboard.session import resources

    jobs = visit_of(app).experiments["batches"]
    accuracies = [round(100 * validated(resources.current(job).record).accuracy, 1) for job in jobs]
    assert table["Validation accuracy (%)"].tolist() == accuracies


def test_the_curves_are_drawn_against_updates_epochs_and_seconds(compared):
    app, titles = compared, set()
    for against in ("updates", "epochs", "seconds"):
        app.segmented_control(key="batches_against").set_value(against).run()
        assert not app.exception
        titles |= {
            text.value for text in app.markdown if re.match(rf"\*\*After .*{against}: loss", text.value)
        }
    assert len(titles) == 3


def test_another_learning_rate_asks_for_another_training(app):
    app.select_slider(key="batches_times").set_value(10.0).run()
    assert not app.exception
    assert any("Adam with a learning rate of 0.01" in caption.value for caption in app.caption)
    assert any(button.key == "begin_batches" for button in app.button)


def _dataset():
    from dashboard.session import resources

    return resources.dataset()
