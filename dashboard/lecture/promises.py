"""What a step of a tour promises of its page, held against what the page shows.

A rehearsal asks it on each page that it walks through, and the test of the tours on the same pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from dashboard.classroom import membership
from dashboard.lecture.itinerary import Step
from dashboard.session import choices, resources, visits
from dashboard.session.page_view import View
from dashboard.site_map import CHALLENGES, CLASSROOM
from mnist_core.config import RunConfig

NEEDS_CLASS: Final = f"This step needs a class. Open one on the page {CLASSROOM.title} first."
_OF_A_CLASS: Final = (CHALLENGES, CLASSROOM)
"""Pages that show little before a class is open."""


@dataclass(frozen=True)
class Shown:
    """What a page shows when it has been drawn, and what it is drawn from.

    Attributes:
        view: Its address, its parts, the keys of its elements.
        settings: All choices by name.
        chosen: The run that these settings describe.
        run: What the run is of that the page shows; None for no trained run.
        is_own: Whether that is a run that the visit has trained or chosen, and not the classic network.
        has_class: Whether the visit leads a class.
    """

    view: View
    settings: Mapping[str, Any]
    chosen: RunConfig
    run: RunConfig | None
    is_own: bool
    has_class: bool


def shown_now(view: View) -> Shown:
    """What a page shows.

    Args:
        view: Of the page, which has ended.
    """
    visit = visits.current_visit()
    current = resources.current(visit.current or resources.ensure_classic_network())
    return Shown(
        view,
        {name: choices.get(name) for name in choices.CHOICES},
        choices.run_config(),
        None if current is None else current.record.config,
        visit.current is not None,
        membership.hosted_room() is not None,
    )


def broken(step: Step, shown: Shown) -> list[str]:
    """What a page does not show although a step that has just begun promises it, in sentences."""
    if step.page.address != shown.view.address:
        return [f"The page {step.page.title} could not be opened."]
    if step.page in _OF_A_CLASS and not shown.has_class:
        return [NEEDS_CLASS]
    problems = _of_settings(step, shown) + _of_run(step, shown)
    if step.part and step.part not in shown.view.parts:
        problems.append(f"The page does not show its part “{step.part}”.")
    missing = [key for key in step.shows if key not in shown.view.keys]
    problems += [f"The page does not show what the step is about ({key})." for key in missing]
    return problems


def _of_settings(step: Step, shown: Shown) -> list[str]:
    wanted = choices.with_usual(step.settings)
    return [
        f"The setting {name} is {shown.settings[name]}, not {value}."
        for name, value in wanted.items()
        if shown.settings[name] != value
    ]


def _of_run(step: Step, shown: Shown) -> list[str]:
    if step.run == "trained" and not (shown.is_own and shown.run == shown.chosen):
        return ["The network of this step is not trained yet."]
    if step.run != "trained" and shown.is_own:
        return ["The page shows an earlier run."]
    if shown.run is None:
        return ["The classic network is not trained yet."]
    return []
