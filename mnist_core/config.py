"""Everything that can be chosen about a network and its training: one row for each setting.

The start of the flow: everything that decides a run stands in one `RunConfig`. It is checked once, when
it is made, and equal configs describe equal runs, so that a class that trains the same network trains
it once.
"""

import hashlib
import itertools
import json
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
from mnist_core.training_config import (
    ALL_IMAGES,
    OPTIMIZER_NAMES,
    OPTIMIZERS,
    POWERS,
    PREPARATIONS,
    USUAL_LEARNING_RATE,
    Initializer,
    Optimizer,
    Preparation,
    Schedule,
    TrainingConfig,
)

__all__ = [
    "ALL_IMAGES",
    "OPTIMIZERS",
    "OPTIMIZER_NAMES",
    "PREPARATIONS",
    "USUAL_LEARNING_RATE",
    "Initializer",
    "Optimizer",
    "Preparation",
    "Schedule",
    "TrainingConfig",
]

Activation = Literal["relu", "tanh", "sigmoid", "none"]
ACTIVATIONS: Final[tuple[Activation, ...]] = get_args(Activation)
ACTIVATION_NAMES: Final[Mapping[Activation, str]] = {
    "relu": "ReLU",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "none": "none",
}
"""As figures and lessons write them; settings are written as Keras has them."""

N_PIXELS: Final = 784
"""Inputs of every network: 28 × 28 pixels."""
N_DIGITS: Final = 10
"""Outputs of every network: the digits 0 to 9."""
MAX_HIDDEN_LAYERS: Final = 3

_UNITS: Final = Limits(1, 256)


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
            Control("units2", "Neurons in layer 2", "network", from_layer=2),
            Control("units3", "Neurons in layer 3", "network", from_layer=3),
        ),
        Conversion(_layers_to_controls, lambda first, n_layers, *others: (first, *others)[:n_layers]),
        SweepRange("Hidden neurons", POWERS[:9], POWERS[:8]),
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
    def words(self) -> str:
        """How many neurons the hidden layers have: "1 hidden neuron" or "32 + 16 hidden neurons"."""
        return f"{' + '.join(map(str, self.hidden_units))} hidden neuron{'s' * (self.hidden_units != (1,))}"

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
class RunConfig:
    """Everything that decides a run: the network, its training, and what differs from an epoch on."""

    network: NetworkConfig = field(default_factory=NetworkConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    chapters: tuple[Chapter, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "chapters", normalised(self.training, self.chapters))
        if self.chapters and self.training.patience:
            raise ConfigError(
                "A run with early stopping has one chapter. Set patience to 0 for more of them."
            )

    def in_epoch(self, epoch: int) -> "RunConfig":
        """A run of one chapter that is trained throughout as this one is in an epoch, from 1."""
        return RunConfig(self.network, training_in(self.training, self.chapters, epoch))

    def to_dict(self) -> dict[str, Any]:
        """A flat dictionary of plain values, fit for JSON.

        Without chapters where there is but one, and without the usual values of settings that came later, so
        that a run has the key and the file that it had before there were any.
        """
        usual = {name: row.default for name, row in SETTINGS.items() if row.is_later}
        return {
            **{name: value for name, value in self.values().items() if (name, value) not in usual.items()},
            **({"chapters": to_list(self.chapters)} if self.chapters else {}),
        }

    def values(self) -> dict[str, Any]:
        """Every setting by its name, fit for JSON."""
        units = list(self.network.hidden_units)
        return {**asdict(self.network), "hidden_units": units, **asdict(self.training)}

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
        """The config that `to_dict` came from; settings that came later may be missing.

        Raises:
            ConfigError: A field is missing, unknown, or out of its range.
        """
        values = {name: row.default for name, row in SETTINGS.items() if row.is_later} | dict(values)
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
