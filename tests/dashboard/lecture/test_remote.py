"""The remote of a lecture: who may turn its steps, where the page goes then, and what the speaker sees."""

import re

import pytest
from clock import Clock
from paths import ROOT
from streamlit.testing.v1 import AppTest

from dashboard.lecture import remote, speaker
from dashboard.lecture.remote import RemoteError, Remotes
from dashboard.lecture.tour import Position
from mnist_core.bounds import (
    MAX_REMOTE_DEVICES,
    MAX_REMOTES,
    REMOTE_CODE_BYTES,
    REMOTE_CODE_SECONDS,
    REMOTE_SECONDS,
)

FIRST = Position(10, 1)
N_STEPS = len(FIRST.tour.steps)


@pytest.fixture
def clock():
    """Seconds that pass when a test says so."""
    return Clock()


@pytest.fixture
def remotes(clock):
    """The remotes of a server, with a lecture at its first step that a phone steers."""
    kept = Remotes(clock)
    assert kept.admit(kept.invite("lecturer", FIRST, 0.0), "phone")
    return kept


def place(remotes):
    return remotes.steered_by("phone").position.step


def test_a_press_moves_the_lecture_and_the_page_goes_there_once(remotes):
    remotes.press("phone", 1)
    remotes.press("phone", 1)
    assert place(remotes) == 3
    for _ in range(2):  # a message of its browser may take the page back on the way
        assert remotes.report("lecturer", FIRST, 0.0) == Position(10, 3)
    assert remotes.report("lecturer", Position(10, 3), 0.0) is None
    remotes.press("phone", -1)
    assert remotes.report("lecturer", Position(10, 3), 0.0) == Position(10, 2)


def test_the_lecturer_may_go_on_at_the_laptop_too_and_the_speaker_view_follows(remotes):
    remotes.press("phone", 1)  # at the same moment, and too late
    assert remotes.report("lecturer", Position(10, 4), 0.0) is None
    assert place(remotes) == 4
    assert remotes.report("lecturer", Position(10, 4), 0.0) is None


def test_a_press_beyond_the_first_step_and_the_end_changes_nothing(remotes):
    remotes.press("phone", -1)
    assert place(remotes) == 1
    for _ in range(N_STEPS + 5):
        remotes.press("phone", 1)
    assert place(remotes) == N_STEPS + 1


def test_while_the_page_is_away_presses_are_kept_and_the_step_waits_for_it(remotes, clock):
    remotes.press("phone", 1)
    clock.now += 600
    assert remotes.report("lecturer", FIRST, 0.0) == Position(10, 2)


def test_a_code_lets_one_device_in_within_two_minutes_and_only_the_newest_does(remotes, clock):
    first = remotes.invite("lecturer", FIRST, 0.0)
    second = remotes.invite("lecturer", FIRST, 0.0)
    assert len(second) == 2 * REMOTE_CODE_BYTES
    assert not remotes.admit(first, "a student")
    assert remotes.admit(second, "window")
    assert not remotes.admit(second, "a student")
    assert remotes.code_of("lecturer") == ""
    third = remotes.invite("lecturer", FIRST, 0.0)
    clock.now += REMOTE_CODE_SECONDS
    assert remotes.code_of("lecturer") == ""
    assert not remotes.admit(third, "a student")
    assert remotes.steered_by("a student") is None
    assert remotes.n_devices("lecturer") == 2


@pytest.mark.parametrize("code", ["", "on", "0" * 32, "\ud800", "é" * 40, "lecturer", "phone"])
def test_what_is_no_code_lets_nobody_in(remotes, code):
    assert not remotes.admit(code, "a student")
    remotes.press("a student", 1)
    remotes.press("lecturer", 1)
    assert place(remotes) == 1


def test_one_lectures_remote_does_not_turn_anothers_steps(remotes):
    assert remotes.admit(remotes.invite("another", FIRST, 0.0), "another's phone")
    remotes.press("another's phone", 1)
    assert place(remotes) == 1
    assert remotes.report("lecturer", FIRST, 0.0) is None


def test_a_remote_that_is_stopped_or_old_steers_nothing_and_its_code_lets_nobody_in(remotes, clock):
    code = remotes.invite("lecturer", FIRST, 0.0)
    remotes.stop("lecturer")
    remotes.press("phone", 1)
    assert remotes.steered_by("phone") is None
    assert not remotes.admit(code, "phone")
    assert remotes.report("lecturer", FIRST, 0.0) is None
    assert remotes.admit(remotes.invite("lecturer", FIRST, 0.0), "phone")
    clock.now += REMOTE_SECONDS
    assert remotes.steered_by("phone") is None


def test_devices_and_remotes_are_bounded_and_lecturers_who_have_left_make_place(clock):
    here = {"0"}
    kept = Remotes(clock, lambda lecturer: lecturer in here)
    for number in range(MAX_REMOTE_DEVICES):
        assert kept.admit(kept.invite("0", FIRST, 0.0), f"device {number}")
    with pytest.raises(RemoteError, match="devices steer this tour"):
        kept.invite("0", FIRST, 0.0)
    for number in range(1, MAX_REMOTES + 1):
        here.add(f"{number}")
        if number == MAX_REMOTES:
            with pytest.raises(RemoteError, match="all that it holds"):
                kept.invite(f"{number}", FIRST, 0.0)
            here.discard("1")
        kept.invite(f"{number}", FIRST, 0.0)
    assert kept.n_devices("1") is None
    assert kept.n_devices("0") == MAX_REMOTE_DEVICES


@pytest.mark.parametrize(
    ("minutes", "is_over", "words"),
    [
        (2.6, False, "3 min left for this step"),
        (0.4, False, "this step should end now"),
        (-0.4, False, "this step should end now"),
        (-1.5, False, "2 min late"),
        (4, True, "4 min early"),
        (0, True, "on time"),
        (-3, True, "3 min late"),
    ],
)
def test_the_clock_says_how_much_time_is_left(minutes, is_over, words):
    assert speaker.slack_words(minutes, is_over)[0] == words


# The pages.


def opened(path="", **parameters):
    started = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in parameters.items():
        started.query_params[name] = value
    if path:
        started = started.run().switch_page(path)
        for name, value in parameters.items():
            started.query_params[name] = value
    return started.run()


@pytest.fixture
def lecture(training_process):
    """A lecture at the first step of the tour of ten minutes."""
    remote.remotes.clear()
    yield opened(tour="10", step="1")
    remote.remotes.clear()


def press(app, key):
    app.button(key=key).click().run()
    assert not app.exception


def turns(app):
    """The two large buttons."""
    return [button for button in app.button if button.key.startswith("speaker")]


def code_on(app):
    return remote.remotes().code_of(app.session_state["visit_id"])


def words(app):
    kinds = (app.title, app.header, app.markdown, app.caption, app.warning, app.info)
    return "\n".join(element.value for kind in kinds for element in kind)


def speaker_of(lecture):
    """The speaker view of a lecture, on a phone that the code on its page has let in."""
    press(lecture, "remote")
    return opened(speaker.TOUR.path, remote=code_on(lecture))


def test_the_speaker_view_in_a_second_window_lets_a_phone_in_and_the_projected_page_shows_no_code(lecture):
    window = speaker_of(lecture)
    lecture.run()
    press(window, "remote_phone")
    assert not lecture.run().get("imgs")
    phone = opened(speaker.TOUR.path, remote=code_on(lecture))
    assert len(turns(phone)) == 2
    press(phone, "speaker_next")
    assert remote.remotes().steered_by(window.session_state["visit_id"]).position.step == 2


def test_the_code_is_shown_on_demand_and_gone_once_a_phone_is_in(lecture):
    assert "speaker view" not in words(lecture)
    press(lecture, "remote")
    code = code_on(lecture)
    assert "Scan the code with your phone" in words(lecture)
    phone = opened(speaker.TOUR.path, remote=code)
    assert not phone.exception
    assert code not in str(phone.query_params)
    lecture.run()
    assert "Scan the code" not in words(lecture)
    assert code_on(lecture) == ""


def test_the_speaker_sees_notes_answer_next_step_and_time_and_the_page_none_of_them(lecture):
    step, after = FIRST.tour.steps[:2]
    phone = speaker_of(lecture)
    shown = words(phone)
    for part in (
        step.title,
        step.show,
        step.ask,
        step.hope_for,
        after.title,
        "of 10 min",
        f"Step 1 of {N_STEPS}",
    ):
        assert part in shown
    assert step.show in words(lecture)
    lecture.run()
    for part in (step.show, step.ask, step.hope_for):
        assert part not in words(lecture)


def test_a_press_on_the_phone_turns_the_steps_of_the_page_and_back(lecture):
    phone = speaker_of(lecture)
    assert [button.disabled for button in turns(phone)] == [True, False]
    press(phone, "speaker_next")
    assert f"Step 2 of {N_STEPS}" in words(phone)
    lecture.run()
    assert re.search("Step 2 of", words(lecture))
    press(phone, "speaker_back")
    lecture.run()
    assert re.search("Step 1 of", words(lecture))


def test_a_stopped_remote_says_so_and_so_does_one_whose_tour_is_over(lecture):
    phone = speaker_of(lecture)
    lecture.run()
    press(lecture, "remote")
    assert "Devices that turn the steps of this tour: 1" in words(lecture)
    press(lecture, "remote_stop")
    phone.run()
    assert "no longer turns the steps" in words(phone)
    assert turns(phone) == []
    phone = speaker_of(lecture)
    press(lecture, "tour_leave")
    phone.run()
    assert "no longer turns the steps" in words(phone)


@pytest.mark.parametrize("code", ["on", "<script>" * 1_000])
def test_any_other_link_shows_no_notes_and_no_buttons(lecture, code):
    speaker_of(lecture)
    stranger = opened(speaker.TOUR.path, remote=code)
    assert not stranger.exception
    assert turns(stranger) == []
    assert FIRST.tour.steps[0].show not in words(stranger)


def test_where_several_servers_share_a_folder_the_dialog_says_that_only_one_knows_the_code(
    lecture, monkeypatch, tmp_path
):
    press(lecture, "remote")
    assert "Several servers" not in words(lecture)
    monkeypatch.setattr("dashboard.session.resources.shared_root", lambda: tmp_path)
    press(lecture, "remote")
    assert "Several servers" in words(lecture)
    monkeypatch.setattr(speaker, "_server", lambda: {"replica": "2"})
    press(lecture, "remote")
    assert "Several servers" not in words(lecture)
    assert "replica=2" in lecture.get("link_button")[0].proto.url
