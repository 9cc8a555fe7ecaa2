"""The network of a NumPy script: its starting weights, its forward pass, and the gradient of its loss."""

from collections.abc import Iterator
from typing import Final

from mnist_core.config import Activation, Initializer, RunConfig
from mnist_core.take_home.script_lines import Line

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
_THINNED_DERIVATIVES: Final[dict[Activation, str]] = {  # where it is 0 or divided by the share kept
    "relu": " * (layers[i] > 0) / {kept}",
    "tanh": " * (layers[i] != 0) * (1 / {kept} - {kept} * layers[i] ** 2)",
    "sigmoid": " * layers[i] * (1 - {kept} * layers[i])",
    "none": " * (layers[i] != 0) / {kept}",
}
_STARTS: Final[dict[Initializer, str]] = {
    "glorot_uniform": "np.float32(random.uniform(-1, 1, (n, k))) * (6 / (n + k)) ** 0.5",
    "he_normal": "he_normal(n, k)",
    "zeros": 'np.zeros((n, k), "float32")',
    "normal_0.01": "np.float32(random.normal(0, 0.01, (n, k)))",
    "normal_1": "np.float32(random.normal(0, 1, (n, k)))",
}
_HE_NORMAL: Final = (
    "def he_normal(n, k):",
    "    z = random.normal(0, 1, 2 * n * k)",
    "    return np.float32(z[abs(z) < 2][: n * k].reshape(n, k) * (2 / n) ** 0.5 / 0.8796)",
)
"""As Keras does, without what is beyond ±2; 0.8796 is the standard deviation of the rest."""


def parameter_lines(config: RunConfig) -> Iterator[Line]:
    """The weights and biases before the first update, and the generator of all random numbers."""
    sizes, fact = list(config.network.layer_sizes), f"{config.network.n_parameters:,} parameters in all."
    start, parts = config.training.initializer, ("network",)
    about = "numpy weights" if start == "glorot_uniform" else f"numpy start {start}"
    yield Line(f"random = np.random.default_rng({config.training.seed})", "numpy seed", parts)
    yield Line(f"sizes = {sizes}", "numpy sizes", parts, fact)
    for text in _HE_NORMAL if start == "he_normal" else ():
        yield Line(text, about, parts)
    yield Line(f"weights = [{_STARTS[start]} for n, k in zip(sizes, sizes[1:])]", about, parts, fact)
    yield Line('biases = [np.zeros(k, "float32") for k in sizes[1:]]', "numpy biases", parts, fact)


def forward_lines(config: RunConfig) -> Iterator[Line]:
    """The function that gives every layer's outputs for images."""
    network, has_dropout = config.network, config.training.dropout > 0
    hidden = tuple(f"layer {n}" for n in range(1, len(network.hidden_units) + 1))
    given = "x, dropout=0" if has_dropout else "x"
    text = f"def forward({given}):  # the outputs of every layer, one image in each row"
    yield Line(text, "numpy forward", ("network",))
    yield Line("    layers = [x]", "numpy forward", ("normalise",))
    yield Line("    for w, b in zip(weights[:-1], biases[:-1]):", "numpy hidden", hidden)
    outputs = _ACTIVATIONS[network.activation].format(z="layers[-1] @ w + b")
    about = f"numpy {network.activation}"
    if has_dropout:
        yield Line(f"        h = {outputs}", about, hidden)
        about, outputs = "numpy dropout", "h * (random.random(h.shape) >= dropout) / (1 - dropout)"
    yield Line(f"        layers.append({outputs})", about, hidden)
    yield Line("    z = layers[-1] @ weights[-1] + biases[-1]", "numpy output", ("output",))
    yield Line("    e = np.exp(z - z.max(axis=1, keepdims=True))", "numpy softmax", ("output",))
    yield Line("    return layers, e / e.sum(axis=1, keepdims=True)", "numpy softmax", ("output",))


def backward_lines(config: RunConfig) -> Iterator[Line]:
    """The function that gives the gradient of the loss, down to the first hidden layer and no further."""
    training, network = config.training, ("network",)
    text = "def backward(layers, p, y):  # the gradient of the loss for every weight and bias"
    yield Line(text, "numpy backward", ("loss", "network"))
    error = '    delta = (p - np.eye(10, dtype="float32")[y]) / len(y)  # for the logits'
    yield Line(error, "numpy delta", ("output", "labels", "loss"))
    yield Line("    for_weights, for_biases = [], []", "numpy backward", network)
    yield Line("    for i in reversed(range(len(weights))):", "numpy backward", network)
    about, penalty = "numpy gradient", ""
    parts: tuple[str, ...] = network
    if training.l2:
        about, parts = "numpy gradient l2", ("network", "loss")
        penalty = f" + {2 * training.l2:.12g} * weights[i]"
    yield Line(f"        for_weights.insert(0, layers[i].T @ delta{penalty})", about, parts)
    yield Line("        for_biases.insert(0, delta.sum(axis=0))", "numpy gradient", network)
    derivatives = _THINNED_DERIVATIVES if training.dropout else _DERIVATIVES
    derivative = derivatives[config.network.activation].format(kept=f"{1 - training.dropout:.6g}")
    about = "numpy chain dropout" if training.dropout else "numpy chain"
    yield Line("        if i > 0:  # one layer further back", about, network)
    yield Line(f"            delta = delta @ weights[i].T{derivative}", about, network)
    yield Line("    return for_weights + for_biases", "numpy backward", network)
