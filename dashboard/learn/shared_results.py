"""What lessons compute once for all their visitors.

In a page it would be made known to Streamlit's cache anew in each run, which reads the source of the function
and takes as long as a small page.
"""

from typing import Final

import numpy as np
import streamlit as st

from dashboard.session import resources
from mnist_core.analysis.evaluation import Evaluation, evaluate
from mnist_core.config import Activation, Initializer
from mnist_core.figures.lab.neurons import weight_grid
from mnist_core.figures.style import Theme
from mnist_core.images.preparation import network_inputs
from mnist_core.lessons import activations, ladder, matching, plane, starting_weights, testing, weight_scale
from mnist_core.lessons.learning import StepEffects, effects_of_step, first_others
from mnist_core.lessons.loss import LossAndAccuracy, LossSpread, judge_at_temperature, spread
from mnist_core.lessons.optimizers import Race, first_gradients, race
from mnist_core.training.training_set import training_images

Pair = tuple[int, int]
TEST_COUNTS: Final = (100, 300, 1_000, 3_000, 10_000)
"""Test images that the best of several runs is chosen on."""
N_DRAWS: Final = 500
"""How often so many are drawn."""
UPDATE_RATES: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
"""Learning rates of one update."""
TEMPERATURES: Final = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
"""At which the loss of all test images is looked at."""


@st.cache_resource(max_entries=60, show_spinner=False)
def outcome(job_id: str, _run: resources.TrainedRun) -> starting_weights.Outcome:
    """What a start did to a run, measured once for all visitors."""
    return starting_weights.outcome_of(_run.record, _run.dataset)


@st.cache_resource(max_entries=60, show_spinner=False)
def sizes(
    fingerprint: str, start: Initializer, n_hidden: int, activation: Activation
) -> weight_scale.LayerSizes:
    """An untrained network, measured once for all visitors."""
    return weight_scale.layer_sizes(start, n_hidden, activation, resources.dataset())


@st.cache_resource(max_entries=4, show_spinner=False)
def growth(fingerprint: str, layer: int) -> weight_scale.Growth:
    """A layer of the classic network, measured once for all visitors."""
    return weight_scale.growth_of(layer, resources.dataset())


@st.cache_resource(max_entries=40, show_spinner=False)
def picture_of(owner: str, moment: int, theme: Theme, room: int, _images: np.ndarray, _limit: float) -> bytes:
    """The neurons of a network after so many epochs as images, drawn once for all visitors."""
    return weight_grid(_images, range(len(_images)), _limit, theme, room)


@st.cache_resource(show_spinner=False, max_entries=4)
def ink(fingerprint: str) -> np.ndarray:
    """The ink of every training image."""
    return ladder.ink_amounts(resources.dataset().train_images)


@st.cache_resource(show_spinner=False, max_entries=12)
def pattern_of(fingerprint: str, pair: Pair, pattern: matching.Pattern) -> matching.Match:
    """How well a pattern tells two digits apart."""
    images = resources.dataset()
    return matching.match(images, pair, matching.pattern_weights(images, pair, pattern))


@st.cache_resource(show_spinner=False, max_entries=100)
def painted(fingerprint: str, pair: Pair, weights: np.ndarray) -> matching.Match:
    """How well painted weights, shape (784,), tell two digits apart."""
    return matching.match(resources.dataset(), pair, weights)


@st.cache_resource(max_entries=8, show_spinner=False)
def collapse_of(job_id: str, _run: resources.TrainedRun) -> activations.Collapse:
    """A run's network as one layer, held against itself."""
    return activations.collapse(_run.record.parameters, _run.dataset, _run.evaluation)


@st.cache_resource(max_entries=48, show_spinner=False)
def plane_at(job_id: str, moment: int, _run: resources.TrainedRun) -> plane.Plane:
    """The plane of a run with two hidden neurons after so many epochs; all moments share its limits."""
    limits = plane.plane_limits(plane.weighted_sums(_run.record.parameters, _run.dataset.test_images))
    return plane.plane_of(_run.record.snapshots[moment], _run.dataset, limits)


@st.cache_data(max_entries=24, show_spinner=False)
def winners(job_ids: tuple[str, ...], _evaluations: list[Evaluation]) -> list[testing.Winner]:
    """The best of several runs, chosen on fewer and more of the test images."""
    return testing.winners_by_size(_evaluations, TEST_COUNTS, N_DRAWS)


@st.cache_data(show_spinner=False, max_entries=200)
def effects_of(
    job_id: str, epoch: int, number: int, n_others: int, _current: resources.TrainedRun
) -> StepEffects:
    """What one update for an image does to it and to the first other training images."""
    images, preparation = _current.dataset, _current.record.config.training.preparation
    others = first_others(number, n_others, len(images.train_images))
    return effects_of_step(
        _current.record.snapshots[epoch],
        network_inputs(images.train_images[[number]], preparation),
        images.train_labels[[number]],
        network_inputs(images.train_images[others], preparation),
        images.train_labels[others],
        UPDATE_RATES,
    )


@st.cache_resource(show_spinner=False, max_entries=60)
def raced(name: str, factor: float, kept: float) -> Race:
    """A race, run once for all visitors."""
    return race(name, factor, kept=kept)


@st.cache_data(show_spinner="Computing the gradients of ten batches …", max_entries=6)
def gradients_of(job_id: str, rate: float, _current: resources.TrainedRun) -> np.ndarray:
    """What Adam meets in its first ten updates of a run's network."""
    record = _current.record
    return first_gradients(record.snapshots[0], training_images(record.config, _current.dataset), rate)


@st.cache_resource(show_spinner=False, max_entries=24)
def spread_of(job_id: str, _run: resources.TrainedRun) -> LossSpread:
    """The losses of all test images."""
    return spread(_run.evaluation.logits, _run.evaluation.labels)


@st.cache_data(show_spinner=False, max_entries=24)
def untrained_loss(job_id: str, _run: resources.TrainedRun) -> float:
    """The loss of the test images before the first update."""
    images, preparation = _run.dataset, _run.record.config.training.preparation
    return evaluate(_run.record.snapshots[0], images.test_images, images.test_labels, preparation).loss


@st.cache_data(show_spinner=False, max_entries=24)
def judged_at(job_id: str, _run: resources.TrainedRun) -> dict[float, LossAndAccuracy]:
    """Loss and accuracy on the test images at each of `TEMPERATURES`."""
    logits, labels = _run.evaluation.logits, _run.evaluation.labels
    return {t: judge_at_temperature(logits, labels, t) for t in TEMPERATURES}
