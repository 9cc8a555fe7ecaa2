"""A run as a plain Keras script: load, flatten, normalise, Sequential, compile, fit, evaluate."""

import ast
import math
import re
from collections.abc import Iterator, Sequence
from typing import Final

from mnist_core.config import (
    N_DIGITS,
    N_PIXELS,
    USUAL_LEARNING_RATE,
    Initializer,
    Optimizer,
    RunConfig,
    TrainingConfig,
)
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
    text_of,
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
_STARTS: Final[dict[Initializer, str]] = {
    "glorot_uniform": "",
    "he_normal": '"he_normal"',
    "zeros": '"zeros"',
    "normal_0.01": "keras.initializers.RandomNormal(stddev=0.01)",
    "normal_1": "keras.initializers.RandomNormal(stddev=1.0)",
}
"""As Keras has them; "" is what it does when nothing is said."""


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
        _compile_stage(chapter_configs(config)[0], source),
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
    yield from shuffle_lines(config, is_whole=not config.training.shift)
    for images in ("x_train", "x_test"):
        text = f'{images} = {images}.astype("float32")' + (" / 255" if is_divided else "")
        yield Line(text, "normalise" if is_divided else "undivided", ("normalise",))


def _model(config: RunConfig) -> Iterator[Line]:
    network, training = config.network, config.training
    fact = f"{network.n_parameters:,} parameters in all."
    yield stage("build", "Build the network layer by layer, and count its parameters", "network")
    yield Line("model = keras.Sequential([", "sequential", ("network",), fact)
    yield Line(f"    keras.Input(shape=({N_PIXELS},)),", "input", ("flatten", "normalise"))
    yield from _shift(training)
    about = "hidden none" if network.activation == "none" else "hidden"
    activation = "" if network.activation == "none" else f', activation="{network.activation}"'
    *hidden, last = network.layer_parameters
    for number, counts in enumerate(hidden, start=1):
        yield from _dense(f"{counts[1]}{activation}", about, f"layer {number}", counts, training)
        if training.dropout:
            text = f"    keras.layers.Dropout({training.dropout!r}),"
            yield Line(text, "dropout", (f"layer {number}",))
    yield from _dense(f'{N_DIGITS}, activation="softmax"', "output", "output", last, training)
    yield Line("])", "sequential", ("network",), fact)
    yield Line("model.summary()", "summary", ("network",), fact)


def _dense(
    arguments: str, about: str, part: str, counts: tuple[int, int], training: TrainingConfig
) -> Iterator[Line]:
    """A layer, in one line where it starts as Keras has it."""
    l2, start = training.l2, _STARTS[training.initializer]
    parts, fact = (part, "loss") if l2 else (part,), layer_fact(*counts)
    about = f"{about} l2" if l2 else about
    given = arguments + (f", kernel_regularizer=keras.regularizers.L2({l2!r})" if l2 else "")
    if not start:
        yield Line(f"    keras.layers.Dense({given}),", about, parts, fact)
        return
    yield Line("    keras.layers.Dense(", about, parts, fact)
    yield Line(f"        {given},", about, parts, fact)
    yield Line(f"        kernel_initializer={start},", f"start {training.initializer}", parts, fact)
    yield Line("    ),", about, parts, fact)


def _shift(training: TrainingConfig) -> Iterator[Line]:
    """Images moved by whole pixels: a shift drawn evenly from ±(n + ½), to the nearest pixel."""
    if not training.shift:
        return
    most = f"{training.shift + 0.5} / 28"
    texts = [
        "keras.layers.Reshape((28, 28, 1)),",
        f'keras.layers.RandomTranslation({most}, {most}, fill_mode="constant", interpolation="nearest"),',
        "keras.layers.Flatten(),",
    ]
    if training.preparation == "shuffled":
        texts.append("keras.layers.Lambda(lambda rows: keras.ops.take(rows, places, axis=1)),")
    for text in texts:
        yield Line(f"    {text}", "shift", ("images", "flatten"))


def _compile_stage(config: RunConfig, source: Source) -> Iterator[Line]:
    text = "Choose how to train: the optimiser, the loss, and what to measure"
    yield stage("compile", text, "loss", "optimizer", "accuracy")
    yield from _compile(config, source)


def _compile(config: RunConfig, source: Source) -> Iterator[Line]:
    yield Line("model.compile(", "compile", ("loss", "optimizer", "accuracy"))
    yield from _optimizer(config, source)
    yield Line('    loss="sparse_categorical_crossentropy",', "loss", ("loss", "labels"))
    yield Line('    metrics=["accuracy"],', "metrics", ("accuracy",))
    yield Line(")", "compile", ("loss", "optimizer", "accuracy"))


def _optimizer(config: RunConfig, source: Source) -> Iterator[Line]:
    """The optimiser in one line, unless its learning rate changes from update to update."""
    training, parts = config.training, ("optimizer",)
    if training.schedule != "cosine":
        yield Line(f"    optimizer={optimizer_code(config)},", training.optimizer, parts)
        return
    n_updates = training.epochs * training.steps_per_epoch(source.n_train)
    rate = f"keras.optimizers.schedules.CosineDecay({training.learning_rate!r}, decay_steps={n_updates})"
    texts = [f"optimizer=keras.optimizers.{_CLASSES[training.optimizer]}(", f"    learning_rate={rate},"]
    texts += ["    momentum=0.9,"] * (training.optimizer == "momentum")
    for text in (*texts, "),"):
        about = "cosine" if "CosineDecay" in text else training.optimizer
        yield Line(f"    {text}", about, parts)


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
    parts = chapter_configs(config)
    names = history_names(config)
    for number, (part, name) in enumerate(zip(parts, names, strict=True), start=1):
        chapter = f" in chapter {number}" if config.chapters else ""
        epochs = f"{part.training.epochs} epoch{'s' * (part.training.epochs > 1)}"
        text = f"Train{chapter} for {epochs}, with {part.training.batch_size:,} images for each update"
        lines = [stage("fit", text, "training")]
        if number > 1 and not stretches(config)[number - 1].keeps_memory:
            lines += _compile(part, source)
        elif number > 1 and _needs_rate(parts[number - 2].training, part.training):
            rate = part.training.learning_rate
            lines.append(Line(f"model.optimizer.learning_rate = {rate!r}", "rate", ("optimizer",)))
        lines += _fit(part, source, name)
        yield (*lines, *(_losses(names) if number == len(parts) else ()))


def chapter_configs(config: RunConfig) -> list[RunConfig]:
    """Each chapter as a run of its own epochs."""
    return [part.config.with_changes(epochs=part.n_epochs) for part in stretches(config)]


def _needs_rate(before: TrainingConfig, after: TrainingConfig) -> bool:
    """Whether a chapter sets the learning rate, which a schedule of its own would do."""
    is_as_left = before.learning_rate == after.learning_rate and before.schedule == "constant"
    return after.schedule == "constant" and not is_as_left


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
    yield Line("probabilities = model.predict(x_test[:1])", "predict", ("test", "output"))
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
    fact, callbacks = update_fact(config, source), tuple(_callbacks(config.training))
    if not validation and not callbacks:
        yield Line(f"{history} = model.fit({images})", "fit", parts, fact)
        return
    yield Line(f"{history} = model.fit(", "fit", parts, fact)
    yield Line(f"    {images},", "fit", parts, fact)
    if validation:
        n_validation = config.training.split_sizes(source.n_train)[1]
        yield Line(f"    {validation},", "validation", ("validation",), f"{n_validation:,} images.")
    if callbacks:
        yield Line("    callbacks=[", "callbacks", ("training",))
        yield from callbacks
        yield Line("    ],", "callbacks", ("training",))
    yield Line(")", "fit", parts, fact)


def _callbacks(training: TrainingConfig) -> Iterator[Line]:
    """What is done after or before each epoch."""
    if training.patience:
        how = f"patience={training.patience}, restore_best_weights=True, verbose=1"
        text = f"        keras.callbacks.EarlyStopping({how}),"
        yield Line(text, "early stopping", ("training", "validation"))
    if training.schedule == "halved":
        rate = f"lambda epoch: {training.learning_rate!r} / 2**epoch"
        yield Line(f"        keras.callbacks.LearningRateScheduler({rate}),", "halved", ("optimizer",))


def calls_of_model(config: RunConfig, source: Source) -> str:
    """The statements of the script that call the model: compile, fit, evaluate and predict.

    Args:
        config: The run.
        source: Of its images.
    """
    statements = (ast.unparse(each) for each in ast.parse(text_of(keras_script(config, source))).body)
    return "\n".join(
        each for each in statements if re.search(r"model\.(compile|fit|evaluate|predict)\(", each)
    )
