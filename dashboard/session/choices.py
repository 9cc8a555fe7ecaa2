"""What a visitor has chosen: the settings of the next run, kept over pages and reloads, and in the URL.

Every choice has one row in `CHOICES`. Values live in `st.session_state` apart from the widgets, because
Streamlit forgets a widget that is not drawn; the URL carries those that differ from their default, so that
a link opens the dashboard with the same settings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from dashboard.elements.untrusted import escape_markdown
from mnist_core.config import (
    ACTIVATIONS,
    CLASSIC,
    DEFAULT,
    LIMITS,
    MAX_HIDDEN_LAYERS,
    OPTIMIZERS,
    USUAL_LEARNING_RATE,
    Limits,
    NetworkConfig,
    RunConfig,
    TrainingConfig,
)

ALL_IMAGES: Final = int(LIMITS["n_training_images"].highest)
"""The value of "images" that means all there are, also where there are fewer."""


@dataclass(frozen=True)
class Choice:
    """One setting: what it is when nothing is said, and what it may be."""

    default: Any
    allowed: Limits | tuple[str, ...]

    @property
    def limits(self) -> Limits:
        """The allowed numbers.

        Raises:
            TypeError: The choice is one of several words.
        """
        if not isinstance(self.allowed, Limits):
            raise TypeError("This choice has words, not numbers.")
        return self.allowed

    def allows(self, value: Any) -> bool:
        """Whether something is one of the words, or a number of the right kind within the limits."""
        if not isinstance(self.allowed, Limits):
            return isinstance(value, str) and value in self.allowed
        kinds = int if self.allowed.is_integer else int | float
        return isinstance(value, kinds) and not isinstance(value, bool) and self.allowed.allows(value)

    def parse(self, name: str, text: str) -> Any:
        """The value a URL asks for.

        Raises:
            ValueError: It is not allowed; the message says what came and what is allowed.
        """
        if isinstance(self.allowed, tuple):
            if text not in self.allowed:
                raise ValueError(f"{name} must be one of {', '.join(self.allowed)}, not {text[:40]!r}.")
            return text
        try:
            value = int(text) if self.allowed.is_integer else float(text)
        except ValueError:
            value = None
        if value is None or not self.allowed.allows(value):
            raise ValueError(f"{name} must be {self.allowed}, not {text[:40]!r}.")
        return value


CHOICES: Final[Mapping[str, Choice]] = {
    "units": Choice(32, LIMITS["hidden_units"]),
    "layers": Choice(1, Limits(1, MAX_HIDDEN_LAYERS)),
    "units2": Choice(32, LIMITS["hidden_units"]),
    "units3": Choice(32, LIMITS["hidden_units"]),
    "activation": Choice("relu", ACTIVATIONS),
    "epochs": Choice(5, LIMITS["epochs"]),
    "batch": Choice(32, LIMITS["batch_size"]),
    "optimizer": Choice("adam", OPTIMIZERS),
    "rate": Choice(0.001, LIMITS["learning_rate"]),
    "images": Choice(ALL_IMAGES, LIMITS["n_training_images"]),
    "validation": Choice(10, Limits(0, 50)),
    "l2": Choice(0.0, LIMITS["l2"]),
    "wrong": Choice(0, Limits(0, 100)),
    "seed": Choice(0, LIMITS["seed"]),
    "image": Choice(0, Limits(0, 9_999)),  # which test image the pages show
    "example": Choice(0, Limits(0, 59_999)),  # which training image
}

_VALUES: Final = "choices"
_PROBLEMS: Final = "choice_problems"


def load() -> None:
    """At the start of a session, take the choices from the URL; what is not allowed stays at its default."""
    if _VALUES in st.session_state:
        return
    values, problems = {name: choice.default for name, choice in CHOICES.items()}, []
    for name, text in st.query_params.items():
        if name in CHOICES:
            try:
                values[name] = CHOICES[name].parse(name, text)
            except ValueError as error:
                problems.append(f"The link asks for something that cannot be: {escape_markdown(str(error))}")
    st.session_state[_VALUES] = values
    st.session_state[_PROBLEMS] = problems


def problems() -> list[str]:
    """Sentences about values in the URL that were not allowed."""
    return list(st.session_state[_PROBLEMS])


def report(problem: str) -> None:
    """Say one more sentence about the link that opened this visit."""
    st.session_state[_PROBLEMS] = [*problems(), problem]


def get(name: str) -> Any:
    """The value of one choice."""
    return st.session_state[_VALUES][name]


def put(name: str, value: Any) -> None:
    """Set one choice, and with a new optimiser the learning rate it usually has."""
    st.session_state[_VALUES][name] = value
    st.session_state.pop(widget_key(name), None)
    st.session_state[_PROBLEMS] = []
    if name == "optimizer":
        put("rate", USUAL_LEARNING_RATE[value])


def widget_key(name: str) -> str:
    """The key of the control of a choice."""
    return f"choice_{name}"


def bind(name: str) -> dict[str, Any]:
    """The arguments that tie a control to a choice."""
    key = widget_key(name)
    st.session_state[key] = get(name)  # the choice decides; Streamlit may have forgotten the widget

    def changed() -> None:
        if key not in st.session_state:
            return
        value = st.session_state[key]
        if not CHOICES[name].allows(value):  # no page sends that; the control goes back to the choice
            return
        st.session_state[_VALUES][name] = value
        st.session_state[_PROBLEMS] = []
        if name == "optimizer":
            put("rate", USUAL_LEARNING_RATE[value])

    return {"key": key, "on_change": changed}


def parameters() -> dict[str, str]:
    """The choices that differ from their default, as they stand in a URL."""
    values = ((name, get(name), choice.default) for name, choice in CHOICES.items())
    return {name: f"{value}" for name, value, default in values if value != default}


def write_url() -> None:
    """Put the choices that differ from their default into the URL, and leave other parameters alone.

    All at once: the browser's history gets an entry each time that the URL changes.
    """
    others = {name: value for name, value in st.query_params.items() if name not in CHOICES}
    wanted = others | parameters()
    if wanted != st.query_params.to_dict():
        st.query_params.from_dict(wanted)


def config() -> RunConfig:
    """The run the choices describe."""
    return _to_config(st.session_state[_VALUES])


def choose(config: RunConfig) -> None:
    """Set every choice to a config, or to what comes closest where `expressed` gives another."""
    for name, value in _to_values(config).items():
        put(name, value)


def expressed(config: RunConfig) -> RunConfig:
    """What the choices would make of a config: they know no preparation, and shares in whole percent only."""
    return _to_config(_to_values(config))


def _to_config(values: Mapping[str, Any]) -> RunConfig:
    units = (values["units"], values["units2"], values["units3"])[: values["layers"]]
    training = TrainingConfig(
        epochs=values["epochs"],
        batch_size=values["batch"],
        optimizer=values["optimizer"],
        learning_rate=values["rate"],
        n_training_images=None if values["images"] == ALL_IMAGES else values["images"],
        validation_share=values["validation"] / 100,
        l2=values["l2"],
        wrong_label_share=values["wrong"] / 100,
        seed=values["seed"],
    )
    return RunConfig(NetworkConfig(units, values["activation"]), training)


def _to_values(config: RunConfig) -> dict[str, Any]:
    network, training = config.network, config.training
    units = (*network.hidden_units, 32, 32)
    return {
        "units": units[0],
        "layers": len(network.hidden_units),
        "units2": units[1],
        "units3": units[2],
        "activation": network.activation,
        "epochs": training.epochs,
        "batch": training.batch_size,
        "optimizer": training.optimizer,
        "rate": training.learning_rate,
        "images": training.n_training_images or ALL_IMAGES,
        "validation": round(100 * training.validation_share),
        "l2": training.l2,
        "wrong": round(100 * training.wrong_label_share),
        "seed": training.seed,
    }


PRESETS: Final[Mapping[str, RunConfig]] = {"Default": DEFAULT, "The classic": CLASSIC}
