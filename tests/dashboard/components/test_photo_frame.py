"""What the browser may say of the frames on a photograph."""

import pytest

from dashboard.components.photo_frame import choice_of


def test_another_digit_or_a_frame_is_taken():
    assert choice_of({"chosen": 1}, 2) == 1
    assert choice_of({"frame": [0, 0.1, 0.5, 1]}, 2) == (0.0, 0.1, 0.5, 1.0)


@pytest.mark.parametrize(
    "sent",
    [
        None, "frame", [], {}, {"chosen": 2}, {"chosen": -1}, {"chosen": True}, {"chosen": "0"},
        {"frame": []}, {"frame": "abcd"}, {"frame": [0, 0, 1]}, {"frame": [0, 0, 1, 1, 1]},
        {"frame": [0, 0, float("nan"), 1]}, {"frame": [0, 0, 1.01, 1]}, {"frame": [-0.1, 0, 1, 1]},
        {"frame": [0.5, 0, 0.5, 1]}, {"frame": [0.9, 0, 0.1, 1]}, {"frame": [0, 0, 10**400, 1]},
        {"frame": [0, None, 1, 1]}, {"frame": [False, 0, True, 1]}, {"chosen": 0, "frame": 7},
    ],
)  # fmt: skip
def test_anything_else_changes_nothing(sent):
    assert choice_of(sent, 2) is None
