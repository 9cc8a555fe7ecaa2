"""What each name of the script holds once a line has run: shapes, first numbers, losses, of the classic run.

And the whole course in the numbers of one image.

An expression is what can be typed after the line in Python, and its value what Python then answers, its
decimals rounded. All numbers come from the run's record, so that a page shows them without Keras.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from mnist_core.analysis.evaluation import Evaluation
from mnist_core.arrays import Float32Array
from mnist_core.config import NetworkConfig, Optimizer
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import cross_entropy, softmax
from mnist_core.training.record import RunRecord

Stage = Literal["load", "flatten", "normalise", "build", "compile", "fit", "evaluate", "predict"]
N_LABELS: Final = 6
"""Labels that are shown of each set."""
_SIDE: Final = 28
"""Pixels in a row of an image."""
_WINDOW: Final = 5
"""Neighbouring pixels that are followed from the file to the network."""
_N_WEIGHTS: Final = 3
"""Weights that are followed through the training: those of one pixel to the first neurons."""


@dataclass(frozen=True)
class Look:
    """What a name holds.

    Attributes:
        name: Of the variable.
        what: What of it is looked at; a later look at the same takes the place of this one.
        expression: What is asked, in Python.
        value: What Python answers, decimals rounded.
    """

    name: str
    what: str
    expression: str
    value: str


@dataclass(frozen=True, eq=False)
class Recap:
    """What the trained classic network makes of one training image, and what training it took.

    Attributes:
        image: uint8, shape (28, 28).
        label: Its digit.
        probabilities: Float32, shape (10,).
        loss: Its cross-entropy, in nats.
        network: Its shape.
        optimizer: Its name in the config.
        batch_size: Images of an update.
        updates_per_epoch: Of the weights.
        updates: In all.
        n_test: Test images.
        accuracy: On them, 0 to 1.
    """

    image: NDArray[np.uint8]
    label: int
    probabilities: Float32Array
    loss: float
    network: NetworkConfig
    optimizer: Optimizer
    batch_size: int
    updates_per_epoch: int
    updates: int
    n_test: int
    accuracy: float


def recap(record: RunRecord, dataset: Dataset, evaluation: Evaluation, number: int = 0) -> Recap:
    """The way of one training image through the trained network and back, in numbers.

    Args:
        record: Of the classic run.
        dataset: Its images.
        evaluation: Of its network on the test images.
        number: Of the training image.
    """
    training, image = record.config.training, dataset.train_images[number]
    logits = record.parameters.logits(network_inputs(image[None], training.preparation))
    label = dataset.train_labels[[number]]
    return Recap(
        image=image,
        label=int(label[0]),
        probabilities=softmax(logits)[0],
        loss=float(cross_entropy(logits, label)[0]),
        network=record.config.network,
        optimizer=training.optimizer,
        batch_size=training.batch_size,
        updates_per_epoch=training.steps_per_epoch(len(dataset.train_labels)),
        updates=record.steps_done,
        n_test=evaluation.n_images,
        accuracy=evaluation.accuracy,
    )


def first_ink(image: NDArray[np.uint8]) -> int:
    """The first pixel with ink that has a window of pixels behind it in its row.

    Args:
        image: Shape (28, 28).

    Returns:
        Its number in the list of 784; 0 for an image without one.
    """
    has_ink = image[:, : _SIDE - _WINDOW + 1] > 0
    row, column = np.unravel_index(int(has_ink.argmax()), has_ink.shape)
    return int(_SIDE * row + column)


def looks_by_stage(
    record: RunRecord, dataset: Dataset, evaluation: Evaluation
) -> Mapping[Stage, tuple[Look, ...]]:
    """What can be seen of the names after each stage of the classic script.

    Args:
        record: Of the classic run: plain pixels, one hidden layer, no validation.
        dataset: Its images.
        evaluation: Of its network on the test images.
    """
    training = record.config.training
    return {
        **_of_images(dataset),
        "build": (
            Look("model", "count", "model.count_params()", str(record.config.network.n_parameters)),
            _weights(record, 0, dataset),
        ),
        "compile": (
            Look("model", "rate", "model.optimizer.learning_rate.numpy()", f"{training.learning_rate:g}"),
        ),
        "fit": (
            Look("model", "updates", "model.optimizer.iterations.numpy()", str(record.steps_done)),
            Look("model", "losses", 'model.history.history["loss"]', _written(record.history.training_loss)),
            _weights(record, -1, dataset),
        ),
        "evaluate": (
            Look("loss", "number", "loss", f"{evaluation.loss:.3f}"),
            Look("accuracy", "number", "accuracy", f"{evaluation.accuracy:.4f}"),
        ),
        "predict": (
            Look("probabilities", "numbers", "probabilities[0]", _written(evaluation.probabilities[0], 2)),
            Look("probabilities", "largest", "probabilities.argmax()", str(evaluation.predictions[0])),
        ),
    }


def _of_images(dataset: Dataset) -> dict[Stage, tuple[Look, ...]]:
    """The images as they are loaded, flattened and normalised: the same few pixels each time."""
    start = first_ink(dataset.train_images[0])
    end = start + _WINDOW
    row, column = divmod(start, _SIDE)
    square = f"x_train[0, {row}, {column}:{column + _WINDOW}]"
    flat, listed = f"x_train[0, {start}:{end}]", dataset.train_images[0].reshape(-1)[start:end]
    inputs = network_inputs(dataset.train_images[:1])
    labels = (("y_train", dataset.train_labels), ("y_test", dataset.test_labels))
    images = (("x_train", dataset.train_images), ("x_test", dataset.test_images))
    return {
        "load": (
            *(Look(name, "shape", f"{name}.shape", str(values.shape)) for name, values in images),
            Look("x_train", "dtype", "x_train.dtype", str(dataset.train_images.dtype)),
            Look("x_train", "numbers", square, _written(listed)),
            *(
                Look(name, "numbers", f"{name}[:{N_LABELS}]", _written(values[:N_LABELS]))
                for name, values in labels
            ),
        ),
        "flatten": (
            *(
                Look(name, "shape", f"{name}.shape", str((len(values), inputs.shape[1])))
                for name, values in images
            ),
            Look("x_train", "numbers", flat, _written(listed)),
        ),
        "normalise": (
            Look("x_train", "dtype", "x_train.dtype", str(inputs.dtype)),
            Look("x_train", "numbers", flat, _written(inputs[0, start:end])),
        ),
    }


def _weights(record: RunRecord, moment: int, dataset: Dataset) -> Look:
    """Weights that multiply the first pixel with ink, before the first epoch or after the last one."""
    row = first_ink(dataset.train_images[0])
    shown = record.snapshots[moment].weights[0][row, :_N_WEIGHTS]
    return Look("model", "weights", f"model.get_weights()[0][{row}, :{_N_WEIGHTS}]", _written(shown))


def _written(values: Iterable[Any], digits: int = 3) -> str:
    """Numbers as NumPy writes them: whole ones as they are, others with a few decimals."""
    array = np.asarray(values)
    form = "d" if np.issubdtype(array.dtype, np.integer) else f".{digits}f"
    return f"[{' '.join(f'{value:{form}}' for value in array)}]"
