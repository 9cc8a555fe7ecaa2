"""The whole script: the slips of the article, today’s Keras line by line, the course in one drawing."""

from dashboard.learn import course_map, exercises, lesson_frame, script_run, slips
from dashboard.widgets import current_run
from mnist_core.lessons.exercises import EXERCISES


def find_slips() -> None:
    slips.section(lesson["slips"], lesson["found"])


def run_it() -> None:
    if (classic := current_run.classic_or_notice("script")) is not None:
        script_run.section(classic, lesson["run"], lesson["own run"])


def recap() -> None:
    if (classic := current_run.classic_or_notice("recap")) is not None:
        course_map.section(classic, lesson["recap"], lesson["recap numbers"])


def ten() -> None:
    texts = {name: (lesson[f"exercise {name}"], lesson[f"answer {name}"]) for name in EXERCISES}
    exercises.section(lesson["exercises"], texts)


lesson = lesson_frame.begin("script")
lesson_frame.show(
    "script",
    lesson,
    {
        "The article’s listing: find the slips": find_slips,
        "Today’s Keras, line by line": run_it,
        "The course in one drawing": recap,
        "Ten exercises": ten,
    },
)
