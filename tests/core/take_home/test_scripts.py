"""The scripts to take home do what the dashboard does: same data, same rules, accuracy within its interval.

Other random numbers give another network, and of two networks trained alike one in ten or so lies outside the
other's interval, which is about the choice of test images. Hence seeds are fixed here.
"""

import ast
import functools
import io
import itertools
import os
import runpy
import subprocess
import sys
from collections import defaultdict
from contextlib import redirect_stdout
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import SUPPORT

from mnist_core.analysis.evaluation import evaluate
from mnist_core.chapters import MAX_CHAPTERS, Chapter
from mnist_core.config import (
    ACTIVATIONS,
    CLASSIC,
    LIMITS,
    OPTIMIZERS,
    PREPARATIONS,
    SETTINGS,
    NetworkConfig,
    RunConfig,
    TrainingConfig,
)
from mnist_core.images.dataset import load_embedded
from mnist_core.images.download import DOWNLOAD_URL
from mnist_core.images.preparation import network_inputs
from mnist_core.network.keras_model import build_optimizer, write_model
from mnist_core.network.parameters import initial_parameters
from mnist_core.take_home.files import keras_file
from mnist_core.take_home.keras_script import calls_of_model, fit_arguments, keras_script
from mnist_core.take_home.numpy_script import MAX_LINES, MAX_LINES_WITH_MORE, numpy_script
from mnist_core.take_home.script_lines import EMPTY, MNIST_FINGERPRINT, Source, blocks, changed_lines, text_of
from mnist_core.training.loop import train
from mnist_core.training.record import library_versions
from mnist_core.training.stretches import stretches
from mnist_core.training.training_set import make_wrong_labels, training_images
from mnist_core.training_config import SCHEDULES

pytestmark = pytest.mark.usefixtures("sample_read_once", "no_film_is_looked_at")
LATER = ("initializer", "dropout", "shift", "patience", "schedule")
OFFLINE = SUPPORT / "offline.py"
WHOLE = Source("mnist", 60_000, 10_000)
SAMPLE = Source("sample", 4_000, 1_000)
CLASSIC_SCRIPT = """\
# MLP Explainer: the network 784 → 32 → 10.
# Tried with {tried}.

import keras

# Start all random numbers from one seed, so that every run gives the same network
keras.utils.set_random_seed(0)

# Load the images, each of 28 × 28 pixels, and the digits that they show
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()

# Flatten each image into a row of 784 numbers, and bring its gray levels from 0 … 255 to 0 … 1
x_train = x_train.reshape(-1, 784)
x_test = x_test.reshape(-1, 784)
x_train = x_train.astype("float32") / 255
x_test = x_test.astype("float32") / 255

# Build the network layer by layer, and count its parameters
model = keras.Sequential([
    keras.Input(shape=(784,)),
    keras.layers.Dense(32, activation="relu"),
    keras.layers.Dense(10, activation="softmax"),
])
model.summary()

# Choose how to train: the optimiser, the loss, and what to measure
model.compile(
    optimizer="adam",
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)

# Train for 5 epochs, with 32 images for each update
history = model.fit(x_train, y_train, epochs=5, batch_size=32)
losses = history.history["loss"]
print("Loss of each epoch:", *(f"{{value:.4f}}" for value in losses))

# Test the network once, on images that took no part in training
loss, accuracy = model.evaluate(x_test, y_test)
print(f"Test accuracy: {{accuracy:.4f}}")

# Let the network read one test image
probabilities = model.predict(x_test[:1])
print(f"Prediction: {{probabilities.argmax()}}, true digit: {{y_test[0]}}")
"""


def run(units=(32,), activation="relu", **training):
    return RunConfig(NetworkConfig(units, activation), TrainingConfig(**training))


RUNS = {
    "default": run(epochs=2),
    "two tanh layers, SGD, L2": run(
        (32, 16), "tanh", epochs=3, optimizer="sgd", learning_rate=0.1, l2=0.0001, batch_size=64,
        validation_share=0.2,
    ),
    "momentum": run(
        (16,), "relu", epochs=2, optimizer="momentum", learning_rate=0.03, batch_size=64,
        validation_share=0.0,
    ),
    "RMSprop, sigmoid": run((24,), "sigmoid", epochs=3, optimizer="rmsprop", batch_size=64),
    "wrong labels, in two chapters": replace(
        run(epochs=2, wrong_label_share=0.3), chapters=(Chapter(2, 64, "adam", 0.0005),)
    ),
    "few images": run(epochs=20, n_training_images=3_000),
    "no activation, shuffled": run(activation="none", epochs=2, preparation="shuffled", seed=4),
    "shifts, dropout, early stopping, cosine, He": run(
        (64,), epochs=4, shift=1, dropout=0.2, patience=3, schedule="cosine", initializer="he_normal"
    ),
    "pixels moved, then shuffled, halved": run(
        (64,), epochs=4, shift=1, preparation="shuffled", schedule="halved", learning_rate=0.003
    ),
}  # fmt: skip
"""The classic run is a test of its own."""
FEW = ("two tanh layers, SGD, L2", "wrong labels, in two chapters")
"""Those of them that are trained each time."""
READ_BACK = """\
import keras
import numpy as np

model = keras.models.load_model("{folder}/network.keras")
with np.load("{folder}/given.npz") as arrays:
    x, y = arrays["x"], arrays["y"]
loss, accuracy = model.evaluate(x, y, verbose=0)
np.savez("{folder}/answer.npz", p=model.predict(x, verbose=0), accuracy=accuracy)
"""
"""What reads a network's file, with Keras and nothing of ours."""


def configs():
    limits = LIMITS
    numbers = {
        name: st.integers(int(limits[name].lowest), int(limits[name].highest))
        for name in ("epochs", "batch_size", "seed")
    }
    shares = {
        name: st.floats(limits[name].lowest, limits[name].highest).map(lambda share: round(share, 5))
        for name in ("learning_rate", "validation_share", "l2", "wrong_label_share")
    }
    networks = st.builds(
        NetworkConfig,
        st.lists(st.integers(1, 256), min_size=1, max_size=3).map(tuple),
        st.sampled_from(ACTIVATIONS),
    )
    numbers |= {"shift": st.integers(0, 3), "patience": st.integers(0, 10)}
    trainings = st.builds(
        TrainingConfig,
        initializer=st.sampled_from(list(SETTINGS["initializer"].allowed.names)),
        dropout=st.sampled_from([0.0, 0.2, 1 / 3]),
        schedule=st.sampled_from(SCHEDULES),
        optimizer=st.sampled_from(OPTIMIZERS),
        preparation=st.sampled_from(PREPARATIONS),
        n_training_images=st.none() | st.integers(20, 60_000),
        **numbers,
        **shares,
    )
    epochs = st.lists(st.integers(2, 30), max_size=MAX_CHAPTERS - 1, unique=True)
    settings = st.tuples(
        numbers["batch_size"],
        st.sampled_from(OPTIMIZERS),
        shares["learning_rate"],
        st.sampled_from(SCHEDULES),
    )
    chapters = epochs.flatmap(
        lambda drawn: st.tuples(*(settings.map(lambda s, e=epoch: Chapter(e, *s)) for epoch in sorted(drawn)))
    )
    return st.builds(in_chapters, networks, trainings, chapters)


def in_chapters(network, training, chapters):
    """With early stopping a run has one chapter."""
    return RunConfig(network, training, () if training.patience else chapters)


def written(texts, folder):
    """The files of scripts."""
    scripts = [folder / f"{number}.py" for number in range(len(texts))]
    for script, text in zip(scripts, texts, strict=True):
        script.write_text(text)
    return scripts


def accuracies_in(printed):
    """What scripts have printed of their accuracies."""
    start = "Test accuracy: "
    return [float(line.removeprefix(start)) for line in printed.splitlines() if line.startswith(start)]


def printed_here(texts, folder):
    """What scripts print that are run in this process, each from start to end."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        for script in written(texts, folder):
            runpy.run_path(script, run_name="__main__")
    return accuracies_in(printed.getvalue())


def printed_apart(texts, folder, mnist_path=""):
    """The same of a process of their own, as people start them."""
    scripts = written(texts, folder)
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"), "1")
    done = subprocess.run(
        [sys.executable, OFFLINE, *scripts], capture_output=True, text=True, check=False,
        cwd=folder, env=os.environ | threads | {"MNIST_PATH": mnist_path, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    return accuracies_in(done.stdout)


def dashboard_interval(record, dataset):
    preparation = record.config.training.preparation
    return evaluate(record.parameters, dataset.test_images, dataset.test_labels, preparation).interval


def on_sample(config):
    """With more epochs, for there are fewer images in each."""
    epochs = min(8, 2 * config.training.epochs)
    return replace(config, training=replace(config.training, epochs=epochs))


def test_the_calls_of_the_model_are_the_four_of_the_script_in_their_order():
    source = Source("sample", 4_000, 1_000)
    calls = calls_of_model(CLASSIC, source)
    assert [line.partition("model.")[2].partition("(")[0] for line in calls.splitlines()] == (
        ["compile", "fit", "evaluate", "predict"]
    )
    written = ast.unparse(ast.parse(text_of(keras_script(CLASSIC, source))))
    assert all(line in written.splitlines() for line in calls.splitlines())


def test_the_classic_run_gives_the_classic_script():
    versions = {name.removesuffix("-cpu"): version for name, version in library_versions().items()}
    versions["python"] = "{}.{}".format(*sys.version_info)
    tried = "Python {python}, Keras {keras}, TensorFlow {tensorflow}".format(**versions)
    assert text_of(keras_script(CLASSIC, WHOLE)) == CLASSIC_SCRIPT.format(tried=tried)


@pytest.mark.load
@pytest.mark.full_mnist
@pytest.mark.parametrize("write", [keras_script, numpy_script])
def test_the_classic_scripts_reach_the_accuracy_of_the_dashboard(write, mnist, tmp_path):
    config = replace(CLASSIC, training=replace(CLASSIC.training, seed=4))
    (accuracy,) = printed_apart([text_of(write(config, WHOLE))], tmp_path, mnist.origin.path)
    interval = dashboard_interval(train(config, mnist), mnist)
    assert interval.low <= accuracy <= interval.high


@pytest.fixture(scope="module")
def dashboard_run(sample):
    """The dashboard's run on the sample, by its name."""
    return functools.cache(lambda name: train(on_sample(RUNS[name]), sample))


@pytest.fixture(scope="module")
def record(dashboard_run):
    """A run of two layers, whose file for Keras is read back."""
    return dashboard_run(FEW[0])


@pytest.fixture(scope="module")
def read_back(tmp_path_factory):
    """The folder of a network's file, and of what Keras makes of it."""
    return tmp_path_factory.mktemp("network")


@pytest.fixture(scope="module")
def on_the_sample(sample, record, read_back, tmp_path_factory):
    """What a script prints for a run on the sample; the same process reads a network's file."""

    @functools.cache
    def printed(names):
        (read_back / "network.keras").write_bytes(keras_file(record, sample))
        np.savez(read_back / "given.npz", x=network_inputs(sample.test_images), y=sample.test_labels)
        scripts = [(write, name) for write in (numpy_script, keras_script) for name in names]
        texts = [text_of(write(on_sample(RUNS[name]), Source.of(sample))) for write, name in scripts]
        texts.append(READ_BACK.format(folder=read_back))
        run_all = printed_here if names == FEW else printed_apart
        accuracies = run_all(texts, tmp_path_factory.mktemp("scripts"))
        return dict(zip(scripts, accuracies, strict=True))

    def accuracy(write, name):
        return printed(FEW if name in FEW else tuple(sorted(RUNS.keys() - set(FEW))))[write, name]

    return accuracy


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own, in saving
@pytest.mark.parametrize("write", [keras_script, numpy_script])
@pytest.mark.parametrize(
    "name", [*FEW, *(pytest.param(name, marks=pytest.mark.load) for name in RUNS if name not in FEW)]
)
def test_other_settings_reach_the_accuracy_of_the_dashboard_too(
    name, write, on_the_sample, dashboard_run, sample
):
    interval = dashboard_interval(dashboard_run(name), sample)
    assert interval.low <= on_the_sample(write, name) <= interval.high


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own, in saving
@pytest.mark.parametrize(
    "read_beside",
    [FEW[0], pytest.param("default", marks=pytest.mark.load)],
    ids=["here", "in a new process"],
)
def test_a_keras_file_opens_in_keras_with_the_same_predictions(
    read_beside, on_the_sample, read_back, record, sample
):
    on_the_sample(keras_script, read_beside)
    evaluation = evaluate(record.parameters, sample.test_images, sample.test_labels)
    with np.load(read_back / "answer.npz") as arrays:
        np.testing.assert_allclose(arrays["p"], evaluation.probabilities, atol=1e-5)
        assert arrays["p"].argmax(axis=1).tolist() == evaluation.predictions.tolist()
        assert float(arrays["accuracy"]) == pytest.approx(evaluation.accuracy, abs=1e-6)


def prepared(config, source):
    """The arrays of a script before its model is built."""
    lines = keras_script(config, source)
    end = next(number for number, line in enumerate(lines) if line.text.startswith("model"))
    names = {}
    exec(compile(text_of(lines[:end]), "script", "exec"), names)
    return names


@pytest.mark.parametrize(
    "config",
    [
        CLASSIC,
        run(n_training_images=1_000, wrong_label_share=0.3, seed=5),
        run(preparation="undivided"),
        run(preparation="shuffled", wrong_label_share=1.0, validation_share=0.5),
    ],
)
def test_a_script_trains_and_tests_on_the_very_same_numbers(config, sample):
    arrays, training = prepared(config, SAMPLE), config.training
    n_training, n_validation = training.split_sizes(len(sample.train_labels))
    n = n_training + n_validation
    labels = sample.train_labels[:n].copy()
    labels[:n_training] = make_wrong_labels(labels[:n_training], training.wrong_label_share, training.seed)
    np.testing.assert_array_equal(
        arrays["x_train"], network_inputs(sample.train_images[:n], training.preparation)
    )
    np.testing.assert_array_equal(arrays["y_train"], labels)
    np.testing.assert_array_equal(arrays["x_test"], network_inputs(sample.test_images, training.preparation))
    np.testing.assert_array_equal(arrays["y_test"], sample.test_labels)
    assert arrays["x_train"].dtype == np.float32


@pytest.mark.full_mnist
def test_the_whole_of_mnist_is_known_by_its_fingerprint(mnist):
    assert mnist.fingerprint == MNIST_FINGERPRINT
    assert Source.of(mnist) == WHOLE


def test_a_file_of_other_images_is_read_by_its_name(sample):
    origin = replace(sample.origin, kind="path", path="/somewhere/clothes.npz", fingerprint="0" * 16)
    source = Source.of(replace(sample, origin=origin))
    for write in (keras_script, numpy_script):
        text = text_of(write(CLASSIC, source))
        assert "np.load('clothes.npz')" in text
        assert "somewhere" not in text
        compile(text, "script", "exec")


ATOL = 1e-4
"""Less than a hundredth of the first step of Adam, and of what momentum or L2 change."""


def executed(config):
    """Everything the NumPy script has at its end, on the sample.

    Keras puts Adam's ε beside another root than the paper and the script do, so ε is next to nothing here.
    """
    names = {}
    text = text_of(numpy_script(config, SAMPLE)).replace("np.sqrt(v_hat) + 1e-7", "np.sqrt(v_hat) + 1e-12")
    exec(compile(text, "script", "exec"), names)
    return names


def as_keras(config, weights):
    import keras

    network, l2 = config.network, config.training.l2
    dense = {"kernel_regularizer": keras.regularizers.L2(l2) if l2 else None}
    activation = "linear" if network.activation == "none" else network.activation
    model = keras.Sequential(
        [
            keras.Input((784,)),
            *(keras.layers.Dense(units, activation, **dense) for units in network.hidden_units),
            keras.layers.Dense(10, "softmax", **dense),
        ]
    )
    model.set_weights(weights)
    return model


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_numpy_script_changes_weights_as_keras_does(activation, optimizer):
    import keras

    # Adam and RMSprop make a step of full size of a derivative that is hardly more than rounding.
    l2 = 0.01 if optimizer in ("sgd", "momentum") else 0.0
    config = run(
        (8, 6), activation, epochs=2, optimizer=optimizer, learning_rate=0.01, l2=l2, batch_size=32,
        n_training_images=80, validation_share=0.0,
    )  # fmt: skip
    names = executed(config)
    random = np.random.default_rng(0)
    start = []
    for n_in, n_out in ((784, 8), (8, 6), (6, 10)):
        limit = (6 / (n_in + n_out)) ** 0.5
        start += [random.uniform(-1, 1, (n_in, n_out)).astype(np.float32) * limit, np.zeros(n_out)]
    model = as_keras(config, start)
    rules = {
        "adam": lambda: keras.optimizers.Adam(0.01, epsilon=1e-12),
        "sgd": lambda: keras.optimizers.SGD(0.01),
        "momentum": lambda: keras.optimizers.SGD(0.01, momentum=0.9),
        "rmsprop": lambda: keras.optimizers.RMSprop(0.01),
    }
    model.compile(rules[optimizer](), "sparse_categorical_crossentropy", run_eagerly=True)
    for _ in range(2):
        order = random.permutation(80)
        for at in (0, 32, 64):
            batch = order[at : at + 32]
            model.train_on_batch(names["x_train"][batch], names["y_train"][batch])
    pairs = zip(names["weights"], names["biases"], strict=True)
    for ours, theirs in zip((a for pair in pairs for a in pair), model.get_weights(), strict=True):
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, theirs, atol=ATOL)
        assert np.abs(ours).max() > 0


CHAPTERS = {
    "one after the other": (
        Chapter(2, 32, "adam", 0.004), Chapter(3, 50, "adam", 0.004), Chapter(4, 50, "momentum", 0.01),
    ),
    "all of them, and back": (Chapter(2, 50, "rmsprop", 0.002), Chapter(3, 32, "adam", 0.001)),
}  # fmt: skip
"""The learning rate, the batch size and the optimiser: each by itself, and together."""


def with_chapters(name):
    config = run((8,), epochs=4, n_training_images=200, validation_share=0.25)
    return replace(config, chapters=CHAPTERS[name])


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_keras_script_of_several_chapters_gives_the_weights_of_the_run(name, sample, monkeypatch):
    """What is random in it, the first weights and the order of the images, is that of the run."""
    import keras

    config = with_chapters(name)
    chosen, epoch = training_images(config, sample), itertools.count(1)
    fit, compile_model = keras.Sequential.fit, keras.Sequential.compile

    def fit_in_order(model, x, y, *, epochs, batch_size, validation_split):
        n_training = len(x) - round(validation_split * len(x))
        for _ in range(epochs):
            order = chosen.order(next(epoch))
            assert len(order) == n_training
            history = fit(model, x[order], y[order], batch_size=batch_size, shuffle=False, verbose=0)
        return history

    def compile_as_the_run(model, **options):
        if not model.compiled:
            write_model(model, initial_parameters(config.network, config.training.seed))
        compile_model(model, **options)

    monkeypatch.setattr(keras.Sequential, "fit", fit_in_order)
    monkeypatch.setattr(keras.Sequential, "compile", compile_as_the_run)
    names, lines = {}, keras_script(config, SAMPLE)
    assert sum("model.fit(" in line.text for line in lines) == len(config.chapters) + 1
    exec(compile(text_of(lines), "script", "exec"), names)
    trained = train(config, sample).parameters
    pairs = zip(trained.weights, trained.biases, strict=True)
    expected = (array for pair in pairs for array in pair)
    for ours, theirs in zip(expected, names["model"].get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=ATOL)


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_numpy_script_of_several_chapters_changes_weights_as_keras_does(name):
    import keras

    config = replace(
        with_chapters(name), training=replace(with_chapters(name).training, validation_share=0.0)
    )
    names = executed(config)
    random = np.random.default_rng(0)
    start = []
    for n_in, n_out in ((784, 8), (8, 10)):
        limit = (6 / (n_in + n_out)) ** 0.5
        start += [random.uniform(-1, 1, (n_in, n_out)).astype(np.float32) * limit, np.zeros(n_out)]
    model = as_keras(config, start)
    for stretch in stretches(config):
        training = stretch.config.training
        if stretch.keeps_memory:
            model.optimizer.learning_rate = training.learning_rate
        else:
            optimizer = build_optimizer(stretch.config)
            if training.optimizer == "adam":
                optimizer = keras.optimizers.Adam(training.learning_rate, epsilon=1e-12)
            model.compile(optimizer, "sparse_categorical_crossentropy", run_eagerly=True)
        for _ in range(stretch.n_epochs):
            order = random.permutation(200)
            for at in range(0, 200, training.batch_size):
                batch = order[at : at + training.batch_size]
                model.train_on_batch(names["x_train"][batch], names["y_train"][batch])
    pairs = zip(names["weights"], names["biases"], strict=True)
    for ours, theirs in zip((a for pair in pairs for a in pair), model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=ATOL)


@given(configs(), st.sampled_from([WHOLE, SAMPLE, Source("file", 30_000, 500, "clothes.npz")]))
def test_every_run_gives_scripts_that_python_can_read_and_numpy_needs_less_than_eighty_lines(config, source):
    for write in (keras_script, numpy_script):
        lines = write(config, source)
        compile(text_of(lines), "script", "exec")
        assert max(len(line.text) for line in lines) <= 110
        assert not any("\n" in line.text for line in lines)
        assert all(line.about for line in lines if line != EMPTY)
    has_more = bool(config.chapters) or any(config.value_of(name) != SETTINGS[name].default for name in LATER)
    assert len(numpy_script(config, source)) <= (MAX_LINES_WITH_MORE if has_more else MAX_LINES)
    assert (MAX_LINES, MAX_LINES_WITH_MORE) == (59, 79)


@given(configs())
def test_keras_splits_off_as_many_images_as_the_dashboard(config):
    from keras.src.trainers.data_adapters.array_slicing import train_validation_split

    n_training, n_validation = config.training.split_sizes(WHOLE.n_train)
    images, validation = fit_arguments(config, WHOLE)
    if "validation_data" in validation:
        assert f"x_train[:{n_training}], y_train[:{n_training}]," in images
        assert f"(x_train[{n_training}:], y_train[{n_training}:])" in validation
    elif validation:
        share = float(validation.removeprefix("validation_split="))
        (taken,), (aside,) = train_validation_split((np.zeros(n_training + n_validation),), share)
        assert (len(taken), len(aside)) == (n_training, n_validation)
    else:
        assert n_validation == 0


@pytest.mark.parametrize(
    "other",
    [
        run((33,)), run((32, 8)), run(activation="tanh"), run(epochs=6), run(batch_size=64),
        run(optimizer="sgd", learning_rate=0.01), run(optimizer="momentum", learning_rate=0.01),
        run(learning_rate=0.002), run(n_training_images=500), run(validation_share=0.2), run(l2=0.001),
        run(wrong_label_share=0.1), run(preparation="undivided"), run(preparation="shuffled"), run(seed=1),
    ],
)  # fmt: skip
@pytest.mark.parametrize("write", [keras_script, numpy_script])
def test_every_setting_changes_the_script(write, other):
    usual = write(run(), WHOLE)
    changed = write(other, WHOLE)
    assert text_of(changed) != text_of(usual)
    numbers = changed_lines(changed, usual)
    assert numbers or len(changed) < len(usual)
    assert {changed[number].text for number in numbers}.isdisjoint({line.text for line in usual})


def bound_names(code):
    """The names that a script gives outside its functions.

    Args:
        code: The script, parsed.

    Returns:
        The statements by name; and the names that comprehensions use.
    """
    bound, inner = defaultdict(list), set()
    functions = [node for node in ast.walk(code) if isinstance(node, ast.FunctionDef)]
    within = {node for function in functions for node in ast.walk(function)}
    for node in ast.walk(code):
        if isinstance(node, ast.comprehension):
            inner |= {part.id for part in ast.walk(node.target) if isinstance(part, ast.Name)}
        elif node not in within and isinstance(node, ast.Assign | ast.AugAssign | ast.For):
            for target in getattr(node, "targets", None) or [node.target]:
                names = (part for part in ast.walk(target) if isinstance(part, ast.Name))
                for part in names:
                    if isinstance(part.ctx, ast.Store):
                        bound[part.id].append(node)
    for function in functions:
        bound[function.name].append(function)
    return bound, inner


def is_made_of_itself(name, statement):
    """Whether a statement gives a name to what it makes of that which had the name."""
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(statement.value))


REFINED = {"x_train", "y_train", "x_test"}
"""What is prepared step by step under its one name."""
EMPTIED = {"m", "v", "steps", "velocity"}
"""What another optimiser begins with anew, before a chapter."""


each_source = pytest.mark.parametrize("source", [WHOLE, SAMPLE], ids=["mnist", "sample"])
each_run = pytest.mark.parametrize("name", RUNS)


@each_source
@each_run
def test_the_numpy_script_uses_no_name_for_two_things(name, source):
    names, inner = bound_names(ast.parse(text_of(numpy_script(RUNS[name], source))))
    assert not inner & names.keys()
    for used, statements in names.items():
        others = statements[1:]
        if used in REFINED:
            assert all(is_made_of_itself(used, statement) for statement in others), used
        elif used in EMPTIED:
            assert all("[0] * len(parameters)" in ast.unparse(statement) for statement in statements), used
        else:
            assert not others, used


@each_source
@each_run
def test_each_block_of_the_keras_script_is_a_stage_with_a_comment_that_says_what_it_does(name, source):
    header, imports, *stages = blocks(keras_script(RUNS[name], source))
    assert "Keras" in header[-1].text
    assert "import keras" in [line.text for line in imports]
    for block in stages:
        assert block[0].text.startswith("# ")
        assert block[0].about.startswith("stage ")
        assert not any(line.text.startswith("#") for line in block[1:])


def test_the_numpy_script_downloads_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked, lines = [], numpy_script(CLASSIC, WHOLE)
    end = next(number for number, line in enumerate(lines) if line.text.startswith("x_train"))

    def download(url, file):
        asked.append(url)
        np.savez(file, **dict.fromkeys(["x_train", "y_train", "x_test", "y_test"], np.zeros(1)))

    monkeypatch.setattr("urllib.request.urlretrieve", download)
    for _ in range(2):
        exec(compile(text_of(lines[:end]), "script", "exec"), {})
    assert asked == [DOWNLOAD_URL]


def test_blocks_are_the_lines_between_empty_ones():
    lines = keras_script(CLASSIC, WHOLE)
    parts = blocks(lines)
    assert len(parts) == 10
    assert [line for block in parts for line in block] == [line for line in lines if line != EMPTY]


def test_the_embedded_sample_is_known_as_such():
    assert Source.of(load_embedded()) == SAMPLE
