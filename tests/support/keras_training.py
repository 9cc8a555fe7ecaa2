"""What Keras's own `fit` makes of a run: the same start, the same images in the same order."""

import numpy as np

from mnist_core.images.preparation import network_inputs
from mnist_core.network.keras_model import build_model, build_optimizer, write_model
from mnist_core.network.parameters import starting_parameters
from mnist_core.training.stretches import timeline_of
from mnist_core.training.training_set import training_images


def fit(config, dataset, optimizer=None, callbacks=()):
    """The model and its history after one call of `fit` for a run of one chapter.

    Args:
        config: Of the run.
        dataset: Its images.
        optimizer: Where it is not that of the config.
        callbacks: For `fit`.
    """
    import keras
    import tensorflow as tf

    chosen, training = training_images(config, dataset), config.training
    model = build_model(config.network)
    write_model(model, starting_parameters(config))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer or build_optimizer(config), loss, metrics=["accuracy"])

    def batches():
        for epoch in range(1, training.epochs + 1):
            for number in range(1, timeline_of(config, chosen.n_training).updates[0] + 1):
                batch = chosen.batch(epoch, number)
                yield network_inputs(chosen.seen(epoch, batch)), chosen.all_labels[batch]

    types = (tf.TensorSpec((None, 784), tf.float32), tf.TensorSpec((None,), tf.uint8))
    validation = network_inputs(chosen.validation_images), chosen.validation_labels
    history = model.fit(
        tf.data.Dataset.from_generator(batches, output_signature=types),
        epochs=training.epochs,
        steps_per_epoch=timeline_of(config, chosen.n_training).updates[0],
        validation_data=validation if chosen.n_validation else None,
        validation_batch_size=1_000,
        callbacks=[*callbacks],
        verbose=0,
        shuffle=False,
    )
    return model, history.history


def assert_same_weights(parameters, model, atol=1e-4):
    """Whether a network has the weights and biases of a Keras model."""
    pairs = zip(parameters.weights, parameters.biases, strict=True)
    ours = [array for pair in pairs for array in pair]
    for array, expected in zip(ours, model.get_weights(), strict=True):
        np.testing.assert_allclose(array, expected, atol=atol)
