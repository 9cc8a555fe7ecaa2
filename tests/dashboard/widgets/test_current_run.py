"""What a page says of the run that it shows."""

import pytest

from dashboard.widgets.current_run import describe
from mnist_core.config import CLASSIC, DEFAULT, SETTINGS

USUAL = "32 hidden neurons, 5 epochs, batches of 32"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (DEFAULT, USUAL),
        (CLASSIC, f"{USUAL}, no validation"),
        (DEFAULT.with_changes(hidden_units=(1,)), USUAL.replace("32 hidden neurons", "1 hidden neuron")),
        (DEFAULT.with_changes(hidden_units=(8, 4), epochs=1), "8 + 4 hidden neurons, 1 epoch, batches of 32"),
        (DEFAULT.with_changes(activation="none", seed=3), f"{USUAL}, no activation, seed 3"),
        (
            DEFAULT.with_changes(optimizer="sgd", learning_rate=0.05, wrong_label_share=0.2),
            f"{USUAL}, optimiser SGD, learning rate 0.05, wrong labels 20%",
        ),
        (
            DEFAULT.with_changes(initializer="zeros", dropout=0.2, shift=1, patience=2, schedule="halved"),
            f"{USUAL}, starting weights all zero, dropout 20%, shifted copies up to 1 px, "
            "early stopping patience 2, learning-rate schedule halved each epoch",
        ),
    ],
)
def test_a_caption_names_every_setting_that_is_not_as_usual(config, words):
    assert describe(config) == words


def test_no_setting_is_left_out_of_a_caption():
    other = {"hidden_units": (3,), "activation": "tanh", "optimizer": "sgd", "n_training_images": 500}
    other |= {"preparation": "undivided", "seed": 2, "epochs": 2, "batch_size": 8}
    other |= {"learning_rate": 0.5, "validation_share": 0.2, "l2": 0.1, "wrong_label_share": 0.3}
    other |= {"initializer": "zeros", "dropout": 0.2, "shift": 1, "patience": 2, "schedule": "halved"}
    assert set(other) == set(SETTINGS)
    for name, value in other.items():
        assert describe(DEFAULT.with_changes(**{name: value})) != describe(DEFAULT), name
