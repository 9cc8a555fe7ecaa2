"""Whether images that fool one network fool another, and whether the other is harder to fool."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from dashboard.elements.prose import read_lesson
from dashboard.lab.compare.runs import comparable_runs
from dashboard.learn import experiments
from dashboard.session import resources
from dashboard.widgets import charts, current_run, text_elements
from dashboard.widgets.controls import PERSIST
from mnist_core.analysis.adversarial import (
    FoolingReport,
    SignArray,
    Transfer,
    fooling_report,
    reads_correctly,
    signs_for,
    transfer,
)
from mnist_core.analysis.comparison import descriptions
from mnist_core.config import LIMITS
from mnist_core.figures.lab.fooling import robustness_figure
from mnist_core.figures.style import n_of, share_text
from mnist_core.lessons.generalizing import SHIFT

SEED, SHIFTED = "another seed", "shifted copies"
THIS: Final = "this network"


def other_network(
    current: resources.TrainedRun, report: FoolingReport, size: int, controls: DeltaGenerator
) -> str:
    """Choose another network or train one; see how easily it is fooled.

    Args:
        current: The run whose gradient is taken, its numbers finite.
        report: Of it.
        size: Of the change.
        controls: Where the choice stands.

    Returns:
        What to say of the images that fool both; "" until there is another network.
    """
    lesson, runs = read_lesson("lab", "fooling"), _other_runs(current)
    words = _trainable(current) | dict(zip(runs, _differences(current, runs), strict=True))
    with controls:
        chosen = st.selectbox(
            "The other network", list(words), format_func=words.__getitem__, key="fooling_other", **PERSIST
        )
    other = runs[chosen] if chosen in runs else _trained(current, chosen)
    if other is None:
        return ""
    if other.record.has_diverged or not other.evaluation.is_finite:
        st.info(lesson["not finite"], icon=":material/trending_up:")
        return ""
    its_report = current_run.analysis_result(other, fooling_report, lesson["waiting"])
    if its_report is None:
        return ""
    short = chosen if chosen in runs else words[chosen]
    owner, name = f"{current.job_id} {other.job_id}", f"robustness {size} {short}"
    reports = {THIS: report, short: its_report}
    charts.draw_of("fooling_robustness", owner, name, robustness_figure, reports, size)
    told = {"levels": n_of(size, "gray level"), "by_noise": n_of(report.n_fooled_by_noise(size), "image")}
    told["other_by_noise"] = f"{its_report.n_fooled_by_noise(size):,}"
    text_elements.note(lesson["own gradient"].format(**told))
    after = _after_step(current.job_id, other.job_id, size, current, other)
    return _transfer_in_words(transfer(report, its_report, after, size), size)


def _other_runs(current: resources.TrainedRun) -> dict[str, resources.TrainedRun]:
    """The visit's other runs on the same images, and the classic one, by their names."""
    return {
        name: run
        for name, run in comparable_runs().items()
        if run.job_id != current.job_id
        and run.dataset.origin.fingerprint == current.dataset.origin.fingerprint
    }


def _differences(current: resources.TrainedRun, runs: Mapping[str, resources.TrainedRun]) -> list[str]:
    """Each run's name, the settings in which it differs from the current one, and its own images."""
    named = []
    for name, run in runs.items():
        _, changes = descriptions([current.record.config, run.record.config])
        said = ", ".join(filter(None, (changes, _own_images(run))))
        named.append(f"{name}: {said}" if said else name)
    return named


def _own_images(run: resources.TrainedRun) -> str:
    """What was mixed into the training images of a run, in words; "" for nothing."""
    mixture = run.record.mixture
    return "" if mixture is None else mixture.words


def _trainable(current: resources.TrainedRun) -> dict[str, str]:
    """The two networks that can be trained at a press, in words."""
    training = current.record.config.training
    return {
        SEED: f"Seed {_next_seed(current)}",
        SHIFTED: "No shifted copies" if training.shift else "Shifted copies",
    }


def _next_seed(current: resources.TrainedRun) -> int:
    """Another seed than the run's."""
    seed = current.record.config.training.seed
    return seed + 1 if LIMITS["seed"].allows(seed + 1) else 0


def _trained(current: resources.TrainedRun, chosen: str) -> resources.TrainedRun | None:
    """The same network with one setting changed; until it is there what leads to it, and None."""
    config = current.record.config
    changes = (
        {"seed": _next_seed(current)} if chosen == SEED else {"shift": 0 if config.training.shift else SHIFT}
    )
    name, place = f"fooling/{chosen}", st.container()
    runs = experiments.trained(
        name, {_trainable(current)[chosen]: config.with_changes(**changes)}, "Train it"
    )
    if runs is None:
        lesson = read_lesson("lab", "fooling")
        place.markdown(lesson[chosen])
        if _own_images(current):
            place.markdown(lesson["without own images"])
        return None
    return next(iter(runs.values()))


def _transfer_in_words(counted: Transfer, size: int) -> str:
    """How many images fool both networks."""
    lesson = read_lesson("lab", "fooling")
    if not counted.n_fooling:
        return lesson["none fooled"].format(levels=n_of(size, "gray level"))
    return lesson["transfer"].format(
        levels=n_of(size, "gray level"),
        images=n_of(counted.n_fooling, "image"),
        n_both=counted.n_fooling_both,
        share=share_text(counted.n_fooling_both / counted.n_fooling),
        n_by_noise=counted.n_by_noise,
    )


@st.cache_resource(max_entries=200, show_spinner=False)
def _after_step(
    job_id: str, other_id: str, size: int, _current: resources.TrainedRun, _other: resources.TrainedRun
) -> NDArray[np.bool_]:
    """Whether another network reads correctly what is made to fool the current one."""
    return reads_correctly(_other.record, _other.dataset, _signs(job_id, _current), size)


@st.cache_resource(max_entries=4, show_spinner=False)
def _signs(job_id: str, _current: resources.TrainedRun) -> SignArray:
    return signs_for(_current.record, _current.dataset)
