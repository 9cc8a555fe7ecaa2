"""Everything that can be chosen about a network and its training: one row for each setting.

The start of the flow: everything that decides a run stands in one `RunConfig`. It is checked once, when
it is made, and equal configs describe equal runs, so that a class that trains the same network trains
it once.
"""

import hashlib
import itertools
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, get_args

from mnist_core.chapters import Chapter, from_list, normalised, to_list, training_in
from mnist_core.settings import (
    ConfigError,
    Control,
    Conversion,
    Limits,
    Setting,
    SweepRange,
    Words,
    check,
    settings_of,
)

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
ALL_IMAGES: Final = 60_000
"""What stands for all training images in a control and a link, also where there are fewer."""

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
ACTIVATION_NAMES: Final[Mapping[Activation, str]] = {
    "relu": "ReLU",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "none": "none",
}
"""As figures and lessons write them; settings are written as Keras has them."""

_UNITS: Final = Limits(1, 256)
_POWERS: Final = tuple(2**power for power in range(11))
_RATES: Final = (0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
_IMAGE_COUNTS: Final = (100, 300, 1_000, 3_000, 10_000, 30_000, ALL_IMAGES)
_PERCENT: Final = Conversion(lambda share: (round(100 * share),), lambda percent: percent / 100)


def _layers_to_controls(units: tuple[int, ...]) -> tuple[int, ...]:
    """Neurons of the first hidden layer, number of layers, neurons of the second and third, if there are."""
    first, *others = (*units, *(32,) * (MAX_HIDDEN_LAYERS - len(units)))
    return (first, len(units), *others)


@dataclass(frozen=True)
class NetworkConfig:
    """The shape of a network: 784 pixels → hidden layers → 10 digits."""

    hidden_units: tuple[int, ...] = Setting(
        (32,),
        f"Neurons in each hidden layer, one to {MAX_HIDDEN_LAYERS} layers.",
        "hidden neurons",
        _UNITS,
        (
            Control("units", "Hidden neurons", "front", shortcuts=(2, 8, 32, 128)),
            Control("layers", "Hidden layers", "network", Limits(1, MAX_HIDDEN_LAYERS), (1, 2, 3), "buttons"),
            Control("units2", "Neurons in hidden layer 2", "network", from_layer=2),
            Control("units3", "Neurons in hidden layer 3", "network", from_layer=3),
        ),
        Conversion(_layers_to_controls, lambda first, n_layers, *others: (first, *others)[:n_layers]),
        SweepRange("Hidden neurons", _POWERS[:9], _POWERS[:8]),
        is_column=True,
    ).as_field
    activation: Activation = Setting(
        "relu",
        "What every hidden neuron applies to its weighted sum; “none” leaves it as it is.",
        "activation",
        Words({name: name for name in ACTIVATIONS}),
        (Control("activation", "Activation", "network"),),
    ).as_field

    def __post_init__(self) -> None:
        if not isinstance(self.hidden_units, tuple) or not (1 <= len(self.hidden_units) <= MAX_HIDDEN_LAYERS):
            raise ConfigError(
                f"hidden_units must be a tuple of 1 to {MAX_HIDDEN_LAYERS} numbers, one for each "
                f"hidden layer, not {self.hidden_units!r}."
            )
        for units in self.hidden_units:
            check("hidden_units", units, _UNITS)
        check("activation", self.activation, SETTINGS["activation"].allowed)

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
    """How a network is trained."""

    epochs: int = Setting(
        5,
        "How often training goes through all training images.",
        "epochs",
        Limits(1, 30),
        (Control("epochs", "Epochs", "front"),),
        is_column=True,
    ).as_field
    batch_size: int = Setting(
        32,
        "How many images one update of the weights averages over.",
        "batch size",
        Limits(1, 1024),
        (Control("batch", "Batch size", "front", steps=_POWERS),),
        sweep=SweepRange("Batch size (images)", _POWERS, (8, 32, 128, 512)),
        short="batch",
        is_column=True,
    ).as_field
    optimizer: Optimizer = Setting(
        "adam",
        "The rule that turns gradients into changes of the weights.",
        "optimiser",
        Words(OPTIMIZER_NAMES),
        (Control("optimizer", "Optimiser", "updates"),),
        is_column=True,
    ).as_field
    learning_rate: float = Setting(
        0.001,
        "How large the updates of the weights are.",
        "learning rate",
        Limits(1e-5, 1.0, is_integer=False),
        (Control("rate", "Learning rate", "updates", steps=_RATES),),
        sweep=SweepRange("Learning rate", _RATES, _RATES[1:8]),
        short="rate",
    ).as_field
    n_training_images: int | None = Setting(
        None,
        "How many training images to take, those for validation included; None: all.",
        "training images",
        Limits(20, ALL_IMAGES),
        (Control("images", "Training images", "images", steps=_IMAGE_COUNTS),),
        Conversion(lambda n: (n or ALL_IMAGES,), lambda n: None if n == ALL_IMAGES else n),
        SweepRange("Training images", _IMAGE_COUNTS, _IMAGE_COUNTS),
    ).as_field
    validation_share: float = Setting(
        0.1,
        "Part of the training images set aside for validation; these change no weight.",
        "validation",
        Limits(0.0, 0.5, is_integer=False),
        (Control("validation", "Set aside for validation (%)", "images"),),
        _PERCENT,
        phrase="images set aside for validation",
        unit="%",
    ).as_field
    l2: float = Setting(
        0.0,
        "How much the sum of squared weights (not biases) adds to the loss, as in Keras.",
        "L2 penalty",
        Limits(0.0, 0.1, is_integer=False),
        (Control("l2", "L2 penalty", "updates", steps=(0.0, 0.00001, 0.0001, 0.001, 0.01, 0.1)),),
        is_exception=True,
    ).as_field
    wrong_label_share: float = Setting(
        0.0,
        "Part of the training labels replaced by another digit.",
        "wrong labels",
        Limits(0.0, 1.0, is_integer=False),
        (Control("wrong", "Wrong labels, put in on purpose (%)", "images"),),
        _PERCENT,
        SweepRange(
            "Share of wrong labels",
            tuple(tenth / 10 for tenth in range(11)),
            (0.0, 0.2, 0.4, 0.6, 0.8),
            "linear",
        ),
        unit="%",
        remark="put in on purpose",
        is_exception=True,
    ).as_field
    preparation: Preparation = Setting(
        "usual",
        "How images become inputs, in training and afterwards (see `preparation.network_inputs`).",
        "preparation",
        Words({name: name for name in PREPARATIONS}),
        sweep=SweepRange("Pixels", ("usual", "shuffled"), ("usual", "shuffled"), "none"),
        is_exception=True,
    ).as_field
    seed: int = Setting(
        0,
        "Where all random numbers of a run begin: starting weights, order of the images, wrong labels.",
        "seed",
        Limits(0, 2**31 - 1),
        (Control("seed", "Seed", "images", kind="field"),),
        sweep=SweepRange("Seed", tuple(range(20)), tuple(range(5)), "none"),
        number_format="d",
    ).as_field

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            row, value = SETTINGS[name], getattr(self, name)
            if value is not None or row.default is not None:
                check(name, value, row.allowed)
            if isinstance(row.default, float):  # 0, 0.0 and -0.0 are one setting and share one key
                object.__setattr__(self, name, float(value) + 0.0)

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
    """Everything that decides a run: the network, its training, and what differs from an epoch on."""

    network: NetworkConfig = field(default_factory=NetworkConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    chapters: tuple[Chapter, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "chapters", normalised(self.training, self.chapters))

    def in_epoch(self, epoch: int) -> "RunConfig":
        """A run of one chapter that is trained throughout as this one is in an epoch, from 1."""
        return RunConfig(self.network, training_in(self.training, self.chapters, epoch))

    def to_dict(self) -> dict[str, Any]:
        """A flat dictionary of plain values, fit for JSON; without chapters where there is but one."""
        return {
            **asdict(self.network),
            "hidden_units": list(self.network.hidden_units),
            **asdict(self.training),
            **({"chapters": to_list(self.chapters)} if self.chapters else {}),
        }

    def value_of(self, name: str) -> Any:
        """The value of a setting by its name."""
        return getattr(self.network if name in NetworkConfig.__dataclass_fields__ else self.training, name)

    def with_changes(self, **values: Any) -> "RunConfig":
        """The same run with other values of some settings.

        Raises:
            ConfigError: A setting is unknown, or a value out of its range.
        """
        return RunConfig.from_dict(self.to_dict() | values)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "RunConfig":
        """The config that `to_dict` came from.

        Raises:
            ConfigError: A field is missing, unknown, or out of its range.
        """
        if odd := ", ".join(sorted((set(values) ^ set(SETTINGS)) - {"chapters"})):
            raise ConfigError(f"A config has exactly the fields {sorted(SETTINGS)}; check {odd}.")
        units = values["hidden_units"]
        if not isinstance(units, list | tuple):
            raise ConfigError(f"hidden_units must be a list, not {units!r}.")
        network, training = (
            {name: values[name] for name in part.__dataclass_fields__}
            for part in (NetworkConfig, TrainingConfig)
        )
        network, chapters = network | {"hidden_units": tuple(units)}, from_list(values.get("chapters", ()))
        return cls(NetworkConfig(**network), TrainingConfig(**training), chapters)

    def key(self, dataset_fingerprint: str = "") -> str:
        """A short name that equal configs on equal data share: 16 hexadecimal digits."""
        text = json.dumps([self.to_dict(), dataset_fingerprint], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


SETTINGS: Final[Mapping[str, Setting]] = settings_of(NetworkConfig, TrainingConfig)
"""Every setting of a run, by the name of its field."""
_ALLOWED: Final = {name: row.allowed for name, row in SETTINGS.items()}
LIMITS: Final = {name: allowed for name, allowed in _ALLOWED.items() if isinstance(allowed, Limits)}
"""The allowed range of every number in a config, by its field's name."""

CLASSIC: Final = RunConfig(training=TrainingConfig(validation_share=0.0))
"""The classic recipe: 32 units, 5 epochs, batches of 32, Adam 0.001, all images, no validation."""
DEFAULT: Final = RunConfig()
"""The classic recipe with a tenth of the training images set aside for validation."""
PRESETS: Final[Mapping[str, RunConfig]] = {"Default": DEFAULT, "The classic": CLASSIC}
