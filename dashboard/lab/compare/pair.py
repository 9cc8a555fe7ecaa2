"""Two runs image by image: does chance explain the difference, where does it lie, and on which images?"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from dashboard.elements.prose import read_lesson
from dashboard.session import resources
from dashboard.widgets import tables
from dashboard.widgets.charts import draw
from dashboard.widgets.controls import segmented_choice
from dashboard.widgets.text_elements import metrics, note
from mnist_core.analysis.comparison import McNemar, Side, confusion_difference, disagreements, mcnemar
from mnist_core.analysis.reports import DigitReport
from mnist_core.figures.digits import table_pictures
from mnist_core.figures.lab.comparison import difference_figure
from mnist_core.figures.lab.evaluation import confusion_figure

MAX_IMAGES: Final = 30
_NEVER, _RARE, _NEARLY_ALWAYS = 1e-6, 0.015, 0.985
"""Probabilities between which "about 2 times in 100" to "98 times" say it best."""


def compare_pair(compared: Mapping[str, resources.TrainedRun]) -> None:
    """Two of the runs image by image: can chance explain the difference, and where does it lie?"""
    prose, names = read_lesson("lab", "compare"), list(compared)
    controls, right = st.columns([2, 3], gap="medium")
    picture = right.container(key="beside_detail_pair")
    with controls:
        st.markdown(prose["pair"])
        with st.container(horizontal=True):
            first = st.selectbox("One run", names, key="compare_first", width=150)
            others = [name for name in names if name != first]
            second = st.selectbox("The other", others, key="compare_second", width=150)
    a, b = compared[first], compared[second]
    if a.dataset.origin.fingerprint != b.dataset.origin.fingerprint:
        picture.info(prose["not comparable"], icon=":material/info:")
        return
    with controls:
        _verdict(mcnemar(a.evaluation.is_right, b.evaluation.is_right), first, second)
    with picture:
        _where_it_lies(a.report, b.report, first, second)
    _disagreements(a, b, first, second)


def _where_it_lies(a: DigitReport, b: DigitReport, first: str, second: str) -> None:
    """The difference of two confusion matrices, or one of them."""
    prose = read_lesson("lab", "compare")
    shown = segmented_choice(prose["where it lies"], ("Difference", first, second), "compare_matrix")
    if shown == "Difference":
        difference = confusion_difference(a, b)
        draw("compare_confusion", difference_figure, difference, first, second, height="stretch")
        note(prose["difference"])
    else:
        draw("compare_confusion", confusion_figure, a if shown == first else b, height="stretch")


def _verdict(test: McNemar, first: str, second: str) -> None:
    """McNemar's test in words."""
    prose = read_lesson("lab", "compare")
    counts = {f"Only {first} right": test.only_first, f"Only {second} right": test.only_second}
    metrics({label: f"{count:,}" for label, count in counts.items()})
    note(prose["alike"].format(right=f"{test.both_right:,}", wrong=f"{test.both_wrong:,}"))
    if not test.n_telling:
        st.info(prose["no difference"], icon=":material/balance:")
        return
    coin_toss = prose["coin toss"].format(chance=chance_in_words(test.p_value))
    st.markdown(f"{telling_in_words(test, first, second)} {coin_toss}")
    if test.is_significant:
        st.success(prose["real"], icon=":material/check_circle:")
    else:
        st.info(prose["chance"], icon=":material/casino:")
    note(prose["what it says"])


def telling_in_words(test: McNemar, first: str, second: str) -> str:
    """How the images that tell two runs apart, at least one, are split between them."""
    fewer, more = sorted((test.only_first, test.only_second))
    part = "telling tie" if fewer == more else "telling one" if test.n_telling == 1 else "telling"
    better = first if test.only_first > test.only_second else second
    numbers = {"n": f"{test.n_telling:,}", "more": f"{more:,}", "fewer": f"{fewer:,}"}
    return read_lesson("lab", "compare")[part].format(better=better, **numbers)


def chance_in_words(p_value: float) -> str:
    """A probability in words, such as "about once in 250 times"."""
    if p_value < _NEVER:
        return "less often than once in a million times"
    if p_value < _RARE:
        return f"about once in {round(1 / p_value):,} times"
    if p_value > _NEARLY_ALWAYS:
        return "nearly every time"
    return f"about {100 * p_value:.0f} times in 100"


def _disagreements(a: resources.TrainedRun, b: resources.TrainedRun, first: str, second: str) -> None:
    pairs = disagreements(a.evaluation, b.evaluation)
    st.markdown(f"**They read {pairs.n_images:,} of {a.evaluation.n_images:,} test images differently**")
    sides: dict[Side, str] = {
        "only first": f"Only {first} is right",
        "only second": f"Only {second} is right",
        "both wrong": "Both are wrong",
    }
    words = {side: f"{name} ({len(pairs.by_side[side]):,})" for side, name in sides.items()}
    indices = pairs.by_side[segmented_choice("Show", words, "compare_side")]
    if not len(indices):
        st.caption("There is no such image.")
        return
    if len(indices) > MAX_IMAGES:
        st.caption(f"The {MAX_IMAGES} about which the two together are most confident.")
    _image_table({first: a, second: b}, indices[:MAX_IMAGES])


def _image_table(runs: Mapping[str, resources.TrainedRun], indices: NDArray[np.integer]) -> None:
    """Test images with what each run reads in them, and how sure it is."""
    a = next(iter(runs.values()))
    table: dict[str, object] = {
        "Image": table_pictures(a.dataset.test_images[indices]),
        "Number": indices,
        "True digit": a.evaluation.labels[indices],
    }
    for name, run in runs.items():
        table[f"{name} reads"] = run.evaluation.predictions[indices]
        table[f"{name}, confidence"] = 100 * run.evaluation.confidence[indices]
    formats = {
        "Image": st.column_config.ImageColumn(width="small"),
        **{f"{name}, confidence": tables.PERCENT_SIGN for name in runs},
    }
    height = min(480, 45 + 61 * len(indices))
    tables.data_table(pd.DataFrame(table), formats, "compare_images", row_height=60, height=height)
