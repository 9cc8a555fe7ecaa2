"""A lecturer's own tour: its file and its link, what is refused, and the page that puts it together."""

import hashlib
import json
import zlib
from base64 import urlsafe_b64encode
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import ROOT
from streamlit.testing.v1 import AppTest
from training_process import visit_of

from dashboard import site_map
from dashboard.lecture.itinerary import read_tour
from dashboard.lecture.own_tour import (
    OwnStep,
    OwnTour,
    OwnTourError,
    as_own,
    from_link,
    read_own_tour,
    safe_markdown,
    to_link,
)
from dashboard.lecture.page_parts import FOOT, PARTS
from mnist_core.bounds import MAX_TOUR_BYTES, MAX_TOUR_LINK, MAX_TOUR_STEPS, MAX_TOUR_WORDS

DOWNHILL = next(step for step in read_tour(30).steps if step.title == "Downhill")
CALIBRATION = OwnStep(
    "Is it sure?", 2.5, page="evaluate", part="Calibration", settings={"units": 8}, ask="How *sure* is it?"
)
MADE = OwnTour("Friday", (replace(as_own(DOWNHILL, 30), show="Mine first."), CALIBRATION), "Why?\nword")


def changed(**changes):
    """The file of the tour with something else in its second step."""
    values = json.loads(MADE.to_json())
    values["steps"][1] |= changes
    return json.dumps(values).encode()


def test_a_tour_is_the_same_after_its_file_and_after_its_link():
    assert read_own_tour(MADE.to_json().encode()) == replace(
        MADE, steps=(replace(MADE.steps[0], settings={}), CALIBRATION)
    )
    assert from_link(to_link(MADE)) == read_own_tour(MADE.to_json().encode())
    assert len(to_link(MADE)) < 500


def test_a_step_of_a_tour_keeps_its_words_where_there_are_none_of_ones_own():
    tour = MADE.tour
    assert tour.steps[0] == replace(DOWNHILL, show="Mine first.")
    assert tour.minutes == DOWNHILL.minutes + 2.5
    assert (tour.steps[1].page, tour.steps[1].part) == (site_map.EVALUATE, "Calibration")
    assert tour.steps[1].settings == {"units": 8}
    assert tour.finish.splitlines()[2:] == ["- Downhill", "- Is it sure?"]
    assert tour.steps[1].ask == "How *sure* is it?"


def test_a_step_has_a_note_for_each_of_its_words_and_none_where_it_has_no_words():
    downhill, calibration = MADE.tour.steps
    assert list(downhill.notes) == ["Show", "Ask", "Likely answers", "If it goes wrong"]
    assert calibration.notes == {"Ask": "How *sure* is it?"}


REFUSED = {
    b"[1]": "has the kind",
    b"{": "is not JSON",
    b"\xff": "is not JSON",
    b"[" * 5_000: "is not JSON",
    b" " * (MAX_TOUR_BYTES + 1): "bytes; a tour has 100,000 at most",
    json.dumps({"kind": "MLP Explainer tour", "format": 2, "steps": []}).encode(): "format 1",
    json.dumps({"kind": "MLP Explainer tour", "format": 1, "steps": [{}] * 41}).encode(): "41",
    json.dumps({"kind": "MLP Explainer tour", "format": 1}).encode(): "has none",
    json.dumps({"kind": "MLP Explainer tour", "format": 1, "steps": [7]}).encode(): "Step 1 is not",
    json.dumps(json.loads(MADE.to_json()) | {"questions": "Why?"}).encode(): "Question 1",
    changed(page="nowhere"): "Write one of overview, images",
    changed(part="Nothing"): "Leave it out",
    changed(minutes=0): "'0' minutes. Write a number above 0",
    changed(minutes=True): "'True' minutes",
    changed(minutes=float("nan")): "'nan' minutes",
    changed(minutes="3"): "'3' minutes",
    changed(title=""): "has no title",
    changed(title=["a"]): "as its title. Write a text of up to 80",
    changed(ask="x" * (MAX_TOUR_WORDS + 1)): "has 1,501 characters as its ask",
    changed(settings={"cats": 3}): "'cats', which there is not",
    changed(settings={"units": 0}): "sets units to '0'. Write a whole number from",
    changed(settings=[1]): "names with values",
    changed(script="x"): "'script', which no step has",
    changed(like="30"): "which has no such step",
    changed(like="31"): "which has no such step",
}


@pytest.mark.parametrize("content", REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_tour_is_refused_in_a_sentence_that_says_what_to_do(content):
    with pytest.raises(OwnTourError, match=r"^[A-Z].*[.?]$") as caught:
        read_own_tour(content)
    assert REFUSED[content] in str(caught.value)
    assert len(str(caught.value)) < 400


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_what_is_no_file_of_this_page_is_refused(content):
    with pytest.raises(OwnTourError, match=r"\.$"):
        read_own_tour(content)


@pytest.mark.parametrize(
    "packed",
    [
        "",
        "a b",
        "AAAA",
        "x" * (MAX_TOUR_LINK + 1),
        urlsafe_b64encode(zlib.compress(b" " * 3_000_000, 9)).decode(),
    ],
    ids=["empty", "spaces", "nothing packed", "too long", "much unpacked"],
)
def test_a_link_that_carries_no_tour_is_refused_and_not_unpacked_further_than_a_file_may_be(packed):
    with pytest.raises(OwnTourError):
        from_link(packed.rstrip("="))


def test_a_tour_that_no_link_carries_is_to_be_saved_as_a_file():
    words = [hashlib.sha512(bytes([number])).hexdigest() for number in range(100)]
    steps = tuple(replace(CALIBRATION, ask=word) for word in words[:MAX_TOUR_STEPS])
    with pytest.raises(OwnTourError, match=r"a link carries 4,000\. Save it as a file instead\.$"):
        to_link(replace(MADE, steps=steps, questions="".join(words)))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Look **here** and *there*.", "Look **here** and *there*."),
        ("- one\n- two", "- one\n- two"),
        ("2 * 3 * 4", r"2 \* 3 \* 4"),
        ("[x](http://evil.test)", r"\[x\]\(http"),
        ("![x](http://evil.test/x.png)", r"\!\[x\]"),
        ("<script>alert(1)</script>", r"\<script\>"),
        ("# Title", r"\# Title"),
        ("$x^2$ `rm`", r"\$x\^2\$ \`rm\`"),
    ],
)
def test_of_a_lecturers_words_only_bold_italics_and_lists_are_markdown(written, shown):
    assert safe_markdown(written).startswith(shown)


def test_the_parts_that_can_be_chosen_stand_in_the_scripts_of_their_pages():
    for stem, parts in PARTS.items():
        script = ROOT / site_map.BY_STEM[stem].path
        code = script.read_text() + (ROOT / "dashboard/lab/code.py").read_text()
        assert [part for part in parts if part not in FOOT and f'"{part}"' not in code] == [], stem
    assert {site_map.BY_STEM[stem] for stem in PARTS} >= set(site_map.COURSE)


@pytest.fixture
def visit(sample_app):
    """A visit that stands on the page of the tours."""
    opened = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    return opened.switch_page(site_map.TOUR.path).run()


def told(visit):
    return " ".join(one.value for one in (*visit.main.warning, *visit.main.info, *visit.main.markdown))


def test_steps_are_added_moved_written_and_removed_and_the_tour_is_held(visit):
    visit.selectbox(key="own_tour_source").set_value("30 minutes").run()
    visit.selectbox(key="own_tour_step_30").set_value("Downhill").run()
    visit.button(key="own_tour_add").click().run()
    visit.selectbox(key="own_tour_source").set_value("any page").run()
    visit.selectbox(key="own_tour_page").set_value(site_map.INSIDE).run()
    visit.selectbox(key="own_tour_part_inside").set_value("Film").run()
    visit.button(key="own_tour_add").click().run()
    visit.button(key="own_tour_earlier").click().run()
    assert not visit.exception
    made = read_own_tour(visit_of(visit).own_tour.encode())
    assert [step.title for step in made.steps] == ["Film", "Downhill"]
    (ask,) = [area for area in visit.text_area if area.label == "Ask"]
    ask.set_value("What **changes**, <b>where</b>?")
    visit.button(key=next(b.key for b in visit.button if b.label == "Keep these words")).click().run()
    visit.button(key="tour_begin_own").click().run()
    assert not visit.exception
    assert visit.title[0].value.startswith("Inside")
    assert r"What **changes**, \<b\>where\</b\>?" in told(visit)
    assert visit.query_params["tour"] in ("own", ["own"])
    assert visit.query_params["part"] in ("Film", ["Film"])
    visit.switch_page(site_map.TOUR.path).run()
    visit.button(key="own_tour_remove").click().run()
    assert [step.title for step in read_own_tour(visit_of(visit).own_tour.encode()).steps] == ["Downhill"]


def test_a_link_offers_its_tour_and_a_press_takes_it_with_its_questions(visit):
    visit.query_params["own"] = to_link(MADE)
    visit.run()
    assert "Friday" in told(visit)
    assert visit_of(visit) is None or not visit_of(visit).own_tour
    visit.button(key="own_tour_take").click().run()
    assert "own" not in visit.query_params
    assert read_own_tour(visit_of(visit).own_tour.encode()).title == "Friday"
    assert visit_of(visit).own_questions == MADE.questions
    visit.switch_page(site_map.CLASSROOM.path).run()
    visit.button(key="room_open").click().run()
    visit.query_params["part"] = "Questions"
    visit.run()
    assert visit.text_area(key="own_text").value == MADE.questions


def test_a_link_that_carries_none_is_said_and_so_is_a_step_of_a_tour_that_is_not_there(visit):
    visit.query_params["own"] = "AAAA"
    visit.run()
    assert "This link holds no tour." in told(visit)
    visit.query_params.clear()
    visit.query_params["tour"], visit.query_params["step"] = "own", "1"
    visit.run()
    assert not visit.exception
    assert "there is none here" in told(visit)


def test_questions_that_cannot_be_asked_are_refused_and_the_others_are_kept(visit):
    (area,) = [area for area in visit.text_area if area.label == "Questions for the class"]
    area.set_value("Why?")
    press = next(button for button in visit.button if button.label == "Keep title and questions")
    press.click().run()
    assert "Below the question each line" in told(visit)
    made = visit_of(visit)
    assert made is None or not made.own_tour
