"""A file that is made at a press is there when the browser asks for it, however many others are about."""

import time
import urllib.request

import pytest
from hostile import Client
from streamlit.runtime.media_file_storage import MediaFileKind
from waiting import until

from dashboard.server.downloads import KEPT_SECONDS, KeptAWhile


def test_a_file_outlasts_what_others_do_between_the_press_and_the_download(strangers_address):
    visitor, other = Client(strangers_address), Client(strangers_address)
    until(lambda: weights_buttons(visitor))
    address = visitor.file(weights_buttons(visitor)[0])
    for _ in range(3):
        assert other.ask("glossary").is_finished
    with urllib.request.urlopen(strangers_address + address, timeout=60) as answer:
        assert answer.read(2) == b"PK"
    for client in (visitor, other):
        client.close()


def weights_buttons(visitor):
    """There is one as soon as the classic network is trained."""
    shown = visitor.ask("code").widgets.values()
    buttons = [each for each in shown if each.WhichOneof("type") == "download_button"]
    return [each for each in buttons if each.download_button.label == "Weights for NumPy"]


@pytest.mark.parametrize(("age", "may_go"), [(KEPT_SECONDS - 1, False), (KEPT_SECONDS + 1, True)])
def test_a_file_may_go_when_it_is_old_enough(monkeypatch, age, may_go):
    file, now = KeptAWhile(MediaFileKind.DOWNLOADABLE), time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + age)
    file.mark_for_delete()
    assert file.is_marked_for_delete == may_go
