"""What is said where there is no image to choose."""

import pytest
from streamlit.testing.v1 import AppTest


def page():
    import numpy as np

    from dashboard.session import choices
    from dashboard.widgets.image_choice import pick_image

    choices.load()
    pick_image(np.array([1, 2]), np.array([0]))  # of a 1 and a 2 the 1 is misread


@pytest.mark.parametrize(
    ("digit", "is_misread", "said"),
    [
        (8, False, ["There is no image of an 8 here. Choose another digit."]),
        (8, True, ["There is no image of an 8 here. Choose another digit."]),
        (2, True, ["The network misread no such image."]),
        (2, False, []),
        ("any", True, []),
    ],
)
def test_it_says_why_there_is_no_image_to_choose(digit, is_misread, said):
    app = AppTest.from_function(page, default_timeout=60)
    app.session_state["image_digit"], app.session_state["image_mistakes"] = digit, is_misread
    app.run()
    assert not app.exception
    assert [info.value for info in app.info] == said
