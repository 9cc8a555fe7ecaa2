"""The training process of all pages that run without a browser, and those pages."""

import json
import time
from contextlib import contextmanager

import pytest
from paths import NO_TENSORFLOW, ROOT
from streamlit.testing.v1 import AppTest
from waiting import until

from mnist_core.engine.process import local_worker

PRELOAD = "distributed.worker.preload"
USUAL = local_worker._SETTINGS[PRELOAD]
"""What the dashboard's training processes load first."""
START_SECONDS = 40
"""What a new training process takes until it has trained the classic network, on a machine that is busy."""


def end_training_process():
    """If there is one; who needs it later gets another."""
    from dashboard.session import resources

    resources.engine.clear()  # which ends it
    resources.sweeps.clear()


def free_training_process():
    """Stop what tests left behind; where that takes longer than a new process, or there is none, end it."""
    from dashboard.session import resources

    if not resources.engine._is_made:
        return
    engine = resources.engine()
    for job in [job for job in engine._jobs.values() if not (job.is_pinned or job.state.is_final)]:
        for visitor in list(job.visitors):
            engine.stop(job.job_id, visitor)
    _wait_until_idle(time.monotonic() + START_SECONDS)
    client = engine._cluster.client
    if client is None or any(client.processing().values()):
        end_training_process()


@contextmanager
def _preloading(modules):
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(local_worker._SETTINGS, PRELOAD, modules)
        yield


def without_tensorflow():
    """Training processes that are started meanwhile have none: they begin in a second, and train in NumPy."""
    return _preloading([*USUAL, str(NO_TENSORFLOW / "sitecustomize.py")])


def with_tensorflow():
    """They have it, as those of the dashboard."""
    return _preloading(USUAL)


@contextmanager
def own_training_process():
    """Another one, for what would harm that of the others; theirs is begun anew."""
    end_training_process()
    yield
    end_training_process()


def run_until(app, condition, seconds=120):
    """Run a page until something is so, each time when the training process has done what it was given."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "waited too long"
        time.sleep(0.05)  # what was just asked for may not be handed out yet
        _wait_until_idle(ends)
        app.run()
        assert not app.exception
    return app


def trained(*configs):
    """Networks trained for another visitor; their jobs."""
    from dashboard.session import resources

    engine = resources.engine()
    jobs = [engine.submit(config, resources.dataset(), "somebody else") for config in configs]
    until(lambda: all(engine.view(job).state.is_final for job in jobs), seconds=120)
    return jobs


def _wait_until_idle(ends):
    from dashboard.session import resources

    client = resources.engine()._cluster.client
    while client is not None and _awaits(client) and time.monotonic() < ends:
        time.sleep(0.02)


def _awaits(client):
    """Whether something that was given to the training process has not ended; the scheduler is not asked."""
    return any(future.status == "pending" for future in list(client.futures.values()))


def run_until_trained(app):
    """Run a page until it shows the classic network; the page."""
    return run_until(app, lambda: not any("being trained" in info.value for info in app.info))


def running_app():
    """The dashboard without a browser, once the classic network is trained."""
    return run_until_trained(AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run())


def opened_lesson(stem):
    """A lesson without a browser, as somebody sees it who has guessed nothing yet."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    app.switch_page(f"pages/learn/{stem}.py").run()
    assert not app.exception
    return app


def skip_guess(app, stem):
    """See the lesson that is shown without a guess, unless it has been guessed before; the page."""
    if any(button.key == f"skip_{stem}/predict" for button in app.button):
        app.button(key=f"skip_{stem}/predict").click().run()
    return run_until(app, lambda: app.header)


def classic():
    """The run of the classic network, which is trained by now."""
    from dashboard.session import resources

    run = resources.current(resources.ensure_classic_network())
    assert run is not None
    return run


def visit_of(app):
    """The visit that a page shows."""
    from dashboard.session import visits

    return visits.all_visits().find(app.session_state["visit_id"])


def charts(app):
    """The keys of a page's Plotly charts, in their order."""
    return [element.proto.id.rpartition("-")[2] for element in app.get("plotly_chart")]


def click_point(app, key, customdata):
    """Click a point of a page's Plotly chart; the page as it is then."""
    (clicked,) = (one.proto.id for one in app.get("plotly_chart") if one.proto.id.endswith(f"-{key}"))
    states = app._tree.get_widget_states()
    selection = {"points": [{"customdata": customdata}], "point_indices": [0], "box": [], "lasso": []}
    states.widgets.add(id=clicked, string_value=json.dumps({"selection": selection}))
    return app._run(states)
