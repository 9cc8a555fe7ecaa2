"""Starting weights, dropout, shifted copies, early stopping and schedules in the scripts do what they say.

Where nothing is drawn at random but the start and the order of the images, the two scripts are executed with
the same of both, and end with the same weights: Keras's own `fit`, callbacks and schedules on one side, the
formulas on the other.
"""

import itertools
import math

import numpy as np
import pytest

from mnist_core.chapters import Chapter
from mnist_core.config import ACTIVATIONS, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.network.parameters import starting_parameters
from mnist_core.take_home.keras_script import keras_script
from mnist_core.take_home.numpy_script import MAX_LINES_WITH_MORE, numpy_script
from mnist_core.take_home.script_lines import EMPTY, Source, text_of
from mnist_core.training.loop import train
from mnist_core.training.training_set import training_images

pytestmark = [
    pytest.mark.usefixtures("sample_read_once", "no_film_is_looked_at"),
    # Keras's own, where it makes a copy of weights.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]
SAMPLE = Source("sample", 4_000, 1_000)
ATOL = 1e-4
EPSILON = "np.sqrt(v_hat) + 1e-7", "np.sqrt(v_hat) + 1e-7 / np.sqrt(1 - 0.999 ** steps[i])"
"""Of Adam, as the paper and the script have it, and beside which root Keras adds it."""


def run(units=(8,), activation="relu", chapters=(), **training):
    usual = {"epochs": 3, "n_training_images": 250, "validation_share": 0.2}
    return RunConfig(NetworkConfig(units, activation), TrainingConfig(**usual | training), chapters)


def execute(lines):
    """Everything that a script has at its end."""
    names = {}
    text = text_of(lines).replace(*EPSILON)
    exec(compile(text, "script", "exec"), names)
    return names


def flat(weights, biases):
    return [array for pair in zip(weights, biases, strict=True) for array in pair]


def executed_by_keras(config, start, orders, monkeypatch):
    """Everything the Keras script has at its end, when it starts and orders its images as it is told.

    Args:
        config: The run.
        start: Weights and biases, layer by layer.
        orders: Of the training images, epoch by epoch of the whole run.
        monkeypatch: Of the test.
    """
    import keras

    fit, compile_model, left = keras.Sequential.fit, keras.Sequential.compile, iter(orders)

    def fit_in_order(model, x, y, *, epochs, batch_size, validation_split=0.0, callbacks=()):
        n = math.floor(len(x) * (1.0 - validation_split))
        chosen = list(itertools.islice(left, epochs))
        assert all(len(order) == n for order in chosen)
        batches = (
            (x[batch], y[batch])
            for order in chosen
            for batch in np.split(order, range(batch_size, n, batch_size))
        )
        others = (x[n:], y[n:]) if validation_split else None
        return fit(
            model, batches, steps_per_epoch=math.ceil(n / batch_size), epochs=epochs,
            validation_data=others, callbacks=list(callbacks), shuffle=False, verbose=0,
        )  # fmt: skip

    def compile_with_start(model, **options):
        if not model.compiled:
            model.set_weights(start)
        compile_model(model, **options)

    monkeypatch.setattr(keras.Sequential, "fit", fit_in_order)
    monkeypatch.setattr(keras.Sequential, "compile", compile_with_start)
    return execute(keras_script(config, SAMPLE))


def numpy_start(config):
    """The generator of the NumPy script after it has drawn its starting weights, and these."""
    lines = numpy_script(config, SAMPLE)
    end = next(number for number, line in enumerate(lines) if line.text.startswith("def forward"))
    names = execute(lines[:end])
    return names["random"], flat(names["weights"], names["biases"])


def numpy_orders(config, random):
    n_training, _ = config.training.split_sizes(SAMPLE.n_train)
    return [random.permutation(n_training) for _ in range(config.training.epochs)]


COMPARED = {
    "cosine": run(schedule="cosine", optimizer="adam", learning_rate=0.01),
    "halved, all zero": run(
        schedule="halved", optimizer="rmsprop", learning_rate=0.01, initializer="zeros", activation="tanh"
    ),
    "early stopping": run(patience=2, epochs=12, optimizer="momentum", learning_rate=0.3, l2=0.001),
    "schedules in chapters": run(
        epochs=7, schedule="halved", chapters=(
            Chapter(3, 50, "adam", 0.002, "halved"), Chapter(5, 50, "adam", 0.004),
            Chapter(6, 32, "momentum", 0.01, "cosine"),
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", COMPARED)
def test_both_scripts_give_the_same_weights(name, monkeypatch):
    config = COMPARED[name]
    random, start = numpy_start(config)
    ours = execute(numpy_script(config, SAMPLE))
    theirs = executed_by_keras(config, start, numpy_orders(config, random), monkeypatch)
    for here, there in zip(flat(ours["weights"], ours["biases"]), theirs["model"].get_weights(), strict=True):
        assert here.dtype == np.float32
        np.testing.assert_allclose(here, there, atol=ATOL)
    if config.training.patience:
        losses = theirs["history"].history["val_loss"]
        np.testing.assert_allclose(ours["val_losses"], losses, rtol=1e-3)
        n_epochs, best = len(losses), int(np.argmin(losses))
        assert n_epochs < config.training.epochs
        assert n_epochs - 1 - best == config.training.patience


@pytest.mark.parametrize("name", ["early stopping", "schedules in chapters"])
def test_the_keras_script_gives_the_weights_of_the_dashboard(name, sample, monkeypatch):
    """What is random in it, the first weights and the order of the images, is that of the run."""
    config = COMPARED[name]
    chosen, start = training_images(config, sample), starting_parameters(config)
    orders = [chosen.order(epoch) for epoch in range(1, config.training.epochs + 1)]
    start = flat(start.weights, start.biases)
    names = executed_by_keras(config, start, orders, monkeypatch)
    trained = train(config, sample).parameters
    for ours, theirs in zip(flat(trained.weights, trained.biases), names["model"].get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=ATOL)


@pytest.mark.parametrize("write", [keras_script, numpy_script])
def test_at_their_usual_values_the_settings_leave_no_trace(write):
    text = text_of(write(run(), SAMPLE)).lower()
    for word in ("dropout", "translation", "windows", "initializer", "callback", "lambda", "best", "rate ="):
        assert word not in text


FOUR = (
    Chapter(2, 64, "momentum", 0.01, "halved"), Chapter(3, 64, "sgd", 0.1, "cosine"),
    Chapter(4, 32, "rmsprop", 0.001, "cosine"),
)  # fmt: skip
LONGEST = {"preparation": "shuffled", "wrong_label_share": 0.1, "l2": 0.001, "epochs": 5}


@pytest.mark.parametrize("source", [SAMPLE, Source("mnist", 60_000, 10_000)], ids=["sample", "mnist"])
@pytest.mark.parametrize(
    "more",
    [
        {"initializer": "he_normal"}, {"dropout": 0.2}, {"shift": 2}, {"schedule": "cosine"},
        {"initializer": "he_normal", "dropout": 0.2, "shift": 2, "schedule": "cosine"},
    ],
    ids=str,
)  # fmt: skip
def test_the_longest_numpy_script_has_less_than_eighty_lines_and_lacks_only_empty_ones(
    more, source, monkeypatch
):
    config = run((32, 16, 8), chapters=FOUR, **LONGEST, **more)
    lines = numpy_script(config, source)
    assert len(lines) <= MAX_LINES_WITH_MORE
    monkeypatch.setattr("mnist_core.take_home.numpy_script.MAX_LINES_WITH_MORE", 1_000)
    whole = numpy_script(config, source)
    assert [line for line in lines if line != EMPTY] == [line for line in whole if line != EMPTY]


MOMENTS = {
    "glorot_uniform": lambda n, k: (math.sqrt(2 / (n + k)), math.sqrt(6 / (n + k))),
    "he_normal": lambda n, k: (math.sqrt(2 / n), 2 * math.sqrt(2 / n) / 0.87962566),
    "zeros": lambda n, k: (0, 0),
    "normal_0.01": lambda n, k: (0.01, np.inf),
    "normal_1": lambda n, k: (1, np.inf),
}
"""Standard deviation and bound of the weights from n numbers to k."""


@pytest.mark.parametrize("initializer", MOMENTS)
def test_both_scripts_draw_the_start_from_the_same_distribution(initializer):
    config = run((64, 64), initializer=initializer)
    lines = keras_script(config, SAMPLE)
    end = next(number for number, line in enumerate(lines) if line.text == "model.summary()")
    keras_weights = execute(lines[:end])["model"].get_weights()
    for weights in (keras_weights, numpy_start(config)[1]):
        for kernel, bias in zip(weights[::2], weights[1::2], strict=True):
            deviation, bound = MOMENTS[initializer](*kernel.shape)
            assert np.abs(kernel).max() <= bound * 1.001
            assert kernel.std() == pytest.approx(deviation, rel=4 / math.sqrt(kernel.size))
            assert abs(kernel.mean()) <= 4 * deviation / math.sqrt(kernel.size)
            assert not bias.any()
        if initializer == "he_normal":  # the second half is drawn anew, and not the first again
            assert abs(np.corrcoef(weights[2].ravel()[: 64 * 10], weights[4].ravel())[0, 1]) < 0.2


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_gradient_of_the_numpy_script_with_dropout_is_that_of_the_loss(activation):
    """By finite differences in float64, with the same neurons left out each time."""
    config = run((12, 9), activation, dropout=0.3, epochs=1, l2=0.0)
    lines = numpy_script(config, SAMPLE)
    end = next(number for number, line in enumerate(lines) if line.text.startswith("parameters ="))
    names = execute(lines[:end])
    for arrays in (names["weights"], names["biases"]):
        arrays[:] = [array.astype(np.float64) for array in arrays]
    names["biases"][0] += 0.05
    x, y = names["x_train"][:20].astype(np.float64), names["y_train"][:20]

    def outputs():
        names["random"] = np.random.default_rng(3)
        return names["forward"](x, 0.3)

    def loss():
        return -np.log(outputs()[1][np.arange(20), y]).mean()

    layers, p = outputs()
    gradients = names["backward"](layers, p, y)
    assert (layers[1] == 0).mean() > 0.15
    for array, gradient in zip(names["weights"] + names["biases"], gradients, strict=True):
        for place in [tuple(index) for index in np.argwhere(np.abs(gradient) > 1e-4)[:4]]:
            before, step = array[place], 1e-6
            array[place] = before + step
            above = loss()
            array[place] = before - step
            assert (above - loss()) / (2 * step) == pytest.approx(gradient[place], rel=1e-3, abs=1e-7)
            array[place] = before


def test_dropout_in_numpy_leaves_the_mean_of_the_outputs_as_it_is():
    names = execute(numpy_script(run((16,), dropout=0.4, epochs=1), SAMPLE))
    x = np.repeat(names["x_test"][:1], 20_000, axis=0)
    whole, thinned = (names["forward"](x, *rate)[0][1] for rate in ((), (0.4,)))
    on = whole[0] > 0
    assert (thinned[:, on] == 0).mean() == pytest.approx(0.4, abs=0.01)
    np.testing.assert_allclose(thinned.mean(axis=0), whole[0], rtol=0.05)
    np.testing.assert_allclose(thinned[:, on][thinned[:, on] > 0].max(), whole[0].max() / 0.6, rtol=1e-5)


def moved_places(images):
    """Where a single white pixel is, that was in the middle, at 14 and 14."""
    return [tuple(np.argwhere(image > 0.5)[0] - 14) for image in images.reshape(-1, 28, 28)]


def dots(n):
    images = np.zeros((n, 28, 28), np.float32)
    images[:, 14, 14] = 1
    return images.reshape(n, 784)


def assert_even(places, most):
    """Every place within reach is found about equally often: less than five standard deviations from it."""
    n, n_places = len(places), (2 * most + 1) ** 2
    found = np.unique(places, axis=0, return_counts=True)
    assert len(found[0]) == n_places
    assert np.abs(found[0]).max() == most
    expected = n / n_places
    assert np.abs(found[1] - expected).max() < 5 * math.sqrt(expected)


@pytest.mark.parametrize("most", [1, 3])
def test_keras_moves_training_images_evenly_by_whole_pixels_and_test_images_not_at_all(most):
    import keras

    lines = keras_script(run(shift=most), SAMPLE)
    end = next(number for number, line in enumerate(lines) if line.text == "model.summary()")
    model = execute(lines[:end])["model"]
    first_dense = next(n for n, layer in enumerate(model.layers) if isinstance(layer, keras.layers.Dense))
    mover, images = keras.Sequential(model.layers[:first_dense]), dots(4_000)
    np.testing.assert_array_equal(mover(images, training=False), images)
    moved = np.array(mover(images, training=True))
    assert set(np.unique(moved)) == {0, 1}
    assert_even(moved_places(moved), most)


@pytest.mark.parametrize("preparation", ["usual", "shuffled"])
def test_numpy_moves_training_images_evenly_by_whole_pixels_anew_in_each_epoch(preparation):
    config = run(shift=2, preparation=preparation, n_training_images=4_000, validation_share=0.1)
    lines = numpy_script(config, SAMPLE)
    texts = [line.text.strip() for line in lines]
    end = next(number for number, text in enumerate(texts) if text.startswith("padded"))
    stop = next(number for number, text in enumerate(texts) if text.startswith("def forward"))
    names = {}
    exec(compile(text_of(lines[:end]), "script", "exec"), names)
    names["x_train"] = dots(4_000)
    exec(compile(text_of(lines[end:stop]), "script", "exec"), names)
    moving = [text for text in texts if text.startswith(("down, right", "moved"))]
    epochs = []
    for _ in range(2):
        exec("\n".join(moving), names)
        moved = names["moved"]
        if preparation == "shuffled":
            moved = moved[:, np.argsort(names["places"])]
        epochs.append(moved_places(moved))
    assert len(epochs[0]) == 3_600
    assert epochs[0] != epochs[1]
    assert_even(epochs[0] + epochs[1], 2)


def test_a_shuffled_network_in_keras_moves_images_before_their_pixels_change_places():
    lines = keras_script(run(shift=1, preparation="shuffled"), SAMPLE)
    end = next(number for number, line in enumerate(lines) if line.text == "model.summary()")
    names = execute(lines[:end])
    hidden = names["model"].layers[-2]
    seen = names["x_test"][:5][:, names["places"]]
    expected = np.maximum(0, seen @ hidden.get_weights()[0])
    outputs = names["model"].layers[-1]
    logits = expected @ outputs.get_weights()[0]
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    np.testing.assert_allclose(
        names["model"](names["x_test"][:5], training=False), e / e.sum(axis=1, keepdims=True), atol=1e-5
    )
