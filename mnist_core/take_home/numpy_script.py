"""A run from scratch in NumPy: the same network and the same training, with nothing hidden, on one page."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from mnist_core.config import N_PIXELS, Optimizer, RunConfig, TrainingConfig
from mnist_core.images.download import DOWNLOAD_URL
from mnist_core.take_home.numpy_network import backward_lines, forward_lines, parameter_lines
from mnist_core.take_home.script_lines import (
    EMPTY,
    Line,
    Source,
    array_lines,
    evaluation_lines,
    header_lines,
    import_lines,
    load_lines,
    shuffle_lines,
    update_fact,
    wrong_label_lines,
)
from mnist_core.training.stretches import Stretch, stretches

MAX_LINES: Final = 59
"""Under 60 in one chapter, without dropout, shifted copies, early stopping, a schedule or other starts."""
MAX_LINES_WITH_MORE: Final = 79
_PARAMETERS: Final = "parameters = weights + biases  # the same arrays, so changing them changes the network"
_DONE: Final = "(epoch + number / len(batches))"
_STOPPING: Final = "numpy early stopping"
_EACH_GRADIENT: Final = "for i, g in enumerate(backward(layers, p, y_train[batch])):"

_MEMORY: Final[dict[Optimizer, str]] = {
    "adam": "m, v, steps = ([0] * len(parameters) for _ in range(3))",
    "sgd": "",
    "momentum": "velocity = [0] * len(parameters)",
    "rmsprop": "v = [0] * len(parameters)",
}


def numpy_script(config: RunConfig, source: Source) -> tuple[Line, ...]:
    """The script that trains and judges a run's network.

    It has at most `MAX_LINES` lines, or `MAX_LINES_WITH_MORE`: where it would be longer, empty lines are left
    out, and nothing else ever is.

    Args:
        config: The run. Every setting shows in the script.
        source: Of its images.
    """
    lines = [
        *header_lines(config, "NumPy"),
        *_download_imports(source),
        *import_lines(source),
        EMPTY,
        *load_lines(config, source, _mnist, are_square=False),
        *wrong_label_lines(config, source),
        *_prepare(config, source),
        EMPTY,
        *parameter_lines(config),
        EMPTY,
        *forward_lines(config),
        EMPTY,
        *backward_lines(config),
        EMPTY,
        *_training(config, source),
        EMPTY,
        *evaluation_lines(f"accuracy = {_accuracy('test')}", "numpy evaluate", source),
    ]
    while len(lines) > MAX_LINES_WITH_MORE and EMPTY in lines:
        lines.remove(EMPTY)
    return tuple(lines)


def _accuracy(images: str) -> str:
    return f"(forward(x_{images})[1].argmax(axis=1) == y_{images}).mean()"


def _download_imports(source: Source) -> Iterator[Line]:
    if source.kind == "mnist":
        for text in ("from pathlib import Path", "from urllib.request import urlretrieve"):
            yield Line(text, "numpy load", ("images",))


def _mnist(fact: str) -> Iterator[Line]:
    about, parts = "numpy load", ("images", "test")
    yield Line('if not Path("mnist.npz").exists():', about, parts)
    yield Line(f'    urlretrieve("{DOWNLOAD_URL}", "mnist.npz")', about, parts)
    yield from array_lines(Line('data = np.load("mnist.npz")', about, parts, fact))


def _prepare(config: RunConfig, source: Source) -> Iterator[Line]:
    training = config.training
    is_divided = training.preparation != "undivided"
    about = "numpy prepare" if is_divided else "numpy undivided"
    row = f'x.reshape(-1, {N_PIXELS}).astype("float32")' + (" / 255" if is_divided else "")
    yield Line(f"x_train, x_test = ({row} for x in (x_train, x_test))", about, ("flatten", "normalise"))
    yield from _windows(training.shift)
    yield from shuffle_lines(config)
    n_training, n_validation = training.split_sizes(source.n_train)
    if n_validation:
        parts, fact = ("images", "labels", "validation"), f"{n_validation:,} images for validation."
        halves = ", ".join(f"np.split({name}, [{n_training}])" for name in ("x_train", "y_train"))
        yield Line(f"(x_train, x_val), (y_train, y_val) = {halves}", "numpy split", parts, fact)


def _windows(shift: int) -> Iterator[Line]:
    """Every place that a training image can be moved to, as views of it with black around."""
    if shift:
        about, parts, border = "numpy shift", ("images",), f"({shift}, {shift})"
        text = f"padded = np.pad(x_train.reshape(-1, 28, 28), ((0, 0), {border}, {border}))"
        yield Line(text, about, parts)
        text = "windows = np.lib.stride_tricks.sliding_window_view(padded, (28, 28), (1, 2))"
        yield Line(text, about, parts)


def _training(config: RunConfig, source: Source) -> Iterator[Line]:
    """The updates; of a run with several chapters in a function that is called for each of them."""
    parameters, training = Line(_PARAMETERS, "numpy parameters", ("optimizer", "network")), config.training
    if config.chapters:
        yield from _functions(config, source)
        yield EMPTY
        yield parameters
        yield from _calls(config, source)
        return
    yield parameters
    if memory := _MEMORY[training.optimizer]:
        yield Line(memory, "numpy memory", ("optimizer",))
    if training.patience:
        yield Line("val_losses = []", _STOPPING, ("validation",))
    yield from _epochs(config, source, f"{training.epochs}", f"{training.batch_size}", _rule(config))
    yield from _indented(_watched(training), 4)
    if training.patience:
        yield from _restored()


def _epochs(config: RunConfig, source: Source, n: str, size: str, update: Iterable[Line]) -> Iterator[Line]:
    """The loop over `n` epochs and its batches of `size` images, for each of which it makes an `update`."""
    whole, fact = ("training",), "" if config.chapters else update_fact(config, source)
    yield Line(f"for epoch in range({n}):", "numpy epochs", whole, fact)
    yield Line("    losses, order = [], random.permutation(len(x_train))", "numpy epochs", whole, fact)
    yield from _indented(_moved(config.training), 4)
    yield from _indented(_batches(config, size, fact), 4)
    given = f"{'moved' if config.training.shift else 'x_train'}[batch]"
    given += f", {config.training.dropout!r}" if config.training.dropout else ""
    yield Line(f"        layers, p = forward({given})", "numpy pass", ("images", "network"))
    text = "        losses.append(-np.log(p[np.arange(len(batch)), y_train[batch]] + 1e-7).mean())"
    yield Line(text, "numpy loss", ("loss", "labels"))
    yield from _indented(update, 8)
    if config.training.split_sizes(source.n_train)[1]:
        yield Line(f"    val_accuracy = {_accuracy('val')}", "numpy validation", ("validation", "network"))
        text = 'loss {np.mean(losses):.4f}, validation accuracy {val_accuracy:.4f}")'
    else:
        text = 'loss {np.mean(losses):.4f}")'
    yield Line(f'    print(f"Epoch {{epoch + 1}}: {text}', "numpy report", ("training", "loss"))


def _moved(training: TrainingConfig) -> Iterator[Line]:
    """Each training image moved, anew in each epoch."""
    if training.shift:
        about, parts = "numpy shift", ("images",)
        text = f"down, right = random.integers(0, {2 * training.shift + 1}, (2, len(x_train)))"
        yield Line(text, about, parts)
        order = "[:, places]" if training.preparation == "shuffled" else ""
        text = f"moved = windows[np.arange(len(x_train)), down, right].reshape(-1, {N_PIXELS}){order}"
        yield Line(text, about, parts)


def _batches(config: RunConfig, size: str, fact: str) -> Iterator[Line]:
    """The loop over the batches of an epoch, with the learning rate where one chapter changes it."""
    schedule, rate = config.training.schedule, f"{config.training.learning_rate!r}"
    parts, batches = ("training", "images"), f"np.split(order, range({size}, len(order), {size}))"
    is_counted = has_schedule(config) if config.chapters else schedule == "cosine"
    if schedule == "halved" and not config.chapters:
        yield Line(f"rate = {rate} / 2**epoch", "numpy halved", ("optimizer",))
    if not is_counted:
        yield Line(f"for batch in {batches}:", "numpy batches", parts, fact)
        return
    yield Line(f"batches = {batches}", "numpy batches", parts, fact)
    yield Line("for number, batch in enumerate(batches):", "numpy batches", parts, fact)
    if not config.chapters:
        text = f"    rate = {_cosine(rate, _DONE, config.training.epochs)}"
        yield Line(text, "numpy cosine", ("optimizer",))


def _cosine(rate: str, done: str, n_epochs: int) -> str:
    """From the whole rate down to 0 with the epochs done of a chapter, which have fractions."""
    return f"{rate} * (1 + np.cos(np.pi * {done} / {n_epochs})) / 2"


def has_schedule(config: RunConfig) -> bool:
    """Whether the learning rate changes within a chapter."""
    return any(part.config.training.schedule != "constant" for part in stretches(config))


def _rule(config: RunConfig) -> Iterator[Line]:
    """An update by the one rule of a run."""
    training = config.training
    about = f"numpy {training.optimizer}"
    yield Line(_EACH_GRADIENT, about, ("optimizer", "loss"))
    rate = f"{training.learning_rate!r}" if training.schedule == "constant" else "rate"
    for text in _update(training.optimizer, rate):
        yield Line(f"    {text}", about, ("optimizer", "network"))


def _watched(training: TrainingConfig) -> Iterator[Line]:
    """After an epoch: its validation loss, a copy of the best parameters, and the end if it is time."""
    if not training.patience:
        return
    penalty = ""
    if training.l2:
        penalty = " + penalty"
        yield Line(f"penalty = {training.l2!r} * sum((w**2).sum() for w in weights)", _STOPPING, ("loss",))
    loss = f"-np.log(forward(x_val)[1][np.arange(len(y_val)), y_val] + 1e-7).mean(){penalty}"
    for text in (
        f"val_losses.append({loss})",
        "if np.argmin(val_losses) == epoch:",
        "    best = [array.copy() for array in parameters]",
        f"if epoch - np.argmin(val_losses) >= {training.patience}:",
        "    break",
    ):
        yield Line(text, _STOPPING, ("training", "validation"))


def _restored() -> Iterator[Line]:
    """After the last epoch: the parameters of the best one, and which it was."""
    for text in (
        "for values, kept in zip(parameters, best):",
        "    values[:] = kept",
        'print(f"Best epoch: {np.argmin(val_losses) + 1}")',
    ):
        yield Line(text, "numpy restore", ("network", "validation"))


def _functions(config: RunConfig, source: Source) -> Iterator[Line]:
    """A function for each rule, and the loop as a function."""
    for optimizer in dict.fromkeys(stretch.config.training.optimizer for stretch in stretches(config)):
        about = f"numpy {optimizer}"
        yield Line(f"def {optimizer}(i, g, rate):", about, ("optimizer",))
        for text in _update(optimizer, "rate"):
            yield Line(f"    {text}", about, ("optimizer", "network"))
    yield Line("def fit(epochs, size, rule, rate):", "numpy fit", ("training",))
    about, parts = "numpy fit", ("optimizer", "loss")
    rate = f"rate({_DONE[1:-1]})" if has_schedule(config) else "rate"
    update = Line(_EACH_GRADIENT, about, parts), Line(f"    rule(i, g, {rate})", about, parts)
    yield from _indented(_epochs(config, source, "epochs", "size", update), 4)


def _calls(config: RunConfig, source: Source) -> Iterator[Line]:
    """A call of `fit` for each chapter, before it a new memory where the optimiser is another one."""
    for stretch in stretches(config):
        training = stretch.config.training
        if not stretch.keeps_memory and (memory := _MEMORY[training.optimizer]):
            yield Line(memory, "numpy memory", ("optimizer",))
        rate = _rate_of(stretch) if has_schedule(config) else f"{training.learning_rate!r}"
        given = f"{stretch.n_epochs}, {training.batch_size}, {training.optimizer}, {rate}"
        fact = update_fact(stretch.config.with_changes(epochs=stretch.n_epochs), source)
        about = "numpy chapter schedule" if has_schedule(config) else "numpy chapter"
        yield Line(f"fit({given})", about, ("training", "optimizer"), fact)


def _rate_of(stretch: Stretch) -> str:
    """The learning rate of a chapter as a function of the epochs of it that are done, with fractions."""
    training = stretch.config.training
    rate = f"{training.learning_rate!r}"
    if training.schedule == "cosine":
        rate = _cosine(rate, "done", stretch.n_epochs)
    elif training.schedule == "halved":
        rate = f"{rate} / 2 ** int(done)"
    return f"lambda done: {rate}"


def _indented(lines: Iterable[Line], n: int) -> Iterator[Line]:
    return (replace(line, text=" " * n + line.text) for line in lines)


def _update(optimizer: Optimizer, rate: str) -> tuple[str, ...]:
    """The rules of `mnist_core.network.update_rules`, in NumPy without names for what is in between."""
    rules: dict[Optimizer, tuple[str, ...]] = {
        "sgd": (f"parameters[i] -= {rate} * g",),
        "momentum": (f"velocity[i] = 0.9 * velocity[i] - {rate} * g", "parameters[i] += velocity[i]"),
        "rmsprop": (
            "v[i] = 0.9 * v[i] + 0.1 * g**2",
            f"parameters[i] -= {rate} * g / np.sqrt(v[i] + 1e-7)",
        ),
        "adam": (
            "steps[i] += 1",
            "m[i] = 0.9 * m[i] + 0.1 * g",
            "v[i] = 0.999 * v[i] + 0.001 * g**2",
            "m_hat, v_hat = m[i] / (1 - 0.9 ** steps[i]), v[i] / (1 - 0.999 ** steps[i])",
            f"parameters[i] -= {rate} * m_hat / (np.sqrt(v_hat) + 1e-7)",
        ),
    }
    return rules[optimizer]
