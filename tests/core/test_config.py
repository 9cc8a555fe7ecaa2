"""A setting that is not allowed is refused with a sentence that names it, its range and what came."""

import re

import pytest

from mnist_core.config import (
    ACTIVATIONS,
    LIMITS,
    MAX_HIDDEN_LAYERS,
    OPTIMIZERS,
    PREPARATIONS,
    NetworkConfig,
    RunConfig,
    TrainingConfig,
)
from mnist_core.settings import ConfigError


def _config_with(name, value):
    if name == "hidden_units":
        return NetworkConfig((value,))
    return TrainingConfig(**{name: value})


def _values_refused():
    for name, limits in LIMITS.items():
        step = 1 if limits.is_integer else 1e-6
        for value in (limits.lowest - step, limits.highest + step, float("inf"), -float("inf")):
            yield name, int(value) if limits.is_integer and abs(value) < 1e12 else value
        yield from ((name, value) for value in (float("nan"), "1", True, [1]))
        if limits.is_integer:
            yield name, limits.lowest + 0.5
        if name != "n_training_images":  # where None means all there are
            yield name, None


@pytest.mark.parametrize(("name", "value"), list(_values_refused()))
def test_a_number_out_of_range_or_of_another_kind_names_field_range_and_value(name, value):
    with pytest.raises(ConfigError) as caught:
        _config_with(name, value)
    kind = "a whole number" if LIMITS[name].is_integer else "a number"
    sentence = re.fullmatch(rf"{name} must be {kind} from (\S+) to (\S+), not (.*)\.", str(caught.value))
    assert sentence, str(caught.value)
    assert float(sentence[1].replace(",", "")) == LIMITS[name].lowest
    assert float(sentence[2].replace(",", "")) == LIMITS[name].highest
    assert sentence[3] == repr(value)


@pytest.mark.parametrize("name", LIMITS)
def test_both_ends_of_a_range_are_allowed(name):
    for value in (LIMITS[name].lowest, LIMITS[name].highest):
        _config_with(name, int(value) if LIMITS[name].is_integer else value)


def test_every_number_of_a_config_has_limits():
    values = RunConfig().values()
    words = {"activation", "optimizer", "preparation", "initializer", "schedule"}
    assert set(values) - words == set(LIMITS)


@pytest.mark.parametrize(
    ("name", "allowed"),
    [("activation", ACTIVATIONS), ("optimizer", OPTIMIZERS), ("preparation", PREPARATIONS)],
)
def test_an_unknown_word_names_field_choices_and_value(name, allowed):
    config = NetworkConfig if name == "activation" else TrainingConfig
    with pytest.raises(ConfigError, match=f"{name} must be one of {', '.join(allowed)}, not 'another'"):
        config(**{name: "another"})


@pytest.mark.parametrize("layers", [(), (8,) * (MAX_HIDDEN_LAYERS + 1), [32], 32])
def test_hidden_units_are_a_tuple_of_one_number_for_each_layer(layers):
    wanted = (
        rf"hidden_units must be a tuple of 1 to {MAX_HIDDEN_LAYERS} numbers.* not {re.escape(repr(layers))}"
    )
    with pytest.raises(ConfigError, match=wanted):
        NetworkConfig(layers)


@pytest.mark.parametrize("change", ["missing", "unknown"])
def test_a_dictionary_with_other_fields_is_refused_and_they_are_named(change):
    values = RunConfig().to_dict()
    if change == "missing":
        del values["epochs"]
    else:
        values["momentum"] = 0.9
    with pytest.raises(ConfigError, match="check epochs" if change == "missing" else "check momentum"):
        RunConfig.from_dict(values)


def test_zero_and_minus_zero_are_one_setting_with_one_key():
    plain, signed = (RunConfig(training=TrainingConfig(l2=zero)) for zero in (0.0, -0.0))
    assert plain.key() == signed.key()


def test_a_setting_out_of_range_names_field_range_and_value():
    with pytest.raises(ConfigError, match="epochs must be a whole number from 1 to 30, not 31"):
        TrainingConfig(epochs=31)


def test_without_validation_images_nothing_can_end_a_training_early():
    assert TrainingConfig(validation_share=0.0, patience=3) == TrainingConfig(validation_share=0.0)
    assert TrainingConfig(validation_share=0.1, patience=3).patience == 3
