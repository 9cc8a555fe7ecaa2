"""The classic network in PyTorch and in JAX, as their users would write it; for `benchmarks.training`.

Neither is among the packages of the project: who wants these rows installs them, `pip install torch optax`.
"""

import time
from typing import Any

import numpy as np

from mnist_core.config import CLASSIC
from mnist_core.images.dataset import Dataset
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import initial_parameters
from mnist_core.training.training_set import shuffled_order

EPOCHS, BATCH = CLASSIC.training.epochs, CLASSIC.training.batch_size
UNITS = CLASSIC.network.hidden_units[0]


def py_torch(dataset: Dataset) -> Any:
    """Two linear layers, `CrossEntropyLoss` and `Adam`, step by step; a `benchmarks.training.Run`."""
    import torch  # type: ignore[import-not-found, unused-ignore]

    x = torch.from_numpy(network_inputs(dataset.train_images))
    y = torch.from_numpy(dataset.train_labels.astype(np.int64))

    def run() -> tuple[list[float], Any]:
        model = torch.nn.Sequential(torch.nn.Linear(784, UNITS), torch.nn.ReLU(), torch.nn.Linear(UNITS, 10))
        loss, optimizer = torch.nn.CrossEntropyLoss(), torch.optim.Adam(model.parameters(), fused=True)
        ends = []
        for epoch in range(EPOCHS):
            order = torch.from_numpy(shuffled_order(len(y), epoch, 0).astype(np.int64))
            for batch in order.split(BATCH):
                optimizer.zero_grad()
                loss(model(x[batch]), y[batch]).backward()
                optimizer.step()
            ends.append(time.perf_counter())
        return ends, lambda images: model(torch.from_numpy(images)).detach().numpy()

    return run


def jax_scan(dataset: Dataset) -> Any:
    """An epoch as one compiled `lax.scan`, with the Adam of optax; a `benchmarks.training.Run`."""
    import jax  # type: ignore[import-not-found, unused-ignore]
    import jax.numpy as jnp  # type: ignore[import-not-found, unused-ignore]
    import optax  # type: ignore[import-not-found, unused-ignore]

    x, y = jnp.asarray(network_inputs(dataset.train_images)), jnp.asarray(dataset.train_labels, jnp.int32)
    adam = optax.adam(0.001, eps=1e-7)

    def logits(values: Any, inputs: Any) -> Any:
        (w1, b1), (w2, b2) = values
        return jax.nn.relu(inputs @ w1 + b1) @ w2 + b2

    def loss(values: Any, inputs: Any, labels: Any) -> Any:
        return optax.softmax_cross_entropy_with_integer_labels(logits(values, inputs), labels).mean()

    def step(carried: Any, batch: Any) -> Any:
        values, state = carried
        gradients = jax.grad(loss)(values, x[batch], y[batch])
        changes, state = adam.update(gradients, state)
        return (optax.apply_updates(values, changes), state), None

    def run() -> tuple[list[float], Any]:
        epoch_of = jax.jit(lambda carried, batches: jax.lax.scan(step, carried, batches)[0])
        start = initial_parameters(CLASSIC.network, 0)
        values = [tuple(map(jnp.asarray, layer)) for layer in zip(start.weights, start.biases, strict=True)]
        carried, ends = (values, adam.init(values)), []
        for epoch in range(EPOCHS):
            order = shuffled_order(len(y), epoch, 0)
            batches = order[: len(order) - len(order) % BATCH].reshape(-1, BATCH)  # MNIST leaves no rest
            carried = jax.block_until_ready(epoch_of(carried, batches))
            ends.append(time.perf_counter())
        trained = carried[0]
        return ends, lambda images: logits(trained, images)

    return run
