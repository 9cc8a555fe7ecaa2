"""What the last lesson says that Python answers is what Python answers, line by line, and Keras too."""

import re
from dataclasses import replace

import numpy as np
import pytest
from networks import record_of

from mnist_core.analysis.evaluation import evaluate
from mnist_core.config import CLASSIC
from mnist_core.lessons.script import first_ink, looks_by_stage, recap
from mnist_core.network.parameters import initial_parameters
from mnist_core.take_home.keras_script import keras_script
from mnist_core.take_home.script_lines import Source
from mnist_core.training.history import History

BUILD = ("sequential", "input", "hidden", "output")
COMPILE = ("compile", "adam", "loss", "metrics")


@pytest.fixture(scope="module")
def record():
    """A record of two epochs; its network has had no training, and differs from the one at the start."""
    start, end = (initial_parameters(CLASSIC.network, seed) for seed in (0, 1))
    history = History([0.5, 0.25], [0.8, 0.9], *[np.zeros(0)] * 5)
    return replace(record_of([start, end], steps_done=9_375), config=CLASSIC, history=history)


@pytest.fixture(scope="module")
def evaluation(record, sample):
    return evaluate(record.parameters, sample.test_images, sample.test_labels)


@pytest.fixture(scope="module")
def looks(record, sample, evaluation):
    return looks_by_stage(record, sample, evaluation)


@pytest.fixture
def names(sample):
    """The names of the script once the images are loaded."""
    return {
        "x_train": sample.train_images,
        "y_train": sample.train_labels,
        "x_test": sample.test_images,
        "y_test": sample.test_labels,
    }


def run_lines(names, *about):
    """Run the lines of the script that are about something."""
    lines = keras_script(CLASSIC, Source("mnist", 60_000, 10_000))
    exec("\n".join(line.text for line in lines if line.about in about), names)


def assert_answers(looks, names):
    """Python's answers are those that the lesson gives: words letter by letter, numbers to their decimals."""
    assert looks
    for look in looks:
        answer = eval(look.expression, names)
        assert look.expression.startswith(look.name)
        if re.fullmatch(r"[a-z0-9]+|\([\d, ]+\)", look.value):
            assert str(answer) == look.value
        else:
            numbers = [float(number) for number in look.value.strip("[]").split()]
            assert np.ravel(answer) == pytest.approx(numbers, abs=6e-3 if "[0]" in look.expression else 6e-4)


def test_images_hold_what_the_lesson_says_as_they_are_loaded_flattened_and_normalised(looks, names):
    assert_answers(looks["load"], names)
    run_lines(names, "flatten")
    assert_answers(looks["flatten"], names)
    run_lines(names, "normalise")
    assert_answers(looks["normalise"], names)


def test_the_sample_holds_what_the_lesson_says_when_the_script_takes_it_from_its_package(
    looks, sample_read_once
):
    names: dict = {}
    lines = keras_script(CLASSIC, Source("sample", 4_000, 1_000))
    texts = [line.text for line in lines if line.about in ("import numpy", "sample")]
    exec("\n".join(texts), names)
    assert_answers(looks["load"], names)


def test_the_same_pixels_are_followed_and_have_ink(looks, sample):
    (loaded,) = [look for look in looks["load"] if look.expression.startswith("x_train[")]
    (flat,) = [look for look in looks["flatten"] if look.expression.startswith("x_train[")]
    (normalised,) = [look for look in looks["normalise"] if look.expression.startswith("x_train[")]
    assert loaded.value == flat.value
    assert {look.what for look in (loaded, flat, normalised)} == {"numbers"}
    assert int(flat.value.strip("[]").split()[0]) > 0


def test_keras_answers_the_same_of_the_network_before_and_after_its_training(looks, names, record, sample):
    import keras

    names["keras"] = keras
    run_lines(names, "flatten")
    run_lines(names, "normalise")
    run_lines(names, *BUILD)
    start, end = (
        [array for pair in zip(each.weights, each.biases, strict=True) for array in pair]
        for each in record.snapshots
    )
    names["model"].set_weights(start)
    assert_answers(looks["build"], names)
    run_lines(names, *COMPILE)
    assert_answers(looks["compile"], names)
    exec("model.fit(x_train[:64], y_train[:64], epochs=2, batch_size=32, verbose=0)", names)
    (updates,) = [look for look in looks["fit"] if look.what == "updates"]
    assert eval(updates.expression, names) == 4
    assert len(names["model"].history.history["loss"]) == 2
    names["model"].set_weights(end)
    assert_answers([look for look in looks["fit"] if look.what == "weights"], names)
    exec("loss, accuracy = model.evaluate(x_test, y_test, verbose=0)", names)
    assert_answers(looks["evaluate"], names)
    exec("probabilities = model.predict(x_test[:1], verbose=0)", names)
    assert_answers(looks["predict"], names)
    with pytest.raises(ValueError, match="unknown rank"):
        names["model"].predict(names["x_test"][0], verbose=0)  # what an exercise says


def test_losses_and_updates_are_those_of_the_record(looks):
    by_what = {look.what: look.value for look in looks["fit"]}
    assert by_what["losses"] == "[0.500 0.250]"
    assert by_what["updates"] == "9375"


def test_three_weights_are_shown_before_and_after_and_differ(looks):
    before, after = (
        next(look for look in looks[stage] if look.what == "weights") for stage in ("build", "fit")
    )
    assert before.expression == after.expression
    assert before.value != after.value


@pytest.mark.parametrize(
    ("row", "column", "found"), [(5, 12, 5 * 28 + 12), (0, 0, 0), (3, 23, 3 * 28 + 23), (3, 26, 0)]
)
def test_the_first_pixel_with_ink_has_its_neighbours_in_the_same_row(row, column, found):
    image = np.zeros((28, 28), np.uint8)
    image[row, column] = 200
    assert first_ink(image) == found


def test_the_recap_is_what_the_network_makes_of_the_image(record, sample, evaluation):
    numbers = recap(record, sample, evaluation, 3)
    assert numbers.label == sample.train_labels[3]
    x = sample.train_images[3].reshape(784) / 255
    (w1, w2), (b1, b2) = record.parameters.weights, record.parameters.biases
    logits = np.maximum(x @ w1 + b1, 0) @ w2 + b2
    p = np.exp(logits) / np.exp(logits).sum()
    assert numbers.probabilities == pytest.approx(p, abs=1e-5)
    assert numbers.loss == pytest.approx(-np.log(p[numbers.label]), abs=1e-5)
    assert numbers.updates_per_epoch == 125  # 4,000 images in batches of 32
    assert numbers.accuracy == evaluation.accuracy
