"""The controls of the next run: three sliders in front, the rest behind "More settings"."""

from collections.abc import Sequence
from typing import Final, Literal

import streamlit as st

from dashboard.session import choices, resources
from mnist_core.config import ACTIVATIONS, LIMITS, MAX_HIDDEN_LAYERS, OPTIMIZER_NAMES, OPTIMIZERS

_RATES: Final = (0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
_STRENGTHS: Final = (0.0, 0.00001, 0.0001, 0.001, 0.01, 0.1)
_BATCH_SIZES: Final = tuple(2**power for power in range(11))
_IMAGE_COUNTS: Final = (100, 300, 1_000, 3_000, 10_000, 30_000)


def front(*names: Literal["units", "epochs", "batch"]) -> None:
    """Hidden units, epochs and batch size, or those of them that are named."""
    shown = names or ("units", "epochs", "batch")
    for column, name in zip(st.columns(len(shown)), shown, strict=True):
        with column:
            if name == "batch":
                _steps("Batch size", _BATCH_SIZES, "batch")
            else:
                _slider("Hidden units" if name == "units" else "Epochs", name)


def more() -> None:
    """Everything else, behind a button."""
    with st.popover("More settings", icon=":material/tune:"):
        with st.container(horizontal=True):
            for name, preset in choices.PRESETS.items():
                st.button(name, on_click=choices.choose, args=(preset,), icon=":material/restart_alt:")
        left, middle, right = st.columns(3, gap="medium")
        with left:
            layers = list(range(1, MAX_HIDDEN_LAYERS + 1))
            st.segmented_control("Hidden layers", layers, required=True, **choices.bind("layers"))
            for number in range(2, choices.get("layers") + 1):
                _slider(f"Units in hidden layer {number}", f"units{number}")
            st.selectbox("Activation", ACTIVATIONS, **choices.bind("activation"))
        with middle:
            names = OPTIMIZER_NAMES
            st.selectbox("Optimiser", OPTIMIZERS, format_func=lambda o: names[o], **choices.bind("optimizer"))
            _steps("Learning rate", _RATES, "rate")
            _steps("L2 penalty", _STRENGTHS, "l2")
        with right:
            n_available = len(resources.dataset().train_labels)
            counts = [n for n in _IMAGE_COUNTS if n < n_available]
            _steps("Training images", [*counts, choices.ALL_IMAGES], "images")
            _slider("Set aside for validation (%)", "validation")
            _slider("Wrong labels, put in on purpose (%)", "wrong")
            seed = LIMITS["seed"]
            st.number_input("Seed", int(seed.lowest), int(seed.highest), **choices.bind("seed"))


def in_words() -> str:
    """What the settings make: layers, shapes, parameters and how they are counted, updates; Markdown."""
    config, n_available = choices.config(), len(resources.dataset().train_labels)
    network, training = config.network, config.training
    flow = " → ".join(f"**{size}**" for size in network.layer_sizes)
    sizes = zip(network.layer_sizes[:-1], network.layer_sizes[1:], strict=True)
    counted = " + ".join(f"({fan_in} × {fan_out} + {fan_out})" for fan_in, fan_out in sizes)
    n_training, n_validation = training.split_sizes(n_available)
    steps = training.steps_per_epoch(n_available)
    activation = "no activation" if network.activation == "none" else network.activation
    validation = f"{n_validation:,} more are set aside for validation" if n_validation else "none validate"
    return (
        f"{flow}: pixels, hidden neurons ({activation}), digits (softmax).  \n"
        f"**{network.n_parameters:,} parameters** = {counted}: weights and biases of each layer.  \n"
        f"**{n_training:,} images** in batches of {training.batch_size:,} make "
        f"**{steps:,} update{'s' if steps > 1 else ''}** per epoch; {validation}."
    )


def _slider(label: str, name: str) -> None:
    allowed = choices.CHOICES[name].limits
    st.slider(label, int(allowed.lowest), int(allowed.highest), **choices.bind(name))


def _steps(label: str, usual: Sequence[float], name: str) -> None:
    """A slider over round numbers, and over the one a link asked for."""

    def shown(value: float) -> str:
        return "all" if (name, value) == ("images", choices.ALL_IMAGES) else f"{value:,.5g}"

    offered = sorted({*usual, choices.get(name)})
    st.select_slider(label, offered, format_func=shown, **choices.bind(name))
