"""The guided tours: their words, their minutes, and where a lecture stands."""

import json
import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from paths import ROOT
from streamlit.testing.v1 import AppTest

from dashboard import site_map
from dashboard.elements.prose import LessonError, read_lesson
from dashboard.lecture import itinerary
from dashboard.lecture.itinerary import LENGTHS, read_tour
from dashboard.lecture.tour import Position, TourError, parse_position
from dashboard.session import choices
from dashboard.session.choices import CHOICES
from mnist_core.config import DEFAULT

BAR = (*(ROOT / "dashboard/lecture").glob("*.py"), *(ROOT / "dashboard/learn").glob("*.py"))
"""What stands around every page: the bar of a lecture, and the frame of a lesson."""
FACTS, WORDS = (
    "page: overview\nminutes: 2\nshows: x",
    "### Show\na\n\n### Ask\nb?\n\n### Likely answers\nc\n\n### If it goes wrong\nd",
)
STEPS = [(minutes, step) for minutes in LENGTHS for step in read_tour(minutes).steps]


def opened(**parameters):
    """A new visit that opens the dashboard with a link."""
    started = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in parameters.items():
        started.query_params[name] = value
    return started.run()


def parameter(app, name):
    """What stands in the address, which tests are given as a list."""
    value = app.query_params.get(name)
    return value[-1] if isinstance(value, list) else value


def bar(app):
    return " ".join(text.value for text in app.markdown if "Step " in text.value)


@pytest.mark.parametrize("minutes", LENGTHS)
def test_the_minutes_of_the_steps_and_some_slack_add_up_to_the_length_of_the_tour(minutes):
    tour = read_tour(minutes)
    assert sum(step.minutes for step in tour.steps) + tour.slack == minutes
    assert 0.08 * minutes <= tour.slack <= 0.15 * minutes
    assert tour.planned(1) == tour.steps[0].minutes
    assert tour.about


def test_a_longer_tour_has_more_steps():
    counts = [len(read_tour(minutes).steps) for minutes in LENGTHS]
    assert counts == sorted(set(counts))


@pytest.mark.parametrize("minutes", LENGTHS)
def test_the_code_is_in_each_tour_and_what_a_class_does_in_those_with_the_time_for_it(minutes):
    tour = read_tour(minutes)
    shown = {(step.page, step.part) for step in tour.steps}
    assert (site_map.BY_STEM["script"], "Today’s Keras, line by line") in shown
    of_class = {(site_map.CLASSROOM, part) for part in ("Join", "Handwriting", "Runs")}
    of_class.add((site_map.CHALLENGES, ""))
    assert of_class <= shown or minutes == 10
    assert any("Ask the class" in step.show for step in tour.steps) == (minutes > 10)
    assert any("Teach it the class’s hand" in step.show for step in tour.steps) == (minutes > 10)
    assert any(step.title.startswith("Exercise") for step in tour.steps) == (minutes == 90)
    assert "**Where to go on:**" in tour.finish


@pytest.mark.parametrize("minutes", LENGTHS)
def test_what_is_trained_in_front_is_not_there_before_and_shown_afterwards(minutes):
    steps = read_tour(minutes).steps
    (trains,) = [number for number, step in enumerate(steps) if step.run == "none"]
    assert steps[trains].page == site_map.TRAIN
    assert all(number > trains for number, step in enumerate(steps) if step.run == "trained")
    assert {choices.config_of(step.settings) for step in steps if step.run != "classic"} == {DEFAULT}


@pytest.mark.parametrize(("minutes", "step"), STEPS, ids=lambda value: getattr(value, "title", value))
def test_a_step_has_a_page_words_a_question_and_settings_that_can_be(minutes, step):
    assert (ROOT / step.page.path).is_file()
    assert step.show
    assert step.hope_for
    assert step.if_it_goes_wrong
    assert step.shows
    assert "?" in step.ask
    for name, value in step.settings.items():
        assert CHOICES[name].parse(name, str(value)) == value


@pytest.mark.parametrize(("minutes", "step"), STEPS, ids=lambda value: getattr(value, "title", value))
def test_what_is_spoken_shown_and_thought_about_in_a_step_fits_its_minutes(minutes, step):
    assert step.least_minutes <= step.minutes


def test_the_minutes_that_a_step_takes_are_those_of_its_words_its_acts_and_a_pause():
    step = replace(read_tour(10).steps[0], ask="Is it *ReLU*?", hope_for=" ".join(["word"] * 107))
    step = replace(step, show="Press **Play**. Point at a 4; wait.\n\nThen at 96.5%.")
    assert step.least_minutes == pytest.approx(1 + (3 * 10 + 20) / 60)


@pytest.mark.parametrize(("minutes", "step"), STEPS, ids=lambda value: getattr(value, "title", value))
def test_what_a_step_names_in_bold_is_on_its_page_or_in_the_bar(minutes, step):
    """The names of buttons, headings and parts stand in the page's script, its prose, or what it imports."""
    own, texts = _sources(ROOT / step.page.path), [ROOT / step.page.path, ROOT / "pages/lab/network.md"]
    own += (ROOT / "dashboard/classroom").glob("*.py")
    words = "".join(path.read_text() for path in (*own, *BAR, *(text.with_suffix(".md") for text in texts)))
    words += "".join(page.title for page in site_map.PAGES)  # in the menu of every page
    for named in [*re.findall(r"\*\*(.+?)\*\*", step.show), step.part]:
        assert named in words, f"there is no {named!r}"


def test_a_step_that_names_what_is_not_on_its_page_would_be_noticed():
    assert not any("Judge the network" in path.read_text() for path in _sources(ROOT / "pages/learn/loss.py"))


def _sources(script):
    """A page's script and the modules of `dashboard` that it imports itself."""
    text = script.read_text()
    names = re.findall(r"^from (dashboard[\w.]*) import (.+|\([^)]*\))$", text, re.M)
    modules = [
        (package, name.split()[0]) for package, names in names for name in names.strip("()").split(",")
    ]
    candidates = [ROOT / package.replace(".", "/") for package, _ in modules]
    candidates += [ROOT / package.replace(".", "/") / name for package, name in modules]
    return [script, *(path.with_suffix(".py") for path in candidates if path.with_suffix(".py").is_file())]


@pytest.mark.parametrize(
    "text",
    [
        f"{FACTS}\n\n### Show\na\n\n### Ask\nb?",
        f"{FACTS}\n\n### Show\na\n\n### Likely answers\nc\n\n### Ask\nb?\n\n### If it goes wrong\nd",
        f"page: nowhere\nminutes: 2\nshows: x\n\n{WORDS}",
        f"page: overview\nshows: x\n\n{WORDS}",
        f"page: overview\nminutes: 2\n\n{WORDS}",
        f"{FACTS}\nsettings: units=0\n\n{WORDS}",
        f"{FACTS}\nsettings: cats=3\n\n{WORDS}",
        f"{FACTS}\nrun: mine\n\n{WORDS}",
        "like: 30",
        "like: 31",
    ],
)
def test_a_step_that_is_not_written_as_it_must_be_is_refused(text):
    with pytest.raises(LessonError, match="The step 'One'"):
        itinerary._parse_step("One", text)


def test_a_step_that_is_like_one_of_another_tour_differs_in_its_minutes_alone():
    step = read_tour(10).steps[0]
    assert itinerary._parse_step(step.title, "like: 10\nminutes: 3") == replace(step, minutes=3)
    assert itinerary._parse_step(step.title, "like: 10") == step


@pytest.mark.parametrize(
    ("tour", "step"),
    [
        ("20", "1"),
        ("", "1"),
        ("ten", "1"),
        ("10", "0"),
        ("10", "99"),
        ("10", "8"),
        ("10", "-1"),
        ("10", "1.5"),
        ("10", "²"),
    ],
)
def test_a_position_that_there_is_not_is_refused_in_a_sentence(tour, step):
    with pytest.raises(TourError, match=r"^The link asks for .*\.$"):
        parse_position(tour, step)


def test_a_tour_that_there_is_not_is_refused_with_what_to_do():
    with pytest.raises(TourError, match=r"Choose one on the page Guided tour\.$"):
        parse_position("20", "1")


def test_a_position_stands_in_the_address_and_is_read_from_it():
    position = Position(30, 4)
    assert parse_position(*position.place_in_address().values()) == position
    assert parse_position(*position.place_in_address(5).values()) == Position(30, 5)


def test_a_link_into_a_tour_shows_its_step_and_folds_the_answer_away(app):
    visit = opened(tour="30", step="4")
    step = read_tour(30).steps[3]
    assert not visit.exception
    assert f"Step 4 of {len(read_tour(30).steps)}: {step.title}" in bar(visit)
    shown = " ".join(text.value for text in visit.markdown)
    assert step.show in shown
    assert step.ask in shown
    assert step.hope_for not in shown
    assert step.if_it_goes_wrong not in shown
    visit.toggle(key="tour_answer_30_4").set_value(True).run()
    visit.toggle(key="tour_wrong_30_4").set_value(True).run()
    shown = " ".join(text.value for text in visit.markdown)
    assert step.hope_for in shown
    assert step.if_it_goes_wrong in shown


@pytest.mark.parametrize(("tour", "step"), [("30", "99"), ("31", "1")])
def test_a_link_to_a_step_that_there_is_not_is_said_in_a_sentence(app, tour, step):
    visit = opened(tour=tour, step=step)
    assert not visit.exception
    assert any(warning.value.startswith("The link asks for") for warning in visit.warning)
    assert not bar(visit)


def test_the_tour_is_kept_over_pages_and_over_links_that_leave_it_out(app):
    visit = opened(tour="10", step="2")
    visit.query_params.clear()  # as a link of the sidebar does
    visit.switch_page(site_map.PREDICT.path).run()
    assert "Step 2 of 6" in bar(visit)
    assert (parameter(visit, "tour"), parameter(visit, "step")) == ("10", "2")


def test_the_address_decides_which_step_it_is(app):
    visit = opened(tour="10", step="4")
    visit.query_params["step"] = "3"  # as the browser's back button does
    visit.run()
    assert "Step 3 of 6" in bar(visit)


def test_a_step_brings_its_settings_and_a_reload_leaves_what_was_set_since(app):
    visit = opened(tour="10", step="1", units="7")
    assert visit.session_state["choices"]["units"] == 7
    visit.query_params["step"] = "2"
    visit.switch_page(site_map.TRAIN.path).run()
    assert visit.slider(key="choice_units").value == 32
    visit.slider(key="choice_units").set_value(9).run()
    assert visit.slider(key="choice_units").value == 9
    assert opened(tour="10", step="2", units="9").session_state["choices"]["units"] == 9


def test_leaving_takes_the_tour_out_of_the_address_and_keeps_the_settings_there(app):
    visit = opened(tour="10", step="2", units="7")
    visit.button(key="tour_leave").click().run()
    assert not bar(visit)
    assert parameter(visit, "tour") is None
    assert parameter(visit, "step") is None
    assert parameter(visit, "units") == "7"
    visit.switch_page(site_map.TRAIN.path).run()
    assert not bar(visit)


def test_the_page_of_the_tours_begins_one_at_its_first_page(app):
    visit = opened()
    visit.switch_page(site_map.TOUR.path).run()
    lengths = [f"{minutes} minutes" for minutes in LENGTHS]
    assert [tab.label for tab in visit.tabs] == [*lengths, "Your own tour"]
    for minutes, table in zip(LENGTHS, visit.table, strict=True):
        asked = [step.ask for step in read_tour(minutes).steps]
        assert list(table.value["Question to the class"]) == asked
    visit.button(key="tour_begin_30").click().run()
    assert not visit.exception
    assert visit.title[0].value == read_lesson("lecture", "classroom").title
    assert parameter(visit, "part") == "Join"
    assert f"Step 1 of {len(read_tour(30).steps)}" in bar(visit)


def test_the_page_of_the_tours_offers_to_go_on_or_to_end(app):
    visit = opened(tour="60", step="3")
    visit.switch_page(site_map.TOUR.path).run()
    assert not any(button.key == "tour_begin_60" for button in visit.button)
    assert any(button.key == "tour_begin_10" for button in visit.button)
    visit.button(key="tour_end").click().run()
    assert any(button.key == "tour_begin_60" for button in visit.button)


def test_after_the_last_step_stands_what_was_learnt_and_ways_on(app):
    n_steps = len(read_tour(10).steps)
    visit = opened(tour="10", step=f"{n_steps + 1}")
    assert not visit.exception
    visit.switch_page(site_map.TOUR.path).run()
    assert read_tour(10).finish in [text.value for text in visit.markdown]
    ways = [link.proto.page for link in visit.main.get("page_link")]
    assert {site_map.OVERVIEW.address, site_map.TRAIN.address} <= set(ways)
    assert all(any(button.key == f"tour_begin_{minutes}" for button in visit.button) for minutes in LENGTHS)
    visit.button(key="tour_end").click().run()
    assert parameter(visit, "tour") is None
    assert read_tour(10).finish not in [text.value for text in visit.markdown]


def next_steps(visit):
    """Where the buttons of the bar lead: the addresses of pages, and what stands behind the question mark."""
    (links,) = (
        json.loads(one.proto.json)["links"]
        for one in visit.get("bidi_component")
        if "tour_ways" in one.proto.id
    )
    return [(link["page"], link["query"], link["is_possible"]) for link in links]


def test_the_last_step_leads_to_the_end_and_the_end_only_back(app):
    n_steps = len(read_tour(10).steps)
    (_, onward) = next_steps(opened(tour="10", step=f"{n_steps}"))
    assert onward == (site_map.TOUR.address, f"tour=10&step={n_steps + 1}", True)
    (back, onward) = next_steps(opened(tour="10", step=f"{n_steps + 1}"))
    last = read_tour(10).steps[-1]
    query = urlencode({"tour": "10", "step": n_steps, "part": last.part})
    assert back == (last.page.address, query, True)
    assert not onward[2]


def test_a_step_that_names_a_part_lands_there_on_its_own_page_only(app, monkeypatch):
    step = replace(read_tour(10).steps[2], part="Calibration")
    monkeypatch.setattr("dashboard.lecture.tour.Position.current_step", step)
    visit = opened(tour="10", step="3")

    def landings():
        return [
            json.loads(one.proto.json) for one in visit.get("bidi_component") if "landing" in one.proto.id
        ]

    assert not landings()
    visit.switch_page(step.page.path).run()
    assert landings() == [{"part": step.part, "place": "10 3", "lowest": 0.5}]


def test_the_clock_begins_with_the_tour_and_goes_on_with_its_steps(app, monkeypatch):
    now = [1_000_000.0]
    monkeypatch.setattr("dashboard.lecture.tour.monotonic", lambda: now[0])
    visit = opened(tour="10", step="1")
    now[0] += 190
    visit.query_params["step"] = "2"
    visit.run()
    assert any(text.value == "minute 3 of 10; this step ends at 3.25" for text in visit.caption)
    visit.button(key="tour_leave").click().run()
    visit.query_params["tour"], visit.query_params["step"] = "10", "1"
    visit.run()
    assert any(text.value == "minute 0 of 10; this step ends at 1.5" for text in visit.caption)
