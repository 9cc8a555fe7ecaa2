"""A run from scratch in NumPy: the same network and the same training, with nothing hidden, on one page."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from mnist_core.config import N_PIXELS, Activation, Optimizer, RunConfig
from mnist_core.images.download import DOWNLOAD_URL
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
from mnist_core.training.stretches import stretches

MAX_LINES: Final = 59
"""Under 60 with everything, in one chapter."""
MAX_LINES_IN_CHAPTERS: Final = 79
_PARAMETERS: Final = "parameters = weights + biases  # the same arrays, so changing them changes the network"
_EACH_GRADIENT: Final = "for i, g in enumerate(backward(layers, p, y_train[batch])):"

_ACTIVATIONS: Final[dict[Activation, str]] = {
    "relu": "np.maximum(0, {z})",
    "tanh": "np.tanh({z})",
    "sigmoid": "1 / (1 + np.exp(-({z})))",
    "none": "{z}",
}
_DERIVATIVES: Final[dict[Activation, str]] = {  # in what the layer passed on
    "relu": " * (layers[i] > 0)",
    "tanh": " * (1 - layers[i] ** 2)",
    "sigmoid": " * layers[i] * (1 - layers[i])",
    "none": "",
}
_MEMORY: Final[dict[Optimizer, str]] = {
    "adam": "m, v, steps = ([0] * len(parameters) for _ in range(3))",
    "sgd": "",
    "momentum": "velocity = [0] * len(parameters)",
    "rmsprop": "v = [0] * len(parameters)",
}


def numpy_script(config: RunConfig, source: Source) -> tuple[Line, ...]:
    """The script that trains and judges a run's network.

    It has at most `MAX_LINES` lines, or `MAX_LINES_IN_CHAPTERS`.

    Args:
        config: The run. Every setting shows in the script.
        source: Of its images.
    """
    return (
        *header_lines(config, "NumPy"),
        *_download_imports(source),
        *import_lines(source),
        EMPTY,
        *load_lines(config, source, _mnist, are_square=False),
        *wrong_label_lines(config, source),
        *_prepare(config, source),
        EMPTY,
        *_parameters(config),
        EMPTY,
        *_forward(config),
        EMPTY,
        *_backward(config),
        EMPTY,
        *_training(config, source),
        EMPTY,
        *evaluation_lines(f"accuracy = {_accuracy('test')}", "numpy evaluate", source),
    )


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
    yield from shuffle_lines(config)
    n_training, n_validation = training.split_sizes(source.n_train)
    if n_validation:
        parts, fact = ("images", "labels", "validation"), f"{n_validation:,} images for validation."
        halves = ", ".join(f"np.split({name}, [{n_training}])" for name in ("x_train", "y_train"))
        yield Line(f"(x_train, x_val), (y_train, y_val) = {halves}", "numpy split", parts, fact)


def _parameters(config: RunConfig) -> Iterator[Line]:
    sizes, fact = list(config.network.layer_sizes), f"{config.network.n_parameters:,} parameters in all."
    about, parts = "numpy weights", ("network",)
    yield Line(f"random = np.random.default_rng({config.training.seed})", "numpy seed", parts)
    yield Line(f"sizes = {sizes}", about, parts, fact)
    text = "np.float32(random.uniform(-1, 1, (n, k))) * (6 / (n + k)) ** 0.5"
    yield Line(f"weights = [{text} for n, k in zip(sizes, sizes[1:])]", about, parts, fact)
    yield Line('biases = [np.zeros(k, "float32") for k in sizes[1:]]', about, parts, fact)


def _forward(config: RunConfig) -> Iterator[Line]:
    hidden = tuple(f"layer {n}" for n in range(1, len(config.network.hidden_units) + 1))
    yield Line(
        "def forward(x):  # the outputs of every layer, one image in each row", "numpy forward", ("network",)
    )
    yield Line("    layers = [x]", "numpy forward", ("normalise",))
    yield Line("    for w, b in zip(weights[:-1], biases[:-1]):", "numpy hidden", hidden)
    activation = _ACTIVATIONS[config.network.activation].format(z="layers[-1] @ w + b")
    yield Line(f"        layers.append({activation})", f"numpy {config.network.activation}", hidden)
    yield Line("    z = layers[-1] @ weights[-1] + biases[-1]", "numpy output", ("output",))
    yield Line("    e = np.exp(z - z.max(axis=1, keepdims=True))", "numpy softmax", ("output",))
    yield Line("    return layers, e / e.sum(axis=1, keepdims=True)", "numpy softmax", ("output",))


def _backward(config: RunConfig) -> Iterator[Line]:
    l2, network = config.training.l2, ("network",)
    yield Line(
        "def backward(layers, p, y):  # the gradient of the loss for every weight and bias",
        "numpy backward",
        ("loss", "network"),
    )
    error = '    delta = (p - np.eye(10, dtype="float32")[y]) / len(y)  # for the logits'
    yield Line(error, "numpy delta", ("output", "labels", "loss"))
    yield Line("    for_weights, for_biases = [], []", "numpy backward", network)
    yield Line("    for i in reversed(range(len(weights))):", "numpy backward", network)
    penalty = f" + {2 * l2:.12g} * weights[i]" if l2 else ""
    text = f"        for_weights.insert(0, layers[i].T @ delta{penalty})"
    yield Line(text, "numpy gradient l2" if l2 else "numpy gradient", ("network", "loss") if l2 else network)
    yield Line("        for_biases.insert(0, delta.sum(axis=0))", "numpy gradient", network)
    derivative = _DERIVATIVES[config.network.activation]
    yield Line("        if i > 0:", "numpy chain", network)
    text = f"            delta = delta @ weights[i].T{derivative}  # one layer further back"
    yield Line(text, "numpy chain", network)
    yield Line("    return for_weights + for_biases", "numpy backward", network)


def _training(config: RunConfig, source: Source) -> Iterator[Line]:
    """The updates; of a run with several chapters in a function that is called for each of them."""
    parameters = Line(_PARAMETERS, "numpy parameters", ("optimizer", "network"))
    if config.chapters:
        yield from _functions(config, source)
        yield EMPTY
        yield parameters
        yield from _calls(config, source)
        return
    yield parameters
    training = config.training
    if memory := _MEMORY[training.optimizer]:
        yield Line(memory, "numpy memory", ("optimizer",))
    yield from _epochs(config, source, f"{training.epochs}", f"{training.batch_size}", _rule(config))


def _epochs(config: RunConfig, source: Source, n: str, size: str, update: Iterable[Line]) -> Iterator[Line]:
    """The loop over `n` epochs and its batches of `size` images, for each of which it makes an `update`."""
    whole, fact = ("training",), "" if config.chapters else update_fact(config, source)
    yield Line(f"for epoch in range({n}):", "numpy epochs", whole, fact)
    yield Line("    losses, order = [], random.permutation(len(x_train))", "numpy epochs", whole, fact)
    text = f"    for batch in np.split(order, range({size}, len(order), {size})):"
    yield Line(text, "numpy batches", ("training", "images"), fact)
    yield Line("        layers, p = forward(x_train[batch])", "numpy forward", ("images", "network"))
    text = "        losses.append(-np.log(p[np.arange(len(batch)), y_train[batch]] + 1e-7).mean())"
    yield Line(text, "numpy loss", ("loss", "labels"))
    yield from _indented(update, 8)
    if config.training.split_sizes(source.n_train)[1]:
        yield Line(f"    val_accuracy = {_accuracy('val')}", "numpy validation", ("validation", "network"))
        text = 'loss {np.mean(losses):.4f}, validation accuracy {val_accuracy:.4f}")'
    else:
        text = 'loss {np.mean(losses):.4f}")'
    yield Line(f'    print(f"Epoch {{epoch + 1}}: {text}', "numpy report", ("training", "loss"))


def _rule(config: RunConfig) -> Iterator[Line]:
    """An update by the one rule of a run."""
    training = config.training
    about = f"numpy {training.optimizer}"
    yield Line(_EACH_GRADIENT, about, ("optimizer", "loss"))
    for text in _update(training.optimizer, f"{training.learning_rate!r}"):
        yield Line(f"    {text}", about, ("optimizer", "network"))


def _functions(config: RunConfig, source: Source) -> Iterator[Line]:
    """A function for each rule, and the loop as a function."""
    for optimizer in dict.fromkeys(stretch.config.training.optimizer for stretch in stretches(config)):
        about = f"numpy {optimizer}"
        yield Line(f"def {optimizer}(i, g, rate):", about, ("optimizer",))
        for text in _update(optimizer, "rate"):
            yield Line(f"    {text}", about, ("optimizer", "network"))
    yield Line("def fit(epochs, size, rule, rate):", "numpy fit", ("training",))
    about, parts = "numpy fit", ("optimizer", "loss")
    update = Line(_EACH_GRADIENT, about, parts), Line("    rule(i, g, rate)", about, parts)
    yield from _indented(_epochs(config, source, "epochs", "size", update), 4)


def _calls(config: RunConfig, source: Source) -> Iterator[Line]:
    """A call of `fit` for each chapter, before it a new memory where the optimiser is another one."""
    for stretch in stretches(config):
        training = stretch.config.training
        if not stretch.keeps_memory and (memory := _MEMORY[training.optimizer]):
            yield Line(memory, "numpy memory", ("optimizer",))
        given = f"{stretch.n_epochs}, {training.batch_size}, {training.optimizer}, {training.learning_rate!r}"
        fact = update_fact(stretch.config.with_changes(epochs=stretch.n_epochs), source)
        yield Line(f"fit({given})", "numpy chapter", ("training", "optimizer"), fact)


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
