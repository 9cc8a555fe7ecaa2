"""Networks that a lesson trains are watched where what comes of them will stand."""

import ast
import json
import sys
from types import SimpleNamespace

import streamlit as st
from paths import ROOT
from streamlit.testing.v1 import AppTest

from dashboard.learn import experiments
from mnist_core.config import DEFAULT
from mnist_core.engine.jobs import JobState

NOT_EMPTY = {"images: ladder", "starting_weights/zeros", "testing/overfitting"}
"""Experiments whose place shows something else before anything is trained."""


def part_of_a_lesson():
    import streamlit as st

    from dashboard.learn import experiments
    from mnist_core.config import DEFAULT

    left, right = st.columns(2)
    with left:
        assert experiments.trained("one", {"it": DEFAULT}, "Train it", right) is None


def test_the_bars_of_trainings_stand_where_the_results_will(monkeypatch):
    # A page becomes `__main__`, and a training process that is started later would run this one.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    view = SimpleNamespace(config=DEFAULT, state=JobState.RUNNING)
    monkeypatch.setattr(experiments, "_views", lambda _: [view])
    monkeypatch.setattr(experiments, "_watch", lambda *_: st.progress(0.5))
    app = AppTest.from_function(part_of_a_lesson).run()
    assert [len(column.get("progress")) for column in app.columns] == [0, 1]


def part_that_awaits_a_chart():
    import streamlit as st

    from dashboard.learn import experiments
    from dashboard.learn.awaited import Awaited
    from mnist_core.config import DEFAULT
    from mnist_core.figures.lessons.batches import progress_frame

    left, right = st.columns(2)
    awaited = Awaited(right, "the curves are", lambda: progress_frame("updates"), ("Loss", "In numbers"))
    with left:
        assert experiments.trained("one", {"it": DEFAULT}, "Train it", right, awaited) is None


def test_before_a_training_the_chart_of_its_results_says_what_to_press_for_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.setattr(experiments, "_views", lambda _: [])
    app = AppTest.from_function(part_that_awaits_a_chart).run()
    assert [tab.label for tab in app.columns[1].tabs] == ["Loss", "In numbers"]
    (chart,) = app.columns[1].tabs[0].get("plotly_chart")
    (said,) = json.loads(chart.proto.spec)["layout"]["annotations"]
    assert said["text"].replace("<br>", " ") == "Press <b>Train it</b>: the curves are drawn here."
    assert [text.value for text in app.columns[1].tabs[1].markdown] == [
        "Press **Train it** to fill this view."
    ]
    assert [button.key for button in app.columns[0].button] == ["begin_one"]


def test_no_half_of_a_section_is_empty_before_its_networks_are_trained():
    empty = []
    for script in sorted([*ROOT.glob("pages/learn/*.py"), *ROOT.glob("dashboard/learn/*.py")]):
        for call in ast.walk(ast.parse(script.read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("experiments.trained"):
                name = ast.unparse(call.args[0]).strip("'")
                given = {ast.unparse(each) for each in [*call.args, *(word.value for word in call.keywords)]}
                is_awaited = any(words.startswith("awaited") for words in given)
                empty += [] if is_awaited or name in NOT_EMPTY else [name]
    assert empty == []


def part_that_waits_for_analyses():
    import streamlit as st

    from dashboard.learn import experiments

    results = experiments.analysed({"one": "job 1", "two": "job 2"}, print, "Judging")
    st.markdown("nothing" if results is None else f"{results}")


def test_an_analysis_that_comes_while_the_page_looks_at_the_others_is_not_waited_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    seen = {"job 1": iter([None, "first"]), "job 2": iter(["second", "second"])}

    def analysis(job, analyse, visitor):
        return SimpleNamespace(result=next(seen[job]), error=None)

    engine = SimpleNamespace(analysis=analysis)
    monkeypatch.setattr(experiments.resources, "engine", lambda: engine)
    monkeypatch.setattr(experiments.resources, "current", lambda job: job)
    monkeypatch.setattr(experiments.visits, "current_visit", lambda: SimpleNamespace(name="a visitor"))
    monkeypatch.setattr(experiments.current_run, "analysis_result", lambda *_: "first")
    app = AppTest.from_function(part_that_waits_for_analyses).run()
    assert [words.value for words in app.markdown] == ["{'one': 'first', 'two': 'second'}"]
