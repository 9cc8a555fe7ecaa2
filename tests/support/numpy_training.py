"""Trainings in NumPy alone, of a second or less: in the order of `training_set`, by the rules as printed."""

from mnist_core.images.preparation import network_inputs
from mnist_core.lessons.batches import EpochPlan
from mnist_core.network.parameters import flat_vector, starting_parameters
from mnist_core.network.passes import backward, forward
from mnist_core.network.update_rules import start, update
from mnist_core.training.training_set import training_images


def snapshots_of(config, dataset):
    """The network before training and after each epoch."""
    training, chosen = config.training, training_images(config, dataset)
    network = starting_parameters(config)
    state = start(training.optimizer, flat_vector(network.weights, network.biases))
    n_batches = EpochPlan(len(chosen.labels), training.batch_size).n_batches
    snapshots = [network]
    for epoch in range(1, training.epochs + 1):
        for number in range(1, n_batches + 1):
            batch = chosen.batch(epoch, number)
            inputs = network_inputs(chosen.seen(epoch, batch), training.preparation)
            gradients = backward(network, forward(network, inputs), chosen.all_labels[batch])
            state = update(training.optimizer, state, gradients.flat(), training.learning_rate).state
            network = network.with_numbers(state.values)
        snapshots.append(network)
    return snapshots


def validation_accuracy(network, config, dataset):
    """Share of the validation images of a run that a network reads correctly."""
    chosen = training_images(config, dataset)
    inputs = network_inputs(chosen.validation_images, config.training.preparation)
    return float((network.logits(inputs).argmax(axis=1) == chosen.validation_labels).mean())
