"""What a part of the storm has measured, as a table and as data."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import psutil


@dataclass(frozen=True)
class Figure:
    """Something that was measured.

    Attributes:
        what: With its unit.
        value: How much.
        bound: What it has to stay below; None if there is no such thing.
    """

    what: str
    value: float
    bound: float | None = None

    @property
    def is_kept(self) -> bool:
        """Whether it stays below its bound."""
        return self.bound is None or self.value < self.bound


@dataclass(frozen=True)
class Measured:
    """What one part measured.

    Attributes:
        part: Its name.
        figures: What was measured.
        problems: What went wrong, in sentences.
        server: Of a core, what the server's process had on average.
        clients: The same of this process.
        machine: The same of everything on this machine together, what has nothing to do with it included.
        samples: Of what the server did, by part of it; empty unless py-spy looked.
    """

    part: str
    figures: tuple[Figure, ...]
    problems: tuple[str, ...]
    server: float
    clients: float
    machine: float
    samples: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        """Whether all bounds are kept and nothing went wrong."""
        return not self.problems and all(figure.is_kept for figure in self.figures)


def table(measured: Measured) -> str:
    """The figures of a part in Markdown."""
    lines = ["| " + " | ".join((measured.part, "measured", "bound")) + " |", "| --- | ---: | ---: |"]
    for figure in measured.figures:
        bound = "" if figure.bound is None else f"< {figure.bound:g}"
        lines.append(f"| {figure.what} | {figure.value:.4g} | {bound}{'' if figure.is_kept else ' broken'} |")
    lines.append(f"| of a core, the server | {measured.server:.2f} | |")
    lines.append(f"| of a core, these clients | {measured.clients:.2f} | |")
    lines.append(f"| cores busy of {psutil.cpu_count()}, everything | {measured.machine:.2f} | |")
    for part, count in sorted(measured.samples.items(), key=lambda count: -count[1]):
        share = 100 * count / sum(measured.samples.values())
        lines.append(f"| % of the server's time in {part} | {share:.0f} | |")
    return "\n".join((*lines, "", *measured.problems))


def data(measured: Measured) -> dict[str, Any]:
    """The same for JSON, which has no infinity: what never happened is null."""
    figures = [
        {**asdict(figure), "value": figure.value if math.isfinite(figure.value) else None}
        for figure in measured.figures
    ]
    return {
        **vars(measured),
        "figures": figures,
        "samples": dict(measured.samples),
        "is_good": measured.is_good,
    }
