"""A run as files for other programs: the network, its history, its answers. Numbers in full precision."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np

from mnist_core.analysis.evaluation import Evaluation, evaluate
from mnist_core.chapters import CHANGEABLE
from mnist_core.config import N_DIGITS, RunConfig
from mnist_core.images.dataset import Dataset
from mnist_core.network.keras_model import build_optimizer, to_keras
from mnist_core.network.parameters import Parameters
from mnist_core.training.history import History
from mnist_core.training.loops.tensorflow_import import TensorFlowError, is_installed
from mnist_core.training.record import RunRecord
from mnist_core.training.stretches import Timeline

KEY_LENGTH: Final = 6
"""Letters of a run's key in the names of its files."""


def file_stem(config: RunConfig, fingerprint: str) -> str:
    """A name for the files of a run, that says what it is and that no other run shares.

    Such as "mnist-32-relu-adam-5-epochs-1a2b3c".
    """
    units = "-".join(map(str, config.network.hidden_units))
    training = config.training
    key = config.key(fingerprint)[:KEY_LENGTH]
    return f"mnist-{units}-{config.network.activation}-{training.optimizer}-{training.epochs}-epochs-{key}"


def slug(words: str) -> str:
    """Words as a part of a file's name: "Loss over 5 epochs" → "loss-over-5-epochs", at most 80 letters."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:80].strip("-") or "chart"


def keras_file(record: RunRecord, _: Dataset) -> bytes:
    """The network as a `.keras` file; done by the training process, which has Keras.

    It takes 784 pixels from 0 to 1 and gives ten probabilities, and is compiled, so that `evaluate`
    works as soon as it is loaded.

    Raises:
        TensorFlowError: Keras has nothing here that computes for it.
    """
    if not is_installed():
        raise TensorFlowError(
            "A .keras file is written by Keras, which needs TensorFlow, and TensorFlow is not installed on "
            "this machine. The weights for NumPy are the same network, and need neither."
        )
    model = to_keras(record.parameters)
    optimizer = build_optimizer(record.config.in_epoch(record.timeline.epoch_of(record.steps_done)))
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "network.keras"
        model.save(path)
        return path.read_bytes()


def weights_file(parameters: Parameters) -> bytes:
    """All weights and biases as an `.npz` file.

    Arrays "weights_1" (784, units) and "biases_1" (units,) of the first hidden layer, and so on to the output
    layer's; float32, as trained.
    """
    arrays: dict[str, Any] = {}
    for number, (weights, biases) in enumerate(
        zip(parameters.weights, parameters.biases, strict=True), start=1
    ):
        arrays[f"weights_{number}"], arrays[f"biases_{number}"] = weights, biases
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def epochs_csv(history: History, config: RunConfig) -> str:
    """One row an epoch; the validation columns are empty where nothing validated.

    Of a run with several chapters, each row ends with the settings of its epoch that a chapter may change.
    """
    names: tuple[str, ...] = ("training_loss", "training_accuracy", "validation_loss", "validation_accuracy")
    n_epochs = len(history.training_loss)
    columns = [getattr(history, name).tolist() or [""] * n_epochs for name in names]
    epochs = range(1, n_epochs + 1)
    if config.chapters:
        settings = [config.in_epoch(epoch) for epoch in epochs]
        names += CHANGEABLE
        columns += [[each.value_of(name) for each in settings] for name in CHANGEABLE]
    return _csv(("epoch", *names), zip(epochs, *columns, strict=True))


def curve_csv(history: History, timeline: Timeline) -> str:
    """The finer curve within the epochs; loss and accuracy are of the updates since the row before."""
    steps = history.curve_step.astype(int).tolist()
    epochs = timeline.epochs_at(history.curve_step).tolist()
    rows = zip(steps, epochs, history.curve_loss.tolist(), history.curve_accuracy.tolist(), strict=True)
    return _csv(("updates", "epoch", "training_loss", "training_accuracy"), rows)


def predictions_csv(evaluation: Evaluation) -> str:
    """One row a test image: its number, truth and prediction, the ten probabilities, the loss in nats."""
    probabilities = [f"p{digit}" for digit in range(N_DIGITS)]
    rows = (
        (number, label, prediction, *_shortest(outputs), *_shortest([loss]))
        for number, (label, prediction, outputs, loss) in enumerate(
            zip(evaluation.labels.tolist(), evaluation.predictions.tolist(),
                evaluation.probabilities, evaluation.losses, strict=True)
        )
    )  # fmt: skip
    return _csv(("number", "true_digit", "prediction", *probabilities, "loss"), rows)


def predictions_file(record: RunRecord, dataset: Dataset) -> bytes:
    """The table of predictions in UTF-8, an analysis: 10,000 rows take 0.15 s, too long for a page."""
    preparation = record.config.training.preparation
    evaluation = evaluate(record.parameters, dataset.test_images, dataset.test_labels, preparation)
    return predictions_csv(evaluation).encode()


def for_excel(table: bytes) -> bytes:
    """A table as Excel reads it where people write 0,5: "0.5,1" becomes "0,5;1".

    It begins with the byte-order mark by which Excel knows UTF-8. No text in the tables of this module has a
    comma or a point, so no value is quoted, and every one of them stands in a number or between two columns.
    """
    return codecs.BOM_UTF8 + table.translate(bytes.maketrans(b",.", b";,"))


def _shortest(values: Iterable[np.float32]) -> list[str]:
    """As few decimals as name each float32 and no other."""
    return [str(value) for value in values]


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue()
