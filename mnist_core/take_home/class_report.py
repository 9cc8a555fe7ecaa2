"""What has come of a class, on one page: an HTML file that needs nothing but itself, and the same as a table.

The HTML holds no script and asks no host for anything, which a rule in the file itself makes sure of.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Final

from mnist_core.analysis.intervals import wilson_interval
from mnist_core.classroom.own_summaries import number_in_words, summarize_numbers
from mnist_core.classroom.summary import AnsweredQuestion, BoardRow, ClassSummary
from mnist_core.config import RunConfig
from mnist_core.figures.style import MUTED, RIGHT, share_text

Describe = Callable[[RunConfig], str]
"""A run's settings in words."""
COLUMNS: Final = ("Part", "About", "Entry", "Count", "Percent", "Right")
_RULE: Final = "default-src 'none'; style-src 'unsafe-inline'"
_FORMULA: Final = ("=", "+", "-", "@", "\t")
"""How a cell begins that a spreadsheet would compute."""
_STYLE: Final = f"""
@page {{ size: A4; margin: 12mm }}
body {{ font: 14px/1.45 system-ui, sans-serif; color: #16202c; background: #fff; max-width: 190mm;
  margin: 1.5rem auto; padding: 0 1rem }}
h1 {{ font-size: 22px }} h2 {{ font-size: 17px; margin-top: 1.6rem }}
h3 {{ font-size: 14px; margin-bottom: .2rem }}
section.question {{ break-inside: avoid }}
.bar {{ display: grid; grid-template-columns: minmax(8rem, 2fr) 3fr 6rem; gap: .6rem; align-items: center }}
.bar i {{ display: block; height: 1rem; border-radius: 3px; background: {MUTED}; min-width: 1px;
  print-color-adjust: exact }}
.bar.right i {{ background: {RIGHT} }} .bar.right span:first-child {{ font-weight: 650 }}
table {{ border-collapse: collapse; width: 100% }} th, td {{ text-align: left; padding: .15rem .8rem .15rem 0;
  border-bottom: 1px solid #d8dee6; vertical-align: top }} td.number {{ white-space: nowrap }}
"""


def class_report_html(summary: ClassSummary, describe: Describe, judged_by: str) -> str:
    """The report of a class, in UTF-8.

    Args:
        summary: Of the class.
        describe: A run's settings in words.
        judged_by: The network that has read the drawings, in words.
    """
    people = "1 person" if summary.n_members == 1 else f"{summary.n_members:,} people"
    body = "".join(
        [
            "<h1>Report of a class</h1>",
            f"<p>{people} in the class. The report has no names and no drawings, and nothing in it says who "
            "did what.</p>",
            _part("Questions", "".join(map(_question, summary.questions)), "No question was asked."),
            _part("Handwriting", _wall(summary, judged_by), "No digit was handed in."),
            _part(
                "Runs of everybody", _runs(summary, describe), "No run with validation images was trained."
            ),
            _part("Challenge board", _board(summary, describe), "No run was entered."),
        ]
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Report of a class</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_RULE}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )


def class_report_csv(summary: ClassSummary, describe: Describe, *, has_decimal_comma: bool = False) -> str:
    """The same as a table with a line for each answer, run and entry.

    Args:
        summary: Of the class.
        describe: A run's settings in words.
        has_decimal_comma: Whether it is as Excel reads it where people write 0,5: with semicolons between.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if has_decimal_comma else ",")
    writer.writerow(COLUMNS)
    writer.writerow(("class", "people who joined", "", summary.n_members, "", ""))
    for row in (*_question_rows(summary), *_wall_rows(summary), *_run_rows(summary, describe)):
        part, about, entry, count, percent, right = row
        percent = percent.replace(".", ",") if has_decimal_comma else percent
        writer.writerow(map(_cell, (part, about, entry, count, percent, right)))
    return text.getvalue()


def plain_text(markdown: str) -> str:
    """The words of a short Markdown text, without its marks; a link's words without its address."""
    words = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return re.sub(r"\*\*|\*|`", "", words).strip()


def _part(title: str, content: str, without: str) -> str:
    return f"<h2>{escape(title)}</h2>{content or f'<p>{escape(without)}</p>'}"


def _text_of(question: AnsweredQuestion, text: str) -> str:
    return plain_text(text) if question.is_of_lesson else text


def _bars(question: AnsweredQuestion) -> Iterable[tuple[str, int, bool]]:
    """The answers as bars of a histogram; numbers that lie close together share one."""
    if question.numbers:
        of = summarize_numbers(question.numbers)
        for low, high, count in zip(of.edges, of.edges[1:], of.counts, strict=False):
            middle = (low + high) / 2
            is_whole = high - low == 1 and middle == round(middle)
            yield (
                f"{middle:,.10g}" if is_whole else f"{number_in_words(low)} to {number_in_words(high)}",
                count,
                False,
            )
        return
    for answer, count in question.counts:
        yield _text_of(question, answer), count, answer in question.right


def _question(question: AnsweredQuestion) -> str:
    n, share = question.n_answers, question.share_right
    said = f"{n} answer{'' if n == 1 else 's'}"
    said += "" if share is None else f", {100 * share:.0f}% right"
    if question.n_held_back:
        said += f"; {question.n_held_back} with words that the class was not shown"
    most = max([count for _, count, _ in _bars(question)], default=0)
    bars = "".join(
        f'<div class="bar{" right" if is_right else ""}"><span>{escape(answer)}</span>'
        f'<span><i style="width:{100 * count / max(1, most):.1f}%"></i></span>'
        f"<span>{count} ({100 * count / max(1, n):.0f}%)</span></div>"
        for answer, count, is_right in _bars(question)
    )
    title = escape(_text_of(question, question.text))
    return f'<section class="question"><h3>{title}</h3><p>{said}</p>{bars}</section>'


def _wall(summary: ClassSummary, judged_by: str) -> str:
    if not summary.n_drawings:
        return ""
    drawings = "1 drawing" if summary.n_drawings == 1 else f"{summary.n_drawings:,} drawings"
    if summary.n_read is None:
        return f"<p>{drawings}. The network was not judged on them.</p>"
    share, interval = summary.n_read / summary.n_drawings, wilson_interval(summary.n_read, summary.n_drawings)
    return (
        f"<p>{drawings}. The network read {summary.n_read:,} of them ({share_text(share)}) as the digit "
        f"that was asked for; 95% interval {100 * interval.low:.1f} to {100 * interval.high:.1f}% (Wilson). "
        f"The network: {escape(judged_by)}.</p>"
    )


def _runs(summary: ClassSummary, describe: Describe) -> str:
    rows = [(share_text(accuracy), describe(config)) for config, accuracy in summary.runs]
    return _table(("Validation accuracy", "Settings"), rows)


def _board(summary: ClassSummary, describe: Describe) -> str:
    parts = []
    for title, standings in summary.board:
        rows = [(_place(row), share_text(row.accuracy), describe(row.config)) for row in standings]
        parts.append(f"<h3>{escape(title)}</h3>{_table(('Place', 'Right', 'Settings'), rows)}")
    return "".join(parts)


def _place(row: BoardRow) -> str:
    return "mark" if row.is_mark else f"{row.place}" if row.place else "–"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    lines = [
        "".join(f"<td{'' if cell == row[-1] else ' class=number'}>{escape(cell)}</td>" for cell in row)
        for row in rows
    ]
    heads = "".join(f"<th>{escape(name)}</th>" for name in head)
    return f"<table><tr>{heads}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


Row = tuple[str, str, str, int | str, str, str]


def _question_rows(summary: ClassSummary) -> Iterable[Row]:
    for question in summary.questions:
        text, n = _text_of(question, question.text), max(1, question.n_answers)
        for answer, count in question.counts:
            right = "" if not question.right else "yes" if answer in question.right else "no"
            yield "question", text, _text_of(question, answer), count, f"{100 * count / n:.1f}", right
        if question.n_held_back:
            held = question.n_held_back
            yield "question", text, "words that were not shown", held, f"{100 * held / n:.1f}", ""


def _wall_rows(summary: ClassSummary) -> Iterable[Row]:
    if summary.n_drawings:
        yield "handwriting", "drawings", "", summary.n_drawings, "", ""
    if summary.n_read is not None:
        percent = f"{100 * summary.n_read / summary.n_drawings:.1f}"
        yield "handwriting", "read as the digit asked for", "", summary.n_read, percent, ""


def _run_rows(summary: ClassSummary, describe: Describe) -> Iterable[Row]:
    for config, accuracy in summary.runs:
        yield "run", "validation accuracy", describe(config), 1, f"{100 * accuracy:.1f}", ""
    for title, standings in summary.board:
        for row in standings:
            entry = f"{_place(row)}: {describe(row.config)}"
            yield "board", title, entry, 1, f"{100 * row.accuracy:.1f}", ""


def _cell(value: int | str) -> int | str:
    """A cell that a spreadsheet shows and does not compute."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
