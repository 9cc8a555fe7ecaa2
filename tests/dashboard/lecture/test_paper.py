"""A tour on paper: what the lecturer's script and the students' worksheet say."""

from urllib.parse import parse_qs, urlsplit

import pytest
from paths import ROOT
from streamlit.testing.v1 import AppTest

from dashboard import site_map
from dashboard.elements.prose import read_lesson
from dashboard.lecture.itinerary import LENGTHS, read_tour

pytestmark = pytest.mark.usefixtures("training_process")  # which any page asks for its network


def opened(**parameters):
    """The page of the tours, opened with a link."""
    visit = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    visit.context = {"url": "https://nets.example.org/tour"}
    for name, value in parameters.items():
        visit.query_params[name] = value
    visit.switch_page(site_map.TOUR.path).run()
    assert not visit.exception
    return visit


def words(visit):
    return "\n".join(element.value for element in (*visit.main.markdown, *visit.header, *visit.title))


def codes(visit):
    """The addresses that the QR codes open."""
    pictures = [element.proto.imgs[0] for element in visit.get("image")]
    return [picture.alt.split()[-1] for picture in pictures if "QR code" in picture.alt]


def opened_on_a_phone(step):
    """The page of a step and what its address says; a student sees on Join what the class does."""
    if step.page == site_map.CLASSROOM:
        return site_map.JOIN.address, {}
    part = {"part": [step.part]} if step.part else {}
    return step.page.address, part | {name: [str(value)] for name, value in step.settings.items()}


@pytest.mark.parametrize("minutes", LENGTHS)
def test_the_script_has_all_notes_and_answers_with_their_minutes(minutes):
    tour, said = read_tour(minutes), words(opened(paper="script", of=str(minutes)))
    for number, step in enumerate(tour.steps, start=1):
        assert f"{number}. {step.title}" in said
        for text in (step.show, step.ask, step.hope_for, step.if_it_goes_wrong):
            assert text in said
    assert f"Minute 0 to {tour.steps[0].minutes:g}" in said
    assert tour.finish in said


@pytest.mark.parametrize("minutes", LENGTHS)
def test_the_worksheet_has_every_question_room_to_write_and_a_code_but_no_answer(minutes):
    tour, visit = read_tour(minutes), opened(paper="worksheet", of=str(minutes))
    said = words(visit)
    for step in tour.steps:
        assert step.ask in said
        assert step.hope_for not in said
        assert step.show not in said
        assert step.if_it_goes_wrong not in said
    assert len(
        [block for block in visit.get("html") if block.proto.body.startswith('<div class="paper-lines"')]
    ) == len(tour.steps)
    opened_by = [urlsplit(code) for code in codes(visit)]
    assert [(part.path.strip("/"), parse_qs(part.query)) for part in opened_by] == [
        opened_on_a_phone(step) for step in tour.steps
    ]
    assert {part.netloc for part in opened_by} == {"nets.example.org"}


@pytest.mark.parametrize(("paper", "of"), [("script", "20"), ("answers", "30"), ("", ""), ("script", "30 ")])
def test_a_paper_that_there_is_not_is_the_page_of_the_tours(paper, of):
    assert read_lesson("lecture", "tour").title in words(opened(paper=paper, of=of))
