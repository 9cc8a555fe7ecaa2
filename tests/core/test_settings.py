"""A setting is one row: whatever shows, links, sweeps, saves or writes settings knows each by its row."""

import ast
import json
from types import SimpleNamespace

import pytest
from paths import ROOT

from mnist_core.analysis.comparison import differing_settings
from mnist_core.config import CLASSIC, DEFAULT, SETTINGS, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.settings import Words
from mnist_core.sweeps.plans import SWEEPABLE, SWEEPS, swept_value, with_value
from mnist_core.take_home.keras_script import keras_script
from mnist_core.take_home.numpy_script import numpy_script
from mnist_core.take_home.report import run_facts
from mnist_core.take_home.script_lines import Source, text_of
from mnist_core.take_home.settings_file import differences, read_settings, to_settings

WHOLE = Source("mnist", 60_000, 10_000)
TABLE = ("mnist_core/config.py", "mnist_core/training_config.py", "mnist_core/settings.py")
RUNS = ("mnist_core/lessons/generalizing.py",)
"""Where runs have the name of the one setting in which each differs."""
ADDRESSES = {control.address for setting in SETTINGS.values() for control in setting.controls}
every_setting = pytest.mark.parametrize("name", SETTINGS)


def another_value(name):
    """A value of a setting that is not its default."""
    setting = SETTINGS[name]
    if isinstance(setting.allowed, Words):
        return next(word for word in setting.allowed.names if word != setting.default)
    if setting.name == "hidden_units":
        return (7, 9)
    value = (setting.allowed.lowest + setting.allowed.highest) / 2
    return int(value) if setting.allowed.is_integer else value


def with_another(name):
    return DEFAULT.with_changes(**{name: another_value(name)})


def record_of(config):
    """As much of a record as the report says in words."""
    n_training, n_validation = config.training.split_sizes(60_000)
    return SimpleNamespace(
        config=config, n_training_images=n_training, n_validation_images=n_validation, epochs_done=1,
        steps_done=1, is_stopped=True, seconds=1.0, dataset_name="MNIST", dataset_fingerprint="",
        kept_epoch=1, versions={}, library="NumPy", has_diverged=False,
    )  # fmt: skip


def test_every_field_of_a_run_has_its_row():
    fields = [*NetworkConfig.__dataclass_fields__, *TrainingConfig.__dataclass_fields__]
    assert list(SETTINGS) == fields
    for name, setting in SETTINGS.items():
        assert setting.name == name
        assert setting.help.endswith(".")
        assert setting.default == DEFAULT.value_of(name)
        assert setting.words
    assert len({setting.words for setting in SETTINGS.values()}) == len(SETTINGS)
    assert len(ADDRESSES) == sum(len(setting.controls) for setting in SETTINGS.values())


def test_the_keys_of_runs_that_were_trained_before_stay_what_they_were():
    other = RunConfig(
        NetworkConfig((64, 8), "tanh"),
        TrainingConfig(3, 64, "sgd", 0.05, 300, 0.2, 0.001, 0.3, "shuffled", 7),
    )
    assert [config.key() for config in (CLASSIC, DEFAULT, other)] == [
        "05e9c3e3a1e0876c",
        "81f7e5908c6a70c2",
        "674e6e118bb6572f",
    ]
    assert CLASSIC.key("25c98f992c005963") == "c8235907c018130a"


def test_a_settings_file_that_was_saved_before_is_read_as_it_was():
    saved = {
        "hidden_units": [64, 8], "activation": "tanh", "epochs": 3, "batch_size": 64, "optimizer": "sgd",
        "learning_rate": 0.05, "n_training_images": 300, "validation_share": 0.2, "l2": 0.001,
        "wrong_label_share": 0.3, "preparation": "shuffled", "seed": 7,
    }  # fmt: skip
    config = read_settings(json.dumps({"format": 1, "settings": saved}).encode())
    assert config.key() == "674e6e118bb6572f"


def test_settings_that_came_later_leave_no_trace_at_their_usual_values():
    later = {name for name, setting in SETTINGS.items() if setting.is_later}
    assert later == {"initializer", "dropout", "shift", "patience", "schedule"}
    assert later & {*DEFAULT.to_dict()} == set()
    for name in later:
        assert {*with_another(name).to_dict()} - {*DEFAULT.to_dict()} == {name}


@every_setting
def test_a_run_with_another_value_is_another_run_everywhere(name):
    config, setting = with_another(name), SETTINGS[name]
    ours, usual = (setting.write(other.value_of(name)) for other in (config, DEFAULT))
    assert ours != usual
    assert config.key() != DEFAULT.key()
    assert differing_settings([config, DEFAULT]) == {setting.words: (ours, usual)}
    assert set(differences(config, DEFAULT)) == {name}
    assert read_settings(to_settings(config).encode()) == config


@every_setting
@pytest.mark.parametrize("write", [keras_script, numpy_script])
def test_another_value_changes_each_script(name, write):
    texts = {text_of(write(config, WHOLE)) for config in (with_another(name), DEFAULT)}
    assert len(texts) == 2


@every_setting
def test_another_value_stands_in_the_report(name):
    ours, usual = (run_facts(record_of(config)) for config in (with_another(name), DEFAULT))
    assert ours != usual


@every_setting
def test_controls_show_a_value_and_give_it_back(name):
    setting = SETTINGS[name]
    for config in (DEFAULT, with_another(name)):
        value = config.value_of(name)
        shown = setting.to_controls(value)
        assert set(shown) == {control.address for control in setting.controls}
        for control in setting.controls:
            assert setting.allowed_in(control).allows(shown[control.address])
            assert all(setting.allowed_in(control).allows(step) for step in control.steps)
        if setting.controls:
            assert setting.from_controls(shown) == value


@every_setting
def test_what_a_sweep_offers_is_allowed_and_written(name):
    setting = SETTINGS[name]
    assert (setting.words in SWEEPABLE) == (setting.words in SWEEPS) == (setting.sweep is not None)
    if setting.sweep is not None:
        values = setting.sweep.offered
        assert set(setting.sweep.usual) <= set(values)
        assert [
            swept_value(with_value(DEFAULT, setting.words, value), setting.words) for value in values
        ] == [*values]
        assert len({setting.write(value) for value in values}) == len(values)


def tables_of_settings(path, words):
    """Lines of a file where a literal names three or more, as keys, as members, or first in its rows."""
    lines = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Dict):
            members = node.keys
        elif isinstance(node, ast.Tuple | ast.List | ast.Set):
            members = [
                row.elts[0] if isinstance(row, ast.Tuple | ast.List) and row.elts else row
                for row in node.elts
            ]
        else:
            continue
        named = {member.value for member in members if isinstance(member, ast.Constant)} & words
        if len(named) > 2:
            lines.append(f"{path.name}:{node.lineno} {sorted(named)}")
    return lines


def test_the_label_of_a_rarer_setting_is_one_line_in_a_column_of_a_tab():
    rare = [
        control for setting in SETTINGS.values() for control in setting.controls if control.place != "front"
    ]
    assert {control.label for control in rare if len(control.label) > 24 or "…" in control.label} == set()


@pytest.mark.parametrize(
    "words",
    [{*SETTINGS} | {setting.words for setting in SETTINGS.values()}, ADDRESSES],
    ids=["names", "addresses"],
)
def test_no_other_module_has_a_table_of_settings(words):
    product = [
        ROOT / "app.py",
        *(path for room in ("pages", "dashboard", "mnist_core") for path in (ROOT / room).rglob("*.py")),
    ]
    tables = [
        line
        for path in product
        if str(path.relative_to(ROOT)) not in (*TABLE, *RUNS)
        for line in tables_of_settings(path, words)
    ]
    assert tables == []


def test_a_table_of_settings_would_be_seen(tmp_path):
    file = tmp_path / "table.py"
    for source in (
        '{"epochs": 1, "l2": 2, "seed": 3}',
        '(("epochs", 1), ("l2", 2), ("seed", 3))',
        '["epochs", "l2", "seed"]',
    ):
        file.write_text(source)
        assert tables_of_settings(file, set(SETTINGS))
