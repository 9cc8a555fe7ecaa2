"""A run as a plain Keras script: load, flatten, normalise, Sequential, compile, fit, evaluate."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from mnist_core.config import N_DIGITS, N_PIXELS, USUAL_LEARNING_RATE, Optimizer, RunConfig
from mnist_core.take_home.script_lines import (
    EMPTY,
    Line,
    Source,
    evaluation_lines,
    header_lines,
    import_lines,
    layer_fact,
    load_lines,
    n_wrong_labels,
    needs_numpy,
    shuffle_lines,
    stage,
    update_fact,
    wrong_label_lines,
)
from mnist_core.training.stretches import stretches

_CLASSES: Final[dict[Optimizer, str]] = {
    "adam": "Adam",
    "sgd": "SGD",
    "momentum": "SGD",
    "rmsprop": "RMSprop",
}


def keras_script(config: RunConfig, source: Source) -> tuple[Line, ...]:
    """The script that trains and judges a run's network, a block for each stage.

    It draws other random numbers than the dashboard, so it gives another network of the same quality.

    Args:
        config: The run. Every setting that is not at its usual value shows in the script.
        source: Of its images.
    """
    stages = (
        header_lines(config, "Keras", "TensorFlow"),
        _imports(config, source),
        _seed(config),
        _load(config, source),
        _wrong_labels(config, source),
        _prepare(config),
        _model(config),
        _compile_stage(config),
        *_chapters(config, source),
        _evaluate(source),
        _predict(),
    )
    blocks = [block for block in map(tuple, stages) if block]
    return tuple(line for block in blocks for line in (*block, EMPTY))[:-1]


def _imports(config: RunConfig, source: Source) -> Iterator[Line]:
    yield Line("import keras", "import")
    yield from import_lines(source, needs_numpy(config, source))


def _seed(config: RunConfig) -> Iterator[Line]:
    yield stage("seed", "Start all random numbers from one seed, so that every run gives the same network")
    yield Line(f"keras.utils.set_random_seed({config.training.seed})", "seed", ("network",))


def _load(config: RunConfig, source: Source) -> Iterator[Line]:
    text = "Load the images, each of 28 × 28 pixels, and the digits that they show"
    yield stage("load", text, "images", "labels", "test")
    yield from load_lines(config, source, _mnist, are_square=True)


def _wrong_labels(config: RunConfig, source: Source) -> Iterator[Line]:
    if lines := tuple(wrong_label_lines(config, source)):
        text = f"Replace {n_wrong_labels(config, source):,} training labels by other digits, on purpose"
        yield stage("wrong labels", text, "labels")
        yield from lines


def _mnist(fact: str) -> Iterator[Line]:
    text = "(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()"
    yield Line(text, "load", ("images", "labels", "test"), fact)


def _prepare(config: RunConfig) -> Iterator[Line]:
    is_divided = config.training.preparation != "undivided"
    divided = " and bring its gray levels from 0 … 255 to 0 … 1" if is_divided else ""
    text = f"Flatten each image into a row of {N_PIXELS} numbers,{divided}"
    yield stage("prepare", text.rstrip(","), "flatten", "normalise")
    for images in ("x_train", "x_test"):
        text = f"{images} = {images}.reshape(-1, {N_PIXELS})"
        yield Line(text, "flatten", ("flatten",), f"28 × 28 = {N_PIXELS} numbers per image.")
    yield from shuffle_lines(config)
    for images in ("x_train", "x_test"):
        text = f'{images} = {images}.astype("float32")' + (" / 255" if is_divided else "")
        yield Line(text, "normalise" if is_divided else "undivided", ("normalise",))


def _model(config: RunConfig) -> Iterator[Line]:
    network, l2 = config.network, config.training.l2
    fact = f"{network.n_parameters:,} parameters in all."
    yield stage("build", "Build the network layer by layer, and count its parameters", "network")
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
    yield Line("model.summary()", "summary", ("network",), fact)


def _compile_stage(config: RunConfig) -> Iterator[Line]:
    text = "Choose how to train: the optimiser, the loss, and what to measure"
    yield stage("compile", text, "loss", "optimizer", "accuracy")
    yield from _compile(config)


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


def history_names(config: RunConfig) -> list[str]:
    """What the script calls the history of each chapter."""
    n_chapters = len(config.chapters) + 1
    return [f"history_{n}" for n in range(1, n_chapters + 1)] if config.chapters else ["history"]


def _chapters(config: RunConfig, source: Source) -> Iterator[tuple[Line, ...]]:
    """A `fit` for each chapter, and before it what changes: the learning rate, or the whole optimiser."""
    parts = stretches(config)
    names = history_names(config)
    for number, (part, name) in enumerate(zip(parts, names, strict=True), start=1):
        chapter = f" in chapter {number}" if config.chapters else ""
        epochs = f"{part.n_epochs} epoch{'s' * (part.n_epochs > 1)}"
        text = f"Train{chapter} for {epochs}, with {part.config.training.batch_size:,} images for each update"
        lines = [stage("fit", text, "training")]
        rate = part.config.training.learning_rate
        if number > 1 and not part.keeps_memory:
            lines += _compile(part.config)
        elif number > 1 and rate != parts[number - 2].config.training.learning_rate:
            lines.append(Line(f"model.optimizer.learning_rate = {rate!r}", "rate", ("optimizer",)))
        lines += _fit(part.config.with_changes(epochs=part.n_epochs), source, name)
        yield (*lines, *(_losses(names) if part is parts[-1] else ()))


def _losses(names: Sequence[str]) -> Iterator[Line]:
    """The loss after each epoch, out of the histories of all chapters."""
    text = f'{names[0]}.history["loss"]'
    if len(names) > 1:
        text = f'[value for part in ({", ".join(names)}) for value in part.history["loss"]]'
    yield Line(f"losses = {text}", "history", ("loss",))
    yield Line('print("Loss of each epoch:", *(f"{value:.4f}" for value in losses))', "history", ("loss",))


def _evaluate(source: Source) -> Iterator[Line]:
    yield stage("evaluate", "Test the network once, on images that took no part in training", "test")
    yield from evaluation_lines("loss, accuracy = model.evaluate(x_test, y_test)", "evaluate", source)


def _predict() -> Iterator[Line]:
    yield stage("predict", "Let the network read one test image", "test", "output")
    yield Line("probabilities = model.predict(x_test[:1])[0]", "predict", ("test", "output"))
    text = 'print(f"Prediction: {probabilities.argmax()}, true digit: {y_test[0]}")'
    yield Line(text, "predict", ("output", "labels"))


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


def _fit(config: RunConfig, source: Source, history: str) -> Iterator[Line]:
    images, validation = fit_arguments(config, source)
    parts: tuple[str, ...] = ("images", "labels", "training", "network", "loss", "optimizer")
    fact = update_fact(config, source)
    if not validation:
        yield Line(f"{history} = model.fit({images})", "fit", parts, fact)
        return
    n_validation = config.training.split_sizes(source.n_train)[1]
    yield Line(f"{history} = model.fit(", "fit", parts, fact)
    yield Line(f"    {images},", "fit", parts, fact)
    yield Line(f"    {validation},", "validation", ("validation",), f"{n_validation:,} images.")
    yield Line(")", "fit", parts, fact)
