"""The controls of a sweep of the visitor's own, and the sweeps of this visit."""

from typing import Any, Final, NamedTuple

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.lab.compare import sweeps as sweep_results
from dashboard.session import choices, page_view, resources, visits
from dashboard.session.choices import CHOSEN, View
from dashboard.widgets import charts, settings, text_elements
from dashboard.widgets.beside import beside
from dashboard.widgets.controls import PERSIST, primary_button, segmented_choice
from mnist_core.bounds import MAX_KEPT_SWEEPS, MAX_SEEDS
from mnist_core.config import DEFAULT, SETTINGS, RunConfig
from mnist_core.figures.awaited import awaited_figure
from mnist_core.figures.lab.sweeps import accuracy_frame, value_text
from mnist_core.settings import ConfigError
from mnist_core.sweeps.plans import SWEEPABLE, SWEEPS, Plan, in_order, plan, swept_value
from mnist_core.sweeps.results import JudgedOn

OFFERED: Final = tuple(words for words, setting in SWEEPABLE.items() if setting.controls)
JUDGES: Final[tuple[JudgedOn, ...]] = ("validation", "test")


def sweep_one_setting() -> None:
    """Choose a setting and its values, sweep it, and look beside that at the sweeps of this visit."""
    prose = read_lesson("lab", "compare")
    controls, picture = beside("sweep")
    chosen = choices.run_config()
    view = View(chosen.in_epoch(1)) if chosen.chapters else CHOSEN
    with controls:
        with settings.in_tabs("sweep", "Sweep", n_columns=2, view=view):
            asked = _asked()
        if chosen.chapters:
            text_elements.note(prose["sweep without chapters"])
        planned = _plan(view.config, asked)
        if planned is not None:
            page_view.note_trainings(planned.configs)
            with st.container(key="main_actions_sweep"):
                label, icon = _button(planned), ":material/play_arrow:"
                primary_button(label, icon, "sweep_begin", on_click=_begin, args=(planned,))
            held = _held(view.config, asked.setting, asked.n_seeds)
            st.caption(f"Everything else as on the page **Train**: {', '.join(held)}.")
        text_elements.note(prose["sweep"])
        settings.presets(view)
    with picture:
        sweep_results.message()
        _sweeps_so_far(planned)


def _button(planned: Plan) -> str:
    n = len(planned.configs)
    return f"Sweep: train {n} network{'s' if n > 1 else ''}"


def _sweeps_so_far(planned: Plan | None) -> None:
    """The last sweep of this visit, or the one that is chosen; at first the chart that it will fill."""
    words = {
        name: f"{name}: {_in_words(begun)}"
        for name, (begun, _) in visits.current_visit().sweeps.items()
        if name.startswith("Sweep ")
    }
    if not words:
        if planned is None:
            st.info(read_lesson("lab", "compare")["no sweep"], icon=":material/lightbulb:")
        else:
            said = f"Press **{_button(planned)}**: the accuracy is drawn here, point by point."
            frame = accuracy_frame(planned, "validation", sweep_results.chart_height())
            charts.draw("awaited_sweep", awaited_figure, frame, said)
        return
    name = [*words][-1]
    with st.container(horizontal=True, vertical_alignment="center", key="sweep_shown_row"):
        if len(words) > 1:
            name = st.selectbox(
                "Sweeps of this visit", [*words][::-1], format_func=words.__getitem__, key="sweep_shown",
                label_visibility="collapsed",
            )  # fmt: skip
        else:
            st.markdown(f"**{words[name]}**", width="stretch")
        judged = judge("sweep", "validation")
    sweep_results.sweep_panel(name, judged, is_wide=False)


def judge(key: str, usual: JudgedOn) -> JudgedOn:
    """Which images the accuracies are from."""
    words = {name: f"on {name} images" for name in JUDGES}
    return segmented_choice("Judge on", words, f"{key}_judge", first=usual, is_labelled=False, **PERSIST)


class _Asked(NamedTuple):
    """A setting, the values that it shall have, and how many seeds each of them."""

    setting: str
    values: list[Any]
    n_seeds: int


def _asked() -> _Asked:
    """What is swept, chosen by controls."""
    setting = st.selectbox("Setting", OFFERED, format_func=str.capitalize, key="sweep_setting", **PERSIST)
    n_seeds = 1
    if setting != "seed":
        n_seeds = st.slider("Seeds for each value", 1, MAX_SEEDS, key="sweep_seeds", **PERSIST)
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
    return _Asked(setting, values, n_seeds)


def _plan(base: RunConfig, asked: _Asked) -> Plan | None:
    """What the controls ask for on top of some settings; None, with a sentence, if that cannot be swept."""
    n_available = len(resources.dataset().train_labels)
    try:
        return plan(base, asked.setting, asked.values, asked.n_seeds, n_available)
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
