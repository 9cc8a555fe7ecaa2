"""The whole script: the slips of the article, today’s Keras line by line, the course in one drawing."""

from dashboard.learn import course_map, exercises, lesson_frame, script_run, slips
from dashboard.widgets import current_run


def run_it() -> None:
    if (classic := current_run.classic_or_notice("script")) is not None:
        script_run.section(classic)


def recap() -> None:
    if (classic := current_run.classic_or_notice("recap")) is not None:
        course_map.section(classic)


lesson = lesson_frame.begin("script")
lesson_frame.show(
    "script",
    lesson,
    {
        "The article’s listing: find the slips": slips.section,
        "Today’s Keras, line by line": run_it,
        "The course in one drawing": recap,
        "Ten exercises": exercises.section,
    },
)
