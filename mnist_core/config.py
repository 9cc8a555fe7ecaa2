"""What can be chosen about a network and its training, within which limits.

The start of the flow: everything that decides a run stands in one `RunConfig`. It is checked once, when
it is made, and equal configs describe equal runs, so that a class that trains the same network trains
it once.
"""

import hashlib
import itertools
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final, Literal, get_args

Activation = Literal["relu", "tanh", "sigmoid", "none"]
Optimizer = Literal["adam", "sgd", "momentum", "rmsprop"]
Preparation = Literal["usual", "undivided", "shuffled"]

ACTIVATIONS: Final[tuple[Activation, ...]] = get_args(Activation)
OPTIMIZERS: Final[tuple[Optimizer, ...]] = get_args(Optimizer)
PREPARATIONS: Final[tuple[Preparation, ...]] = get_args(Preparation)

N_PIXELS: Final = 784
"""Inputs of every network: 28 × 28 pixels."""
N_DIGITS: Final = 10
"""Outputs of every network: the digits 0 to 9."""
MAX_HIDDEN_LAYERS: Final = 3

USUAL_LEARNING_RATE: Final[Mapping[Optimizer, float]] = {
    "adam": 0.001,
    "sgd": 0.01,
    "momentum": 0.01,
    "rmsprop": 0.001,
}
"""What Keras uses when nothing is said (momentum is SGD with momentum 0.9)."""
OPTIMIZER_NAMES: Final[Mapping[Optimizer, str]] = {
    "adam": "Adam",
    "sgd": "SGD",
    "momentum": "SGD with momentum 0.9",
    "rmsprop": "RMSprop",
}


class ConfigError(ValueError):
    """A setting is outside what is allowed; the message names the field, the range and what came."""


@dataclass(frozen=True)
class Limits:
    """The smallest and largest allowed value of a number, both included."""

    lowest: float
    highest: float
    is_integer: bool = True

    def check(self, name: str, value: object) -> None:
        """Raise `ConfigError` unless `value` is a number of the right kind within the limits."""
        is_number = isinstance(value, int if self.is_integer else int | float)
        if not is_number or isinstance(value, bool) or not self.allows(value):
            raise ConfigError(f"{name} must be {self}, not {value!r}.")

    def __str__(self) -> str:
        if self.is_integer:
            return f"a whole number from {self.lowest:,.0f} to {self.highest:,.0f}"
        return f"a number from {self.lowest:g} to {self.highest:g}"

    def allows(self, value: Any) -> bool:
        """Whether a number lies within the limits; not-a-number never does."""
        return bool(self.lowest <= value <= self.highest)


LIMITS: Final[Mapping[str, Limits]] = {
    "hidden_units": Limits(1, 256),
    "epochs": Limits(1, 30),
    "batch_size": Limits(1, 1024),
    "learning_rate": Limits(1e-5, 1.0, is_integer=False),
    "n_training_images": Limits(20, 60_000),
    "validation_share": Limits(0.0, 0.5, is_integer=False),
    "l2": Limits(0.0, 0.1, is_integer=False),
    "wrong_label_share": Limits(0.0, 1.0, is_integer=False),
    "seed": Limits(0, 2**31 - 1),
}
"""The allowed range of every number in a config, by its field's name."""


def _check_choice(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ConfigError(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")


@dataclass(frozen=True)
class NetworkConfig:
    """The shape of a network: 784 pixels → hidden layers → 10 digits.

    Attributes:
        hidden_units: Neurons in each hidden layer, one to three layers of 1 to 256.
        activation: What every hidden neuron applies to its weighted sum; "none" leaves it as it is.
    """

    hidden_units: tuple[int, ...] = (32,)
    activation: Activation = "relu"

    def __post_init__(self) -> None:
        if not isinstance(self.hidden_units, tuple) or not (1 <= len(self.hidden_units) <= MAX_HIDDEN_LAYERS):
            raise ConfigError(
                f"hidden_units must be a tuple of 1 to {MAX_HIDDEN_LAYERS} numbers, one for each "
                f"hidden layer, not {self.hidden_units!r}."
            )
        for units in self.hidden_units:
            LIMITS["hidden_units"].check("hidden_units", units)
        _check_choice("activation", self.activation, ACTIVATIONS)

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Pixels, neurons of each hidden layer, digits: (784, 32, 10) for the classic network."""
        return (N_PIXELS, *self.hidden_units, N_DIGITS)

    @property
    def layer_parameters(self) -> tuple[tuple[int, int], ...]:
        """Number of weights and of biases of each layer of neurons: fan-in × fan-out, fan-out."""
        sizes = itertools.pairwise(self.layer_sizes)
        return tuple((n_in * n_out, n_out) for n_in, n_out in sizes)

    @property
    def n_parameters(self) -> int:
        """All numbers the network learns: 25,450 for the classic one."""
        return sum(n_weights + n_biases for n_weights, n_biases in self.layer_parameters)


@dataclass(frozen=True)
class TrainingConfig:
    """How a network is trained.

    Attributes:
        epochs: How often training goes through all training images, 1 to 30.
        batch_size: Images averaged over for one update of the weights, 1 to 1024.
        optimizer: The update rule; "momentum" is SGD with momentum 0.9.
        learning_rate: Its step size, 0.00001 to 1.
        n_training_images: How many training images to take, validation images included; None: all.
        validation_share: Share of them set aside to watch training with, 0 to 0.5.
        l2: Weight of the sum of squared weights (not biases) in the loss, 0 to 0.1, as in Keras.
        wrong_label_share: Share of the training labels replaced by another digit, 0 to 1.
        preparation: How images become inputs, in training and afterwards (see `dataset.network_inputs`).
        seed: Start of every random number in the run: initial weights, order, wrong labels.
    """

    epochs: int = 5
    batch_size: int = 32
    optimizer: Optimizer = "adam"
    learning_rate: float = 0.001
    n_training_images: int | None = None
    validation_share: float = 0.1
    l2: float = 0.0
    wrong_label_share: float = 0.0
    preparation: Preparation = "usual"
    seed: int = 0

    def __post_init__(self) -> None:
        for name in (f.name for f in fields(self) if f.name in LIMITS):
            value = getattr(self, name)
            if name == "n_training_images" and value is None:
                continue
            LIMITS[name].check(name, value)
            if not LIMITS[name].is_integer:  # 0, 0.0 and -0.0 are one setting and share one key
                object.__setattr__(self, name, float(value) + 0.0)
        _check_choice("optimizer", self.optimizer, OPTIMIZERS)
        _check_choice("preparation", self.preparation, PREPARATIONS)

    def split_sizes(self, n_available: int) -> tuple[int, int]:
        """How many images are trained on and how many validate, of `n_available` training images.

        Asking for more images than there are takes all there are. At least one is trained on, and
        a validation share above 0 sets at least one aside.
        """
        n_images = min(self.n_training_images or n_available, n_available)
        if self.validation_share == 0.0:
            return n_images, 0
        n_validation = min(max(1, round(n_images * self.validation_share)), n_images - 1)
        return n_images - n_validation, n_validation

    def steps_per_epoch(self, n_available: int) -> int:
        """Updates of the weights in one epoch; the last batch may be a smaller one."""
        return math.ceil(self.split_sizes(n_available)[0] / self.batch_size)


@dataclass(frozen=True)
class RunConfig:
    """Everything that decides a run: the network and its training."""

    network: NetworkConfig = field(default_factory=NetworkConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)

    def to_dict(self) -> dict[str, Any]:
        """A flat dictionary of plain values, fit for JSON."""
        return {
            **asdict(self.network),
            "hidden_units": list(self.network.hidden_units),
            **asdict(self.training),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "RunConfig":
        """The config that `to_dict` came from.

        Raises:
            ConfigError: A field is missing, unknown, or out of its range.
        """
        expected = {f.name for part in (NetworkConfig, TrainingConfig) for f in fields(part)}
        if set(values) != expected:
            odd = ", ".join(sorted(set(values) ^ expected))
            raise ConfigError(f"A config has exactly the fields {sorted(expected)}; check {odd}.")
        network = {f.name: values[f.name] for f in fields(NetworkConfig)}
        if not isinstance(network["hidden_units"], list | tuple):
            raise ConfigError(f"hidden_units must be a list, not {network['hidden_units']!r}.")
        network["hidden_units"] = tuple(network["hidden_units"])
        training = {f.name: values[f.name] for f in fields(TrainingConfig)}
        return cls(NetworkConfig(**network), TrainingConfig(**training))

    def key(self, dataset_fingerprint: str = "") -> str:
        """A short name that equal configs on equal data share: 16 hexadecimal digits."""
        text = json.dumps([self.to_dict(), dataset_fingerprint], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


CLASSIC: Final = RunConfig(training=TrainingConfig(validation_share=0.0))
"""The classic recipe: 32 units, 5 epochs, batches of 32, Adam 0.001, all images, no validation."""
DEFAULT: Final = RunConfig()
"""The classic recipe with a tenth of the training images set aside for validation."""
PRESETS: Final[Mapping[str, RunConfig]] = {"The classic": CLASSIC, "With validation": DEFAULT}
