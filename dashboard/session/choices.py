"""What a visitor has chosen: the settings of the next run, kept over pages and reloads, and in the URL.

Every control of a setting (`mnist_core/config.py`) is a choice. Values live in `st.session_state` apart from
the widgets, because Streamlit forgets a widget that is not drawn; the URL carries those that differ from
their default, so that a link opens the dashboard with the same settings.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import streamlit as st

from dashboard.elements.untrusted import escape_markdown
from mnist_core.chapters import MAX_CHAPTERS, from_text, to_text
from mnist_core.config import DEFAULT, LIMITS, SETTINGS, USUAL_LEARNING_RATE, RunConfig
from mnist_core.settings import Allowed, ConfigError, Limits


@dataclass(frozen=True)
class Choice:
    """What a choice is when nothing is said, and what it may be."""

    default: Any
    allowed: "Allowed | _ChaptersInLink"

    def parse(self, name: str, text: str) -> Any:
        """The value a URL asks for.

        Raises:
            ValueError: It is not allowed; the message says what came and what is allowed.
        """
        try:
            value = self.allowed.parse(text)
        except ValueError:
            value = None
        if not self.allowed.allows(value):
            raise ValueError(f"{name} must be {self.allowed}, not {text[:40]!r}.")
        return value


@dataclass(frozen=True)
class _ChaptersInLink:
    """All chapters of a run as a text, "" for one chapter; allowed is only what `parse` gives."""

    def __str__(self) -> str:
        return (
            f"two to {MAX_CHAPTERS} chapters of epochs, batch size, optimiser and learning rate, "
            f"such as 5_32_adam_0.001~3_256_adam_0.001, with {LIMITS['epochs'].highest} epochs at most in all"
        )

    def allows(self, value: Any) -> bool:
        """Whether something is such a text."""
        try:
            return isinstance(value, str) and (not value or self.parse(value) == value)
        except ValueError:
            return False

    def parse(self, text: str) -> str:
        """The text, with the same for chapters that are trained alike.

        Raises:
            ValueError: It is none.
        """
        config = _with_chapters(DEFAULT, text)
        return to_text(config.training, config.chapters)


def _with_chapters(config: RunConfig, text: str) -> RunConfig:
    """A config with the chapters of a text and as many epochs; itself where the text is empty.

    Raises:
        ValueError: It is no such text.
    """
    if not text:
        return config
    epochs, (first, *others) = from_text(text, SETTINGS)
    training = replace(config.training, epochs=epochs, **first.settings)
    return RunConfig(config.network, training, tuple(others))


def _to_values(config: RunConfig) -> dict[str, Any]:
    """What the controls show of a config, which is its last chapter, and then all chapters."""
    values: dict[str, Any] = {}
    last = config.in_epoch(config.training.epochs)
    for name, setting in SETTINGS.items():
        values |= setting.to_controls(last.value_of(name))
    return values | {CHAPTERS: to_text(config.training, config.chapters)}


def _to_config(values: Mapping[str, Any]) -> RunConfig:
    return DEFAULT.with_changes(
        **{name: setting.from_controls(values) for name, setting in SETTINGS.items() if setting.controls}
    )


CHAPTERS: Final = "chapters"
_DEFAULTS: Final = _to_values(DEFAULT)
CHOICES: Final[Mapping[str, Choice]] = {
    control.address: Choice(_DEFAULTS[control.address], setting.allowed_in(control))
    for setting in SETTINGS.values()
    for control in setting.controls
} | {
    CHAPTERS: Choice("", _ChaptersInLink()),
    "image": Choice(0, Limits(0, 9_999)),  # which test image the pages show
    "example": Choice(0, Limits(0, 59_999)),  # which training image
}
"""Every choice by its name in a URL."""

_OF_A_RUN: Final = frozenset(_DEFAULTS) - {CHAPTERS}
_BEFORE: Final = "choices_before"
"""What each choice was that was set elsewhere than by its control, and when that was."""
_ON_ITS_WAY: Final = 1.5
"""Seconds for which a browser may still send what a control had shown before: with the clock of a part of the
page, say, which had ticked before the page with the new value was there. Nobody has moved anything then."""
_VALUES: Final = "choices"
_PROBLEMS: Final = "choice_problems"


def load() -> None:
    """At the start of a session, take the choices from the URL; what is not allowed stays at its default."""
    if _VALUES in st.session_state:
        return
    values, problems = _in_link(st.query_params.to_dict())
    st.session_state[_VALUES] = values
    st.session_state[_PROBLEMS] = problems


def _in_link(parameters: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """What a link asks for, with the defaults of all else, and sentences about what is not allowed."""
    values, problems = {name: choice.default for name, choice in CHOICES.items()}, []
    for name, text in parameters.items():
        if name in CHOICES:
            try:
                values[name] = CHOICES[name].parse(name, text)
            except ValueError as error:
                problems.append(f"The link asks for something that cannot be: {escape_markdown(str(error))}")
    if values[CHAPTERS]:  # which say themselves how the updates are made
        try:
            values |= _to_values(_with_chapters(_to_config(values), values[CHAPTERS]))
        except ConfigError as error:
            values[CHAPTERS] = ""
            problems.append(f"The link asks for something that cannot be: {error}")
    return values, problems


def values() -> dict[str, Any]:
    """All choices as they are, by name."""
    return dict(st.session_state[_VALUES])


def replace_all(chosen: Mapping[str, Any]) -> None:
    """Set all choices to what `values` gave before, so that controls show them."""
    for name in chosen:
        st.session_state.pop(widget_key(name), None)
    st.session_state[_VALUES] = dict(chosen)


def replace_by_link(parameters: Mapping[str, str]) -> None:
    """Set all choices to those of a link."""
    replace_all(_in_link(parameters)[0])


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
    st.session_state.pop(widget_key(name), None)
    if value != get(name):
        st.session_state.setdefault(_BEFORE, {})[name] = get(name), time.monotonic()
    _set(name, value)


def _is_of_before(name: str, value: Any) -> bool:
    """Whether a control sends what it had shown before its choice was set elsewhere, a moment ago."""
    before, since = st.session_state.get(_BEFORE, {}).get(name, (None, 0.0))
    return bool(value == before) and time.monotonic() - since < _ON_ITS_WAY


def reset(values: Mapping[str, Any]) -> None:
    """Set some choices, and every other one to what it is when nothing is said."""
    for name, value in with_usual(values).items():
        put(name, value)


def _set(name: str, value: Any) -> None:
    st.session_state[_VALUES][name] = value
    if name in _OF_A_RUN:  # another setting is for a whole run
        st.session_state[_VALUES][CHAPTERS] = ""
    st.session_state[_PROBLEMS] = []
    if name == "optimizer":
        put("rate", USUAL_LEARNING_RATE[value])


def widget_key(name: str) -> str:
    """The key of the control of a choice."""
    return f"choice_{name}"


@dataclass
class View:
    """The settings that controls show: the visitor's choices, or others until a control is moved.

    Attributes:
        shown: Settings in place of the choices; with the first change they become the choices.
        on_change: What else is done after a change.
    """

    shown: RunConfig | None = None
    on_change: Callable[[], None] = lambda: None

    @property
    def config(self) -> RunConfig:
        """The run that the settings describe."""
        return self.shown or run_config()

    def get(self, name: str) -> Any:
        """What one control shows."""
        return _to_values(self.shown)[name] if self.shown else get(name)

    def choose(self, config: RunConfig) -> None:
        """Set every choice to a config, or to what comes closest where `expressed` gives another."""
        choose(config)
        self.on_change()

    def restorer(self) -> Callable[[], None]:
        """What brings back the settings as they are now, here and on other pages."""
        return partial(choose if self.shown else self.choose, run_config())

    def bind(self, name: str) -> dict[str, Any]:
        """The arguments that tie a control to a choice."""
        key = widget_key(name)
        st.session_state[key] = self.get(name)  # Streamlit may have forgotten the widget

        def changed() -> None:
            if key not in st.session_state:
                return
            value = st.session_state[key]
            if not CHOICES[name].allowed.allows(value):  # no page sends that; the control goes back
                return
            if _is_of_before(name, value):
                return
            if self.shown:  # once: the browser may send that two controls were moved
                st.session_state[_VALUES] |= _to_values(self.shown)
                self.shown = None
            _set(name, value)
            self.on_change()

        return {"key": key, "on_change": changed}


CHOSEN: Final = View()
"""The visitor's choices: what controls show on every page but that of the code."""
bind: Final = CHOSEN.bind
"""The arguments that tie a control to the visitor's choice of a name."""


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


def with_usual(values: Mapping[str, Any]) -> dict[str, Any]:
    """All choices: some as they are given, every other one as it is when nothing is said."""
    usual = {name: choice.default for name, choice in CHOICES.items()}
    rate = {"rate": USUAL_LEARNING_RATE[values["optimizer"]]} if "optimizer" in values else {}
    return usual | rate | dict(values)


def config_of(values: Mapping[str, Any]) -> RunConfig:
    """The run that some choices describe if every other one is what it is when nothing is said."""
    chosen = with_usual(values)
    return _with_chapters(_to_config(chosen), chosen[CHAPTERS])


def config() -> RunConfig:
    """A run of one chapter with the settings that the controls show."""
    return _to_config(st.session_state[_VALUES])


def run_config() -> RunConfig:
    """The run the choices describe: as `config`, unless a link or a run that was continued has chapters."""
    return _with_chapters(config(), get(CHAPTERS))


def choose(config: RunConfig) -> None:
    """Set every choice to a config, or to what comes closest where `expressed` gives another."""
    for name, value in _to_values(config).items():
        put(name, value)


def expressed(config: RunConfig) -> RunConfig:
    """What the choices would make of a config: they know no preparation, and shares in whole percent only."""
    values = _to_values(config)
    return _with_chapters(_to_config(values), values[CHAPTERS])
