"""What may be asked of the hall."""

import argparse
import os
from collections.abc import Callable, Sequence
from typing import Final

MAX_PROCESSES: Final = 16
MAX_PORT: Final = 65_535
CORES_A_WORKER: Final = 4
"""A training takes one core; most of the time nobody trains."""


def read(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; what is out of bounds ends the program with a sentence.

    Args:
        words: Of the command line; None for those of this process.

    Returns:
        port, dashboards, workers: int
    """
    cores = min(MAX_PROCESSES, os.cpu_count() or 1)
    parser = argparse.ArgumentParser(
        prog="python -m hall",
        description="Start nginx, several dashboards and what trains for them; Ctrl-C ends all of it.",
    )
    n_workers = max(1, cores // CORES_A_WORKER)
    for name, usual, most, words_for_it in (
        ("port", 8501, MAX_PORT, "where visitors come to"),
        ("dashboards", cores, MAX_PROCESSES, "processes that serve pages, one for each core"),
        ("workers", n_workers, MAX_PROCESSES, "processes that train"),
    ):
        said = f"{words_for_it} (1 to {most}; {usual} if not given)"
        parser.add_argument(f"--{name}", type=_whole(most), default=usual, help=said, metavar="N")
    return parser.parse_args(words)


def _whole(most: int) -> Callable[[str], int]:
    """What reads a whole number from 1 up to a bound."""

    def read_number(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"takes 1 to {most}, not {text!r}")
        return int(text)

    return read_number
