"""The rehearsal of a tour: it walks through all steps, and each page shows what its step promises."""

from dataclasses import replace

import pretending
import pytest
from paths import ROOT
from streamlit.testing.v1 import AppTest
from training_process import charts, run_until, trained, visit_of

from dashboard import site_map
from dashboard.lecture import promises, readiness, rehearsal
from dashboard.lecture.itinerary import LENGTHS, read_tour
from dashboard.lecture.own_tour import OwnStep, OwnTour, as_own, to_link
from dashboard.session import choices, page_view, present, resources
from mnist_core.config import CLASSIC, DEFAULT
from mnist_core.engine.jobs import JobState
from mnist_core.sweeps.plans import SWEEPS


@pytest.fixture
def visit(sample_app):
    """A visit that stands on the page of the tours."""
    opened = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    return opened.switch_page(site_map.TOUR.path).run()


def found(visit):
    return visit.session_state["tour_rehearsal"]


def rehearsed(visit, tour):
    """Press the button, and wait until it is over; what was found."""
    visit.run()
    visit.button(key=f"rehearse_{tour.name}").click().run()

    def is_over():
        if step := found(visit).step:  # a page without a browser stays where it was
            visit.switch_page(tour.steps[step - 1].page.path)
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
    outcome = rehearsed(visit, read_tour(minutes))
    visit.switch_page(site_map.TOUR.path).run()
    assert outcome.problems == {number: [] for number in range(1, len(read_tour(minutes).steps) + 1)}
    assert len(outcome.jobs) == 1  # all steps that show a run show the same one
    assert f"All {len(outcome.problems)} steps show what they promise." in told(visit)
    assert visit.title[0].value == "Guided tour"
    assert visit_of(visit).tour_begun is None


OF_BUTTONS = {  # a section with a button that trains, and what its page shows once that is trained
    "Does it see the picture?": ("begin_images: shuffled", "orders"),
    "Why the sum is bent": ("begin_activations/collapse", "collapse_accuracy"),
    "Learned or learned by heart?": ("begin_testing/overfitting", "testing_loss"),
}


@pytest.fixture
def own_tour(visit):
    """The steps of the tour of 60 minutes whose buttons train, as a tour of one's own."""
    steps = [step for step in read_tour(60).steps if step.title in OF_BUTTONS]
    return taken(visit, OwnTour("Mine", tuple(as_own(step, 60) for step in steps)))


def taken(visit, own_tour):
    """Have a tour as the visitor's own, as by its link; the tour."""
    visit.query_params["own"] = to_link(own_tour)
    visit.run().button(key="own_tour_take").click().run()
    return own_tour


def test_what_a_steps_buttons_train_is_trained_by_the_rehearsal_so_that_a_press_is_answered_at_once(
    visit, own_tour, trainings_end_at_once
):
    outcome = rehearsed(visit, own_tour.tour)
    assert outcome.problems == {1: [], 2: [], 3: []}
    for number, step in enumerate(own_tour.tour.steps, start=1):
        button, chart = OF_BUTTONS[step.title]
        visit.query_params["tour"], visit.query_params["step"] = "own", str(number)
        visit.query_params["part"] = step.part
        visit.switch_page(step.page.path).run()
        if step.page.stem == "testing":
            visit.button(key="testing_Few images").click().run()
        visit.button(key=button).click().run()
        assert not visit.exception
        assert not any(one.key.startswith("stop_") for one in visit.button), "it is being trained"
        assert chart in charts(visit)


def test_a_sweep_and_an_experiment_are_trained_by_the_rehearsal_too(visit, trainings_end_at_once):
    steps = tuple(OwnStep(part, 2.0, page="compare", part=part) for part in ("Sweep", "Experiments"))
    outcome = rehearsed(visit, taken(visit, OwnTour("Mine", steps)).tour)
    for number, button in ((1, "sweep_begin"), (2, "begin_experiment few neurons")):
        assert len(outcome.ahead[number]) == len(SWEEPS["hidden neurons"].usual)
        visit.query_params["part"] = steps[number - 1].part
        visit.switch_page(site_map.COMPARE.path).run()
        if number == 2:
            visit.button(key="skip_compare/few neurons").click().run()
        visit.button(key=button).click().run()
        _, sweep = [*visit_of(visit).sweeps.values()][-1]
        assert resources.sweeps().view(sweep).state is JobState.FINISHED


def test_a_training_of_a_button_that_fails_is_said_of_its_step(visit, trainings_end_at_once, monkeypatch):
    monkeypatch.setattr("mnist_core.engine.process.worker.train_and_report", pretending.fail)
    step = OwnStep("Mine", 2.0, page="testing", part="Overfitting, on purpose", settings={"units": 7})
    outcome = rehearsed(visit, taken(visit, OwnTour("Mine", (step,))).tour)
    assert outcome.problems[1]
    assert all(problem.startswith("A training of this step has failed.") for problem in outcome.problems[1])


def test_a_rehearsal_can_be_stopped_and_says_where(visit):
    visit.button(key="rehearse_10").click().run()
    run_until(visit, lambda: found(visit).step > 1)
    visit.button(key="rehearsal_stop").click().run()
    stopped = found(visit).step
    visit.switch_page(site_map.TOUR.path).run()
    assert found(visit).step == stopped
    assert f"stopped at step {stopped} of 6" in told(visit)


def test_a_rehearsal_that_is_stopped_while_networks_are_trained_has_reached_no_step(visit):
    visit.session_state["tour_rehearsal"] = rehearsal.Rehearsal(10, is_over=True)
    assert "stopped before its first step" in told(visit.run())


STEP = read_tour(10).steps[2]


def shown(**changes):
    """What the page of the step about mistakes shows if all is as it must be."""
    view = page_view.View("evaluate", {}, frozenset({STEP.part}), frozenset({"confusion"}))
    usual = {"settings": choices.with_usual({}), "chosen": DEFAULT, "run": DEFAULT}
    return replace(promises.Shown(view, **usual, is_own=True, has_class=False), **changes)


BROKEN = {
    "The page Evaluate could not be opened.": {"view": page_view.View("train", {}, frozenset(), frozenset())},
    "The page does not show what the step is about (confusion).": {
        "view": page_view.View("evaluate", {}, frozenset({STEP.part}), frozenset())
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
    view = page_view.View(page.address, {}, frozenset({STEP.part}), frozenset({"confusion"}))
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


def test_a_page_that_may_wait_for_what_the_rehearsal_trains_ahead_is_given_the_time(visit, monkeypatch):
    training = [True]
    monkeypatch.setattr(rehearsal, "PATIENCE", 2)
    monkeypatch.setattr(rehearsal, "_is_training", lambda _: bool(training))
    monkeypatch.setattr("dashboard.lab.stage.before_training", lambda *_: 1 / 0)
    visit.button(key="rehearse_10").click().run()
    for _ in range(60):
        if found(visit).step == 2 and found(visit).n_looks > 3:
            break
        visit.run()
    assert found(visit).problems == {1: []}
    training.clear()
    for _ in range(60):
        if found(visit).step > 2:
            break
        visit.run()
    assert found(visit).problems[2]


def test_a_page_from_which_a_slow_browser_was_taken_back_is_asked_for_again(visit, monkeypatch):
    asked = []
    monkeypatch.setattr(rehearsal.st, "switch_page", lambda path, **_: asked.append(path))
    visit.button(key="rehearse_10").click().run()
    run_until(visit, lambda: found(visit).n_looks == 2 * rehearsal.ASK_AGAIN)
    assert asked == 3 * [site_map.OVERVIEW.path]
    assert found(visit).problems == {}


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


def test_a_browser_may_still_send_a_slider_that_a_step_has_put_back(visit, monkeypatch):
    slider, told = rehearsal.st.slider, []

    def sent_late(*arguments, key, on_change=None, **more):
        if key.startswith("descent_moment") and key not in rehearsal.st.session_state:
            told.append(key)
            on_change()
        return slider(*arguments, key=key, on_change=on_change, **more)

    monkeypatch.setattr(rehearsal.st, "slider", sent_late)
    visit.query_params["part"] = "Downhill on one weight: gradient descent"
    visit.switch_page(site_map.BY_STEM["learning"].path).run()
    assert told
    assert not visit.exception


def test_a_rehearsed_lecture_is_told_what_is_not_ready(visit):
    sentences = " ".join(text.value for text in visit.main.markdown)
    assert "connect the machine, then start the dashboard again" in sentences
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
