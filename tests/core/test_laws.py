"""Laws that hold for every input, tried on inputs that Hypothesis makes up."""

import json
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays

from dashboard.session import choices
from mnist_core.chapters import CHANGEABLE, MAX_CHAPTERS, Chapter, to_text
from mnist_core.config import (
    ACTIVATIONS,
    ALL_IMAGES,
    DEFAULT,
    LIMITS,
    MAX_HIDDEN_LAYERS,
    OPTIMIZERS,
    PREPARATIONS,
    NetworkConfig,
    RunConfig,
    TrainingConfig,
)
from mnist_core.network.parameters import cross_entropy, softmax
from mnist_core.settings import ConfigError, Words
from mnist_core.training.history import History
from mnist_core.training.training_set import make_wrong_labels, shuffled_order
from mnist_core.training_config import INITIALIZER_NAMES, SCHEDULES

# Whole numbers up to 1000 and their sums are exact in float32, so that laws about them hold to the bit.
WHOLE_LOGITS = arrays(np.float32, (4, 10), elements=some.integers(-1000, 1000).map(float))
LABELS = some.lists(some.integers(0, 9), min_size=4, max_size=4).map(np.array)
SEEDS = some.integers(0, 2**31 - 1)
PERCENT = some.integers(0, 100).map(lambda percent: percent / 100)


def numbers(limits):
    kind = some.integers if limits.is_integer else some.floats
    return kind(limits.lowest, limits.highest)


def networks():
    units = some.lists(numbers(LIMITS["hidden_units"]), min_size=1, max_size=MAX_HIDDEN_LAYERS)
    return some.builds(NetworkConfig, units.map(tuple), some.sampled_from(ACTIVATIONS))


def chapters(schedules=SCHEDULES):
    """Chapters of any settings, in the order of their epochs; some change nothing or begin too late."""
    settings = {name: numbers(LIMITS[name]) for name in CHANGEABLE if name in LIMITS}
    settings |= {"optimizer": some.sampled_from(OPTIMIZERS), "first_epoch": some.integers(2, 30)}
    settings["schedule"] = some.sampled_from(schedules)
    any_number = some.lists(
        some.builds(Chapter, **settings),
        max_size=MAX_CHAPTERS - 1,
        unique_by=lambda chapter: chapter.first_epoch,
    )
    return any_number.map(lambda drawn: tuple(sorted(drawn, key=lambda chapter: chapter.first_epoch)))


def configs(schedules=SCHEDULES, **fields):
    """Any config of these schedules, but for the fields whose values are given."""
    values = {name: numbers(limits) for name, limits in LIMITS.items() if name != "hidden_units"}
    values["n_training_images"] |= some.none()
    values |= {"optimizer": some.sampled_from(OPTIMIZERS), "preparation": some.sampled_from(PREPARATIONS)}
    values |= {
        "initializer": some.sampled_from([*INITIALIZER_NAMES]),
        "schedule": some.sampled_from(schedules),
    }
    training = some.builds(TrainingConfig, **(values | fields))
    several = some.builds(RunConfig, networks(), training.map(without_early_stopping), chapters(schedules))
    return some.builds(RunConfig, networks(), training) | several


def without_early_stopping(training):
    return replace(training, patience=0)


CHOOSABLE = configs(  # what the controls can say: whole percents, and all images only as "all"
    n_training_images=some.none() | some.integers(20, ALL_IMAGES - 1),
    validation_share=some.integers(0, 50).map(lambda percent: percent / 100),
    wrong_label_share=PERCENT,
    dropout=some.integers(0, 80).map(lambda percent: percent / 100),
    preparation=some.just("usual"),
)


class Url(dict):
    """A URL's parameters, with the two methods of Streamlit's that are used."""

    def to_dict(self):
        """All of them."""
        return dict(self)

    def from_dict(self, values):
        """These in place of all."""
        self.clear()
        self.update(values)


@contextmanager
def session(url):
    """A new visit with a dictionary for its state, so that no Streamlit needs to run."""
    with mock.patch.object(choices, "st", SimpleNamespace(session_state={}, query_params=url)):
        choices.load()
        yield


@given(CHOOSABLE)
def test_choosing_a_config_gives_that_config_here_and_through_a_link(config):
    url = Url()
    with session(url):
        choices.choose(config)
        assert choices.run_config() == config
        assert choices.config() == config.in_epoch(config.training.epochs)
        choices.write_url()
    with session(url):
        assert choices.problems() == []
        assert choices.run_config() == config


@given(CHOOSABLE, some.sampled_from([name for name in choices.CHOICES if name != "chapters"]))
def test_moving_a_control_of_a_run_leaves_one_chapter_and_looking_at_an_image_leaves_all(config, name):
    with session(Url()):
        choices.choose(config)
        choices.put(name, choices.get(name))
        is_of_a_run = name not in ("image", "example")
        assert choices.run_config().chapters == (() if is_of_a_run else config.chapters)


def test_a_link_that_asks_for_chapters_and_early_stopping_has_the_first_chapter_and_says_why():
    with session(Url(patience="3", chapters="2_32_adam_0.001~3_256_adam_0.001")):
        assert choices.run_config() == DEFAULT.with_changes(patience=3)
        assert ["one chapter" in problem for problem in choices.problems()] == [True]


def test_a_run_of_several_chapters_with_early_stopping_is_refused():
    chapters = (Chapter(3, 256, "adam", 0.001),)
    with pytest.raises(ConfigError, match="early stopping has one chapter"):
        replace(DEFAULT.with_changes(patience=3), chapters=chapters)


def test_a_link_that_was_shared_before_opens_the_run_that_it_did():
    url = Url(
        units="64", layers="2", units2="8", activation="tanh", epochs="3", batch="64", optimizer="sgd",
        rate="0.05", images="300", validation="20", l2="0.001", wrong="30", seed="7",
    )  # fmt: skip
    training = TrainingConfig(3, 64, "sgd", 0.05, 300, 0.2, 0.001, 0.3, seed=7)
    with session(url):
        assert choices.problems() == []
        assert choices.config() == RunConfig(NetworkConfig((64, 8), "tanh"), training)
        assert choices.parameters() == url


@settings(max_examples=300)
@given(text=some.text() | some.integers().map(str) | some.floats().map(str) | some.text("0123456789_-+.e "))
def test_any_text_in_a_link_is_allowed_or_refused_with_its_name(text):
    for name, choice in choices.CHOICES.items():
        problem = ""
        try:
            value = choice.parse(name, text)
        except ValueError as error:
            problem = str(error)
        if problem:
            assert problem.startswith(f"{name} must be ")
        else:
            assert choice.allowed.allows(value), name


@pytest.mark.parametrize("name", choices.CHOICES)
@given(data=some.data())
def test_a_value_written_into_a_link_is_read_back_the_same(name, data):
    choice = choices.CHOICES[name]
    allowed = choice.allowed
    if name == "chapters":
        config = data.draw(configs().filter(lambda config: config.chapters))
        value = to_text(config.training, config.chapters)
    else:
        is_word = isinstance(allowed, Words)
        value = data.draw(some.sampled_from([*allowed.names]) if is_word else numbers(allowed))
    assert choice.parse(name, str(value)) == value


@given(configs())
def test_a_config_comes_back_from_its_dictionary_also_through_json(config):
    assert RunConfig.from_dict(config.to_dict()) == config
    again = RunConfig.from_dict(json.loads(json.dumps(config.to_dict())))
    assert again == config
    assert again.key("images") == config.key("images")


@given(configs(schedules=["constant"]))
def test_equal_runs_have_equal_configs_however_their_chapters_are_told(config):
    epochs = range(1, config.training.epochs + 1)
    each_epoch = [Chapter(epoch, **_changeable(config.in_epoch(epoch))) for epoch in epochs[1:]]
    again = replace(config, chapters=tuple(each_epoch) if not config.training.patience else ())
    assert again == config
    assert again.key() == config.key()
    beyond = config.training.epochs + 1
    later = Chapter(beyond, **_changeable(config) | {"batch_size": 1 + config.training.batch_size % 1024})
    assert replace(config, chapters=(*config.chapters, later)).key() == config.key()


@given(configs(schedules=["cosine", "halved"]).filter(lambda config: len(config.chapters) > 0))
def test_a_schedule_begins_anew_with_each_chapter_so_no_chapter_is_left_out(config):
    first = config.chapters[0].first_epoch
    again = Chapter(first, **_changeable(config.in_epoch(1)))
    assert replace(config, chapters=(again,)).chapters == (again,)


def _changeable(config):
    return {name: config.value_of(name) for name in CHANGEABLE}


@given(configs(), some.data())
def test_configs_share_a_key_exactly_if_they_are_equal(config, data):
    name = data.draw(some.sampled_from([name for name in LIMITS if name != "hidden_units"]))
    value = data.draw(numbers(LIMITS[name]))
    if name == "patience":
        config = replace(config, chapters=())
    other = replace(config, training=replace(config.training, **{name: value}))
    assert (config.key() == other.key()) == (config == other)
    assert config.key("some images") != config.key("others")


@pytest.mark.parametrize("name", [name for name, limits in LIMITS.items() if limits.highest <= 1])
def test_a_number_written_with_and_without_a_point_is_one_setting(name):
    number = LIMITS[name].highest if name == "learning_rate" else 0.0
    first, other = (RunConfig(training=TrainingConfig(**{name: kind(number)})) for kind in (int, float))
    assert first.key() == other.key()


@given(WHOLE_LOGITS, some.integers(-1000, 1000))
def test_softmax_is_unchanged_by_a_constant_shift(logits, shift):
    assert np.array_equal(softmax(logits + np.float32(shift)), softmax(logits))


@given(WHOLE_LOGITS)
def test_softmax_gives_shares_that_sum_to_one_also_for_extreme_logits(logits):
    probabilities = softmax(logits)
    assert np.all((probabilities >= 0) & (probabilities <= 1))  # nor is any of them nan
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)


@given(arrays(np.float32, (4, 10), elements=some.floats(-300, 300, width=32)), LABELS)
def test_cross_entropy_is_minus_log_softmax(logits, labels):
    expected = -np.log(softmax(logits.astype(np.float64))[np.arange(4), labels])
    np.testing.assert_allclose(cross_entropy(logits, labels), expected, rtol=1e-5, atol=1e-5)


@given(WHOLE_LOGITS, LABELS)
def test_cross_entropy_is_finite_and_never_negative(logits, labels):
    losses = cross_entropy(logits, labels)
    assert np.all((losses >= 0) & np.isfinite(losses))


@given(some.lists(some.lists(some.lists(some.floats(0, 9), max_size=4), min_size=7, max_size=7), max_size=5))
def test_a_history_joined_from_parts_has_their_values_in_order_however_they_are_grouped(values):
    parts = [History(*map(np.array, columns)) for columns in values]
    joined = History.joined(parts)
    by_twos = History.joined([History.joined(parts[:2]), History.joined(parts[2:])])
    for number, name in enumerate(History.__dataclass_fields__):
        expected = [value for columns in values for value in columns[number]]
        assert getattr(joined, name).tolist() == getattr(by_twos, name).tolist() == expected


@given(some.lists(some.integers(0, 9), max_size=200), some.floats(0, 1), SEEDS)
def test_wrong_labels_are_other_digits_and_as_many_as_asked(digits, share, seed):
    labels = np.array(digits, np.uint8)
    wrong = make_wrong_labels(labels, share, seed)
    assert labels.tolist() == digits
    assert wrong.dtype == np.uint8
    assert np.all(wrong <= 9)
    assert (wrong != labels).sum() == round(share * len(labels))
    assert np.array_equal(wrong, make_wrong_labels(labels, share, seed))


@given(some.integers(0, 500), some.integers(1, 30), SEEDS)
def test_the_order_of_an_epoch_has_every_image_once_and_is_repeatable(n_images, epoch, seed):
    order = shuffled_order(n_images, epoch, seed)
    assert sorted(order) == list(range(n_images))
    assert np.array_equal(order, shuffled_order(n_images, epoch, seed))


@given(SEEDS, some.integers(1, 30), some.integers(1, 30))
def test_two_epochs_go_through_the_images_in_different_orders(seed, first, second):
    assume(first != second)
    assert not np.array_equal(shuffled_order(100, first, seed), shuffled_order(100, second, seed))


@given(configs(), some.integers(2, 60_000))
def test_training_and_validation_images_are_all_that_were_asked_for(config, n_available):
    training = config.training
    n_training, n_validation = training.split_sizes(n_available)
    n_images = min(training.n_training_images or n_available, n_available)
    assert n_training + n_validation == n_images
    assert n_training >= 1
    assert (n_validation > 0) == (training.validation_share > 0)
    assert abs(n_validation - n_images * training.validation_share) <= 1
    steps = training.steps_per_epoch(n_available)
    assert (steps - 1) * training.batch_size < n_training <= steps * training.batch_size
