"""The report of a class: who is offered it, and what the class is told of it."""

import pytest
from paths import ROOT
from streamlit.testing.v1 import AppTest

from dashboard import site_map
from dashboard.classroom import membership, report
from dashboard.elements.prose import read_lesson


@pytest.fixture
def host(sample_app):
    opened = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    opened.switch_page(site_map.CLASSROOM.path).run()
    return opened.button(key="room_open").click().run()


def saved(visit):
    return [one.proto.label for one in visit.get("download_button") if "Report as" in one.proto.label]


def test_the_lecturer_alone_is_offered_the_report(host):
    assert saved(host) == ["Report as HTML", "Report as CSV"]
    student = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for page in (site_map.JOIN, site_map.CLASSROOM, site_map.CHALLENGES):
        student.switch_page(page.path).run()
        assert saved(student) == []


def test_the_files_are_what_has_come_of_the_class_and_empty_once_it_has_ended(host):
    room = membership.rooms().hosted(host.session_state["visit_session"].visit.name)
    membership.rooms().join(room.code, "somebody")
    page, table = (report.content_of(room, ending, "32 hidden neurons") for ending in ("html", "csv"))
    assert b"<h1>Report of a class</h1><p>1 person in the class." in page
    assert b"no names and no drawings, and nothing in it says who did what." in page
    assert b"people who joined,,1" in table
    assert b"people who joined;;1" in report.content_of(room, "csv", "", has_decimal_comma=True)
    membership.rooms().close(room.host)
    assert b"<p>0 people in the class." in report.content_of(room, "html", "")


def test_the_class_reads_before_it_joins_that_a_report_can_be_saved(sample_app):
    student = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    student.switch_page(site_map.JOIN.path).run()
    said = read_lesson("lecture", "join")["no names"]
    assert said in [caption.value for caption in student.caption]
    assert "a report" in said


def test_who_scans_the_code_reads_what_is_kept_before_how_to_join_another_class(host):
    room = membership.rooms().hosted(host.session_state["visit_session"].visit.name)
    student = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    student.query_params[membership.LINK] = room.link
    student.switch_page(site_map.JOIN.path).run()
    words, join = [getattr(one, "value", None) for one in student.main], read_lesson("lecture", "join")
    assert words.index(join["no names"]) < words.index(join["another class"])
