"""Chapters of a run: what is refused, how they are told, and that a run of one chapter is as it was."""

from dataclasses import replace

import pytest

from mnist_core.analysis.comparison import differing_settings
from mnist_core.chapters import MAX_CHAPTERS, Chapter, from_text, to_text
from mnist_core.config import DEFAULT, SETTINGS, RunConfig, TrainingConfig
from mnist_core.settings import ConfigError
from mnist_core.sweeps.plans import plan
from mnist_core.take_home.settings_file import SettingsError, differences, read_settings, to_settings
from mnist_core.training.stretches import borders, with_more_epochs, with_next_chapter

LARGE = Chapter(6, 256, "adam", 0.001)
TWO = RunConfig(training=TrainingConfig(epochs=10), chapters=(LARGE,))


@pytest.mark.parametrize(
    ("chapters", "sentence"),
    [
        ([Chapter(1, 64, "adam", 0.001)], "first_epoch must be a whole number from 2, not 1"),
        ([Chapter(2.5, 64, "adam", 0.001)], "first_epoch must be a whole number from 2, not 2.5"),
        ([Chapter(3, 0, "adam", 0.001)], "batch_size must be a whole number from 1 to 1,024, not 0"),
        ([Chapter(3, 64, "adam", float("nan"))], "learning_rate must be a number from 1e-05 to 1, not nan"),
        ([Chapter(3, 64, "another", 0.1)], "optimizer must be one of adam"),
        ([LARGE, Chapter(6, 64, "adam", 0.001)], "in the order of their first epochs"),
        ([Chapter(n, n, "adam", 0.001) for n in range(2, 6)], "at most 4 chapters, not 5"),
    ],
)
def test_a_chapter_that_cannot_be_is_refused_in_a_sentence(chapters, sentence):
    with pytest.raises(ConfigError, match=sentence):
        RunConfig(training=TrainingConfig(epochs=10), chapters=tuple(chapters))


def test_what_changes_nothing_is_no_chapter():
    same = Chapter(3, 32, "adam", 0.001)
    assert replace(DEFAULT, chapters=(same,)) == DEFAULT
    assert replace(DEFAULT, chapters=(LARGE,)) == DEFAULT, "its five epochs end before"
    assert TWO.with_changes(epochs=5) == DEFAULT
    assert "chapters" not in DEFAULT.to_dict()
    assert RunConfig.from_dict(DEFAULT.to_dict() | {"chapters": []}).key() == DEFAULT.key()
    assert replace(TWO, chapters=(same, LARGE, Chapter(8, 256, "adam", 0.001))) == TWO


@pytest.mark.parametrize(
    "chapters",
    [
        3,
        {},
        [3],
        [{}],
        [{"first_epoch": 3}],
        [{"first_epoch": 3, "l2": 0.1}],
        [TWO.to_dict()["chapters"][0]] * 4,
    ],
)
def test_chapters_of_a_file_that_are_none_are_refused(chapters):
    with pytest.raises(ConfigError, match="chapter"):
        RunConfig.from_dict(DEFAULT.to_dict() | {"chapters": chapters})


def test_a_settings_file_has_the_chapters_and_is_read_again():
    assert read_settings(to_settings(TWO).encode()) == TWO
    broken = to_settings(TWO).replace('"batch_size": 256', '"batch_size": -256')
    with pytest.raises(SettingsError, match=r"\(batch_size\) must be a whole number"):
        read_settings(broken.encode())
    assert differences(TWO, DEFAULT) == {
        "epochs": (10, 5),
        "chapters": ("from epoch 6 batch 32 → 256", "no change"),
    }


@pytest.mark.parametrize(
    "text",
    [
        "5_32_adam_0.001",
        "5_32_adam_0.001~",
        "5_32_adam~5_32_adam",
        "5_32_adam_0.001~5_32_eval(1)_0.001",
        "20_32_adam_0.001~20_64_adam_0.001",
        "0_32_adam_0.001~5_64_adam_0.001",
        "5_32_adam_nan~5_64_adam_0.001",
        "~".join(["1_32_adam_0.001", "1_64_adam_0.001"] * 3),
        "9" * 5_000,
        "~" * 100_000,
    ],
)
def test_a_text_of_a_link_that_is_none_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011, whose sentence is the link's
        from_text(text, SETTINGS)


def test_a_link_has_the_epochs_and_the_settings_of_each_chapter():
    text = to_text(TWO.training, TWO.chapters)
    assert text == "5_32_adam_0.001~5_256_adam_0.001"
    epochs, (first, second) = from_text(text, SETTINGS)
    assert (epochs, first.first_epoch, second) == (10, 1, LARGE)


def test_a_border_says_what_changes_there():
    config = replace(TWO, chapters=(LARGE, Chapter(9, 256, "sgd", 0.01)))
    first, second = borders(config)
    assert (first.epoch, first.label, first.news) == (5, "batch 32 → 256", ("batch 256",))
    assert (second.epoch, second.changes) == (8, ("Adam → SGD", "rate 0.001 → 0.01"))
    assert second.words == "from epoch 9 Adam → SGD and rate 0.001 → 0.01"
    again = with_more_epochs(DEFAULT.with_changes(schedule="cosine"), 5)
    assert [border.words for border in borders(again)] == ["from epoch 6 the schedule begins again"]
    assert borders(DEFAULT) == ()


def test_runs_are_told_apart_by_their_chapters():
    other = replace(TWO, chapters=(Chapter(6, 128, "adam", 0.001),))
    assert differing_settings([TWO, other, TWO.in_epoch(1)]) == {
        "chapters": ("from epoch 6 batch 32 → 256", "from epoch 6 batch 32 → 128", "no change")
    }


def test_a_sweep_takes_the_settings_of_the_first_chapter():
    swept = plan(TWO, "learning rate", [0.001, 0.01])
    assert [config.chapters for config in swept.configs] == [(), ()]
    assert {config.training.batch_size for config in swept.configs} == {32}


@pytest.mark.parametrize(
    ("epoch", "changes", "epochs", "begins"),
    [
        (5, {"batch_size": 64}, 10, 6),  # a run of five epochs has ended, the slider is at five
        (3, {"batch_size": 64}, 5, 4),  # it was paused in its third
        (5, {"batch_size": 64, "epochs": 7}, 7, 6),  # the slider asks for two more
        (28, {"learning_rate": 0.01, "epochs": 28}, 30, 29),  # as many as there may be
    ],
)
def test_a_run_goes_on_after_the_epoch_that_it_has_begun(epoch, changes, epochs, begins):
    run = DEFAULT.with_changes(epochs=max(5, epoch))
    further = with_next_chapter(run, epoch, run.with_changes(**changes), 5)
    assert further.training.epochs == epochs
    (chapter,) = further.chapters
    assert chapter.first_epoch == begins
    assert (
        further.in_epoch(begins).training
        == replace(run.with_changes(**changes), chapters=()).with_changes(epochs=epochs).training
    )


def test_a_run_does_not_go_on_with_what_cannot_change_or_has_not():
    assert with_next_chapter(DEFAULT, 5, DEFAULT, 5) is None
    assert with_next_chapter(DEFAULT, 5, DEFAULT.with_changes(epochs=9), 5) is None
    assert with_next_chapter(DEFAULT, 5, DEFAULT.with_changes(batch_size=64, seed=1), 5) is None
    assert with_next_chapter(DEFAULT, 5, DEFAULT.with_changes(hidden_units=(8,), batch_size=64), 5) is None
    longest = DEFAULT.with_changes(epochs=30)
    assert with_next_chapter(longest, 30, longest.with_changes(batch_size=64), 5) is None


def test_a_paused_run_forgets_the_chapters_that_it_has_not_begun():
    chosen = TWO.in_epoch(10).with_changes(batch_size=64)
    assert with_next_chapter(TWO, 3, chosen, 5).chapters == (Chapter(4, 64, "adam", 0.001),)


def test_a_run_has_only_so_many_chapters():
    run, size = DEFAULT, 64
    for epoch in range(5, 5 + MAX_CHAPTERS - 1):
        run = with_next_chapter(run, epoch, run.in_epoch(epoch).with_changes(batch_size=size, epochs=5), 1)
        size *= 2
    with pytest.raises(ConfigError, match="at most 4 chapters"):
        with_next_chapter(run, 8, run.in_epoch(8).with_changes(batch_size=1), 1)
