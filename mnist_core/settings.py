"""What is known of a setting: its limits, its names, its controls, its sweep, and how its values are written.

The fields of a run's config (`mnist_core/config.py`, `mnist_core/training_config.py`) are rows: a `Setting`
each. Controls, links, sweeps, tables and files read from there what they need, so that a new setting is one
row.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final, Literal

_METADATA: Final = "setting"
"""Under this name a field of a config carries its `Setting`."""


class ConfigError(ValueError):
    """A setting is outside what is allowed; the message names the field, the range and what came."""


@dataclass(frozen=True)
class Limits:
    """The smallest and largest allowed value of a number, both included."""

    lowest: float
    highest: float
    is_integer: bool = True

    def __str__(self) -> str:
        if self.is_integer:
            return f"a whole number from {self.lowest:,.0f} to {self.highest:,.0f}"
        return f"a number from {self.lowest:g} to {self.highest:g}"

    def allows(self, value: Any) -> bool:
        """Whether something is a number of the right kind within the limits; not-a-number never is."""
        kinds = int if self.is_integer else int | float
        is_number = isinstance(value, kinds) and not isinstance(value, bool)
        return is_number and bool(self.lowest <= value <= self.highest)

    def parse(self, text: str) -> int | float:
        """The number that a text stands for.

        Raises:
            ValueError: It is none of the right kind.
        """
        return int(text) if self.is_integer else float(text)


@dataclass(frozen=True)
class Words:
    """The allowed words, each with how it is written for a reader."""

    names: Mapping[Any, str]

    def __str__(self) -> str:
        return f"one of {', '.join(self.names)}"

    def allows(self, value: Any) -> bool:
        """Whether something is one of the words."""
        return isinstance(value, str) and value in self.names

    def parse(self, text: str) -> str:
        """The word that a text stands for: itself."""
        return text


Allowed = Limits | Words


def check(name: str, value: object, allowed: Allowed) -> None:
    """Raise `ConfigError` unless a value is allowed."""
    if not allowed.allows(value):
        raise ConfigError(f"{name} must be {allowed}, not {value!r}.")


@dataclass(frozen=True)
class Control:
    """A control of a setting, and its parameter in a link.

    Attributes:
        address: The parameter's name.
        label: Of the control.
        place: "front", or the tab behind which it is.
        allowed: Of the control's own value, where that is not the setting's.
        steps: Round numbers to choose from; without any, all whole numbers.
        kind: How whole numbers are chosen.
        from_layer: How many hidden layers there must be for the control to be shown.
        shortcuts: Values with a button each beside the slider, so that a class can be told which to take.
    """

    address: str
    label: str
    place: Literal["front", "network", "updates", "images"]
    allowed: Allowed | None = None
    steps: Sequence[float] = ()
    kind: Literal["slider", "buttons", "field"] = "slider"
    from_layer: int = 1
    shortcuts: Sequence[int] = ()


@dataclass(frozen=True)
class SweepRange:
    """How a setting is swept.

    Attributes:
        axis: Its name and unit on an axis.
        offered: Values to choose from, in the order of the axis.
        usual: Those of them that are swept when nothing is said.
        scale: Of the axis: "log" if equal ratios are equally far apart, "none" if a line from one value to
            the next would mean nothing.
    """

    axis: str
    offered: tuple[Any, ...]
    usual: tuple[Any, ...]
    scale: Literal["log", "linear", "none"] = "log"


@dataclass(frozen=True)
class Conversion:
    """How a setting's value stands in its controls, and how it is read from them."""

    to_controls: Callable[[Any], tuple[Any, ...]] = lambda value: (value,)
    from_controls: Callable[..., Any] = lambda value: value


@dataclass(frozen=True)
class Setting:
    """All that is known of a setting.

    Attributes:
        default: When nothing is said.
        help: What it means, in a sentence.
        words: Its name among other words, and at the head of a column.
        allowed: Its values; those of one layer for `hidden_units`.
        controls: Empty for what only experiments of the dashboard set.
        conversion: Between its value and its controls'.
        sweep: None if it cannot be swept.
        phrase: Its name in a sentence, where that is longer.
        short: Its name beside a change of its value where room is scarce; "" where the value says it.
        unit: After its value; "%" for a share, which people read and choose in percent.
        number_format: Of its numbers.
        pattern: How a number stands among words.
        off: What stands for 0, where that means that the setting is not used.
        remark: What a report says beside its value.
        is_exception: Whether it is mentioned only where it is not as usual.
        is_column: Whether it is among the few in the table of a visit's runs.
        is_later: Whether runs were kept before there was the setting; what is kept of a run with its usual
            value has no trace of it.
        name: Of its field.
    """

    default: Any
    help: str
    words: str
    allowed: Allowed
    controls: tuple[Control, ...] = ()
    conversion: Conversion = Conversion()
    sweep: SweepRange | None = None
    phrase: str = ""
    short: str = ""
    unit: Literal["", "%"] = ""
    number_format: str = ",.6g"
    pattern: str = "{}"
    off: str = ""
    remark: str = ""
    is_exception: bool = False
    is_column: bool = False
    is_later: bool = False
    name: str = ""

    @property
    def as_field(self) -> Any:
        """The field of a config that the setting is."""
        return field(default=self.default, metadata={_METADATA: self})

    def write(self, value: Any) -> str:
        """A value as people read it, such as "64 + 8" units, "20%" wrong labels or "all" images."""
        if value is None:
            return "all"
        if isinstance(value, tuple | list):
            return " + ".join(map(self.write, value))
        if isinstance(self.allowed, Words):
            return self.allowed.names[value]
        if self.off and not value:
            return self.off
        number = f"{100 * value:g}%" if self.unit == "%" else f"{value:{self.number_format}}"
        return self.pattern.format(number)

    def to_controls(self, value: Any) -> dict[str, Any]:
        """What its controls show at a value, by their addresses."""
        shown = self.conversion.to_controls(value) if self.controls else ()
        return {control.address: part for control, part in zip(self.controls, shown, strict=True)}

    def from_controls(self, values: Mapping[str, Any]) -> Any:
        """Its value from those of its controls, which are among others."""
        return self.conversion.from_controls(*(values[control.address] for control in self.controls))

    def allowed_in(self, control: Control) -> Allowed:
        """What one of its controls may be set to."""
        if control.allowed is None and isinstance(self.allowed, Limits) and self.unit == "%":
            return Limits(round(100 * self.allowed.lowest), round(100 * self.allowed.highest))
        return control.allowed or self.allowed


def settings_of(*configs: type) -> dict[str, Setting]:
    """The settings in the fields of configs, by the fields' names."""
    declared = [each for config in configs for each in fields(config)]
    return {each.name: replace(each.metadata[_METADATA], name=each.name) for each in declared}
