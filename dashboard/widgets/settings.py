"""The controls of the next run: three sliders in front, the rest behind three tabs."""

from functools import partial
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.elements.prose import read_lesson
from dashboard.session import choices, present, resources
from dashboard.session.choices import CHOSEN, View
from dashboard.widgets.text_elements import note
from mnist_core.config import ACTIVATION_NAMES, ALL_IMAGES, PRESETS, SETTINGS
from mnist_core.settings import Control, Setting, Words
from mnist_core.training.stretches import borders

_RARE: Final = {"Network": "network", "Updates": "updates", "Images": "images"}
"""The place of the settings behind each tab."""
_TWO: Final = (1.0, 1.15)
"""Widths of two columns: the second one has the field of the seed, with its − and +."""
_CONTROLS: Final = {
    control.address: (setting, control) for setting in SETTINGS.values() for control in setting.controls
}


def front(*addresses: str, view: View = CHOSEN) -> None:
    """Hidden neurons, epochs and batch size, or those of them whose addresses are given."""
    controls = [
        (setting, control)
        for setting, control in _controls("front")
        if not addresses or control.address in addresses
    ]
    for column, (setting, control) in zip(st.columns(len(controls)), controls, strict=True):
        with column:
            _draw(setting, control, view)


def in_tabs(key: str, usual: str, n_columns: int, view: View = CHOSEN) -> DeltaGenerator:
    """Tabs of one height: what is chosen most, and behind three others the rarer settings.

    Args:
        key: Of the page.
        usual: The name of the first tab.
        n_columns: Of the rarer settings.
        view: Which settings they are.

    Returns:
        The first tab.
    """
    first, *others = st.tabs([usual, *_RARE], key=f"setting_tabs_{key}")
    for tab, place in zip(others, _RARE.values(), strict=True):
        with tab.container(gap="xsmall"):
            _in_columns(place, n_columns, view)
    return first


def _in_columns(place: str, n_columns: int, view: View) -> None:
    """The controls of a tab row by row, and after the last one where their words are explained."""
    draws = [
        partial(_draw, setting, control, view)
        for setting, control in _controls(place)
        if control.from_layer <= view.get("layers")
    ]
    draws.append(partial(note, read_lesson("lab", "train")[f"words of {place}"]))
    for begin in range(0, len(draws), n_columns):
        columns = st.columns(_TWO if n_columns == len(_TWO) else n_columns, vertical_alignment="bottom")
        for column, draw in zip(columns, draws[begin : begin + n_columns], strict=False):
            with column:
                draw()


def stacked() -> None:
    """The sliders one below the other, with buttons for what a class is often told to take.

    A phone has these buttons elsewhere: see `shortcuts`.
    """
    for setting, control in _controls("front"):
        _draw(setting, control, CHOSEN)
        if control.shortcuts and not present.is_phone():
            _shortcuts(control)


def shortcuts() -> None:
    """On a phone, whose sliders are below the network, such buttons in a row above it, with their name."""
    if present.is_phone():
        with st.container(horizontal=True, vertical_alignment="center", key="shortcuts"):
            for _, control in _controls("front"):
                if control.shortcuts:
                    st.caption(control.label, width="content")
                    _shortcuts(control)


def _shortcuts(control: Control) -> None:
    """A button for each of a few values of a slider."""
    key = f"shortcut_{control.address}"
    chosen = choices.get(control.address)
    st.session_state[key] = chosen if chosen in control.shortcuts else None

    def choose() -> None:
        if st.session_state.get(key) in control.shortcuts:
            choices.put(control.address, st.session_state[key])

    label = f"{control.label} at once"
    st.segmented_control(label, control.shortcuts, key=key, on_change=choose, label_visibility="collapsed")


def control_of(address: str) -> None:
    """A single control, by its parameter in a link, on a page that is about this setting."""
    _draw(*_CONTROLS[address], CHOSEN)


def presets(view: View = CHOSEN) -> None:
    """Buttons that put all settings back."""
    with st.container(horizontal=True):
        for name, preset in PRESETS.items():
            st.button(name, on_click=view.choose, args=(preset,), icon=":material/restart_alt:")


def in_words(is_short: bool = False) -> str:
    """What the settings make: layers, shapes, parameters and how they are counted, updates; Markdown.

    Args:
        is_short: Numbers alone, in a line or two.
    """
    config, n_available = choices.run_config(), len(resources.dataset().train_labels)
    network, training = config.network, config.training
    flow = " → ".join(f"**{size}**" for size in network.layer_sizes)
    sizes = zip(network.layer_sizes[:-1], network.layer_sizes[1:], strict=True)
    counted = " + ".join(f"({fan_in} × {fan_out} + {fan_out})" for fan_in, fan_out in sizes)
    n_training, n_validation = training.split_sizes(n_available)
    steps = training.steps_per_epoch(n_available)
    is_bent = network.activation != "none"
    activation = ACTIVATION_NAMES[network.activation] if is_bent else "no activation"
    validation = (
        f"{n_validation:,} more {'is' if n_validation == 1 else 'are'} set aside for validation"
        if n_validation
        else "none are set aside for validation"
    )
    made = f"**{steps:,} update{'s' if steps > 1 else ''}** per epoch"
    chapters = "".join(f"  \n**Chapter {n}**: {border.words}." for n, border in enumerate(borders(config), 2))
    if is_short:
        return f"{flow}: **{network.n_parameters:,} parameters**, {made}.{chapters}"
    return (
        f"{flow}: pixels, hidden neurons ({activation}), digits (softmax).  \n"
        f"**{network.n_parameters:,} parameters** = {counted}: weights and biases of each layer.  \n"
        f"**{n_training:,} images** in batches of {training.batch_size:,} make "
        f"{made}; {validation}.{chapters}"
    )


def _controls(place: str) -> list[tuple[Setting, Control]]:
    return [(setting, control) for setting, control in _CONTROLS.values() if control.place == place]


def _draw(setting: Setting, control: Control, view: View) -> None:
    """The control of a kind that fits what it may be set to."""
    label, bound, allowed = control.label, view.bind(control.address), setting.allowed_in(control)
    if isinstance(allowed, Words):
        st.selectbox(label, list(allowed.names), format_func=allowed.names.__getitem__, **bound)
    elif control.kind == "buttons":
        st.segmented_control(label, control.steps, required=True, **bound)
    elif control.steps:
        st.select_slider(
            label, _offered(control, view), format_func=partial(_written, setting, control), **bound
        )
    else:
        draw = st.number_input if control.kind == "field" else st.slider
        draw(label, int(allowed.lowest), int(allowed.highest), **bound)


def _offered(control: Control, view: View) -> list[float]:
    """Round numbers, and the one a link asked for; of images no more than there are."""
    n_available = len(resources.dataset().train_labels)
    steps = (
        step
        for step in control.steps
        if control.address != "images" or step < n_available or step == ALL_IMAGES
    )
    return sorted({*steps, view.get(control.address)})


def _written(setting: Setting, control: Control, value: float) -> str:
    return setting.write(setting.from_controls({control.address: value}))
