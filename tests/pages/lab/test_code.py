"""The page "Code": the run's code, what the settings change, what is taken home and what is brought back."""

import itertools
import json
import re
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest
import streamlit as st
from paths import ROOT
from streamlit.delta_generator import DeltaGenerator
from streamlit.testing.v1 import AppTest
from training_process import classic, run_until, visit_of

from dashboard import site_map
from dashboard.components.code import code_message, drawing_of, to_html
from dashboard.elements.prose import read_lesson
from dashboard.lab.code import why_not_equal
from dashboard.session import networks
from mnist_core.chapters import Chapter
from mnist_core.config import (
    ACTIVATIONS,
    CLASSIC,
    DEFAULT,
    OPTIMIZERS,
    PREPARATIONS,
    SETTINGS,
    NetworkConfig,
    RunConfig,
    TrainingConfig,
)
from mnist_core.engine.job_queue import JobQueue
from mnist_core.engine.jobs import AnalysisView
from mnist_core.take_home.files import for_excel
from mnist_core.take_home.keras_script import keras_script
from mnist_core.take_home.numpy_script import numpy_script
from mnist_core.take_home.script_lines import Source, text_of
from mnist_core.take_home.settings_file import to_settings

pytestmark = pytest.mark.usefixtures("no_film_on_pages")
PAGE = site_map.CODE.path
PREPARED = ("Network for Keras", "Predictions", "Report")
WHOLE = Source("mnist", 60_000, 10_000)


@pytest.fixture
def opened(app):
    """The page, showing the classic run and its settings."""
    problems = [name for name in app.session_state._state.filtered_state if name.startswith("file_problem")]
    for name in ("settings_loaded", "settings_refused", *problems):
        app.session_state[name] = None
    app.session_state["code_form"] = "Keras script"
    visit_of(app).current = None
    app.switch_page(PAGE).run()
    back = app.button(key="code_back")
    if not back.disabled:
        back.click().run()
    assert not app.exception
    return app


def code_of(app):
    """The text of the script in the expander."""
    return app.code[-1].value


def upload(app, content, name="settings.json"):
    app.file_uploader(key="settings_upload").set_value((name, content, "application/json")).run()
    assert not app.exception


def with_other(text, other):
    """A settings file with something else in it."""
    return to_settings(DEFAULT).replace(text, other).encode()


def test_the_page_opens_on_the_code_of_the_current_run(opened):
    run = classic()
    assert code_of(opened) == text_of(keras_script(CLASSIC, Source.of(run.dataset))).rstrip("\n")
    accuracy = f"{100 * run.evaluation.accuracy:.1f}%, 95% interval "
    assert any(accuracy in caption.value for caption in opened.caption)
    assert opened.button(key="code_train").disabled
    assert opened.button(key="code_back").disabled


def test_the_code_of_a_paused_run_is_not_promised_the_same_accuracy():
    run = classic()
    assert why_not_equal(run) == ""
    paused = replace(run, record=replace(run.record, is_stopped=True))
    assert f"after update {run.record.steps_done:,}. The code trains to the end" in why_not_equal(paused)


def test_a_moved_setting_changes_the_code_and_is_said_and_can_be_taken_back(opened):
    opened.slider(key="choice_epochs").set_value(7).run()
    assert "epochs=7" in code_of(opened)
    (said,) = [info.value for info in opened.info if "epochs **7** instead of 5" in info.value]
    assert "A bar marks" in said
    opened.segmented_control(key="code_form").set_value("Notebook").run()
    assert not any("A bar marks" in info.value for info in opened.info)
    opened.segmented_control(key="code_form").set_value("Keras script").run()
    assert not opened.button(key="code_train").disabled
    opened.button(key="code_back").click().run()
    assert "epochs=5" in code_of(opened)
    assert not any("instead of" in info.value for info in opened.info)


@pytest.mark.usefixtures("files_of_nobody")
def test_the_three_forms_are_there_each_with_a_file(opened):
    source = Source.of(classic().dataset)
    form = opened.segmented_control(key="code_form")
    form.set_value("NumPy").run()
    assert code_of(opened) == text_of(numpy_script(CLASSIC, source)).rstrip("\n")
    opened.segmented_control(key="code_form").set_value("Notebook").run()
    assert any("model.fit(" in code.value for code in opened.code)
    assert opened.download_button(key="code_download").label == "Download"
    opened.segmented_control(key="code_form").set_value("Keras script").run()
    labels = [button.label for button in opened.download_button]
    assert labels == [
        "Download", "Weights for NumPy", "Epochs", "Finer curve", "Network as a web page",
        "Save the settings",
    ]  # fmt: skip
    asked = [button.label for button in opened.button if button.label.startswith("Prepare: ")]
    assert asked == [f"Prepare: {label}" for label in PREPARED]


@pytest.fixture
def files_of_nobody(app, monkeypatch):
    """No file is prepared yet, whatever another test asked for; a list of what is handed out meanwhile."""
    from dashboard.session import resources

    analyses, handed_out = resources.engine()._analyses, []
    for kept in ("_open", "_ended", "_files"):
        monkeypatch.setattr(analyses, kept, {})
    monkeypatch.setattr(analyses, "_queue", JobQueue())
    monkeypatch.setattr(analyses, "_hand_out", handed_out.append)
    at_once = SimpleNamespace(run=lambda function, *arguments: function(*arguments))
    monkeypatch.setattr(analyses, "_background", at_once)  # or a page may have been drawn before
    return handed_out


@pytest.fixture
def contents(monkeypatch):
    """What the download buttons of the page were given, by their labels."""
    given, original = {}, DeltaGenerator.download_button

    def note(self, label, data, *more, **options):
        given[label] = data
        return original(self, label, data, *more, **options)

    monkeypatch.setattr(DeltaGenerator, "download_button", note)
    monkeypatch.setattr(st, "download_button", partial(note, st._main))
    return given


@pytest.mark.usefixtures("files_of_nobody")
def test_a_file_that_never_comes_keeps_nobody_from_the_others(opened, contents, monkeypatch):
    for label in PREPARED:
        opened.button(key=f"prepare_{label}").click().run()
        assert not opened.exception
        assert any(f"{label} is being prepared" in info.value for info in opened.info)
    assert set(contents) == {
        "Download", "Weights for NumPy", "Epochs", "Finer curve", "Network as a web page",
        "Save the settings",
    }  # fmt: skip

    def no_waiting(*_, **__):
        raise AssertionError("a download waited")

    monkeypatch.setattr("time.sleep", no_waiting)
    monkeypatch.setattr("mnist_core.engine.engine.Engine.analysis", no_waiting)
    for content in contents.values():
        assert content() if callable(content) else content


def test_a_prepared_file_is_offered_to_every_visitor_and_prepared_once(opened, files_of_nobody, contents):
    from dashboard.session import resources

    label, analyses = "Network for Keras", resources.engine()._analyses
    opened.button(key=f"prepare_{label}").click().run()
    opened.run()
    (key,) = files_of_nobody
    analyses._end(key, AnalysisView(b"the file"))
    for visitor in (opened, AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)):
        visitor.switch_page(PAGE).run()
        assert label in [button.label for button in visitor.download_button]
        assert contents[label]() == b"the file"
    assert files_of_nobody == [key]


def test_a_file_that_could_not_be_prepared_is_said_and_can_be_tried_again(opened, files_of_nobody):
    from dashboard.session import resources

    opened.button(key="prepare_Report").click().run()
    resources.engine()._analyses._end(files_of_nobody[0], AnalysisView(error="The disk is full."))
    opened.run()
    assert [error.value for error in opened.error] == ["Report could not be prepared. The disk is full."]
    again = opened.button(key="prepare_Report")
    assert again.label == "Try again"
    again.click().run()
    assert not opened.error
    assert len(files_of_nobody) == 2


def test_who_asks_for_too_many_files_at_once_is_told_how_much_waits(opened, files_of_nobody, monkeypatch):
    with monkeypatch.context() as bounds:
        bounds.setattr("mnist_core.engine.job_queue.MAX_WAITING_SECONDS_OF_ONE", 1)
        for label in PREPARED[:2]:  # the first is handed out, and the second waits
            opened.button(key=f"prepare_{label}").click().run()
        assert len(files_of_nobody) == 1
        assert not opened.error
        opened.button(key=f"prepare_{PREPARED[2]}").click().run()
        assert not opened.exception
        (error,) = opened.error
        assert error.value.startswith(
            f"{PREPARED[2]} could not be prepared. What you are waiting for takes about"
        )
        again = opened.button(key=f"prepare_{PREPARED[2]}")
        assert again.label == "Try again"
    again.click().run()
    assert not opened.error


def test_tables_have_a_decimal_comma_once_the_visit_has_chosen_it(opened, contents, files_of_nobody):
    from dashboard.session import resources

    opened.button(key="prepare_Predictions").click().run()
    resources.engine()._analyses._end(files_of_nobody[0], AnalysisView(b"number,loss\n0,0.5\n"))
    opened.run()
    assert contents["Predictions"]() == b"number,loss\n0,0.5\n"
    epochs = contents["Epochs"]()
    opened.toggle(key="tables_have_decimal_comma").set_value(True).run()
    assert contents["Predictions"]() == b"\xef\xbb\xbfnumber;loss\n0;0,5\n"
    assert contents["Epochs"]() == for_excel(epochs)
    assert contents["Finer curve"]().startswith(b"\xef\xbb\xbfupdates;")
    opened.switch_page(site_map.TRAIN.path).run()
    opened.switch_page(PAGE).run()
    assert opened.toggle(key="tables_have_decimal_comma").value
    assert visit_of(opened).has_decimal_comma
    opened.toggle(key="tables_have_decimal_comma").set_value(False).run()
    assert contents["Epochs"]() == epochs


def test_the_network_as_a_web_page_is_the_run_shown(opened, contents):
    run = classic()
    opened.run()
    assert contents["Network as a web page"]() == networks.page_of(run)
    opened.button(key="network_phone").click().run()
    assert not opened.exception
    assert any("cannot hand out the network by a link" in info.value for info in opened.info)


def test_a_network_that_cannot_read_is_not_offered_as_a_web_page(opened, monkeypatch):
    monkeypatch.setattr(networks, "can_be_read", lambda _: False)
    opened.run()
    assert not opened.exception
    assert "Network as a web page" not in [button.label for button in opened.download_button]


def test_a_settings_file_sets_the_controls_and_can_be_undone(opened):
    before = code_of(opened)
    config = RunConfig(
        NetworkConfig((64, 8), "tanh"),
        TrainingConfig(optimizer="sgd", learning_rate=0.05, validation_share=0.2, l2=0.001, seed=3),
    )
    upload(opened, to_settings(config).encode())
    said = " ".join(success.value for success in opened.success)
    assert "hidden neurons **64 + 8** instead of 32" in said
    assert "images set aside for validation **20%** instead of 0%" in said
    assert code_of(opened) == text_of(keras_script(config, Source.of(classic().dataset))).rstrip("\n")
    opened.button(key="settings_undo").click().run()
    assert code_of(opened) == before
    assert not opened.success


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "UTF-8"),
        (b"x" * 500_000, "at most 4,000 bytes"),
        (b"{}", "nothing else"),
        (with_other('"epochs": 5', '"epochs": 500'), "Epochs (epochs) must be a whole number"),
        (with_other("0.1", "0.125"), "validation 12.5% instead of 12%"),
        (with_other("usual", "shuffled"), "preparation shuffled instead of usual"),
        (with_other('"adam"', '"![a](http://a.b/c.png)"'), "Optimiser (optimizer) must be one of"),
    ],
)  # fmt: skip
def test_anything_else_gets_one_sentence_and_the_settings_stay(opened, content, words):
    before = code_of(opened)
    upload(opened, content)
    (error,) = opened.error
    plain = re.sub(r"\\(.)", r"\1", error.value)
    assert words in plain
    assert plain.endswith("Choose a file that was saved on this page. Your settings stay as they are.")
    assert "](" not in error.value
    assert code_of(opened) == before
    assert not opened.success


def test_all_images_may_be_written_as_a_number(opened):
    config = replace(DEFAULT, training=replace(DEFAULT.training, n_training_images=60_000))
    upload(opened, to_settings(config).encode())
    assert not opened.error
    assert opened.success


def press_default(app):
    next(button for button in app.button if button.label == "Default").click().run()


def press_default_on_train(app):
    """After which other pages set 10% of the images aside for validation, and this one none."""
    app.switch_page(site_map.TRAIN.path).run()
    press_default(app)


def test_looking_at_the_code_changes_no_setting_on_another_page(opened):
    press_default_on_train(opened)
    assert opened.slider(key="choice_validation").value == 10
    opened.switch_page(PAGE).run()
    assert opened.slider(key="choice_validation").value == 0
    assert "validation" not in code_of(opened)
    opened.switch_page(site_map.TRAIN.path).run()
    assert opened.slider(key="choice_validation").value == 10
    opened.switch_page(PAGE).run()
    opened.slider(key="choice_epochs").set_value(6).run()
    opened.switch_page(site_map.TRAIN.path).run()
    assert opened.slider(key="choice_epochs").value == 6
    opened.switch_page(PAGE).run()
    assert "epochs=6" in code_of(opened)


def test_what_is_set_on_the_page_is_shown_there_even_if_other_pages_had_it_before(opened):
    press_default_on_train(opened)
    opened.switch_page(PAGE).run()
    assert opened.slider(key="choice_validation").value == 0
    press_default(opened)
    assert opened.slider(key="choice_validation").value == 10
    assert any("**10%** instead of 0%" in info.value for info in opened.info)
    opened.button(key="code_back").click().run()
    assert opened.slider(key="choice_validation").value == 0
    opened.switch_page(site_map.TRAIN.path).run()
    assert opened.slider(key="choice_validation").value == 10


def test_a_settings_file_that_is_undone_leaves_other_pages_what_they_had(opened):
    press_default_on_train(opened)
    opened.switch_page(PAGE).run()
    upload(opened, to_settings(RunConfig(NetworkConfig((64,)))).encode())
    assert "Dense(64" in code_of(opened)
    opened.button(key="settings_undo").click().run()
    assert opened.slider(key="choice_validation").value == 0
    opened.switch_page(site_map.TRAIN.path).run()
    assert opened.slider(key="choice_validation").value == 10


def test_controls_moved_while_the_run_is_shown_change_nothing_else_of_it(opened):
    press_default_on_train(opened)
    opened.switch_page(PAGE).run()
    opened.slider(key="choice_units").set_value(21)  # the browser may send both at once
    opened.slider(key="choice_epochs").set_value(8).run()
    assert "epochs=8" in code_of(opened)
    assert "Dense(21," in code_of(opened)
    assert "validation" not in code_of(opened)
    opened.switch_page(site_map.TRAIN.path).run()
    assert opened.slider(key="choice_epochs").value == 8
    assert opened.slider(key="choice_validation").value == 0


def test_settings_that_were_never_trained_are_not_taken_away(opened):
    app = opened
    app.switch_page(site_map.TRAIN.path).run()
    app.slider(key="choice_units").set_value(77).run()
    app.switch_page(PAGE).run()
    assert "Dense(77" in code_of(app)
    assert any("hidden neurons **77** instead of 32" in info.value for info in app.info)
    app.button(key="code_back").click().run()


def test_training_the_settings_makes_the_numbers_those_of_the_code(opened):
    opened.slider(key="choice_units").set_value(9)
    opened.slider(key="choice_epochs").set_value(1).run()
    opened.button(key="code_train").click().run()
    assert not opened.exception
    run_until(opened, lambda: any("Test accuracy of the run" in text.value for text in opened.caption))
    assert "Dense(9," in code_of(opened)
    assert opened.button(key="code_train").disabled
    assert not any("instead of" in info.value for info in opened.info)


def test_every_line_of_every_script_has_an_explanation_and_none_is_left_over():
    lesson = read_lesson("lab", "code")
    known = {name.removeprefix("line ") for name in lesson if name.startswith("line ")}
    sources = (WHOLE, Source("sample", 4_000, 1_000), Source("file", 300, 100, "x.npz"))
    settings = itertools.product(
        ACTIVATIONS, OPTIMIZERS, PREPARATIONS, (0.0, 0.1), (None, 100), (0.0, 0.1), (0, 1), sources
    )
    used = set()
    for activation, optimizer, preparation, share, n_images, l2, seed, source in settings:
        training = TrainingConfig(
            optimizer=optimizer, preparation=preparation, l2=l2, wrong_label_share=share,
            n_training_images=n_images, validation_share=share, seed=seed,
        )  # fmt: skip
        config = RunConfig(NetworkConfig((3,), activation), training)
        for write in (keras_script, numpy_script):
            used |= {line.about for line in write(config, source) if line.about}
    chapters = Chapter(2, 32, "adam", 0.01), Chapter(3, 32, "sgd", 0.01)
    more = [
        RunConfig(chapters=chapters),
        RunConfig(chapters=(Chapter(3, 32, "adam", 0.01, "halved"),)),
        *(DEFAULT.with_changes(initializer=name) for name in SETTINGS["initializer"].allowed.names),
        *(DEFAULT.with_changes(schedule=name) for name in SETTINGS["schedule"].allowed.names),
        DEFAULT.with_changes(dropout=0.1, shift=1, patience=1),
    ]
    for config, write in itertools.product(more, (keras_script, numpy_script)):
        used |= {line.about for line in write(config, WHOLE) if line.about}
    assert used == known


def test_the_page_uses_every_other_part_of_its_lesson():
    scripts = "".join(
        (ROOT / name).read_text() for name in (PAGE, "dashboard/lab/code.py", "dashboard/lab/take_home.py")
    )
    computed = {"keras", "numpy", "notebook"}
    for name in read_lesson("lab", "code"):
        if not name.startswith("line ") and name not in computed:
            assert f'"{name}"' in scripts or f"'{name}'" in scripts, name


def test_an_explanation_becomes_html_that_says_nothing_else():
    text = "A [bias](glossary#bias), `a < b` and **this** <script>alert(1)</script> [x](http://a.b)"
    assert to_html(text) == (
        'A <a href="glossary#bias" target="_blank">bias</a>, <code>a &lt; b</code> and <b>this</b> '
        "&lt;script&gt;alert(1)&lt;/script&gt; [x](http://a.b)"
    )


def test_the_browser_gets_every_line_with_its_part_and_a_note(sample):
    lesson = read_lesson("lab", "code")
    notes = {name.removeprefix("line "): text for name, text in lesson.items()}
    lines = keras_script(DEFAULT, Source.of(sample))
    message = code_message(lines, notes, {3})
    assert [line["text"] for line in message["lines"]] == [line.text for line in lines]
    assert [n for n, line in enumerate(message["lines"]) if line["is_changed"]] == [3]
    assert all(message["notes"][line["about"]] for line in message["lines"] if line["about"])
    assert len(json.dumps(message)) < 60_000


def test_every_part_that_a_line_lights_is_in_the_drawing(sample):
    script = (ROOT / "dashboard/components/code/drawing.js").read_text()
    drawn = set(re.findall(r'group\("([a-z]+)"', script)) | {"layer", "network"}
    config = RunConfig(NetworkConfig((5, 4)), TrainingConfig(wrong_label_share=0.1, l2=0.1, seed=1))
    lit = {
        part.split(" ")[0]
        for write in (keras_script, numpy_script)
        for line in write(config, WHOLE)
        for part in line.parts
    }
    assert lit <= drawn
    assert drawn - lit == set()
    assert drawing_of(config, sample, Source.of(sample))["label"] == sample.train_labels[0]
