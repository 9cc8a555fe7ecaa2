"""A network as a Keras model, to export it or to hold NumPy against it, and the optimiser that trains it.

Keras is imported where it is used: pages import modules that import this one, and must not load TensorFlow.
"""

from collections.abc import Callable
from typing import Any

from mnist_core.config import NetworkConfig, RunConfig
from mnist_core.network.parameters import Parameters


def build_model(network: NetworkConfig) -> Any:
    """The same network as a Keras model, its weights not yet set.

    Its output layer gives logits: softmax and cross-entropy are computed together from them, which
    is exact where a probability would round to 0. `to_keras` adds the softmax for people.

    Args:
        network: Layers and activation.

    Returns:
        A built `keras.Sequential` from (n, 784) to logits (n, 10).
    """
    import keras

    activation = "linear" if network.activation == "none" else network.activation
    layers: list[Any] = [keras.Input((network.layer_sizes[0],), name="pixels")]
    for number, units in enumerate(network.layer_sizes[1:]):
        is_output = number == len(network.hidden_units)
        layers.append(
            keras.layers.Dense(
                units,
                activation=None if is_output else activation,
                kernel_initializer="zeros",
                name="digits" if is_output else f"hidden_{number + 1}",
            )
        )
    return keras.Sequential(layers)


def write_model(model: Any, parameters: Parameters) -> None:
    """Put parameters into a Keras model of the same shape."""
    pairs = zip(parameters.weights, parameters.biases, strict=True)
    model.set_weights([array for pair in pairs for array in pair])


def to_keras(parameters: Parameters) -> Any:
    """A Keras model with these parameters that ends in softmax, as the classic script builds it."""
    import keras

    model = build_model(parameters.network)
    write_model(model, parameters)
    model.add(keras.layers.Softmax(name="softmax"))
    return model


def build_optimizer(config: RunConfig) -> Any:
    """The Keras optimiser of a run, which has not seen a weight yet."""
    import keras

    rate = config.training.learning_rate
    makers: dict[str, Callable[[], Any]] = {
        "adam": lambda: keras.optimizers.Adam(rate),
        "sgd": lambda: keras.optimizers.SGD(rate),
        "momentum": lambda: keras.optimizers.SGD(rate, momentum=0.9),
        "rmsprop": lambda: keras.optimizers.RMSprop(rate),
    }
    return makers[config.training.optimizer]()
