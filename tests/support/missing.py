"""What is not on this machine."""

import os

import pytest


def end_test(reason):
    """A test cannot run here: where CI runs it has failed, elsewhere it is skipped and reported."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
