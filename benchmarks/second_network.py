"""Teach the second network, which says "no digit", and write `mnist_core/images/second_network.npz`.

`python -m benchmarks.second_network` draws 101,000 images of no digits (harness/no_digits.py,
harness/shapes.py, harness/scribbles.py) and teaches them, beside MNIST's first 50,000 training images and
half of these once more, tilted a little. The limit is set by the last 10,000 training images: of those that
the classic network reads correctly, it doubts the share that `--doubted` says. It takes about three minutes.
"""

import argparse
import time
from functools import partial
from typing import Final

import numpy as np

from benchmarks.harness import no_digits, scribbles, shapes
from mnist_core.arrays import ByteArray, Float32Array
from mnist_core.config import CLASSIC
from mnist_core.images.dataset import load_dataset
from mnist_core.images.preparation import network_inputs
from mnist_core.images.second_network import FILE, NO_DIGIT, SecondNetwork, features_of
from mnist_core.training.loop import train

N_TAUGHT: Final = 50_000
"""Training images; the others set the limit."""
N_BY_HAND: Final = 1_200
"""Drawings of each digit."""
N_HIDDEN: Final = 320
EPOCHS: Final = 8
BATCH: Final = 256


def taught_images(images: ByteArray, labels: ByteArray) -> tuple[ByteArray, ByteArray]:
    """All that it learns from: uint8 (n, 28, 28), and labels 0 to 10, (n,)."""
    none = [
        no_digits.random_drawings(10_000, no_digits.any_lines, seed=1),
        no_digits.random_drawings(14_000, no_digits.signs, seed=2),
        no_digits.random_drawings(9_000, no_digits.one_scribble, seed=3),
        no_digits.put_together(images, 5_000, seed=4),
        no_digits.wrong_way_round(images, labels, 5_000, seed=5),
        no_digits.random_drawings(12_000, shapes.letter, seed=7),
        no_digits.random_drawings(16_000, shapes.sign, seed=8),
        no_digits.random_drawings(30_000, scribbles.any_scribble, seed=9),
    ]
    tilted = np.stack(list(no_digits.tilted(images[::2], seed=6)))
    redrawn = np.stack(list(no_digits.redrawn(tilted[::2])))
    by_hand = [
        no_digits.random_drawings(N_BY_HAND, partial(shapes.digit, label), seed=10 + label)
        for label in range(NO_DIGIT)
    ]
    n_none = sum(map(len, none))
    drawn_labels = np.arange(NO_DIGIT, dtype=np.uint8).repeat(N_BY_HAND)
    all_labels = np.concatenate([
        labels, labels[::2], labels[::4], drawn_labels, np.full(n_none, NO_DIGIT, np.uint8)
    ])  # fmt: skip
    return np.concatenate([images, tilted, redrawn, *by_hand, *none]), all_labels


def taught(images: ByteArray, labels: ByteArray) -> dict[str, Float32Array]:
    """The weights after learning, by their names in `SecondNetwork`."""
    import keras

    keras.utils.set_random_seed(0)
    inputs = features_of(images)
    rate = keras.optimizers.schedules.CosineDecay(3e-3, EPOCHS * len(inputs) // BATCH)
    model = keras.Sequential([
        keras.Input(inputs.shape[1:]),
        keras.layers.Dropout(0.1),
        keras.layers.Dense(N_HIDDEN, activation="relu"),
        keras.layers.Dropout(0.2),
        keras.layers.Dense(NO_DIGIT + 1),
    ])  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    model.fit(inputs, labels, BATCH, EPOCHS, verbose=2)
    names = "hidden_weights", "hidden_biases", "output_weights", "output_biases"
    return dict(zip(names, map(np.asarray, model.get_weights()), strict=True))


def main() -> None:
    """Teach and write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--doubted", type=float, default=0.0125, help="share of digits read correctly")
    doubted = parser.parse_args().doubted
    dataset = load_dataset()
    images, labels = dataset.train_images, dataset.train_labels
    begun = time.perf_counter()
    weights = taught(*taught_images(images[:N_TAUGHT], labels[:N_TAUGHT]))
    network = SecondNetwork(
        **{name: array.astype(np.float16).astype(np.float32) for name, array in weights.items()}, limit=0.0
    )
    others, right = images[N_TAUGHT:], labels[N_TAUGHT:]
    read = train(CLASSIC, dataset).parameters.logits(network_inputs(others)).argmax(axis=1)
    is_right = read == right
    reached = network.probabilities(others[is_right])[np.arange(is_right.sum()), read[is_right]]
    limit = float(np.quantile(reached, doubted))
    halves = {name: array.astype(np.float16) for name, array in weights.items()}
    np.savez_compressed(FILE, **halves, limit=np.float32(limit))
    size, seconds = FILE.stat().st_size / 1000, time.perf_counter() - begun
    print(f"{FILE.name}: {size:.0f} kB, limit {limit:.3f}, {seconds:.0f} s")


if __name__ == "__main__":
    main()
