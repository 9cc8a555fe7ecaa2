"""What a run leaves behind: its config, how it went, and the network it learned.

A `RunRecord` is everything that evaluation, figures and pages need; it is saved as one `.npz` file
without pickle, so that loading a stranger's file runs nothing.
"""

import contextlib
import functools
import importlib.metadata
import itertools
import json
import platform
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.config import RunConfig
from mnist_core.images.dataset import Dataset
from mnist_core.images.mixture import Mixture
from mnist_core.network.parameters import Parameters, starting_parameters
from mnist_core.settings import ConfigError
from mnist_core.training.early_stopping import best_epoch
from mnist_core.training.history import History
from mnist_core.training.stretches import Timeline, timeline_of

FORMAT_VERSION: Final = 3
"""Raised whenever the version before could not read a file."""
READABLE_VERSIONS: Final = (2, 3)
"""Version 2 had no chapters, and is otherwise the same."""


class RecordError(ValueError):
    """A file is no record this version can read; the message says why."""


@dataclass(frozen=True, eq=False)
class TrainingState:
    """What a training needs, besides its weights, to go on as if it had never been interrupted.

    Attributes:
        memory: The optimiser's variables: for Adam the number of updates, the learning rate and two running
            means of each weight, so 8 bytes a parameter, 2.7 MB for the largest network.
        sums: Shape (2,), of the losses and right answers of the images of the epoch under way.
    """

    memory: tuple[NDArray[Any], ...]
    sums: NDArray[np.float64]

    @property
    def n_bytes(self) -> int:
        """Memory of all arrays, in bytes."""
        return sum(array.nbytes for array in (*self.memory, self.sums))


@dataclass(frozen=True, eq=False)
class RunRecord:
    """One finished or stopped run.

    Attributes:
        config: What was asked for.
        dataset_name: Which images, in words.
        dataset_fingerprint: Which images, exactly (see `dataset.Dataset`).
        n_training_images: Images the weights were trained on.
        n_validation_images: Images set aside, 0 for none.
        steps_done: Updates made; fewer than its timeline has if it was stopped by somebody.
        is_stopped: Whether somebody stopped it before its last epoch was done.
        seconds: From the first update to the last, waiting for nothing.
        history: Loss and accuracy.
        snapshots: Parameters before the first update and after each whole epoch.
        parameters: The network that is kept: that of the end, or of the `kept_epoch` if it was not stopped.
        versions: Of what trained it: Python, NumPy and, if it was not trained in NumPy, TensorFlow and Keras.
        state: To go on from here; None for a record without.
        film: See `mnist_core.training.film`; empty for a record without.
        memories: What the optimiser remembered after some of the epochs, by their numbers: together with the
            snapshots they are where updates are computed again from. A few MB at most.
        mixture: The own images that took part; None for none.
    """

    config: RunConfig
    dataset_name: str
    dataset_fingerprint: str
    n_training_images: int
    n_validation_images: int
    steps_done: int
    is_stopped: bool
    seconds: float
    history: History
    snapshots: tuple[Parameters, ...]
    parameters: Parameters
    versions: Mapping[str, str]
    state: TrainingState | None = None
    film: bytes = b""
    memories: Mapping[int, tuple[NDArray[Any], ...]] = field(default_factory=dict)
    mixture: Mixture | None = None

    @classmethod
    def untrained(cls, config: RunConfig, dataset: Dataset) -> "RunRecord":
        """The record of a run that was stopped before its first update: the network as it starts."""
        n_training, n_validation = config.training.split_sizes(len(dataset.train_labels))
        start = starting_parameters(config)
        return cls(
            config=config,
            dataset_name=dataset.name,
            dataset_fingerprint=dataset.fingerprint,
            n_training_images=n_training,
            n_validation_images=n_validation,
            steps_done=0,
            is_stopped=True,
            seconds=0.0,
            history=History.joined([]),
            snapshots=(start,),
            parameters=start,
            versions=library_versions(),
            mixture=dataset.mixture,
        )

    def images_among(self, datasets: Iterable[Dataset]) -> Dataset | None:
        """Of some datasets the one that it was trained on, with its own images if there were any."""
        mixed = (dataset.with_mixture(self.mixture) for dataset in datasets)
        return next((each for each in mixed if each.fingerprint == self.dataset_fingerprint), None)

    def as_beginning(self, config: RunConfig, dataset: Dataset) -> "RunRecord":
        """The record of a longer run that has come as far as this one; own images may take part later."""
        return replace(
            self,
            config=config,
            is_stopped=True,
            dataset_name=dataset.name,
            dataset_fingerprint=dataset.fingerprint,
            mixture=dataset.mixture,
        )

    @property
    def library(self) -> str:
        """What made its updates: "TensorFlow", which may have left some to NumPy, or "NumPy" alone."""
        return "TensorFlow" if any(name.startswith("tensorflow") for name in self.versions) else "NumPy"

    @property
    def has_diverged(self) -> bool:
        """Whether the weights ran off to infinity, as they do when the learning rate is too large."""
        arrays = (*self.parameters.weights, *self.parameters.biases)
        return not all(np.isfinite(array).all() for array in arrays)

    @property
    def epochs_done(self) -> int:
        """How many whole epochs it was trained."""
        return len(self.snapshots) - 1

    @property
    def has_ended_early(self) -> bool:
        """Whether early stopping ended it before its last epoch."""
        training = self.config.training
        return not self.is_stopped and training.patience > 0 and self.epochs_done < training.epochs

    @property
    def kept_epoch(self) -> int:
        """The epoch whose network is kept: the last one, or the best of a whole run with patience."""
        is_watched = self.config.training.patience > 0 and self.history.has_validation and not self.is_stopped
        return best_epoch(self.history.validation_loss.tolist()) if is_watched else self.epochs_done

    @property
    def timeline(self) -> Timeline:
        """Which updates belong to which epoch: all that were asked for, but for a run that ended early."""
        whole = timeline_of(self.config, self.n_training_images)
        return Timeline(whole.updates[: self.epochs_done]) if self.has_ended_early else whole

    @property
    def images_per_second(self) -> float:
        """Training images seen in a second, on average."""
        n_images = float(self.timeline.epochs_at(self.steps_done)) * self.n_training_images
        return n_images / self.seconds if self.seconds > 0 else 0.0

    @property
    def n_bytes(self) -> int:
        """Memory of the record, in bytes, but for a few hundred."""
        arrays = [getattr(self.history, name) for name in self.history.__dataclass_fields__]
        arrays += itertools.chain(*self.memories.values())
        parts = sum(part.n_bytes for part in (*self.snapshots, self.parameters, self.state) if part)
        arrays += [] if self.mixture is None else [self.mixture.images, self.mixture.test_images]
        return len(self.film) + parts + sum(int(array.nbytes) for array in arrays)

    def save(self, file: Path | IO[bytes]) -> None:
        """Write the record as one `.npz` file, not packed: that saves a tenth and takes ten times as long."""
        np.savez(file, allow_pickle=False, **_to_arrays(self))


_FACTS: Final = (
    "dataset_name",
    "dataset_fingerprint",
    "n_training_images",
    "n_validation_images",
    "steps_done",
    "is_stopped",
    "seconds",
)


@functools.cache
def library_versions(library: str = "TensorFlow") -> dict[str, str]:
    """Of Python, NumPy and, for "TensorFlow", it and Keras; none of them is imported for it."""
    versions = {"python": platform.python_version(), "numpy": np.__version__}
    for name in ("keras", "tensorflow", "tensorflow-cpu") if library == "TensorFlow" else ():
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[name] = importlib.metadata.version(name)
    return versions


def _to_arrays(record: RunRecord) -> dict[str, Any]:
    facts = {name: getattr(record, name) for name in _FACTS}
    facts |= {
        "format": FORMAT_VERSION,
        "config": record.config.to_dict(),
        "versions": dict(record.versions),
        "n_snapshots": len(record.snapshots),
    }
    arrays: dict[str, Any] = {"facts": np.array(json.dumps(facts))}
    arrays |= {f"history.{name}": array for name, array in vars(record.history).items()}
    for number, parameters in enumerate((*record.snapshots, record.parameters)):
        for layer, (w, b) in enumerate(zip(parameters.weights, parameters.biases, strict=True)):
            arrays[f"parameters.{number}.{layer}.weights"] = w
            arrays[f"parameters.{number}.{layer}.biases"] = b
    if record.film:
        arrays["film"] = np.frombuffer(record.film, np.uint8)
    if record.state is not None:
        arrays["state.sums"] = record.state.sums
        arrays |= _named("state.memory", record.state.memory)
    if record.mixture is not None:
        arrays |= {f"mixture.{name}": value for name, value in record.mixture.to_dict().items()}
    arrays["memories"] = np.array(sorted(record.memories), np.int64)
    for epoch, memory in record.memories.items():
        arrays |= _named(f"memory.{epoch}", memory)
    return arrays


def _named(name: str, arrays: Sequence[NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {f"{name}.{number}": array for number, array in enumerate(arrays)}


def _read_named(name: str, arrays: Mapping[str, NDArray[Any]]) -> tuple[NDArray[Any], ...]:
    """The arrays that `_named` gave names, in their order."""
    names = (f"{name}.{number}" for number in itertools.count())
    return tuple(map(arrays.__getitem__, itertools.takewhile(arrays.__contains__, names)))


def load_record(file: Path | IO[bytes]) -> RunRecord:
    """Read a record that `RunRecord.save` wrote.

    Raises:
        RecordError: The file is missing, damaged, of another version, or no record at all.
    """
    try:
        with np.load(file, allow_pickle=False) as arrays:
            return _from_arrays(arrays)
    except RecordError:
        raise
    except FileNotFoundError:
        raise RecordError(f"There is no file {file}.") from None
    except ConfigError as error:
        raise RecordError(f"The record's settings are not valid: {error}") from error
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise RecordError(f"This is not a readable run record ({error}).") from error


def _from_arrays(arrays: Mapping[str, NDArray[Any]]) -> RunRecord:
    facts = json.loads(str(arrays["facts"]))
    if not isinstance(facts, dict) or facts.get("format") not in READABLE_VERSIONS:
        version = facts.get("format") if isinstance(facts, dict) else None
        raise RecordError(
            f"This record has format {version!r}; this version reads format {FORMAT_VERSION}. "
            "Train the network again with the same settings to get a new one."
        )
    config = RunConfig.from_dict(facts["config"])
    remembered: list[int] = arrays["memories"].tolist() if "memories" in arrays else []
    n_layers = len(config.network.layer_parameters)

    def network_at(number: int) -> Parameters:
        names = [f"parameters.{number}.{layer}" for layer in range(n_layers)]
        parameters = Parameters(
            tuple(arrays[f"{name}.weights"] for name in names),
            tuple(arrays[f"{name}.biases"] for name in names),
            config.network.activation,
        )
        shape = (parameters.weights[0].shape[0], *(w.shape[1] for w in parameters.weights))
        if shape != config.network.layer_sizes:
            raise RecordError(
                f"The record's weights are for layers {shape}, its settings for {config.network.layer_sizes}."
            )
        return parameters

    n_snapshots = int(facts["n_snapshots"])
    if not 1 <= n_snapshots <= config.training.epochs + 1:
        raise RecordError(f"The record has {n_snapshots} snapshots of {config.training.epochs} epochs.")
    history = History(**{name: arrays[f"history.{name}"] for name in History.__dataclass_fields__})
    return RunRecord(
        config=config,
        **{name: facts[name] for name in _FACTS},
        history=history,
        snapshots=tuple(network_at(number) for number in range(n_snapshots)),
        parameters=network_at(n_snapshots),
        versions={str(k): str(v) for k, v in facts["versions"].items()},
        state=_state_from(arrays),
        film=arrays["film"].tobytes() if "film" in arrays else b"",
        memories={epoch: _read_named(f"memory.{epoch}", arrays) for epoch in remembered},
        mixture=_mixture_from(arrays),
    )


def _mixture_from(arrays: Mapping[str, NDArray[Any]]) -> Mixture | None:
    """The own images of a record; runs without them have no trace of any."""
    if "mixture.share" not in arrays:
        return None
    stored = {name: arrays[f"mixture.{name}"] for name in Mixture.__dataclass_fields__}
    values: dict[str, Any] = {name: part if part.ndim else part.item() for name, part in stored.items()}
    return Mixture(**values)


def _state_from(arrays: Mapping[str, NDArray[Any]]) -> TrainingState | None:
    if "state.sums" not in arrays:
        return None
    return TrainingState(_read_named("state.memory", arrays), arrays["state.sums"])
