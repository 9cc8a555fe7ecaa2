"""Ready-made experiments: sweeps that answer a question.

Each is a plan made for the number of training images there are; the questions themselves, with a guess to
make first and what to see at the end, stand in the lesson of the compare page under the same names.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from mnist_core.config import DEFAULT, SETTINGS
from mnist_core.lessons.generalizing import DROPOUT, L2, PATIENCE, SHIFT
from mnist_core.sweeps.plans import SWEEPS, VARIANTS, Plan, PlannedLine, plan

FEW_IMAGES: Final = 10_000
"""Enough for an experiment that trains many networks, and done in seconds."""
N_SEEDS: Final = 3
"""Trainings of each variant where chance has a large part."""
OVERFITTED_IMAGES: Final = 500
"""So few that 128 neurons learn them by heart."""
CURES: Final[tuple[Mapping[str, float], ...]] = (
    {"patience": PATIENCE},
    {"l2": L2},
    {"dropout": DROPOUT},
    {"shift": SHIFT},
)
"""Of overfitting, each a change of one setting, as strong as in the lesson on them."""
EQUAL_UPDATES: Final = {16: 1, 32: 2, 64: 4, 128: 8, 256: 16}
"""Epochs for each batch size so that all make equally many updates."""


def few_neurons(n_available: int) -> Plan:
    """The classic sweep: eight sizes of the hidden layer."""
    return plan(DEFAULT, "hidden neurons", SWEEPS["hidden neurons"].usual, n_available=n_available)


def batch_size(n_available: int) -> Plan:
    """Five batch sizes: with equally many epochs, and with equally many updates."""
    base = DEFAULT.with_changes(n_training_images=min(FEW_IMAGES, n_available))
    epochs = dict.fromkeys(EQUAL_UPDATES, EQUAL_UPDATES[64])
    return Plan(
        "batch size",
        tuple(
            PlannedLine(
                name, tuple(base.with_changes(batch_size=size, epochs=times[size]) for size in EQUAL_UPDATES)
            )
            for name, times in (("same number of epochs", epochs), ("same number of updates", EQUAL_UPDATES))
        ),
    )


def wrong_labels(n_available: int) -> Plan:
    """More and more of the training labels replaced by another digit."""
    return plan(
        DEFAULT, "wrong labels", (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0), n_seeds=1, n_available=n_available
    )


def shuffled_pixels(n_available: int) -> Plan:
    """The images as they are, and with all their pixels in one other order, with five seeds each."""
    base = DEFAULT.with_changes(n_training_images=min(FEW_IMAGES, n_available))
    return plan(base, "preparation", ("usual", "shuffled"), n_seeds=5, n_available=n_available)


def data_or_neurons(n_available: int) -> Plan:
    """Four amounts of training images for each of three sizes of the hidden layer."""
    amounts = [amount for amount in (600, 2_000, 6_000, 20_000) if amount < n_available / 1.5]
    lines = []
    for units in (8, 32, 128):
        base = DEFAULT.with_changes(hidden_units=(units,))
        swept = plan(base, "training images", (*amounts, n_available), n_available=n_available)
        lines.append(replace(swept.lines[0], name=f"{units} hidden neurons"))
    return Plan("training images", tuple(lines))


def starting_weights(n_available: int) -> Plan:
    """All five ways to draw the starting weights, with three seeds each."""
    base = DEFAULT.with_changes(n_training_images=min(FEW_IMAGES, n_available))
    values = SWEEPS["starting weights"].offered
    return plan(base, "starting weights", values, n_seeds=N_SEEDS, n_available=n_available)


def cures(n_available: int) -> Plan:
    """A network that overfits, and the same with one cure each, with three seeds each.

    Half of its images validate, so that accuracies are told apart; of more images as many validate.
    """
    base = DEFAULT.with_changes(
        hidden_units=(128,), epochs=30, n_training_images=2 * OVERFITTED_IMAGES, validation_share=0.5
    )
    n_more = min(10 * OVERFITTED_IMAGES, n_available)
    variants: dict[str, Mapping[str, float]] = {
        "nothing": {},
        **{SETTINGS[name].words: cure for cure in CURES for name in cure},
        "more images": {"n_training_images": n_more, "validation_share": OVERFITTED_IMAGES / n_more},
    }
    lines = (
        PlannedLine(name, tuple(base.with_changes(**changes, seed=seed) for seed in range(N_SEEDS)))
        for name, changes in variants.items()
    )
    return Plan(VARIANTS, tuple(lines))


EXPERIMENTS: Final[Mapping[str, Callable[[int], Plan]]] = {
    "few neurons": few_neurons,
    "batch size": batch_size,
    "wrong labels": wrong_labels,
    "shuffled pixels": shuffled_pixels,
    "data or neurons": data_or_neurons,
    "starts": starting_weights,
    "cures": cures,
}
"""By name; each takes the number of training images there are."""
