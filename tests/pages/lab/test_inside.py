from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
from training_process import charts, classic, click_point, run_until

from dashboard import site_map
from dashboard.lab.inside.neurons import changes_in_words
from dashboard.session.resources import TrainedRun
from mnist_core.analysis.ablation import accuracy_from, prune_run, switched_off
from mnist_core.analysis.evaluation import evaluate
from mnist_core.analysis.inspection import layer_activations, measure_neurons
from mnist_core.analysis.maps import MIN_IMAGES
from mnist_core.analysis.weight_changes import PixelGroup, WeightChanges, weight_changes
from mnist_core.config import NetworkConfig
from mnist_core.engine.jobs import AnalysisView
from mnist_core.network.parameters import initial_parameters
from mnist_core.training.one_update import OneUpdate, UpdateAt, pack_update

PAGE = site_map.INSIDE.path
PARTS = ["Neurons", "Network", "Switch off", "Prune", "Film", "One update", "Map"]
N_FEW = 2 * MIN_IMAGES


@pytest.fixture
def page(app):
    """The page with its first part."""
    app.session_state["inside_part"] = "Neurons"
    app.switch_page(PAGE).run()
    return waited(app)


def opened(app, part):
    """A part of the page, once what the training process finds out for it is there."""
    app.segmented_control(key="inside_part").set_value(part).run()
    return waited(app)


def waited(app):
    return run_until(app, lambda: not any("This takes a moment" in info.value for info in app.info))


def made_up_update(record, step):
    """An update of three images, of which nothing is computed; each moves another neuron most."""
    n_neurons = record.config.network.hidden_units[0]
    pictures = np.zeros((2, n_neurons, 784), np.float32)
    pictures[:, -step, 300:320] = [[0.5], [-0.001]]
    losses = np.array([[2.5, 2.0, 1.5], [2.0, 1.0, 0.5]], np.float32)
    images, labels = np.array([4, 7, 2]), np.array([1, 2, 3])
    return OneUpdate(images, labels, losses, np.array([2.25, 2.125], np.float32), 500, *pictures)


@dataclass(frozen=True, eq=False)
class Here(TrainedRun):
    """A run whose analyses are made on the spot."""

    @property
    def evaluation(self):
        """Judged anew each time."""
        return evaluate(self.record.parameters, self.dataset.test_images, self.dataset.test_labels)

    def analysis(self, analyse, visitor):
        """Not in another process, and without TensorFlow."""
        if isinstance(analyse, UpdateAt):
            return AnalysisView(pack_update(made_up_update(self.record, analyse.step)))
        try:
            return AnalysisView(analyse(self.record, self.dataset))
        except ValueError as error:
            return AnalysisView(error=str(error))


@cache
def few_images():
    """What a network that is `here` is tried on: as many as a map needs."""
    images = classic().dataset
    few = {"test_images": images.test_images[:N_FEW], "test_labels": images.test_labels[:N_FEW]}
    return replace(images, **few, origin=replace(images.origin, fingerprint="few"))


def here(network, weights=None, n_moments=2):
    """A run that went from one random network to another, or to one whose weights are all the same."""
    trained = classic()
    start, end = initial_parameters(network, 1), initial_parameters(network, 2)
    if weights is not None:
        end = replace(end, weights=tuple(np.full_like(array, weights) for array in end.weights))
    config = replace(trained.record.config, network=network)
    n_steps = trained.record.timeline.ends[n_moments - 1]
    kept = (start, end)[-n_moments:]
    nothing = {"film": b"", "state": None, "memories": {}}
    record = replace(
        trained.record, config=config, parameters=end, snapshots=kept, steps_done=n_steps, **nothing
    )
    return Here(f"{network}{weights}{n_moments}", record, few_images())


def text(app):
    return " ".join(element.value for element in (*app.markdown, *app.caption))


def titles(app):
    return [bold.strip("*") for bold in (element.value for element in app.markdown) if bold.startswith("**")]


def test_the_page_opens_on_the_weights_of_the_classic_network(page):
    assert page.title[0].value == "Inside the network"
    assert len(page.get("image")) == 2  # the scale, and what the neuron passes most on for
    assert charts(page) == ["inside_tiles", "inside_answer", "inside_outgoing"]


@pytest.mark.parametrize("sent", [[11], [32], [-1], ["11"], [[11]], [], None, {"unit": 11}, [11, 11], [1.5]])
def test_a_click_on_a_picture_selects_its_neuron_and_nothing_else_does(page, sent):
    key = f"inside_unit_{classic().job_id}_0"
    page.select_slider(key=key).set_value(3).run()
    click_point(page, "inside_tiles", sent)
    assert not page.exception
    selected = 11 if sent == [11] else 3
    assert page.select_slider(key=key).value == selected
    assert f"**Neuron {selected}**: size of its weights" in text(page)


def test_a_click_on_a_picture_switches_its_neuron_off_and_another_on_again(page):
    opened(page, "Switch off")
    key = f"inside_off_{classic().job_id}_0"
    page.multiselect(key=key).set_value([3]).run()
    click_point(page, "inside_off_tiles", [20])
    assert page.multiselect(key=key).value == [3, 20]
    assert any(title.startswith("Without 2 neurons") for title in titles(page))
    click_point(page, "inside_off_tiles", [3])
    assert page.multiselect(key=key).value == [20]
    click_point(page, "inside_off_tiles", ["x"])
    assert page.multiselect(key=key).value == [20]
    assert not page.exception


def test_a_neuron_shows_the_measures_the_library_gives(page):
    slider = page.select_slider(key=f"inside_unit_{classic().job_id}_0")
    slider.set_value(7).run()
    record, dataset = classic().record, classic().dataset
    activations = layer_activations(record.parameters, dataset.test_images, 0)
    computed = measure_neurons(record.parameters, 0, activations)
    assert f"size of its weights {computed.norm[7]:.2f}" in text(page)
    assert f"0 on {100 * computed.zero[7]:.1f}% of the test images" in text(page)
    labels = ", ".join(str(n) for n in dataset.test_labels[np.argsort(-activations[:, 7])[:12]])
    assert f"true digits {labels}." in text(page)


def test_sorting_changes_the_order_and_keeps_the_neuron(page):
    key = f"inside_unit_{classic().job_id}_0"
    page.select_slider(key=key).set_value(7).run()
    page.selectbox(key="inside_sorted").set_value("norm").run()
    record = classic().record
    order = np.argsort(-np.linalg.norm(record.parameters.weights[0], axis=0))
    assert page.select_slider(key=key).options == [str(unit) for unit in order]
    assert page.select_slider(key=key).value == 7
    page.selectbox(key="inside_sorted").set_value("number").run()
    assert page.select_slider(key=key).options[:3] == ["0", "1", "2"]


def test_switching_neurons_off_shows_what_the_library_counts(page):
    opened(page, "Switch off")
    key = f"inside_off_{classic().job_id}_0"
    page.multiselect(key=key).set_value([3, 20]).run()
    record, dataset = classic().record, classic().dataset
    activations = layer_activations(record.parameters, dataset.test_images, 0)
    network = switched_off(record.parameters, 0, (3, 20))
    without = accuracy_from(network, 0, activations, dataset.test_labels)
    accuracy = 100 * classic().evaluation.accuracy
    assert f"Without 2 neurons: {100 * without.overall:.1f}% correct instead of {accuracy:.1f}%" in titles(
        page
    )
    page.button(key="inside_another_one_off").click().run()
    assert len(page.multiselect(key=key).value) == 3
    page.button(key="inside_half_of_them_off").click().run()
    assert len(page.multiselect(key=key).value) == 16
    page.button(key="inside_all_on").click().run()
    assert page.multiselect(key=key).value == []
    assert f"All neurons on: {accuracy:.1f}% correct" in titles(page)
    assert not page.exception


def test_pruning_shows_the_accuracy_at_the_chosen_share(page):
    opened(page, "Prune")
    report = prune_run(classic().record, classic().dataset)
    place = report.everywhere.shares.tolist().index(0.8)
    page.select_slider(key="inside_share").set_value(80.0).run()
    accuracy = 100 * report.everywhere.accuracies[place]
    assert any(
        title.startswith(f"80% of the weights pruned: {accuracy:.1f}% correct") for title in titles(page)
    )
    page.selectbox(key="inside_pruned_1").set_value("output layer").run()
    accuracy = 100 * report.by_layer[1].accuracies[place]
    assert any(
        title.startswith(f"80% of the weights pruned: {accuracy:.1f}% correct") for title in titles(page)
    )
    assert "64 of 320 weights are left" in text(page)
    assert charts(page) == ["inside_pruning", "inside_matrix"]


def test_both_maps_are_shown_by_pca_and_by_t_sne(page, monkeypatch):
    current = here(NetworkConfig((8,)))
    monkeypatch.setattr("dashboard.widgets.current_run.run_or_notice", lambda *_: current)
    opened(page, "Map")
    for method in ("PCA", "t-SNE"):
        page.segmented_control(key="inside_method").set_value(method).run()
        waited(page)
        assert len(page.get("vega_lite_chart")) == 2
        assert f"All {N_FEW} test images are used." in text(page)
    assert "means little" in text(page)


@pytest.mark.parametrize(
    "network",
    [
        NetworkConfig((1,)),
        NetworkConfig((6, 1, 5), "none"),
        NetworkConfig((256,), "tanh"),
        NetworkConfig((5, 2, 4), "sigmoid"),
    ],
)
def test_every_part_takes_every_network(page, monkeypatch, network):
    current = here(network)
    monkeypatch.setattr("dashboard.widgets.current_run.run_or_notice", lambda *_: current)
    monkeypatch.setattr("mnist_core.analysis.maps._ITERATIONS", 250)  # the fewest that scikit-learn takes
    for part in PARTS:
        opened(page, part)
        assert not page.error
    n_hidden = len(network.hidden_units)
    if n_hidden > 1:
        opened(page, "Neurons")
        page.segmented_control(key=f"inside_layer_neurons_{n_hidden}").set_value(1).run()
        assert "inside_matrix" in charts(page)
        opened(page, "Switch off")
        page.segmented_control(key=f"inside_layer_off_{n_hidden}").set_value(0).run()
        assert "inside_importance" not in charts(page)
    assert not page.exception


@pytest.mark.parametrize("weights", [np.nan, np.inf, 3e38])
def test_a_run_that_diverged_is_said_instead_of_shown(page, monkeypatch, weights):
    current = here(NetworkConfig((4,)), weights=weights)
    monkeypatch.setattr("dashboard.widgets.current_run.run_or_notice", lambda *_: current)
    monkeypatch.setattr("mnist_core.analysis.maps._ITERATIONS", 250)  # the fewest that scikit-learn takes
    for part in PARTS:
        opened(page, part)
        assert any("grew without limit" in info.value for info in page.info)
        assert not page.get("image")
        assert not charts(page)


def test_dead_neurons_are_said_to_pass_on_0(page, monkeypatch):
    current = here(NetworkConfig((3,)), weights=0.0)
    monkeypatch.setattr("dashboard.widgets.current_run.run_or_notice", lambda *_: current)
    opened(page, "Neurons")
    assert any("output is 0 for every test image" in info.value for info in page.info)
    for part in PARTS[1:]:
        opened(page, part)


def test_how_far_training_moved_the_weights_near_the_edges_is_said_from_the_run(page):
    current = classic()
    run_until(page, lambda: "How much did" in text(page))
    changes = weight_changes(current.record, current.dataset)
    assert changes.never.n_pixels > 0
    assert changes_in_words(changes) in text(page)
    assert f"by 0.00 where no image has ink ({changes.never.n_pixels} pixels)" in text(page)
    assert "are the work of a few images" in text(page)  # the classic run uses Adam


@pytest.mark.parametrize(
    ("changes", "mixture", "words"),
    [
        ({}, None, "still what they were at the start"),
        ({"l2": 0.001, "shift": 2}, None, "Shifted copies"),
        ({}, "own images", ""),
    ],
)
def test_weights_of_empty_pixels_are_said_to_stay_only_where_they_do(
    page, monkeypatch, changes, mixture, words
):
    current = here(NetworkConfig((3,)))
    record = replace(current.record, config=current.record.config.with_changes(**changes), mixture=mixture)
    current = replace(current, record=record)
    monkeypatch.setattr("dashboard.widgets.current_run.run_or_notice", lambda *_: current)
    said = text(opened(page, "Neurons"))
    assert "where no image has ink" in said
    for each in ("still what they were at the start", "Shifted copies"):
        assert (each in said) == (each == words)


def test_groups_without_pixels_are_not_mentioned():
    none, all_pixels = PixelGroup(0, 0.0), PixelGroup(784, 0.1)
    said = changes_in_words(WeightChanges(never=none, rarely=none, often=all_pixels))
    assert said == "By 0.10 on average where ink is common (784 pixels)."


def test_one_update_shows_losses_before_and_after_and_begins_with_the_neuron_that_moves_most(
    page, monkeypatch
):
    current = here(NetworkConfig((5,)))
    monkeypatch.setattr("dashboard.widgets.current_run.run_or_notice", lambda *_: current)
    opened(page, "One update")
    metrics = {metric.label: (metric.value, metric.delta) for metric in page.metric}
    assert [error.value for error in page.error] == []
    assert metrics == {
        "Loss of its 3 images": ("2.000 → 1.167", "0.833"),  # the arrow beside it says which way
        "Loss of 500 other training images": ("2.250 → 2.125", "0.125"),
    }
    under = {tab.label: " ".join(element.value for element in tab.markdown) for tab in page.tabs}
    assert "Under each image" in under["Images of the batch"]
    assert "Under each image" not in under["Gradient and change"]
    assert "Gradient of neuron 4" in text(page)
    key = f"one_update_Neuron_{current.job_id}"
    page.number_input(key=key).set_value(0).run()
    assert any("no correction reaches this neuron's weights" in info.value for info in page.info)
    page.number_input(key=f"one_update_Update_{current.job_id}").set_value(2).run()
    assert not page.exception
    assert "Gradient of neuron 0" in text(page), "the neuron stays while one steps through updates"
    assert "the first 500 training images that are not in the batch" in text(page)


def test_a_run_without_a_film_says_how_to_have_one(page, monkeypatch):
    current = here(NetworkConfig((3,)))
    monkeypatch.setattr("dashboard.widgets.current_run.run_or_notice", lambda *_: current)
    opened(page, "Film")
    assert any("no film of this run" in info.value for info in page.info)


def test_the_film_of_a_run_is_offered_with_its_views(page):
    opened(page, "Film")
    assert not page.info
    assert not page.exception
