"""The controls of a sweep of the visitor's own, and the sweeps of this visit."""

from typing import Final

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.lab.compare import sweeps as sweep_results
from dashboard.session import choices, page_view, present, resources, visits
from dashboard.session.choices import CHOSEN, View
from dashboard.widgets import settings, text_elements
from dashboard.widgets.beside import beside
from dashboard.widgets.controls import PERSIST, primary_button, segmented_choice
from mnist_core.bounds import MAX_KEPT_SWEEPS, MAX_SEEDS
from mnist_core.config import DEFAULT, SETTINGS, RunConfig
from mnist_core.figures.lab.sweeps import value_text
from mnist_core.settings import ConfigError
from mnist_core.sweeps.plans import SWEEPABLE, SWEEPS, Plan, in_order, plan, swept_value
from mnist_core.sweeps.results import JudgedOn

OFFERED: Final = tuple(words for words, setting in SWEEPABLE.items() if setting.controls)
JUDGES: Final[tuple[JudgedOn, ...]] = ("validation", "test")


def sweep_one_setting() -> None:
    """Choose a setting and its values, sweep it, and look beside that at the sweeps of this visit."""
    prose = read_lesson("lab", "compare")
    controls, picture = beside("sweep")
    with controls:
        chosen = choices.run_config()
        view = View(chosen.in_epoch(1)) if chosen.chapters else CHOSEN
        planned = _plan(view.config)
        if chosen.chapters:
            text_elements.note(prose["sweep without chapters"])
        with st.container(horizontal=True, gap="xsmall"):
            if planned is not None:
                page_view.note_trainings(planned.configs)
                n, s = len(planned.configs), "" if len(planned.configs) == 1 else "s"
                label, icon = f"Sweep: train {n} network{s}", ":material/play_arrow:"
                with st.container(key="main_actions_sweep", width="content"):
                    primary_button(label, icon, "sweep_begin", on_click=_begin, args=(planned,))
            switch = st.container(width="content")
        rare = st.container() if present.is_phone() else picture.container()
        with switch:
            settings.more(rare, view)
        text_elements.note(prose["sweep"])
    with picture:
        _sweeps_so_far()


def _sweeps_so_far() -> None:
    """The last sweep of this visit, or the one that is chosen."""
    sweep_results.message()
    words = {
        name: f"{name}: {_in_words(begun)}"
        for name, (begun, _) in visits.current_visit().sweeps.items()
        if name.startswith("Sweep ")
    }
    if not words:
        st.info(read_lesson("lab", "compare")["no sweep"], icon=":material/lightbulb:")
        return
    name = [*words][-1]
    if len(words) > 1:
        name = st.selectbox(
            "Sweeps of this visit", [*words][::-1], format_func=words.__getitem__, key="sweep_shown"
        )
    st.subheader(words[name])
    sweep_results.sweep_panel(name, judge("sweep", "validation"), is_wide=False)


def judge(key: str, usual: JudgedOn) -> JudgedOn:
    """Which images the accuracies are from."""
    words = {name: f"{name} images" for name in JUDGES}
    return segmented_choice("Judge on", words, f"{key}_judge", first=usual, **PERSIST)


def _plan(base: RunConfig) -> Plan | None:
    """What the controls ask for on top of some settings; None, with a sentence, if that cannot be swept."""
    setting = st.selectbox("Setting", OFFERED, format_func=str.capitalize, key="sweep_setting", **PERSIST)
    seeds = 1
    if setting != "seed":
        seeds = st.slider("Seeds for each value", 1, MAX_SEEDS, key="sweep_seeds", **PERSIST)
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
    st.caption(f"Everything else as on the train page: {', '.join(_held(base, setting, seeds))}.")
    try:
        return plan(base, setting, values, seeds, n_available)
    except ConfigError as error:
        st.warning(str(error), icon=":material/rule:")
        return None


def _held(base: RunConfig, swept: str, n_seeds: int) -> list[str]:
    """The settings that every network of a sweep has, without those that are as usual and not in front."""
    layers = len(base.network.hidden_units)
    held = [f"{layers} hidden layers"] if swept == "hidden neurons" and layers > 1 else []
    for name, setting in SETTINGS.items():
        is_varied = setting.words == swept or (name == "seed" and n_seeds > 1)
        is_in_front = any(control.place == "front" for control in setting.controls)
        value = base.value_of(name)
        if not is_varied and (is_in_front or value != DEFAULT.value_of(name)):
            held.append(f"{setting.words} {setting.write(value)}")
    return held


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
