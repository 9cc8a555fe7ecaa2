"""How many photographs of pen strokes are read as the same strokes are on the canvas, by kind of photograph.

`python -m benchmarks.photographs` trains the classic network, makes 600 photographs of the digits in
`../shared/data/pen_digits.json`, 30 of each kind (tests/support/photographed.py), and prints the table of
docs/performance.md: the network's answer for the photograph against its answer for the strokes, and for
the strokes turned and tilted as the paper was held, which few photographs tell. It takes about ten minutes.
`--strokes` compares the answers for the strokes alone, drawn a little differently.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from itertools import count
from typing import Final

import numpy as np

from benchmarks.harness.server import ROOT
from mnist_core.config import CLASSIC
from mnist_core.images.dataset import load_dataset
from mnist_core.images.drawing import prepare_like_mnist, render
from mnist_core.images.pen_width import with_usual_width
from mnist_core.images.photograph_files import PhotographError
from mnist_core.images.photographs import read_photograph
from mnist_core.images.preparation import network_inputs
from mnist_core.training.loop import train

sys.path.insert(0, str(ROOT / "tests" / "support"))

from pen_strokes import on_canvas
from photographed import KINDS, as_held, photograph

EACH: Final = 30
"""Photographs of a kind."""


def counts(
    read: Callable[[np.ndarray], int], digits: list[dict], each: int, first: int
) -> dict[str, dict[str, float]]:
    """By kind: photographs, those read as on the canvas, and as held, those with several digits, seconds."""
    table = {}
    for place, kind in enumerate(KINDS):
        same = as_was_held = several = 0
        begun = time.process_time()
        taken = 0.0
        for seed in range(first, first + each):
            digit = digits[(place * each + seed) % len(digits)]
            content = photograph(kind, digit, seed)
            before = time.process_time()
            try:
                found = read_photograph(content)
            except PhotographError:
                continue
            finally:
                taken += time.process_time() - before
            several += found.n_found > 1
            best = found.digits[found.best]
            answer = read(best.ink)
            same += answer == read(render(on_canvas(digit)))
            as_was_held += answer == read(render(on_canvas(as_held(kind, digit, seed, best.turn))))
        print(f"{kind}: {same} of {each}, {time.process_time() - begun:.0f} s", file=sys.stderr, flush=True)
        table[kind] = {
            "n": each, "same": same, "held": as_was_held, "several": several, "seconds": taken / each
        }  # fmt: skip
    return table


def without_photographs(read: Callable[[np.ndarray], int], digits: list[dict]) -> dict[str, float]:
    """Of the answers for strokes on the canvas, the share that stays when these are drawn differently."""
    random, seeds = np.random.default_rng(0), count()
    before = [read(render(on_canvas(digit))) for digit in digits]
    changed: dict[str, Callable[[dict], np.ndarray]] = {
        "lines made as wide as they are": lambda d: with_usual_width(render(on_canvas(d)) > 127),
        "lines of 12 units": lambda d: render(on_canvas(d, width=12.0)),
        "turned by 2 degrees": lambda d: render(on_canvas(turned(d, random.normal(0, 2)))),
        "turned by 4 degrees": lambda d: render(on_canvas(turned(d, random.normal(0, 4)))),
        "held as plain paper": lambda d: render(on_canvas(as_held("plain paper", d, next(seeds)))),
        "held at an angle": lambda d: render(on_canvas(as_held("turned and tilted", d, next(seeds)))),
    }
    return {
        name: float(np.mean([read(draw(digit)) == was for digit, was in zip(digits, before, strict=True)]))
        for name, draw in changed.items()
    }


def turned(digit: dict, degrees: float) -> dict:
    """A digit of `pen_digits.json`, turned."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.array([[cos, -sin], [sin, cos]]).T
    return {"strokes": [(np.array(stroke, float) @ turn).tolist() for stroke in digit["strokes"]]}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--each", type=int, default=EACH, help="photographs of a kind")
    parser.add_argument("--first", type=int, default=0, help="seed of the first photograph of a kind")
    parser.add_argument("--strokes", action="store_true", help="compare drawings of strokes, no photographs")
    parser.add_argument("--json", action="store_true", help="print data instead of words")
    arguments = parser.parse_args()
    file = ROOT.parent / "shared" / "data" / "pen_digits.json"
    if not file.is_file():
        sys.exit(f"The pen strokes are not on this machine: {file.name} is looked for in ../shared/data.")
    digits = json.loads(file.read_text(encoding="utf-8"))
    digits = [digits[n] for n in np.random.default_rng(arguments.first).permutation(len(digits))]
    parameters = train(CLASSIC, load_dataset()).parameters

    def read(picture: np.ndarray) -> int:
        prepared = prepare_like_mnist(picture)
        assert prepared is not None
        return int(parameters.logits(network_inputs(prepared.image[None])).argmax())

    if arguments.strokes:
        print(json.dumps(without_photographs(read, digits), indent=2))
        return
    table = counts(read, digits, arguments.each, arguments.first)
    if arguments.json:
        print(json.dumps(table, indent=2))
        return
    print("| photographs | read as on the canvas | as held | several digits seen | CPU seconds each |")
    print("| --- | --- | --- | --- | --- |")
    for kind, row in table.items():
        as_drawn = f"{row['same']} of {row['n']}"
        print(f"| {kind} | {as_drawn} | {row['held']} | {row['several']} | {row['seconds']:.2f} |")
    n, same, held = (sum(row[name] for row in table.values()) for name in ("n", "same", "held"))
    print(f"| all | {same} of {n}, {100 * same / n:.1f}% | {held}, {100 * held / n:.1f}% | | |")


if __name__ == "__main__":
    main()
