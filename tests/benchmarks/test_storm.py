"""What `benchmarks.storm` prints for a program is JSON that every program reads."""

import json
import math
from collections import Counter

from benchmarks.storm.results import Figure, Measured, data


def test_what_never_happened_is_null_and_breaks_its_bound():
    figures = Figure("begins, s", math.inf, 15.0), Figure("asked for", 51)
    measured = Measured("queue", figures, (), 0.5, 0.1, 0.9, Counter({"pages": 3}))
    printed = json.loads(json.dumps(data(measured), allow_nan=False))
    assert [figure["value"] for figure in printed["figures"]] == [None, 51]
    assert printed["samples"] == {"pages": 3}
    assert printed["is_good"] is False
