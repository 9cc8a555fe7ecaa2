"""The controls of a sweep of the visitor's own, and the sweeps of this visit."""

from typing import Final

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.lab.compare import sweeps as sweep_results
from dashboard.session import choices, resources, visits
from dashboard.widgets import current_run, settings
from dashboard.widgets.controls import PERSIST, primary_button, segmented_choice
from mnist_core.bounds import MAX_KEPT_SWEEPS, MAX_SEEDS
from mnist_core.figures.lab.sweeps import value_text
from mnist_core.settings import ConfigError
from mnist_core.sweeps.plans import SWEEPABLE, SWEEPS, Plan, in_order, plan, swept_value
from mnist_core.sweeps.results import JudgedOn

SETTINGS: Final = tuple(words for words, setting in SWEEPABLE.items() if setting.controls)
JUDGES: Final[tuple[JudgedOn, ...]] = ("validation", "test")


def sweep_one_setting() -> None:
    """Choose a setting and its values, sweep it, and look at the sweeps of this visit."""
    prose = read_lesson("lab", "compare")
    st.markdown(prose["sweep"])
    planned = _plan()
    words = {
        name: f"{name}: {_in_words(begun)}"
        for name, (begun, _) in visits.current_visit().sweeps.items()
        if name.startswith("Sweep ")
    }
    if planned is not None:
        n, s = len(planned.configs), "" if len(planned.configs) == 1 else "s"
        label, icon = f"Sweep: train {n} network{s}", ":material/play_arrow:"
        primary_button(label, icon, "sweep_begin", on_click=_begin, args=(planned,))
    sweep_results.message()
    if not words:
        st.info(prose["no sweep"], icon=":material/lightbulb:")
        return
    name = [*words][-1]
    if len(words) > 1:
        name = st.selectbox(
            "Sweeps of this visit", [*words][::-1], format_func=words.__getitem__, key="sweep_shown"
        )
    st.subheader(words[name])
    sweep_results.sweep_panel(name, judge("sweep", "validation"))


def judge(key: str, usual: JudgedOn) -> JudgedOn:
    """Which images the accuracies are from."""
    words = {name: f"{name} images" for name in JUDGES}
    return segmented_choice("Judge on", words, f"{key}_judge", first=usual, **PERSIST)


def _plan() -> Plan | None:
    """What the controls ask for; None, with a sentence, if that cannot be swept."""
    left, right = st.columns([2, 1])
    setting = left.selectbox("Setting", SETTINGS, format_func=str.capitalize, key="sweep_setting", **PERSIST)
    seeds = 1
    if setting != "seed":
        seeds = right.slider("Seeds for each value", 1, MAX_SEEDS, key="sweep_seeds", **PERSIST)
    n_available = len(resources.dataset().train_labels)
    sweep = SWEEPS[setting]
    values = st.pills(
        "Values",
        in_order(setting, sweep.offered, n_available),
        selection_mode="multi",
        default=in_order(setting, sweep.usual, n_available),
        format_func=lambda value: value_text(setting, value),
        key=f"sweep_values_{setting}_{n_available}",
        **PERSIST,
    )
    base = choices.config()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Everything else as on the train page: {current_run.describe(base)}.")
        settings.more()
    try:
        return plan(base, setting, values, seeds, n_available)
    except ConfigError as error:
        st.warning(str(error), icon=":material/rule:")
        return None


def _begin(planned: Plan) -> None:
    sweeps = visits.current_visit().sweeps
    own = [name for name in sweeps if name.startswith("Sweep ")]
    number = 1 + max((int(name.removeprefix("Sweep ")) for name in own), default=0)
    sweep_results.begin(f"Sweep {number}", planned)
    for name in own[: max(0, len(own) + 1 - MAX_KEPT_SWEEPS)]:
        del sweeps[name]
    st.session_state.pop("sweep_shown", None)  # the new one is looked at


def _in_words(planned: Plan) -> str:
    values = dict.fromkeys(swept_value(config, planned.setting) for config in planned.configs)
    return f"{planned.setting} {', '.join(value_text(planned.setting, value) for value in values)}"
