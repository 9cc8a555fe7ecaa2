"""The training process of all pages that run without a browser, and those pages."""

import time
from contextlib import contextmanager

from paths import ROOT
from streamlit.testing.v1 import AppTest


def end_training_process():
    """If there is one; who needs it later gets another."""
    from dashboard.session import resources

    resources.engine.clear()  # which ends it
    resources.sweeps.clear()


@contextmanager
def own_training_process():
    """Another one, for what would harm that of the others; theirs is begun anew."""
    end_training_process()
    yield
    end_training_process()


def running_app():
    """The dashboard without a browser, once the classic network is trained."""
    started = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    for _ in range(240):
        if not any("being trained" in info.value for info in started.info):
            break
        time.sleep(0.5)
        started.run()
    return started
