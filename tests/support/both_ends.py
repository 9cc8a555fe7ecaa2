"""What a run of `pytest` reads, in which order, and which of its processes takes what.

Tests are in three groups: those that need the training process of the pages, those that load Keras in their
own, and all others between them. The first process of pytest-xdist takes files from the one end, the second
from the other. So one has the training process, the other TensorFlow, and where they meet there are short
files, of which none keeps one process busy when the other has done all of its own.
"""

import os
import re
import sys
from pathlib import Path

import pytest
from paths import ROOT
from tiers import is_usual

TESTS = ROOT / "tests"
IN_THE_PAGES = {"training_process", "kept_training_process"}
N_PROCESSES = {"browser": 3}
"""By tier, on two cores: who waits for a page leaves its core to others. Else it is 2."""
KERAS = re.compile(r"^ *(import keras$|from (keras_training|mnist_core\.training\.loop) import)", re.M)
"""What a test file has in it that trains a network itself, or loads Keras."""


def pytest_configure():
    """Keep what is compiled, whatever the environment says.

    Else each process of a run would compile the tests and the project anew, six seconds of a processor.
    """
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Have every other process read the files from the last one on.

    On a fresh checkout none is compiled yet: so each process compiles half of them, and finds the other half.
    """
    report = yield
    worker = getattr(collector.config, "workerinput", {}).get("workerid", "gw0")
    if isinstance(collector, pytest.Dir) and report.passed and int(worker.removeprefix("gw")) % 2:
        report.result.reverse()
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """How many processes of pytest-xdist read files."""
    return N_PROCESSES.get(config.option.markexpr, 2)


def pytest_ignore_collect(collection_path, config):
    """What has no test of the tier is not read: `-m browser` has its own folder, `pytest` all but two.

    `-m load` reads the files with such tests alone.

    A folder or file that is named on the command line is read all the same.
    """
    if config.option.markexpr == "load" and collection_path.match("test_*.py"):
        return True if "mark.load" not in collection_path.read_text(encoding="utf-8") else None
    if collection_path.parent != TESTS or not collection_path.is_dir():
        return None
    if any(Path(str(argument).partition("::")[0]).resolve() != TESTS for argument in config.args):
        return None
    is_browser, name = config.option.markexpr == "browser", collection_path.name
    others = name != "browser" if is_browser else is_usual(config) and name in ("browser", "load")
    return True if others else None


def pytest_collection_modifyitems(config, items):
    """Put those that share a process next to each other; of them, those of pages and servers first."""
    items.sort(key=lambda item: item.path, reverse=True)
    if is_usual(config):
        pages = {item.path for item in items if IN_THE_PAGES & {*item.fixturenames}}
        keras = {path for path in {item.path for item in items} - pages if KERAS.search(path.read_text())}
        items.sort(key=lambda item: (item.path not in pages, item.path in keras))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Hand out files from both ends; other orders are pytest-xdist's own."""
    if not is_usual(config) or config.option.dist != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class FromBothEnds(LoadFileScheduling):
        def _assign_work_unit(self, node):
            if self.nodes.index(node) % 2:
                self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
            super()._assign_work_unit(node)

    return FromBothEnds(config, log)
