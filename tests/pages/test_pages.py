import re

import pytest
from paths import ROOT
from streamlit.testing.v1 import AppTest
from training_process import run_until
from waiting import until

from dashboard import site_map
from dashboard.session import resources
from mnist_core.engine.engine import Engine
from mnist_core.engine.jobs import EngineBusyError

PAGES = [page.path for page in site_map.PAGES]

TRAINS = re.compile("Train|Sweep|sweep|Try again|Run|experiment")
"""Labels of what may ask for a training."""


@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs_with_the_classic_network(app, page):
    app.switch_page(page).run()
    assert not app.exception
    assert app.title


def begin(app, units, epochs, batch):
    """Train a network from the page for that."""
    app.switch_page(site_map.TRAIN.path).run()
    for name, value in (("units", units), ("epochs", epochs)):
        app.slider(key=f"choice_{name}").set_value(value).run()
    app.select_slider(key="choice_batch").set_value(batch).run()
    app.button(key="train").click().run()


def test_training_a_network_ends_in_a_row_of_the_table(app):
    begin(app, units=8, epochs=5, batch=32)
    assert not app.exception
    run_until(app, lambda: "finished" in app.dataframe[-1].value["State"].tolist())
    assert any(bar.proto.text.startswith("Trained: ") for bar in app.get("progress"))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_that_no_more_is_taken_and_does_not_fail(app, page, monkeypatch):
    """Whatever its buttons ask of an engine that refuses all but the classic network."""
    submit = Engine.submit

    def refuse(engine, config, dataset, visitor="", is_pinned=False, **more):
        if is_pinned:
            return submit(engine, config, dataset, visitor, is_pinned=True, **more)
        raise EngineBusyError("No more networks are taken.")

    monkeypatch.setattr(Engine, "submit", refuse)
    app.session_state["choice_units"] = 9
    app.switch_page(page).run()
    for label in {button.label for button in app.button if not button.disabled}:
        button = next((button for button in app.button if button.label == label), None)
        if button is not None and TRAINS.search(label):
            button.click().run()
            assert not app.exception, label
            app.switch_page(page).run()


def test_every_page_runs_while_a_run_is_under_way(app):
    begin(app, units=256, epochs=30, batch=1)
    until(
        lambda: any(job.progress for job in resources.engine()._jobs.values() if not job.state.is_final),
        seconds=120,  # the training process of all tests may just be replaced by a new one
    )
    for page in PAGES:
        app.switch_page(page).run()
        assert not app.exception, page
    app.switch_page(site_map.TRAIN.path).run()
    assert not app.button(key="stop").disabled
    app.button(key="stop").click().run()
    run_until(app, lambda: not [button for button in app.button if button.key == "stop"])
    assert "paused" in app.dataframe[-1].value["State"].tolist()


def test_a_link_out_of_range_is_said_in_a_sentence():
    other = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    other.query_params["units"] = "9999"
    other.query_params["epochs"] = "7"
    other.run()
    other.switch_page(site_map.TRAIN.path).run()
    assert not other.exception
    assert any("units must be a whole number from 1 to 256" in warning.value for warning in other.warning)
    assert other.slider(key="choice_epochs").value == 7


def opened_with(chapters, **more):
    other = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in {"chapters": chapters, **more}.items():
        other.query_params[name] = value
    other.run()
    other.switch_page(site_map.TRAIN.path).run()
    assert not other.exception
    return other


def test_a_link_with_chapters_shows_the_last_one_in_the_controls_and_all_of_them_in_words():
    other = opened_with("4_32_adam_0.001~3_256_sgd_0.01", units="8", batch="2")
    assert other.slider(key="choice_epochs").value == 7
    assert other.select_slider(key="choice_batch").value == 256
    assert other.selectbox(key="choice_optimizer").value == "sgd"
    words = " ".join(element.value for element in other.markdown)
    assert "Chapter 2" in words
    assert "from epoch 5 batch 32 → 256 and Adam → SGD and rate 0.001 → 0.01" in words
    other.slider(key="choice_units").set_value(9).run()
    assert "Chapter 2" not in " ".join(element.value for element in other.markdown)
    assert "chapters" not in other.query_params


@pytest.mark.parametrize(
    "chapters", ["5_32_adam_0.001", "5_32_adam_0.001~5_32_<script>_1", "~" * 9_000, "20_1_sgd_1~20_2_sgd_1"]
)
def test_broken_chapters_in_a_link_are_said_in_a_sentence(chapters):
    other = opened_with(chapters, epochs="7")
    said = [warning.value for warning in other.warning]
    assert any("chapters must be two to 4 chapters of epochs, batch size" in text for text in said)
    assert not any("<script>" in text for text in said)
    assert other.slider(key="choice_epochs").value == 7
