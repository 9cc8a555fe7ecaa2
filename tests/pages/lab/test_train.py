"""The train page for a run whose network had to go, and for one that waits; nothing is trained."""

import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from paths import ROOT
from streamlit.testing.v1 import AppTest
from training_process import visit_of

from dashboard import site_map
from dashboard.lab import stage
from dashboard.session import choices, resources, visits
from mnist_core.chapters import Chapter
from mnist_core.config import CLASSIC, SETTINGS, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.engine.jobs import EngineBusyError, JobState, JobView, Outcome
from mnist_core.network.parameters import initial_parameters
from mnist_core.training.history import History
from mnist_core.training.record import RunRecord
from mnist_core.training.stretches import chapters_in_words

CONFIG = RunConfig(NetworkConfig((7,)), TrainingConfig(epochs=3))
OLD = JobView("old", CONFIG, JobState.FINISHED, 0, None, (), None, None, None)
WAITING = replace(
    OLD, job_id="new", state=JobState.QUEUED, position=2, seconds_until_begin=40.2, seconds_left=300.0
)


class _PretendedEngine:
    """Knows a run whose record had to go; another waits, once it is asked for."""

    problem = ""

    def __init__(self):
        self.views = {"old": OLD, "classic": replace(WAITING, job_id="classic")}
        self.records: dict[str, RunRecord] = {}
        self.submitted, self.beginnings, self.is_full = [], [], False

    def view(self, job_id):
        return self.views.get(job_id)

    def test_logits(self, job_id):
        """Nothing was trained."""

    def record(self, job_id):
        return self.records.get(job_id)

    def finished_job_for(self, key):
        return None

    def submit(self, config, dataset, visitor, *, is_pinned=False, beginning=""):
        if is_pinned:  # the classic network, which every page asks for
            return "classic"
        if self.is_full:
            raise EngineBusyError("The queue is full.")
        self.submitted.append(config)
        self.beginnings.append(beginning)
        self.views["new"] = replace(WAITING, beginning=beginning)
        return "new"

    def estimated_seconds(self, config, dataset):
        return 300.0

    def warm(self, dataset):
        pass


@pytest.fixture
def engine(monkeypatch):
    pretended, kept = _PretendedEngine(), visits.Visits()
    monkeypatch.setattr("dashboard.session.resources.engine", lambda: pretended)
    monkeypatch.setattr("dashboard.session.visits.all_visits", lambda: kept)
    return pretended


@pytest.fixture
def page(engine):
    """The train page of a visit with that run."""
    opened = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    engine.submitted.clear()
    visit_of(opened).show_run("old")
    opened.switch_page(site_map.TRAIN.path).run()
    assert not opened.exception
    return opened


def said(elements):
    return " ".join(element.value for element in elements)


def test_a_network_that_is_not_kept_is_trained_again_with_the_same_settings(page, engine):
    assert "no longer kept" in said(page.info)
    page.button(key="train_again").click().run()
    assert not page.exception
    assert engine.submitted[-1] == CONFIG
    assert visit_of(page).runs == ["new"]
    assert visit_of(page).current == "new"
    assert page.slider(key="choice_units").value == 7
    assert page.slider(key="choice_epochs").value == 3
    assert not [button for button in page.button if button.key == "train_again"]


def test_every_setting_has_its_controls_on_the_page(page):
    page.segmented_control(key="choice_layers").set_value(3).run()
    kinds = (page.slider, page.select_slider, page.selectbox, page.segmented_control, page.number_input)
    labels = {control.key: control.label for controls in kinds for control in controls}
    for setting in SETTINGS.values():
        for control in setting.controls:
            assert labels[f"choice_{control.address}"] == control.label
    assert [name for name, setting in SETTINGS.items() if not setting.controls] == ["preparation"]


def test_the_table_of_runs_has_a_column_for_each_setting_that_says_so(page):
    columns = page.dataframe[0].value.columns
    assert {setting.words.capitalize() for setting in SETTINGS.values() if setting.is_column} <= {*columns}
    assert [*columns][1:5] == ["Hidden neurons", "Epochs", "Batch size", "Optimiser"]


def test_a_full_queue_is_said_and_the_run_can_still_be_trained_again(page, engine):
    engine.is_full = True
    page.button(key="train_again").click().run()
    assert not page.exception
    assert "The queue is full." in said(page.info)
    assert visit_of(page).runs == ["old"]
    assert page.button(key="train_again")


def test_a_waiting_run_says_its_place_and_when_it_begins_and_ends(page):
    page.button(key="train_again").click().run()
    words = "Waiting: number 2 in the queue. Training begins in about 40 s and ends in about 5 minutes."
    assert words in [bar.proto.text for bar in page.get("progress")]


def test_a_run_has_its_frame_from_the_press_to_the_end_and_waiting_ones_are_looked_at_without_it(
    page, engine, monkeypatch
):
    drawn, looks = [], []
    monkeypatch.setattr("dashboard.lab.stage._picture", lambda scene: drawn.append(scene.config))
    monkeypatch.setattr("dashboard.lab.stage._waiting", looks.append)
    page.button(key="train_again").click().run()
    assert (len(drawn), looks) == (1, ["new"])  # by the page, and not by each look
    engine.views["new"] = replace(WAITING, seconds_until_begin=0.5)
    page.run()
    assert (len(drawn), looks) == (2, ["new"])  # it begins at once: what looks draws, so that it can stay
    engine.views["new"] = replace(WAITING, state=JobState.RUNNING, position=0)
    page.run()
    assert not page.exception
    assert drawn == [CONFIG] * 3


@pytest.mark.parametrize(("seconds", "is_too_fast"), [(3.0, True), (30.0, False)])
def test_a_training_that_is_shown_as_a_film_afterwards_says_so_while_it_goes(
    page, engine, monkeypatch, seconds, is_too_fast
):
    told = []
    monkeypatch.setattr(stage, "film_view", lambda _, **arguments: told.append(arguments["told"]))
    page.button(key="train_again").click().run()
    engine.views["new"] = replace(WAITING, state=JobState.RUNNING, position=0, seconds_left=seconds)
    page.run()
    assert not page.exception
    assert ("begins as soon as it has ended" in told[-1]) == is_too_fast


def test_before_any_run_the_stage_shows_the_network_that_the_settings_begin_with(page, engine):
    visit_of(page).current = None
    page.run()
    assert "Press **Train** (about 5 minutes), or select a run" in page.get("progress")[0].proto.text
    engine.views.clear()
    page.run()
    assert not page.exception
    assert "it takes about 5 minutes." in page.get("progress")[0].proto.text
    page.segmented_control(key="shortcut_units").set_value(8).run()
    assert page.slider(key="choice_units").value == 8
    assert "**8**" in said(page.markdown)


def test_a_phone_has_the_buttons_for_a_number_of_neurons_above_the_network(page, engine, monkeypatch):
    monkeypatch.setattr("dashboard.session.present.is_phone", lambda: True)
    engine.views.clear()
    page.run()
    assert "Hidden neurons" in said(page.caption)
    page.segmented_control(key="shortcut_units").set_value(8).run()
    assert page.slider(key="choice_units").value == 8


def test_a_training_process_that_does_not_answer_is_said_in_the_place_of_the_times(page, engine):
    engine.problem = "The training process is being restarted."
    page.button(key="train_again").click().run()
    assert engine.problem in [bar.proto.text for bar in page.get("progress")]


def test_a_run_stopped_before_its_first_update_is_said_and_stands_in_no_table(page, engine):
    nothing = Outcome(0.0, 0, False, 0, None, 0, 0)
    engine.views["old"] = replace(OLD, state=JobState.STOPPED, outcome=nothing)
    page.run()
    assert not page.exception
    assert "paused before its first update" in said(page.info)
    assert not page.dataframe
    page.switch_page(site_map.CODE.path).run()
    assert not page.exception
    assert "paused before its first update" in said(page.info)
    assert "no longer kept" not in said(page.info)


def test_a_stopped_run_that_is_not_kept_is_not_promised_again_weight_for_weight(page, engine):
    engine.views["old"] = replace(OLD, state=JobState.STOPPED, outcome=Outcome(1.0, 5, False, 0, None, 0, 0))
    page.run()
    assert not page.exception
    assert "from beginning to end" in said(page.info)
    assert "weight for weight" not in said(page.info)
    assert page.button(key="train_again")


@pytest.mark.parametrize(
    ("source", "way"), [("visit", "Train on them"), ("class", "Teach it the class’s hand")]
)
def test_a_taught_run_that_is_not_kept_is_never_trained_again_without_its_images(page, engine, source, way):
    engine.views["old"] = replace(OLD, own_images="2 images", own_source=source)
    engine.records["classic"] = replace(RunRecord.untrained(CLASSIC, resources.dataset()), is_stopped=False)
    page.run()
    assert f"press **{way}**" in said(page.info)
    assert "train_again" not in [button.key for button in page.button]
    engine.views["old"] = replace(engine.views["old"], outcome=Outcome(1.0, 500, False, 0, None, 0, 0))
    page.switch_page(site_map.PREDICT.path).run()
    assert f"press **{way}**" in said(page.info)


def test_another_page_says_that_it_shows_the_classic_network_in_place_of_one_that_is_not_kept(page, engine):
    untrained = RunRecord.untrained(CLASSIC, resources.dataset())
    engine.records["classic"] = replace(untrained, is_stopped=False)
    engine.views["old"] = replace(OLD, outcome=Outcome(1.0, 500, False, 0, None, 0, 0))
    page.switch_page(site_map.PREDICT.path).run()
    assert not page.exception
    assert "no longer kept, so this page shows the classic network" in said(page.info)
    assert "have your run back" in said(page.info)
    lost = engine.views["old"]
    engine.views["old"] = replace(lost, state=JobState.STOPPED)
    page.run()
    assert "from beginning to end" in said(page.info)
    assert "have your run back" not in said(page.info)
    engine.views["old"] = WAITING
    page.run()
    assert "no longer kept" not in said(page.info)


def kept(engine, state, epochs=3):
    """Have the run of the visit be one that can go on, with a network that is as it began."""
    config = replace(CONFIG, training=replace(CONFIG.training, epochs=epochs))
    record = RunRecord.untrained(config, resources.dataset())
    n_steps = 5 if state is JobState.STOPPED else record.timeline.n_steps
    engine.records["old"] = replace(record, steps_done=n_steps, seconds=1.0)
    outcome = Outcome(1.0, n_steps, False, 0, None, 0, 0)
    engine.views["old"] = replace(
        OLD, config=config, state=state, outcome=outcome, n_training_images=record.n_training_images
    )


def test_a_paused_run_is_continued_in_its_place(page, engine):
    kept(engine, JobState.STOPPED)
    page.run()
    page.button(key="go_on").click().run()
    assert not page.exception
    assert (engine.submitted[-1], engine.beginnings[-1]) == (CONFIG, "old")
    assert visit_of(page).runs == ["new"]
    assert page.button(key="stop").label == "Pause"


def test_a_finished_run_is_trained_further_and_stays_in_the_table(page, engine):
    kept(engine, JobState.FINISHED)
    page.run()
    assert page.button(key="train_further").label == "5 more epochs"
    page.button(key="train_further").click().run()
    assert engine.submitted[-1].training.epochs == 8
    assert engine.beginnings[-1] == "old"
    assert page.slider(key="choice_epochs").value == 8
    assert set(visit_of(page).runs) == {"old", "new"}


def later(monkeypatch, module, seconds):
    """Have a module believe that so much time has passed."""
    moment = time.monotonic() + seconds
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: moment))


def test_what_a_browser_sends_of_a_slider_before_it_knows_that_a_button_moved_it_moves_nothing_back(
    page, engine, monkeypatch
):
    kept(engine, JobState.FINISHED)
    page.run()
    before = page.slider(key="choice_epochs").value
    page.button(key="train_further").click().run()
    page.slider(key="choice_epochs").set_value(before).run()  # which the clock of a part of the page carries
    assert page.slider(key="choice_epochs").value == 8 != before
    later(monkeypatch, choices, 2)
    page.slider(key="choice_epochs").set_value(before).run()  # and this somebody has done
    assert page.slider(key="choice_epochs").value == before


def test_the_stage_says_of_how_many_validation_images_its_film_shows_some(page, engine, monkeypatch):
    """So that two numbers of one view do not seem to be of the same images."""
    kept(engine, JobState.FINISHED)
    shown = []
    monkeypatch.setattr(stage, "film_view", lambda _, **arguments: shown.append(arguments["n_validation"]))
    page.run()
    assert shown[-1] == engine.records["old"].n_validation_images > 0
    script = (ROOT / "dashboard/components/film/film.js").read_text()
    assert script.count("${imagesOf(film)}") == 2  # in the number above, and at the end of the curve


def test_a_run_that_goes_on_is_shown_as_it_is_until_there_is_more_of_it(page, engine, monkeypatch):
    kept(engine, JobState.FINISHED)
    learned = initial_parameters(CONFIG.network, CONFIG.training.seed + 1)
    engine.records["old"] = replace(engine.records["old"], parameters=learned)
    shown = []
    monkeypatch.setattr(stage, "film_view", lambda _, **arguments: shown.append(arguments["parameters"]))
    page.run()
    page.button(key="train_further").click().run()
    assert visit_of(page).current == "new"
    assert all(parameters is learned for parameters in shown)
    assert len(shown) > 1


def test_a_run_that_early_stopping_ended_says_so_and_goes_on_with_nothing(page, engine):
    kept(engine, JobState.FINISHED, 30)
    config = engine.views["old"].config.with_changes(patience=1)
    losses, accuracies = [2.0, 1.0, 1.5], [0.25, 0.5, 0.75]
    history = History(losses, accuracies, losses, accuracies, [1, 2, 3], losses, accuracies)
    start = engine.records["old"].parameters
    record = replace(
        engine.records["old"], config=config, history=history, snapshots=(start,) * 4, is_stopped=False
    )
    record = replace(record, steps_done=record.timeline.n_steps)
    engine.records["old"] = record
    outcome = Outcome(1.0, record.steps_done, False, 0, None, 0, 0)
    engine.views["old"] = replace(engine.views["old"], config=config, outcome=outcome)
    page.run()
    assert not page.exception
    assert "Stopped early after epoch 3 of 30, with the network of epoch 2" in [
        bar.proto.text for bar in page.get("progress")
    ]
    assert "Early stopping ended it after epoch 3. The network of epoch 2 is kept" in words_of(page)
    assert not [button for button in page.button if button.key in ("train_further", "next_chapter", "go_on")]
    assert stage.accuracies(config, history, is_over=True, epoch=record.kept_epoch) == {
        "Validation accuracy, epoch 2": "50.0%",
        "Training accuracy, epoch 2, mean of the epoch": "50.0%",
    }


@pytest.mark.parametrize(
    ("steps", "words"), [([], ""), ([1, 2], ", last batch"), ([17, 34], ", last 17 batches")]
)
def test_while_a_network_learns_its_training_accuracy_says_of_which_batches_it_is(steps, words):
    n = len(steps)
    history = History([], [], [], [], steps, [1.0] * n, [0.9] * n)
    shown = stage.accuracies(RunConfig(NetworkConfig(), TrainingConfig()), history, is_over=False)
    assert shown[f"Training accuracy{words}"] == ("90.0%" if n else "–")


def test_a_run_with_a_cosine_goes_on_with_another_one(page, engine):
    kept(engine, JobState.FINISHED)
    config = engine.views["old"].config.with_changes(schedule="cosine")
    engine.records["old"] = replace(engine.records["old"], config=config)
    engine.views["old"] = replace(engine.views["old"], config=config)
    page.run()
    page.button(key="train_further").click().run()
    assert engine.submitted[-1].training.epochs == 8
    assert [(each.first_epoch, each.schedule) for each in engine.submitted[-1].chapters] == [(4, "cosine")]


@pytest.mark.parametrize(("epochs", "words"), [(29, "1 more epoch"), (30, None)])
def test_no_run_is_trained_for_more_epochs_than_are_allowed(page, engine, epochs, words):
    kept(engine, JobState.FINISHED, epochs)
    page.run()
    labels = [button.label for button in page.button if button.key == "train_further"]
    assert labels == ([words] if words else [])


def move(page, **values):
    """Move the controls from where the run of the visit has them."""
    page.slider(key="choice_units").set_value(values.get("units", 7)).run()
    page.slider(key="choice_epochs").set_value(values.get("epochs", 3)).run()
    for name in ("batch", "rate"):
        if name in values:
            page.select_slider(key=f"choice_{name}").set_value(values[name]).run()


def words_of(page):
    return said(page.markdown) + said(page.caption)


def test_a_finished_run_goes_on_with_other_settings_and_stays_in_the_table(page, engine):
    kept(engine, JobState.FINISHED)
    page.run()
    move(page)
    assert not [button for button in page.button if button.key == "next_chapter"]
    assert "anew" not in page.button(key="train").label
    move(page, batch=256)
    assert "Train anew" in page.button(key="train").label
    assert page.button(key="next_chapter").label == "Go on: batch 256"
    assert page.button(key="train_further").label == "5 more epochs as before"
    assert "trains 5 epochs more with other settings: batch 32 → 256" in words_of(page)
    page.button(key="next_chapter").click().run()
    assert not page.exception
    submitted = engine.submitted[-1]
    assert (submitted.training.batch_size, submitted.training.epochs) == (32, 8)
    assert submitted.chapters == (Chapter(4, 256, "adam", 0.001),)
    assert engine.beginnings[-1] == "old"
    assert set(visit_of(page).runs) == {"old", "new"}
    assert page.slider(key="choice_epochs").value == 8
    assert page.select_slider(key="choice_batch").value == 256
    assert page.query_params["chapters"] == "3_32_adam_0.001~5_256_adam_0.001"


def test_train_anew_begins_a_run_of_one_chapter(page, engine):
    kept(engine, JobState.FINISHED)
    page.run()
    move(page, batch=256)
    page.button(key="train").click().run()
    assert engine.submitted[-1].chapters == ()
    assert engine.submitted[-1].training.batch_size == 256
    assert engine.beginnings[-1] == ""


def test_a_paused_run_ends_its_epoch_with_the_old_settings_before_its_next_chapter(page, engine):
    kept(engine, JobState.STOPPED)
    page.run()
    move(page, rate=0.01)
    assert page.button(key="go_on").label == "Continue as before"
    assert "trains 2 epochs more with other settings: rate 0.001 → 0.01" in words_of(page)
    assert "Epoch 1 is finished with the old settings first." in words_of(page)
    page.button(key="next_chapter").click().run()
    assert engine.submitted[-1].chapters == (Chapter(2, 32, "adam", 0.01),)
    assert engine.submitted[-1].training.epochs == 3
    assert set(visit_of(page).runs) == {"old", "new"}, "the paused run can still be continued as it was"


def test_another_network_cannot_go_on_where_this_one_is(page, engine):
    kept(engine, JobState.FINISHED)
    page.run()
    move(page, units=9, batch=256)
    assert page.button(key="train_further")
    assert "anew" not in page.button(key="train").label


def test_no_run_gets_more_chapters_than_it_may_have(page, engine):
    kept(engine, JobState.FINISHED, 9)
    chapters = tuple(Chapter(epoch, 2**epoch, "adam", 0.001) for epoch in (3, 6, 9))
    longest = replace(engine.records["old"].config, chapters=chapters)
    record = replace(engine.records["old"], config=longest)
    n_steps = record.timeline.n_steps
    engine.records["old"] = replace(record, steps_done=n_steps)
    outcome = Outcome(1.0, n_steps, False, 0, None, 0, 0)
    engine.views["old"] = replace(engine.views["old"], config=longest, outcome=outcome)
    page.run()
    assert page.dataframe[0].value["Chapters"].tolist() == [chapters_in_words(longest)]
    move(page, epochs=9, batch=1)
    assert "a run has 4 chapters at most" in words_of(page).replace("[", "").replace(
        "](glossary#chapter)", ""
    )
    assert page.button(key="train_further")


def test_a_run_paused_in_its_first_epoch_says_so_in_the_line_above_its_network(page, engine):
    kept(engine, JobState.STOPPED)
    page.run()
    assert not page.exception
    assert next(bar.proto.text for bar in page.get("progress")).startswith(
        "Paused: 5 updates in 1.0 s, within the first epoch"
    )
    assert not page.info
