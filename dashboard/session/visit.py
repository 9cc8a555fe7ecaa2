"""What one visit made, and the same as a text that another server can read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mnist_core.bounds import MAX_RUNS_OF_ONE, MAX_TOUR_BYTES
from mnist_core.config import RunConfig
from mnist_core.images.drawing import Stroke, parse_strokes
from mnist_core.images.own_digits import OwnDigits
from mnist_core.images.own_digits_file import from_text, to_text
from mnist_core.sweeps.plans import SWEEPS, Plan, PlannedLine

_FORMER_NAMES: Final = {"hidden units": "hidden neurons"}
"""What settings were called in visits that were saved before."""
FORMAT: Final = 1


@dataclass
class Visit:
    """What one visit made.

    Attributes:
        name: A random number in hexadecimal digits.
        runs: Its jobs, in the order they were begun.
        current: The job that other pages show; None shows the classic network.
        answers: The number of the answer given to each question of the lessons, by the question's name.
        experiments: The jobs of each experiment on a lesson page, by the experiment's name.
        strokes: What is drawn on the draw page.
        address: Where other devices reach the dashboard, if the visitor knew better; else empty.
        tour_begun: The minutes of the guided tour that is under way, and when it was begun.
        sweeps: What each sweep was to train and its id, by a name of its own, in the order they were begun.
        painted: The weights that are painted in the lesson on neurons.
        has_decimal_comma: Whether tables are saved as Excel reads them where people write 0,5.
        has_page_keys: Whether keys such as P work wherever the focus is.
        own_digits: The images that were kept with their right labels, to train on.
        own_tour: The tour of the visitor's own, as its file has it; empty without one.
        teaching: The job that trains on own images at the moment, by whose they are ("visit" or "class").
    """

    name: str
    runs: list[str] = field(default_factory=list)
    current: str | None = None
    answers: dict[str, int] = field(default_factory=dict)
    experiments: dict[str, tuple[str, ...]] = field(default_factory=dict)
    strokes: tuple[Stroke, ...] = ()
    address: str = ""
    tour_begun: tuple[int, float] | None = None
    sweeps: dict[str, tuple[Plan, str]] = field(default_factory=dict)
    painted: tuple[Stroke, ...] = ()
    has_decimal_comma: bool = False
    has_page_keys: bool = True
    own_digits: OwnDigits = ()
    own_tour: str = ""
    teaching: dict[str, str] = field(default_factory=dict)

    @property
    def own_questions(self) -> str:
        """The questions in the visitor's own tour, as they are written."""
        try:
            return str(json.loads(self.own_tour or "{}").get("questions", ""))
        except (ValueError, AttributeError):  # of a damaged file
            return ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it that a reload could lose."""
        return self == Visit(self.name)

    def add_run(self, job_id: str) -> None:
        """Add a run to the visit's own; the oldest goes when there are too many."""
        if job_id not in self.runs:
            self.runs = [*self.runs, job_id][-MAX_RUNS_OF_ONE:]

    def show_run(self, job_id: str) -> None:
        """Begin a run, or look at it again, and make it the current one."""
        self.add_run(job_id)
        self.current = job_id

    @property
    def jobs(self) -> dict[str, int]:
        """Its jobs, each with the number of newer runs; 0 for experiments and for the current run."""
        places = {job_id: place for place, job_id in enumerate(reversed(self.runs))}
        current = (self.current,) if self.current else ()
        return places | dict.fromkeys((*sum(self.experiments.values(), ()), *current), 0)

    def rename(self, jobs: Mapping[str, str]) -> None:
        """Replace jobs by others that train the same networks."""
        self.runs = [jobs.get(job_id, job_id) for job_id in self.runs]
        self.current = jobs.get(self.current, self.current) if self.current else None
        self.experiments = {
            name: tuple(jobs.get(job_id, job_id) for job_id in ids) for name, ids in self.experiments.items()
        }
        self.teaching = {source: jobs.get(job_id, job_id) for source, job_id in self.teaching.items()}


@dataclass(frozen=True)
class Taught:
    """A training in which own images take part, without these (`mnist_core.storage.own_images`).

    Attributes:
        config: What is trained.
        digest: Of the mixture.
    """

    config: RunConfig
    digest: str

    def to_dict(self) -> dict[str, Any]:
        """What `from_dict` reads."""
        return {"config": self.config.to_dict(), "digest": self.digest}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Taught":
        """What `to_dict` gave."""
        return cls(RunConfig.from_dict(values["config"]), str(values["digest"]))


@dataclass(frozen=True)
class Saved:
    """A visit as it was saved.

    Attributes:
        visit: What it made. Its sweeps have the ids of the server that saved them.
        dataset: The fingerprint of the images that its server had.
        unfinished: What its jobs that had not ended train, by their ids.
        taught: The same of those in which own images take part.
    """

    visit: Visit
    dataset: str
    unfinished: Mapping[str, RunConfig]
    taught: Mapping[str, Taught] = field(default_factory=dict)


def to_json(saved: Saved, seconds_ahead: float) -> bytes:
    """A visit as a text.

    Args:
        saved: The visit.
        seconds_ahead: By which the clock that all servers share is ahead of the one that times tours.
    """
    visit = saved.visit
    begun = visit.tour_begun and (visit.tour_begun[0], round(visit.tour_begun[1] + seconds_ahead))
    content = {
        "format": FORMAT,
        "name": visit.name,
        "runs": visit.runs,
        "current": visit.current,
        "answers": visit.answers,
        "experiments": visit.experiments,
        "strokes": [stroke.to_dict() for stroke in visit.strokes],
        "painted": [stroke.to_dict() for stroke in visit.painted],
        "own_digits": to_text(visit.own_digits),
        "address": visit.address,
        "own_tour": visit.own_tour,
        "teaching": visit.teaching,
        "has_decimal_comma": visit.has_decimal_comma,
        "has_page_keys": visit.has_page_keys,
        "tour_begun": begun,
        "sweeps": {name: [_plan_to_dict(plan), sweep_id] for name, (plan, sweep_id) in visit.sweeps.items()},
        "dataset": saved.dataset,
        "unfinished": {job_id: config.to_dict() for job_id, config in saved.unfinished.items()},
        "taught": {job_id: taught.to_dict() for job_id, taught in saved.taught.items()},
    }
    return json.dumps(content, separators=(",", ":")).encode()


def from_json(content: bytes, seconds_ahead: float) -> Saved:
    """The visit that `to_json` made a text of.

    Raises:
        ValueError: It is no such text, or of another version.
    """
    try:
        return _from_dict(json.loads(content), seconds_ahead)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"This is no visit ({error}).") from error


def _from_dict(values: Mapping[str, Any], seconds_ahead: float) -> Saved:
    if values["format"] != FORMAT:
        raise ValueError(f"This visit has format {values['format']!r}; this version reads {FORMAT}.")
    begun = values["tour_begun"]
    visit = Visit(
        name=str(values["name"]),
        runs=[str(job_id) for job_id in values["runs"]][-MAX_RUNS_OF_ONE:],
        current=None if values["current"] is None else str(values["current"]),
        answers={str(name): int(number) for name, number in values["answers"].items()},
        experiments={name: tuple(map(str, ids)) for name, ids in values["experiments"].items()},
        strokes=parse_strokes(values["strokes"]),
        painted=parse_strokes(values.get("painted", [])),
        own_digits=from_text(values.get("own_digits", [])),
        address=str(values["address"]),
        own_tour=str(values.get("own_tour", ""))[:MAX_TOUR_BYTES],
        teaching={str(source): str(job_id) for source, job_id in values.get("teaching", {}).items()},
        has_decimal_comma=bool(values.get("has_decimal_comma", False)),
        has_page_keys=bool(values.get("has_page_keys", True)),
        tour_begun=begun and (int(begun[0]), float(begun[1]) - seconds_ahead),
        sweeps={name: (_plan_from_dict(plan), str(of)) for name, (plan, of) in values["sweeps"].items()},
    )
    unfinished = {job_id: RunConfig.from_dict(config) for job_id, config in values["unfinished"].items()}
    taught = {job_id: Taught.from_dict(of) for job_id, of in values.get("taught", {}).items()}
    return Saved(visit, str(values["dataset"]), unfinished, taught)


def _plan_to_dict(plan: Plan) -> dict[str, Any]:
    lines = [[line.name, [config.to_dict() for config in line.configs]] for line in plan.lines]
    return {"setting": plan.setting, "lines": lines}


def _plan_from_dict(values: Mapping[str, Any]) -> Plan:
    setting = _FORMER_NAMES.get(values["setting"], values["setting"])
    if setting not in SWEEPS:
        raise ValueError(f"No setting is called {setting!r}.")
    lines = ((name, map(RunConfig.from_dict, configs)) for name, configs in values["lines"])
    return Plan(setting, tuple(PlannedLine(str(name), tuple(configs)) for name, configs in lines))
