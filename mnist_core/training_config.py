"""How a network is trained, one row for each setting: a part of a run's config (`mnist_core/config.py`)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from mnist_core.settings import Control, Conversion, Limits, Setting, SweepRange, Words, check, settings_of

Optimizer = Literal["adam", "sgd", "momentum", "rmsprop"]
Preparation = Literal["usual", "undivided", "shuffled"]
Initializer = Literal["glorot_uniform", "he_normal", "zeros", "normal_0.01", "normal_1"]
Schedule = Literal["constant", "cosine", "halved"]

OPTIMIZERS: Final[tuple[Optimizer, ...]] = get_args(Optimizer)
PREPARATIONS: Final[tuple[Preparation, ...]] = get_args(Preparation)
SCHEDULES: Final[tuple[Schedule, ...]] = get_args(Schedule)

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
INITIALIZER_NAMES: Final[Mapping[Initializer, str]] = {
    "glorot_uniform": "Glorot uniform",
    "he_normal": "He normal",
    "zeros": "all zero",
    "normal_0.01": "normal 0.01",
    "normal_1": "normal 1",
}
"""The number of a normal distribution is its standard deviation."""
SCHEDULE_NAMES: Final[Mapping[Schedule, str]] = {
    "constant": "constant",
    "cosine": "cosine to 0",
    "halved": "halved each epoch",
}

POWERS: Final = tuple(2**power for power in range(11))
_RATES: Final = (0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
_IMAGE_COUNTS: Final = (100, 300, 1_000, 3_000, 10_000, 30_000, ALL_IMAGES)
_PERCENT: Final = Conversion(lambda share: (round(100 * share),), lambda percent: percent / 100)


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
        (Control("batch", "Batch size", "front", steps=POWERS),),
        sweep=SweepRange("Batch size (images)", POWERS, (8, 32, 128, 512)),
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
        (Control("validation", "Validation (%)", "images"),),
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
        (Control("wrong", "Wrong labels (%)", "images"),),
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
        "Where all random numbers of a run begin: starting weights, order of the images, wrong labels, "
        "dropout, shifts.",
        "seed",
        Limits(0, 2**31 - 1),
        (Control("seed", "Seed", "images", kind="field"),),
        sweep=SweepRange("Seed", tuple(range(20)), tuple(range(5)), "none"),
        number_format="d",
    ).as_field

    initializer: Initializer = Setting(
        "glorot_uniform",
        "How the starting weights are drawn; all starting biases are 0.",
        "starting weights",
        Words(INITIALIZER_NAMES),
        (Control("start", "Starting weights", "network"),),
        sweep=SweepRange("Starting weights", tuple(INITIALIZER_NAMES), tuple(INITIALIZER_NAMES), "none"),
        is_exception=True,
        is_later=True,
    ).as_field
    dropout: float = Setting(
        0.0,
        "The probability with which each hidden neuron is left out of an update, image by image.",
        "dropout",
        Limits(0.0, 0.8, is_integer=False),
        (Control("dropout", "Dropout (%)", "network"),),
        _PERCENT,
        SweepRange("Dropout", tuple(tenth / 10 for tenth in range(9)), (0.0, 0.2, 0.4, 0.6, 0.8), "linear"),
        unit="%",
        is_exception=True,
        is_later=True,
    ).as_field
    shift: int = Setting(
        0,
        "By up to how many pixels each training image is moved, sideways and up or down, anew in each epoch.",
        "shifted copies",
        Limits(0, 3),
        (Control("shift", "Shift by up to (pixels)", "images"),),
        sweep=SweepRange("Shift by up to (pixels)", (0, 1, 2, 3), (0, 1, 2, 3), "linear"),
        pattern="up to {} px",
        off="none",
        is_exception=True,
        is_later=True,
    ).as_field
    patience: int = Setting(
        0,
        "After how many epochs without a lower validation loss training ends; the network of the best epoch "
        "is kept. 0, or no validation images: never.",
        "early stopping",
        Limits(0, 10),
        (Control("patience", "Patience (epochs)", "updates"),),
        sweep=SweepRange("Patience (epochs)", (0, 1, 2, 3, 5, 10), (0, 1, 3, 5), "linear"),
        pattern="patience {}",
        off="off",
        is_exception=True,
        is_later=True,
    ).as_field
    schedule: Schedule = Setting(
        "constant",
        "How the learning rate changes: it falls along a cosine to 0, or is halved after each epoch.",
        "learning-rate schedule",
        Words(SCHEDULE_NAMES),
        (Control("schedule", "Rate schedule", "updates"),),
        sweep=SweepRange("Learning-rate schedule", tuple(SCHEDULE_NAMES), tuple(SCHEDULE_NAMES), "none"),
        short="schedule",
        is_exception=True,
        is_later=True,
    ).as_field

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            row, value = _ROWS[name], getattr(self, name)
            if value is not None or row.default is not None:
                check(name, value, row.allowed)
            if isinstance(row.default, float):  # 0, 0.0 and -0.0 are one setting and share one key
                object.__setattr__(self, name, float(value) + 0.0)
        if not self.validation_share:  # nothing to watch, so nothing ends the training early
            object.__setattr__(self, "patience", 0)

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


_ROWS: Final = settings_of(TrainingConfig)
