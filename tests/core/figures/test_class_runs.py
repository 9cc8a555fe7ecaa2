"""The picture of all runs of a class: a point a run, where its settings put it, in words what they are."""

from dataclasses import replace

import pytest

from mnist_core.chapters import Chapter
from mnist_core.classroom.runs import ClassRun
from mnist_core.config import DEFAULT, OPTIMIZER_NAMES, SETTINGS
from mnist_core.figures.lab.class_runs import (
    AXES,
    COLORS,
    LOW_TO_HIGH,
    class_runs_chart,
    runs_table,
)

RUNS = (
    ClassRun(DEFAULT, 0.968),
    ClassRun(DEFAULT.with_changes(hidden_units=[64, 8], epochs=30, learning_rate=0.1), 0.985),
    ClassRun(DEFAULT.with_changes(hidden_units=[1], epochs=1, batch_size=1024, optimizer="sgd"), 0.02),
    ClassRun(DEFAULT.with_changes(n_training_images=20), 1.0),
)


def describe(config):
    return f"{sum(config.network.hidden_units)} units, " * 8


@pytest.fixture(scope="module")
def table():
    return runs_table(RUNS, describe)


def point_layer(specification):
    return specification["layer"][0]


def test_a_point_stands_where_its_settings_and_its_accuracy_put_it(table):
    data, _ = class_runs_chart(table, "neurons", "epochs", 400)
    assert data["x"].tolist() == [32, 72, 1, 32]
    assert data["color"].tolist() == [5, 30, 1, 5]
    assert data["wrong"].tolist()[:2] == pytest.approx([3.2, 1.5])
    assert [words.split(",")[0] for words in data["words"]] == ["96.8%", "98.5%", "2.0%", "100.0%"]
    data, _ = class_runs_chart(table, "learning rate", "optimiser", 400)
    assert data["x"].tolist() == [0.001, 0.1, 0.001, 0.001]
    assert data["color"].tolist() == ["Adam", "Adam", "SGD", "Adam"]


def test_every_accuracy_from_nothing_to_all_is_in_the_picture_and_above_the_words(table):
    data, specification = class_runs_chart(table, "neurons", "epochs", 400)
    bottom, top = point_layer(specification)["encoding"]["y"]["scale"]["domain"]
    assert bottom > 4 * data["wrong"].max()
    assert top < data["wrong"].min()


@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize("x", AXES)
def test_nothing_but_the_rows_changes_when_a_run_comes_in(x, color):
    _, before = class_runs_chart(runs_table(RUNS[:1], describe), x, color, 400)
    _, after = class_runs_chart(runs_table(RUNS, describe), x, color, 400)
    assert before == after


@pytest.mark.parametrize(
    ("x", "setting"), [("epochs", "epochs"), ("learning rate", "learning_rate"), ("batch size", "batch_size")]
)
def test_an_axis_has_room_for_every_value_that_a_setting_may_have(x, setting, table):
    _, specification = class_runs_chart(table, x, "epochs", 400)
    low, high = point_layer(specification)["encoding"]["x"]["scale"]["domain"]
    assert low < SETTINGS[setting].allowed.lowest
    assert high > SETTINGS[setting].allowed.highest


def test_the_axis_of_neurons_has_room_for_the_largest_network(table):
    low, high = point_layer(class_runs_chart(table, "neurons", "epochs", 400)[1])["encoding"]["x"]["scale"][
        "domain"
    ]
    assert low < 1
    assert high > 3 * SETTINGS["hidden_units"].allowed.highest


def test_a_colour_has_a_legend_and_words_a_mark_of_their_own(table):
    number = point_layer(class_runs_chart(table, "neurons", "epochs", 400)[1])["encoding"]
    assert number["color"]["scale"]["range"] == list(LOW_TO_HIGH)
    assert number["color"]["legend"]["values"] == [1, 15, 30]
    assert "shape" not in number
    words = point_layer(class_runs_chart(table, "neurons", "optimiser", 400)[1])["encoding"]
    for channel in ("color", "shape"):
        assert words[channel]["scale"]["domain"] == list(OPTIMIZER_NAMES.values())
        assert words[channel]["legend"]


def test_words_are_broken_into_lines_that_fit_on_a_phone(table):
    assert max(len(line) for words in table["words"] for line in words.splitlines()) <= 44


def test_a_run_with_chapters_stands_where_its_first_puts_it_and_its_words_say_so():
    config = replace(DEFAULT, chapters=(Chapter(3, 256, "sgd", 0.01),))
    table = runs_table([ClassRun(DEFAULT, 0.9), ClassRun(config, 0.9)], lambda _: "described")
    for name in COLORS:
        assert table[name].nunique() == 1, name
    one, several = table["words"]
    assert "placed by its first chapter" in several
    assert "chapter" not in one
