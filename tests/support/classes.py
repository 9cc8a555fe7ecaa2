"""What a class has in many tests."""

import numpy as np

from mnist_core.classroom.challenges import Judged, Result
from mnist_core.classroom.polls import PollQuestion
from mnist_core.config import CLASSIC

ASKED = PollQuestion("loss/predict", "How many?", ("Ten", "Two"), ("Too many.", "As many as there are."), 1)
OTHER = PollQuestion("images/predict", "Which?", ("a", "b", "c"), ("x", "y", "z"), 0)
IMAGE = np.arange(784, dtype=np.uint8).reshape(28, 28)


RESULT = Result("0123456789abcdef-1", CLASSIC, 100, 5, 60_000, Judged(4_850, 5_000), Judged(4_830, 5_000))
