"""The last lesson in a browser: a press runs the next line, and a part of the drawing opens its lesson."""

import pytest
from playwright.sync_api import expect
from walking import settled, visit

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def sent():
    """What the tab has sent to the server."""
    return []


@pytest.fixture(scope="module")
def lesson(kept_tab, address, sent):
    """The lesson, once the classic network is trained."""

    def keep(frame):
        sent.append(frame)

    kept_tab.on("websocket", lambda socket: socket.on("framesent", keep))
    kept_tab.goto(f"{address}/predict")
    kept_tab.locator(".stPlotlyChart").first.wait_for()
    visit(kept_tab, "script")
    kept_tab.locator(".lines .line").first.wait_for()
    settled(kept_tab)
    return kept_tab


def chosen(page):
    return page.locator('.line[aria-selected="true"]').inner_text()


def test_a_press_runs_the_next_line_and_asks_no_server(lesson, sent):
    before = len(sent)
    assert before > 0
    run, start = (lesson.get_by_role("button", name=name) for name in ("Run the next line", "Start again"))
    held = lesson.locator(".held")
    assert chosen(lesson) == "import keras"
    expect(start).to_be_disabled()
    expect(held).to_be_empty()
    while not held.locator("dd").count():
        run.click()
    assert "x_train, y_train" in chosen(lesson), "the first line whose names the page tells of"
    expect(held).to_contain_text("x_train.shape")
    assert lesson.locator(".held .new").count() == held.locator("dd").count()
    assert lesson.locator(".line.later").count() > 10
    run.click()
    assert "reshape" in chosen(lesson)
    expect(lesson.locator(".held .new").first).to_contain_text("784)")
    lesson.locator(".line").last.click()
    expect(run).to_be_disabled()
    expect(held).to_contain_text("probabilities.argmax()")
    assert lesson.locator(".line.later").count() == 0
    start.click()
    assert chosen(lesson) == "import keras"
    expect(held).to_be_empty()
    assert len(sent) == before


def test_a_part_of_the_drawing_opens_its_lesson_without_loading_the_page_anew(lesson):
    lesson.evaluate("() => { window.isTheSame = true }")
    lesson.locator('.course a[href="loss"]').click()
    lesson.get_by_role("heading", name="Loss: cross-entropy").wait_for()
    assert lesson.evaluate("() => window.isTheSame")
    lesson.go_back()
    lesson.get_by_role("heading", name="The whole script").wait_for()
