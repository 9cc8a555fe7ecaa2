"""Own digits on the draw page: kept, relabelled, removed, filed, trained on, and seen by nobody else."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from paths import ROOT
from streamlit.testing.v1 import AppTest
from training_process import classic, run_until, visit_of

from dashboard import site_map
from dashboard.lab.draw import SessionDrawing
from dashboard.session import resources
from mnist_core.config import CLASSIC
from mnist_core.engine.jobs import JobState, JobView
from mnist_core.images.mixture import Mixture
from mnist_core.images.own_digits import add, images_of
from mnist_core.images.own_digits_file import read_npz, to_npz
from mnist_core.images.sample_drawings import sample

PAGE = site_map.DRAW.path
LOST = "0123456789abcdef-1"


def component(app, name):
    """What a component was sent first; None if it is not on the page."""
    protos = (element.proto for element in app.get("bidi_component"))
    sent = [proto for proto in protos if proto.component_name.endswith(name)]
    return json.loads(sent[0].json) if sent else None


def draw(app, digit):
    app.session_state["pad_strokes"].strokes = sample(digit)
    return app.run()


@pytest.fixture
def opened(app):
    """The page with nothing drawn and nothing kept."""
    app.switch_page(PAGE).run()
    visit = visit_of(app)
    visit.own_digits, visit.runs, visit.current, visit.teaching = (), [], None, {}
    for name in ("own_digits_before", "own_digits_problem"):
        if name in app.session_state:
            del app.session_state[name]
    app.session_state["pad_strokes"] = SessionDrawing(app.session_state["visit_id"], ())
    app.session_state["draw_source"], app.session_state["draw_plain"] = "canvas", False
    return app.run()


def kept(app):
    return visit_of(app).own_digits


def labels(app):
    return [digit.label for digit in kept(app)]


def say(app, label):
    """Say which digit the drawing is."""
    pills = next(each for each in app.pills if (each.key or "").startswith("own_label"))
    pills.set_value(label).run()
    assert not app.exception
    return app


def press(app, key):
    app.button(key=key).click().run()
    assert not app.exception
    return app


def some(n=8):
    """A collection of real digits, each image given a wrong label, so that it is news to every network."""
    digits, images = (), resources.dataset()
    for image, label in zip(images.test_images[:n], images.test_labels[:n], strict=True):
        digits = add(digits, image, (int(label) + 1) % 2)
    return digits


def words(app):
    return "\n".join(
        str(element.value) for kind in ("markdown", "info", "warning") for element in app.get(kind)
    )


def test_nothing_is_kept_at_first_and_the_page_says_how_it_comes_to_be(opened):
    assert not opened.exception
    assert "When it misreads one of your digits" in words(opened)
    assert component(opened, "wall") is None


def test_a_drawing_is_kept_with_the_digit_that_it_was(opened):
    say(draw(opened, 4), 7)
    assert labels(opened) == [7]
    [digit] = kept(opened)
    assert len(digit.strokes) == len(opened.session_state["pad_strokes"].strokes)
    assert any("Kept as a 7; it teaches" in each.label for each in opened.pills)
    assert component(opened, "wall")["tiles"][0][0] == digit.number
    say(opened, 9)
    assert labels(opened) == [9], "the same drawing again gets the other label"


def test_a_drawing_that_was_read_correctly_can_be_kept_too_and_also_without_its_preparation(opened):
    draw(opened, 1)
    opened.toggle(key="draw_plain").set_value(True).run()
    press(opened, "own_right")
    assert len(kept(opened)) == 1
    opened.toggle(key="draw_plain").set_value(False).run()
    assert any(each.label.startswith("Kept as a") for each in opened.pills), "the prepared image is kept"


def test_an_image_is_relabelled_or_removed_and_each_can_be_undone(opened, monkeypatch):
    visit_of(opened).own_digits = some(4)
    first = kept(opened)[0]
    monkeypatch.setattr(
        "dashboard.lab.teach.wall", lambda *_, key: first.number if key == "own_teach" else None
    )
    opened.run()
    opened.selectbox(key=f"own_relabel_{first.number}_{first.label}").set_value(8).run()
    assert labels(opened)[0] == 8
    press(opened, "own_undo")
    assert labels(opened)[0] == first.label
    press(opened, "own_remove_teach")
    assert first not in kept(opened)
    press(opened, "own_undo")
    assert kept(opened) == some(4)
    press(opened, "own_clear")
    assert kept(opened) == ()
    press(opened, "own_undo")
    assert kept(opened) == some(4)


def test_the_strokes_of_a_picked_image_come_back_to_the_canvas(opened, monkeypatch):
    say(draw(opened, 4), 7)
    number = kept(opened)[0].number
    draw(opened, 1)
    monkeypatch.setattr("dashboard.lab.teach.wall", lambda *_, key: number if key == "own_teach" else None)
    opened.run()
    press(opened, "own_redraw_teach")
    assert component(opened, "canvas")["strokes"][0]["points"] == [
        [round(x), round(y)] for x, y in sample(4)[0].points
    ]


def test_a_file_is_loaded_and_what_is_none_leaves_the_collection(opened, monkeypatch):
    visit_of(opened).own_digits = some(2)
    from dashboard.lab import teach

    for content, problem in (
        (
            b"PK",
            (
                "wall",
                "This is not a file that “Download as .npz” saved here: it is damaged, or something else.",
            ),
        ),
        (to_npz(some(5)), None),
    ):
        state = {"own_digits_upload": SimpleNamespace(getvalue=lambda content=content: content)}
        monkeypatch.setattr(teach, "st", SimpleNamespace(session_state=state))
        monkeypatch.setattr(teach.visits, "current_visit", lambda: visit_of(opened))
        teach._load()
        assert state["own_digits_problem"] == problem
    assert kept(opened) == some(5)
    assert read_npz(to_npz(kept(opened))) == some(5)


def test_the_collection_survives_another_page_and_another_session_of_the_visit(opened):
    visit_of(opened).own_digits = some(3)
    opened.switch_page(site_map.GLOSSARY.path).run()
    opened.switch_page(PAGE).run()
    assert len(component(opened, "wall")["tiles"]) == 2
    assert not visit_of(opened).is_empty


def test_training_on_them_goes_on_from_the_run_shown_and_shows_before_and_after(
    opened, trainings_end_at_once
):
    visit_of(opened).own_digits = some(8)
    opened.run()
    press(opened, "own_train")
    run_until(
        opened,
        lambda: (
            "Before and after" in words(opened)
            or any("Before and after" in each.value for each in opened.subheader)
        ),
    )
    [job] = visit_of(opened).runs
    record = resources.engine().record(job)
    assert visit_of(opened).current == job
    assert record.mixture.first_epoch == classic().record.config.training.epochs + 1
    assert record.config.training.epochs == classic().record.config.training.epochs + 3
    teachers = [digit for digit in some(8) if not digit.is_test]
    np.testing.assert_array_equal(record.mixture.images, images_of(teachers))
    assert opened.table[0].value["Read correctly"].iloc[0].startswith("Your ")
    assert "with 4 own images (10% of each epoch from epoch 6 on)" in "\n".join(
        caption.value for caption in opened.caption
    )


def test_a_training_on_them_is_paused_as_on_the_page_train(opened, monkeypatch):
    running = JobView("job", CLASSIC, JobState.QUEUED, 0, None, (), None, None, None)
    monkeypatch.setattr(resources.engine(), "view", lambda job_id: running)
    visit = visit_of(opened)
    visit.own_digits, visit.teaching = some(3), {"visit": "job"}
    assert opened.run().button(key="stop_visit").label == "Pause"


def test_a_training_that_another_session_or_server_began_is_followed_and_its_network_shown(
    opened, trainings_end_at_once
):
    visit, engine = visit_of(opened), resources.engine()
    visit.own_digits = some(4)
    images = resources.dataset().with_mixture(Mixture.of(some(4), 0.1))
    job = engine.submit(CLASSIC.with_changes(epochs=2), images, visit.name)
    visit.runs, visit.teaching = [job], {"visit": job}
    run_until(opened, lambda: visit.current == job)
    assert visit.teaching == {}


def test_a_training_that_was_lost_with_its_server_is_said_to_be_and_its_button_is_there(opened):
    visit = visit_of(opened)
    visit.own_digits, visit.runs, visit.teaching = some(4), [LOST], {"visit": LOST}
    run_until(opened, lambda: "when its server was lost" in words(opened))
    assert visit.teaching == {}
    assert not opened.button(key="own_train").disabled
    opened.run()
    assert "when its server was lost" not in words(opened), "once"


def test_training_anew_has_them_from_the_first_epoch_on(opened, trainings_end_at_once, monkeypatch):
    visit_of(opened).own_digits = some(6)
    opened.run()
    opened.segmented_control(key="own_way").set_value("anew").run()
    press(opened, "own_train")
    run_until(opened, lambda: visit_of(opened).current is not None)
    mixture = resources.engine().record(visit_of(opened).current).mixture
    assert mixture.first_epoch == 1
    monkeypatch.setattr("dashboard.widgets.taught._network_before", lambda current: None)
    assert "There is no finished run with these settings and without own images" in words(opened.run())
    opened.segmented_control(key="own_way").set_value("go on").run()


def test_a_taught_run_is_taught_again_from_the_network_before(opened, trainings_end_at_once):
    visit_of(opened).own_digits = some(4)
    opened.run()
    for n in (4, 7):
        visit_of(opened).own_digits = some(n)
        opened.run()
        press(opened, "own_train")
        run_until(
            opened,
            lambda n=n: visit_of(opened).current and len(visit_of(opened).runs) == (1 if n == 4 else 2),
        )
        run_until(opened, lambda: visit_of(opened).current == visit_of(opened).runs[-1])
    first, second = (resources.engine().record(job) for job in visit_of(opened).runs)
    assert first.config == second.config
    assert first.mixture.digest != second.mixture.digest


def test_what_a_visitor_taught_reaches_no_other_visitor(opened, trainings_end_at_once, monkeypatch):
    visit_of(opened).own_digits = some(5)
    opened.run()
    opened.segmented_control(key="own_way").set_value("anew").run()
    press(opened, "own_train")
    run_until(opened, lambda: visit_of(opened).current is not None)
    opened.segmented_control(key="own_way").set_value("go on").run()
    job, config = visit_of(opened).current, resources.engine().view(visit_of(opened).current).config
    other = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    other.query_params["run"] = job
    other.run()
    assert visit_of(other).current is None, "a link to the run shows it to nobody else"
    other.switch_page(PAGE).run()
    assert component(other, "wall") is None
    assert not other.subheader
    assert resources.engine().submit(config, resources.dataset(), "other") != job
    found = resources.engine().finished_job_for(config.key(resources.dataset().fingerprint))
    assert found != job


def test_the_link_and_the_code_page_say_that_own_images_took_part(opened, trainings_end_at_once):
    visit_of(opened).own_digits = some(5)
    opened.run()
    press(opened, "own_train")
    run_until(opened, lambda: visit_of(opened).current is not None)
    opened.button(key="share").click().run()
    assert "Your own images took part in the run shown" in words(opened)
    assert not any(f"run={visit_of(opened).current}" in code.value for code in opened.code)
    opened.switch_page(site_map.CODE.path).run()
    assert "They are not in the code, the settings file or a link" in words(opened)
    captions = " ".join(caption.value for caption in opened.caption)
    assert "Own images took part in the run." in captions
    assert "close to this one" not in captions
    opened.switch_page(site_map.TRAIN.path).run()
    assert not opened.exception
    table = opened.dataframe[0].value
    assert "Own images" in table.columns


def test_a_taught_run_that_is_trained_further_keeps_its_own_images(opened, trainings_end_at_once):
    visit_of(opened).own_digits = some(5)
    opened.run()
    press(opened, "own_train")
    run_until(opened, lambda: visit_of(opened).current is not None)
    digest = resources.engine().record(visit_of(opened).current).mixture.digest
    opened.switch_page(site_map.TRAIN.path).run()
    opened.button(key="train_further").click().run()
    run_until(opened, lambda: resources.engine().record(visit_of(opened).runs[-1]) is not None)
    assert len(visit_of(opened).runs) == 2
    assert resources.engine().record(visit_of(opened).runs[-1]).mixture.digest == digest


def test_a_full_collection_says_so_beside_the_drawing_and_stays(opened, monkeypatch):
    monkeypatch.setattr("mnist_core.images.own_digits.MAX_OWN_DIGITS", 2)
    visit_of(opened).own_digits = some(2)
    say(draw(opened, 4), 7)
    assert "At most 2 images are kept" in opened.warning[0].value
    assert kept(opened) == some(2)
