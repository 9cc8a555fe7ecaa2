"""The page "Train" where the training process is elsewhere, and nobody answers there."""

import pytest
from paths import ROOT
from streamlit.testing.v1 import AppTest
from training_process import run_until

from dashboard.session import visits
from mnist_core.engine.engine import Engine

SECONDS = 60
"""For the connection to be given up, and for a run to be stopped."""


@pytest.fixture
def page(monkeypatch):
    """The page of a visit."""
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", "tcp://127.0.0.1:1")
    monkeypatch.setattr("mnist_core.engine.cluster.CONNECT_SECONDS", 1)
    engine, kept = Engine(), visits.Visits()
    monkeypatch.setattr("dashboard.session.resources.engine", lambda: engine)
    monkeypatch.setattr("dashboard.session.visits.all_visits", lambda: kept)
    opened = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    yield opened.switch_page("pages/lab/train.py").run()
    engine.close()


def said(page):
    words = [element.value for element in (*page.markdown, *page.caption, *page.info, *page.warning)]
    return " ".join(words + [bar.proto.text for bar in page.get("progress")])


def test_a_training_that_cannot_begin_says_why_and_the_settings_stay(page):
    page.slider(key="choice_units").set_value(9).run()
    page.button(key="train").click().run()
    run_until(page, lambda: "The training process cannot be reached" in said(page), SECONDS)
    assert page.slider(key="choice_units").value == 9
    page.button(key="stop").click().run()
    run_until(page, lambda: "paused before" in said(page), SECONDS)
    assert not page.button(key="train").disabled
    assert not page.exception
