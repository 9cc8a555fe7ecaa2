"""The runs of a class on the pages: how they enter it, and who sees what of them."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from paths import ROOT
from streamlit.testing.v1 import AppTest
from training_process import run_until, visit_of

from dashboard import site_map
from dashboard.classroom import runs as class_runs
from dashboard.classroom.runs import OwnRuns
from mnist_core.classroom.polls import PollQuestion
from mnist_core.classroom.runs import ClassRun
from mnist_core.config import DEFAULT
from mnist_core.engine.jobs import JobState, JobView, Outcome

OUTCOME = Outcome(1.0, 100, False, 6_000, 0.75, 0, 0)
QUESTION = PollQuestion("loss/predict", "How many?", ("Ten", "Two"), ("Too many.", "Right."), 1)


def rooms():
    from dashboard.classroom import membership

    return membership.rooms()


@pytest.fixture
def host(app):
    """A lecturer with an open class, whose page shows its runs."""
    app.session_state["class_runs_x"], app.session_state["class_runs_color"] = "neurons", "epochs"
    app.switch_page(site_map.CLASSROOM.path).run()
    if any(button.key == "room_open" for button in app.button):
        app.button(key="room_open").click().run()
    app.segmented_control(key="room_part").set_value("Runs").run()
    yield app
    rooms().close(app.session_state["visit_id"])


@pytest.fixture
def room(host):
    return rooms().hosted(host.session_state["visit_id"])


@pytest.fixture
def student(room):
    """One who has joined."""
    visitor = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    visitor.query_params["class"] = room.link
    visitor.run().switch_page(site_map.JOIN.path).run()
    visitor.button(key="join_linked").click().run()
    assert not visitor.exception
    return visitor


def train(visitor, **choices):
    """Train a small network to its end on the train page."""
    visitor.switch_page(site_map.TRAIN.path).run()
    visitor.select_slider(key="choice_images").set_value(300).run()
    for name, value in choices.items():
        visitor.slider(key=f"choice_{name}").set_value(value).run()
    visitor.button(key="train").click().run()
    return run_until(visitor, lambda: not any(button.key == "stop" for button in visitor.button))


def words(visitor):
    return "\n".join(element.value for element in (*visitor.markdown, *visitor.info, *visitor.header))


def charts(visitor):
    """The pictures of runs: their specifications, and what they say to who cannot see them."""
    return [(json.loads(chart.proto.spec), chart.proto.alt) for chart in visitor.get("vega_lite_chart")]


def test_a_run_that_a_member_has_trained_becomes_a_point_on_both_pages_without_a_name(host, room, student):
    assert "Ask everybody to train a network with validation images set aside" in words(host)
    assert charts(host) == []
    train(student, units=3, epochs=1)
    # Where the run ended while its page was drawn, the page's next look draws it once more.
    run_until(student, lambda: room.runs.view().runs)
    (run,) = room.runs.view().runs
    assert run.config == DEFAULT.with_changes(n_training_images=300, hidden_units=[3], epochs=1)
    accuracy = f"{100 * run.validation_accuracy:.1f}%"
    for visitor in (host.run(), student.switch_page(site_map.JOIN.path).run()):
        assert f"1 run · highest validation accuracy {accuracy}" in words(visitor)
        assert "The highest accuracy so far: 3 hidden neurons, 1 epoch" in words(visitor)
        ((_, alt),) = charts(visitor)
        assert alt == (
            "A point for each run of the class: neurons across, validation accuracy upwards, "
            "epochs as colour."
        )
        assert student.session_state["visit_id"] not in words(visitor) + alt


def test_a_run_from_before_its_trainer_joined_enters_and_one_without_validation_images_does_not(
    host, room, student
):
    visitor = train(AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run(), units=3, epochs=1)
    visitor.slider(key="choice_validation").set_value(0).run()
    visitor.button(key="train").click()
    run_until(visitor.run(), lambda: len(visit_of(visitor).runs) == 2)
    assert room.runs.view().runs == ()
    rooms().join_by_link(room.link, visitor.session_state["visit_id"])
    run_until(visitor, lambda: not any(button.key == "stop" for button in visitor.button))
    assert [run.config.training.validation_share for run in room.runs.view().runs] == [0.1]


def test_the_end_of_a_members_run_is_news_on_the_join_page(host, room, student, monkeypatch):
    ends = {}
    waiting = JobView("job-1", DEFAULT, JobState.RUNNING, 0, None, (), None, None, None)
    views = {"job-1": waiting}
    engine = class_runs.resources.engine()
    monkeypatch.setattr(engine, "view", lambda job_id, look=engine.view: views.get(job_id) or look(job_id))
    monkeypatch.setattr(engine, "watch", ends.setdefault)
    visit_of(student).add_run("job-1")
    student.switch_page(site_map.JOIN.path).run()
    own: OwnRuns = student.session_state["class_runs_own"]
    assert (own.ended, room.runs.view().runs) == (set(), ())
    views["job-1"] = replace(waiting, state=JobState.FINISHED, outcome=OUTCOME)
    ends["job-1"]()
    assert own.ended == {"job-1"}
    student.run()
    assert room.runs.view().runs == (ClassRun(DEFAULT, 0.75),)


def test_a_paused_run_is_that_of_as_many_epochs_as_it_has_done(monkeypatch):
    paused = JobView("job-1", DEFAULT, JobState.STOPPED, 0, None, (), None, None, OUTCOME)
    engine = SimpleNamespace(record={"job-1": SimpleNamespace(epochs_done=2)}.get)
    monkeypatch.setattr(class_runs.resources, "engine", lambda: engine)
    assert class_runs.run_of(paused) == ClassRun(DEFAULT.with_changes(epochs=2), 0.75)
    assert class_runs.run_of(replace(paused, job_id="gone")) is None
    assert class_runs.run_of(replace(paused, outcome=replace(OUTCOME, validation_accuracy=None))) is None
    assert class_runs.run_of(replace(paused, state=JobState.FAILED, outcome=None)) is None


def test_a_visitor_who_has_joined_no_class_puts_no_run_anywhere(host, room):
    train(AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run(), units=3, epochs=1)
    assert room.runs.view().runs == ()


def test_the_picture_makes_way_for_a_question_and_comes_back_when_it_is_closed(host, room, student):
    room.runs.add(student.session_state["visit_id"], [ClassRun(DEFAULT, 0.9)])
    assert "Runs of this class" in words(student.run())
    open_picture = class_runs.shown_to(room)
    room.ask(QUESTION)
    assert charts(student.run()) == []
    assert class_runs.shown_to(room) != open_picture
    room.polls.close()
    assert len(charts(student.run())) == 1


def test_nothing_but_the_rows_of_the_picture_changes_when_a_run_comes_in(host, room, student):
    pictures = []
    for seed in range(2):
        room.runs.add(student.session_state["visit_id"], [ClassRun(DEFAULT.with_changes(seed=seed), 0.9)])
        pictures += charts(host.run())
    assert pictures[0] == pictures[1]


def test_a_phone_is_told_how_to_become_a_point_until_something_else_is_asked(room, student):
    assert "set aside, and it becomes a point" in words(student.run())
    room.ask(QUESTION)
    room.polls.close()
    assert "Train a network" not in words(student.run())


def test_what_is_across_and_what_is_colour_are_chosen_and_stay(host, room, student):
    room.runs.add(student.session_state["visit_id"], [ClassRun(DEFAULT, 0.9)])
    host.run()
    host.segmented_control(key="class_runs_x").set_value("learning rate").run()
    host.segmented_control(key="class_runs_color").set_value("optimiser").run()
    assert not host.exception
    for _ in range(2):
        ((specification, _),) = charts(host.run())
        encoding = specification["layer"][0]["encoding"]
        assert (encoding["x"]["title"], encoding["color"]["title"]) == ("Learning rate", "Optimiser")


def test_all_runs_are_a_table_for_who_asks_for_it(host, room, student):
    room.runs.add(student.session_state["visit_id"], [ClassRun(DEFAULT, 0.9)])
    assert not [table for table in host.run().dataframe if "Settings" in table.value]
    host.toggle(key="class_runs_table").set_value(True).run()
    (table,) = [table.value for table in host.dataframe if "Settings" in table.value]
    assert table["Validation accuracy (%)"].tolist() == [pytest.approx(90)]
    assert table["Settings"].tolist() == ["32 hidden neurons, 5 epochs, batches of 32"]


def test_a_full_picture_says_so(host, room, student, monkeypatch):
    room.runs.add(student.session_state["visit_id"], [ClassRun(DEFAULT, 0.9)])
    assert "These are the first" not in words(host.run())
    monkeypatch.setattr("mnist_core.classroom.runs.MAX_CLASS_RUNS", 1)
    assert "These are the first" in words(host.run())
