"""A run as a plain Keras script: load, flatten, normalise, Sequential, compile, fit, evaluate."""

import math
from collections.abc import Iterator
from typing import Final

from mnist_core.config import N_DIGITS, N_PIXELS, USUAL_LEARNING_RATE, Optimizer, RunConfig
from mnist_core.take_home.script_lines import (
    EMPTY,
    Line,
    Source,
    evaluation_lines,
    import_lines,
    layer_fact,
    load_lines,
    needs_numpy,
    shuffle_lines,
    update_fact,
)
from mnist_core.training.stretches import stretches

_CLASSES: Final[dict[Optimizer, str]] = {
    "adam": "Adam",
    "sgd": "SGD",
    "momentum": "SGD",
    "rmsprop": "RMSprop",
}


def keras_script(config: RunConfig, source: Source) -> tuple[Line, ...]:
    """The script that trains and judges a run's network.

    It draws other random numbers than the dashboard, so it gives another network of the same quality.

    Args:
        config: The run. Every setting that is not at its usual value shows in the script.
        source: Of its images.
    """
    return (
        *_imports(config, source),
        EMPTY,
        *load_lines(config, source, _mnist, are_square=True),
        EMPTY,
        *_prepare(config),
        EMPTY,
        *_model(config),
        *_compile(config),
        *_chapters(config, source),
        EMPTY,
        *evaluation_lines("loss, accuracy = model.evaluate(x_test, y_test)", "evaluate", source),
    )


def _imports(config: RunConfig, source: Source) -> Iterator[Line]:
    yield Line("import keras", "import")
    yield from import_lines(source, needs_numpy(config, source))
    if config.training.seed:
        yield EMPTY
        yield Line(f"keras.utils.set_random_seed({config.training.seed})", "seed", ("network",))


def _mnist(fact: str) -> Iterator[Line]:
    text = "(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()"
    yield Line(text, "load", ("images", "labels", "test"), fact)


def _prepare(config: RunConfig) -> Iterator[Line]:
    for images in ("x_train", "x_test"):
        text = f"{images} = {images}.reshape(-1, {N_PIXELS})"
        yield Line(text, "flatten", ("flatten",), f"28 × 28 = {N_PIXELS} numbers per image.")
    yield from shuffle_lines(config)
    is_divided = config.training.preparation != "undivided"
    for images in ("x_train", "x_test"):
        text = f'{images} = {images}.astype("float32")' + (" / 255" if is_divided else "")
        yield Line(text, "normalise" if is_divided else "undivided", ("normalise",))


def _model(config: RunConfig) -> Iterator[Line]:
    network, l2 = config.network, config.training.l2
    fact = f"{network.n_parameters:,} parameters in all."
    yield Line("model = keras.Sequential([", "sequential", ("network",), fact)
    yield Line(f"    keras.Input(shape=({N_PIXELS},)),", "input", ("flatten", "normalise"))
    penalty = f", kernel_regularizer=keras.regularizers.L2({l2!r})" if l2 else ""
    activation = "" if network.activation == "none" else f', activation="{network.activation}"'
    counts = network.layer_parameters
    for number, units in enumerate(network.hidden_units, start=1):
        text = f"    keras.layers.Dense({units}{activation}{penalty}),"
        about = "hidden none" if network.activation == "none" else "hidden"
        parts = (f"layer {number}", *(("loss",) if l2 else ()))
        yield Line(text, f"{about} l2" if l2 else about, parts, layer_fact(*counts[number - 1]))
    text = f'    keras.layers.Dense({N_DIGITS}, activation="softmax"{penalty}),'
    parts = ("output", *(("loss",) if l2 else ()))
    yield Line(text, "output l2" if l2 else "output", parts, layer_fact(*counts[-1]))
    yield Line("])", "sequential", ("network",), fact)


def _compile(config: RunConfig) -> Iterator[Line]:
    yield Line("model.compile(", "compile", ("loss", "optimizer", "accuracy"))
    yield Line(f"    optimizer={optimizer_code(config)},", config.training.optimizer, ("optimizer",))
    yield Line('    loss="sparse_categorical_crossentropy",', "loss", ("loss", "labels"))
    yield Line('    metrics=["accuracy"],', "metrics", ("accuracy",))
    yield Line(")", "compile", ("loss", "optimizer", "accuracy"))


def optimizer_code(config: RunConfig) -> str:
    """The optimiser by its name where it is as Keras has it, with what differs otherwise."""
    optimizer, rate = config.training.optimizer, config.training.learning_rate
    if optimizer == "momentum":
        return f"keras.optimizers.SGD(learning_rate={rate!r}, momentum=0.9)"
    if rate == USUAL_LEARNING_RATE[optimizer]:
        return f'"{optimizer}"'
    return f"keras.optimizers.{_CLASSES[optimizer]}(learning_rate={rate!r})"


def _chapters(config: RunConfig, source: Source) -> Iterator[Line]:
    """A `fit` for each chapter, and before it what changes: the learning rate, or the whole optimiser."""
    for stretch in stretches(config):
        yield EMPTY
        rate = stretch.config.training.learning_rate
        if stretch.first_epoch > 1 and not stretch.keeps_memory:
            yield from _compile(stretch.config)
        elif (
            stretch.first_epoch > 1
            and rate != config.in_epoch(stretch.first_epoch - 1).training.learning_rate
        ):
            yield Line(f"model.optimizer.learning_rate = {rate!r}", "rate", ("optimizer",))
        yield from _fit(stretch.config.with_changes(epochs=stretch.n_epochs), source)


def fit_arguments(config: RunConfig, source: Source) -> tuple[str, str]:
    """What `fit` is given: the images and how to go through them, and what validates; "" where nothing does.

    Keras rounds the number of images to train on down, which in a few cases gives one less than the
    dashboard takes; the images for validation are then named one by one.
    """
    training = config.training
    n_training, n_validation = training.split_sizes(source.n_train)
    how = f"epochs={training.epochs}, batch_size={training.batch_size}"
    if not n_validation:
        return f"x_train, y_train, {how}", ""
    if math.floor((n_training + n_validation) * (1.0 - training.validation_share)) == n_training:
        return f"x_train, y_train, {how}", f"validation_split={training.validation_share!r}"
    first, rest = f"[:{n_training}]", f"[{n_training}:]"
    return f"x_train{first}, y_train{first}, {how}", f"validation_data=(x_train{rest}, y_train{rest})"


def _fit(config: RunConfig, source: Source) -> Iterator[Line]:
    images, validation = fit_arguments(config, source)
    parts: tuple[str, ...] = ("images", "labels", "training", "network", "loss", "optimizer")
    fact = update_fact(config, source)
    if not validation:
        yield Line(f"model.fit({images})", "fit", parts, fact)
        return
    n_validation = config.training.split_sizes(source.n_train)[1]
    yield Line("model.fit(", "fit", parts, fact)
    yield Line(f"    {images},", "fit", parts, fact)
    yield Line(f"    {validation},", "validation", ("validation",), f"{n_validation:,} images.")
    yield Line(")", "fit", parts, fact)
