"""The phones of a class follow their lecturer, wander off, come back by one press, and lose nothing."""

from urllib.parse import parse_qs

import pytest
from clock import Clock
from paths import ROOT
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.testing.v1 import AppTest
from training_process import visit_of

from dashboard import site_map
from dashboard.elements.button_labels import plain
from dashboard.lecture import following
from dashboard.lecture.itinerary import read_tour
from dashboard.server import places
from mnist_core.classroom.lead import Place
from mnist_core.classroom.shared_rooms import SharedClassrooms

JOIN, CLASSROOM = site_map.JOIN.path, site_map.CLASSROOM.path
TRAIN, EVALUATE, GLOSSARY = site_map.TRAIN.path, site_map.EVALUATE.path, site_map.GLOSSARY.path
LESSON = site_map.BY_STEM["neurons"].path
RUN = "0123456789abcdef-1"


def visit():
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()


def rooms():
    from dashboard.classroom import membership

    return membership.rooms()


@pytest.fixture
def host(training_process):
    """A lecturer with a class whose phones follow."""
    app = visit()
    app.switch_page(CLASSROOM).run()
    app.button(key="room_open").click().run()
    app.toggle(key="room_lead").set_value(True).run()
    yield app
    rooms().close(app.session_state["visit_id"])


@pytest.fixture
def phone(host):
    """A phone that has settings of its own, joins by the link and follows."""
    app = visit()
    app.session_state["choices"]["units"] = 20
    visit_of(app).current = RUN
    app.switch_page(JOIN).run()
    app.text_input(key="join_code").set_value(rooms().hosted(host.session_state["visit_id"]).code)
    press(app, "Join")
    return app


def press(app, label):
    next(button for button in app.button if plain(button.label) == label).click().run()
    assert not app.exception


def title(app):
    return app.title[0].value


def units(app):
    return app.session_state["choices"]["units"]


def wandered(app):
    return any(button.key == "follow_back" for button in app.button)


def keep_up(phone, page):
    """Let the phone go where its lecturer is; AppTest itself has to be told of the other page."""
    phone.run()
    assert not phone.exception
    phone.switch_page(page)


def lead(host, page, **settings):
    """The lecturer goes to a page and moves settings there."""
    host.switch_page(page).run()
    for name, value in settings.items():
        host.session_state["choices"][name] = value
    host.run()
    assert not host.exception


def test_a_phone_shows_the_lecturers_page_settings_image_and_run_and_later_its_own_again(host, phone):
    visit_of(host).current = None
    lead(host, TRAIN, units=8, image=7)
    keep_up(phone, TRAIN)
    assert title(phone) == title(host)
    assert (units(phone), phone.session_state["choices"]["image"]) == (8, 7)
    assert visit_of(phone).current is None
    assert not wandered(phone)
    host.switch_page(CLASSROOM).run()
    host.toggle(key="room_lead").set_value(False).run()
    phone.run()
    assert title(phone) == "Train a network"
    assert (units(phone), phone.session_state["choices"]["image"]) == (20, 0)
    assert visit_of(phone).current == RUN
    lead(host, GLOSSARY)
    phone.run()
    assert title(phone) != title(host)


def test_a_student_wanders_off_with_the_own_settings_and_comes_back_by_one_press(host, phone):
    lead(host, TRAIN, units=8)
    keep_up(phone, TRAIN)
    phone.switch_page(GLOSSARY).run()
    assert wandered(phone)
    assert units(phone) == 20
    lead(host, EVALUATE, units=9)
    phone.run()
    assert title(phone) == "Glossary"
    press(phone, "Back to the lecturer")
    assert title(phone) == title(host)
    assert units(phone) == 9
    assert not wandered(phone)


def test_a_phone_whose_browser_took_it_back_on_the_way_sets_out_again(host, phone, monkeypatch):
    lead(host, TRAIN, units=8)
    with monkeypatch.context() as patch:
        patch.setattr("streamlit.switch_page", lambda *_, **__: None)  # a message that came just then
        phone.run()
    phone.run()
    assert title(phone) == title(host)
    assert (units(phone), wandered(phone)) == (8, False)


def test_what_a_student_tries_on_the_lecturers_page_is_not_taken_away_and_is_kept(host, phone):
    lead(host, TRAIN, units=8, epochs=2)
    keep_up(phone, TRAIN)
    phone.session_state["choices"]["seed"] = 5
    phone.run()
    assert wandered(phone)
    lead(host, EVALUATE)
    phone.run()
    assert title(phone) == "Train a network"
    assert (units(phone), phone.session_state["choices"]["seed"]) == (8, 5)
    press(phone, "Back to the lecturer")
    assert title(phone) == title(host)
    phone.switch_page(GLOSSARY).run()
    own = phone.session_state["choices"]
    assert (own["units"], own["seed"], own["epochs"]) == (20, 5, 5)


def asked_of(host, phone):
    """What the server asks for in the browser's name when the lecturer has gone on; None for nothing."""
    room = rooms().hosted(host.session_state["visit_id"])
    follower = following._followers()[phone.session_state["visit_id"]]
    place = places.Place("units=8", "a page", None, {page.address: page.stem for page in site_map.PAGES})
    asked = following._ask(room, follower, place, "the part that waits")
    return None if asked is None else BackMsg.FromString(asked["bytes"]).rerun_script


def test_a_phone_is_brought_straight_to_the_page_and_section_of_its_lecturer(host, phone):
    step = read_tour(10).steps[-1]
    host.query_params["tour"], host.query_params["step"] = "10", "6"
    host.switch_page(step.page.path).run()
    asked = asked_of(host, phone)
    assert (asked.page_script_hash, asked.fragment_id) == ("script", "")
    assert parse_qs(asked.query_string) == {"part": [step.part]}
    phone.query_params["part"] = step.part
    phone.switch_page(step.page.path).run()
    assert not phone.exception
    assert [header.value for header in phone.header] == [step.part]
    assert not any(button.label == "Show me without a guess" for button in phone.button)
    assert not wandered(phone)
    assert asked_of(host, phone) is None, "it is there"
    press(phone, "Look around")
    assert wandered(phone)
    assert step.part in [header.value for header in phone.header]
    assert len(phone.header) > 3
    assert asked_of(host, phone) is None


def test_a_phone_whose_visitor_has_moved_something_meanwhile_is_not_brought_away(host, phone):
    lead(host, TRAIN, units=8)
    keep_up(phone, TRAIN)
    phone.session_state["choices"]["seed"] = 5  # by a control that runs a part of the page
    lead(host, GLOSSARY)
    assert asked_of(host, phone).page_script_hash == "glossary"
    phone.switch_page(GLOSSARY).run()
    assert title(phone) == "Train a network"
    assert phone.session_state["choices"]["seed"] == 5
    phone.switch_page(TRAIN).run()
    assert wandered(phone)
    lead(host, EVALUATE)
    assert asked_of(host, phone).fragment_id == "the part that waits", "which stays where it is"


def test_while_a_question_is_open_phones_show_it_and_then_the_lecturers_page_again(host, phone):
    visit_of(host).answers.clear()
    lead(host, LESSON)
    keep_up(phone, LESSON)
    assert title(phone) == title(host)
    press(host, "Ask the class")
    keep_up(phone, JOIN)
    assert title(phone).startswith("Class ")
    rooms().hosted(host.session_state["visit_id"]).polls.close()
    host.run()
    keep_up(phone, LESSON)
    assert title(phone) == title(host)


def test_a_reloaded_phone_goes_on_following_and_still_has_its_own_settings(host, phone, monkeypatch):
    lead(host, TRAIN, units=8)
    keep_up(phone, TRAIN)
    name = phone.session_state["visit_id"]
    monkeypatch.setattr("dashboard.session.visits._tab", lambda: name)
    again = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).switch_page(TRAIN)
    again.query_params["units"] = "8"
    again.run()
    assert visit_of(again) is visit_of(phone)
    assert (title(again), units(again), wandered(again)) == ("Train a network", 8, False)
    again.switch_page(GLOSSARY).run()
    assert (units(again), visit_of(again).current) == (20, RUN)


def test_another_tab_of_a_member_is_left_where_it_is(host, phone, monkeypatch):
    lead(host, TRAIN)
    from dashboard.classroom import membership

    member = phone.session_state["visit_id"]
    monkeypatch.setattr(membership, "member_id", lambda: member)
    other = visit()
    assert title(other) != title(host)
    assert wandered(other)
    press(other, "Back to the lecturer")
    assert title(other) == title(host)


def test_without_a_class_that_leads_no_page_has_a_word_of_it(training_process):
    app = visit()
    assert not wandered(app)
    assert "follow your lecturer" not in "\n".join(text.value for text in app.markdown)


def test_phones_of_one_server_hear_of_a_lecturer_on_another_within_a_look_of_their_own(tmp_path, monkeypatch):
    here, there = (SharedClassrooms(tmp_path, Clock()) for _ in range(2))
    room, told = there.open("lecturer"), []
    monkeypatch.setattr("dashboard.classroom.membership.rooms", lambda: here)
    monkeypatch.setattr("dashboard.lecture.following.regularly", lambda *_: None)
    monkeypatch.setattr("dashboard.server.looks.notify", told.append)
    following.tell_of_others()
    for page in ("train", "loss"):
        told.clear()
        room.lead.switch(True)
        assert room.lead.go(Place(page))
        following.tell_of_others()
        following.tell_of_others()
        assert told == [f"lead {room.name}"]
        assert here.named(room.name).lead.view.place == Place(page)
    following._seen_leads.clear()
