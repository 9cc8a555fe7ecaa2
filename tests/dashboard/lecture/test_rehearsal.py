"""The rehearsal of a tour: it walks through all steps, and each page shows what its step promises."""

from dataclasses import replace

import pytest
from paths import ROOT
from streamlit.testing.v1 import AppTest
from training_process import run_until, trained, visit_of

from dashboard import site_map
from dashboard.lecture import promises, readiness, rehearsal
from dashboard.lecture.itinerary import LENGTHS, read_tour
from dashboard.session import choices, page_view, present
from mnist_core.config import CLASSIC, DEFAULT


@pytest.fixture
def visit(sample_app):
    """A visit that stands on the page of the tours."""
    opened = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    return opened.switch_page(site_map.TOUR.path).run()


def found(visit):
    return visit.session_state["tour_rehearsal"]


def rehearsed(visit, minutes):
    """Press the button, and wait until it is over; what was found."""
    visit.button(key=f"rehearse_{minutes}").click().run()

    def is_over():
        if step := found(visit).step:  # a page without a browser stays where it was
            visit.switch_page(read_tour(minutes).steps[step - 1].page.path)
        return found(visit).is_over

    run_until(visit, is_over)
    return found(visit)


def told(visit):
    return " ".join(one.value for one in (*visit.main.success, *visit.main.warning, *visit.main.info))


def test_all_steps_of_the_tours_are_those_of_two():
    """So that all pages are looked at by walking the tours of 10 and of 90 minutes."""
    walked = {replace(step, minutes=0) for minutes in (10, 90) for step in _hashable(minutes)}
    others = {step for minutes in LENGTHS for step in _hashable(minutes)} - walked
    assert {step.title for step in others} == {
        "The challenge board"
    }  # in the longest an exercise on its page


def _hashable(minutes):
    return [
        replace(step, minutes=0, settings=tuple(step.settings.items())) for step in read_tour(minutes).steps
    ]


@pytest.mark.parametrize("minutes", [10, 90])
def test_a_projector_shows_at_each_step_what_the_step_promises(visit, monkeypatch, minutes):
    monkeypatch.setattr(present, "is_on", lambda: True)
    visit.switch_page(site_map.CLASSROOM.path).run()
    visit.button(key="room_open").click().run()
    visit.switch_page(site_map.TOUR.path).run()
    outcome = rehearsed(visit, minutes)
    visit.switch_page(site_map.TOUR.path).run()
    assert outcome.problems == {number: [] for number in range(1, len(read_tour(minutes).steps) + 1)}
    assert len(outcome.jobs) == 1  # all steps that show a run show the same one
    assert f"All {len(outcome.problems)} steps show what they promise." in told(visit)
    assert visit.title[0].value == "Guided tour"
    assert visit_of(visit).tour_begun is None


def test_a_rehearsal_can_be_stopped_and_says_where(visit):
    visit.button(key="rehearse_10").click().run()
    run_until(visit, lambda: found(visit).step > 1)
    visit.button(key="rehearsal_stop").click().run()
    stopped = found(visit).step
    visit.switch_page(site_map.TOUR.path).run()
    assert found(visit).step == stopped
    assert f"stopped at step {stopped} of 6" in told(visit)


def shown(**changes):
    """What the page of the step about mistakes shows if all is as it must be."""
    view = page_view.View("evaluate", {}, frozenset(), frozenset({"confusion"}))
    usual = {"settings": choices.with_usual({}), "chosen": DEFAULT, "run": DEFAULT}
    return replace(promises.Shown(view, **usual, is_own=True, has_class=False), **changes)


STEP = read_tour(10).steps[2]
BROKEN = {
    "The page Evaluate could not be opened.": {"view": page_view.View("train", {}, frozenset(), frozenset())},
    "The page does not show what the step is about (confusion).": {
        "view": page_view.View("evaluate", {}, frozenset(), frozenset())
    },
    "The setting units is 7, not 32.": {"settings": choices.with_usual({"units": 7})},
    "The network of this step is not trained yet.": {"run": CLASSIC, "is_own": False},
}


@pytest.mark.parametrize("sentence", BROKEN)
def test_what_a_page_does_not_show_is_said_in_a_sentence(sentence):
    assert promises.broken(STEP, shown()) == []
    assert promises.broken(STEP, shown(**BROKEN[sentence])) == [sentence]


@pytest.mark.parametrize("page", [site_map.CLASSROOM, site_map.CHALLENGES], ids=lambda page: page.stem)
def test_a_step_that_needs_a_class_says_so_where_none_is_open(page):
    view = page_view.View(page.address, {}, frozenset(), frozenset({"confusion"}))
    assert promises.broken(replace(STEP, page=page), shown(view=view)) == [promises.NEEDS_CLASS]
    assert promises.broken(replace(STEP, page=page), shown(view=view, has_class=True)) == []


def test_a_part_that_is_not_drawn_and_a_run_that_is_there_too_early_are_said():
    step = replace(STEP, part="Calibration", run="none")
    assert promises.broken(step, shown()) == [
        "The page shows an earlier run.",
        "The page does not show its part “Calibration”.",
    ]
    assert promises.broken(replace(step, part="", run="classic"), shown(run=None, is_own=False)) == [
        "The classic network is not trained yet."
    ]


def test_a_page_that_fails_is_said_and_the_rehearsal_goes_on(visit, monkeypatch):
    monkeypatch.setattr(rehearsal, "PATIENCE", 2)
    monkeypatch.setattr("dashboard.lab.stage.before_training", lambda *_: 1 / 0)
    visit.button(key="rehearse_10").click().run()
    for _ in range(60):
        if found(visit).is_over:
            break
        visit.run()
    assert found(visit).problems[2] == ["The page could not be opened, or was not drawn to its end."]
    assert len(found(visit).problems) == len(read_tour(10).steps)


def test_a_step_sets_all_settings_and_its_run_and_nothing_is_trained_already_on_its_page(visit):
    (job,) = trained(DEFAULT)
    made = visit_of(visit)
    visit.session_state["choices"] = choices.with_usual({"units": 7, "wrong": 30, "image": 5})
    made.show_run(job)
    made.experiments["testing/overfitting"] = (job,)
    visit.query_params["tour"], visit.query_params["step"] = "60", "17"
    visit.switch_page(site_map.BY_STEM["testing"].path).run()
    assert read_tour(60).steps[16].page.stem == "testing"
    assert visit.session_state["choices"] == choices.with_usual({})
    assert made.current is None
    assert made.experiments == {}
    visit.query_params["step"] = "15"
    visit.switch_page(site_map.EVALUATE.path).run()
    assert made.current == job


def test_what_was_moved_on_a_lessons_page_is_as_at_first_when_a_step_begins_there(visit):
    learning = site_map.BY_STEM["learning"]
    visit.query_params["part"] = "Downhill on one weight: gradient descent"
    visit.switch_page(learning.path).run()
    visit.slider(key="descent_steps").set_value(17).run()
    visit.switch_page(site_map.TRAIN.path).run()
    visit.switch_page(learning.path).run()
    assert visit.slider(key="descent_steps").value == 17  # as without a tour
    (number,) = [n for n, step in enumerate(read_tour(30).steps, start=1) if step.title == "Downhill"]
    visit.query_params["tour"], visit.query_params["step"] = "30", f"{number}"
    visit.run()
    assert visit.slider(key="descent_steps").value == 5


def test_a_rehearsed_lecture_is_told_what_is_not_ready(visit):
    sentences = " ".join(text.value for text in visit.main.markdown)
    assert "No class is open." in sentences
    assert "No phone has tried the address yet." in sentences


@pytest.mark.parametrize(
    ("address", "is_allowed"),
    [
        ("https://nets.example.org", True),
        ("http://localhost:8501", True),
        ("http://[::1]:8501", True),
        ("http://192.168.1.20:8501", False),
        ("http://nets.example.org/localhost", False),
    ],
)
def test_the_camera_works_over_https_and_on_the_machine_itself(address, is_allowed):
    assert readiness.has_camera(address) is is_allowed
