"""How often a digit, and what is no digit, gets no sure answer (`mnist_core/images/doubt.py`).

`python -m benchmarks.doubt` trains the classic network and prints the table of docs/performance.md: the share
for which a doubt is said, of MNIST's test images, of pen strokes (`../shared/data/pen_digits.json`), and of
letters, doodles, scribbles and digits on their side that are drawn by a seed (tests/support/not_digits.py).
It takes half a minute.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from benchmarks.harness.server import ROOT
from mnist_core.arrays import ByteArray
from mnist_core.config import CLASSIC
from mnist_core.images.dataset import load_dataset
from mnist_core.images.doubt import find_doubt
from mnist_core.images.drawing import Prepared, Stroke, prepare_like_mnist, render
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import softmax
from mnist_core.training.loop import train

sys.path.insert(0, str(ROOT / "tests" / "support"))

from not_digits import DOODLES, LETTERS, drawn, scribble, side_ways
from pen_strokes import on_canvas

N_TEST: Final = 5_000
"""Test images that are looked at."""
EACH: Final = 20
"""Drawings of each letter and doodle."""


Drawing = tuple[Prepared, tuple[Stroke, ...]]
"""What is looked at, and how it was drawn, where that is known."""


def prepared_strokes(drawings: Iterable[tuple[Stroke, ...]]) -> Iterator[Drawing]:
    """Each drawing as the page prepares it."""
    for strokes in drawings:
        prepared = prepare_like_mnist(render(strokes))
        if prepared is not None:
            yield prepared, strokes


def prepared_images(images: ByteArray) -> Iterator[Drawing]:
    """Images of MNIST as if they had been drawn, uint8 (n, 28, 28)."""
    for image in images:
        prepared = prepare_like_mnist(image)
        if prepared is not None:
            yield prepared, ()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--json", action="store_true", help="print data instead of words")
    arguments = parser.parse_args()
    dataset = load_dataset()
    parameters = train(CLASSIC, dataset).parameters
    times: list[float] = []

    def look(drawing: Drawing) -> tuple[int, bool, bool]:
        """What it is read as, whether there is a doubt, and whether an output reaches 90%."""
        prepared, strokes = drawing
        probabilities = softmax(parameters.logits(network_inputs(prepared.image[None])))[0]
        begun = time.process_time()
        doubt = find_doubt(prepared, probabilities, strokes)
        times.append(time.process_time() - begun)
        return int(probabilities.argmax()), doubt is not None, bool(probabilities.max() >= 0.9)

    table: dict[str, tuple[int, float, float]] = {}

    def add(name: str, looks: list[tuple[int, bool, bool]]) -> None:
        doubted = np.array([look[1] for look in looks])
        is_sure = np.array([look[2] for look in looks])
        table[name] = len(looks), float(doubted.mean()), float((is_sure & ~doubted).mean())

    def add_digits(name: str, labels: list[int], drawings: Iterable[Drawing]) -> None:
        looks = list(map(look, drawings))
        is_right = [read == label for (read, _, _), label in zip(looks, labels, strict=True)]
        add(f"{name}, read correctly", [each for each, right in zip(looks, is_right, strict=True) if right])
        add(f"{name}, misread", [each for each, right in zip(looks, is_right, strict=True) if not right])

    random = np.random.default_rng(0)
    add_digits(
        "test images", dataset.test_labels[:N_TEST].tolist(), prepared_images(dataset.test_images[:N_TEST])
    )
    file = ROOT.parent / "shared" / "data" / "pen_digits.json"
    if file.is_file():
        digits = json.loads(file.read_text(encoding="utf-8"))
        add_digits("pen strokes", [d["label"] for d in digits], prepared_strokes(map(on_canvas, digits)))
        turned = [on_canvas(side_ways(d)) for d in digits if d["label"] in {2, 3, 4, 5, 7}]
        add("2, 3, 4, 5 and 7 on their side", list(map(look, prepared_strokes(turned))))
    for name, shapes in {"letters": LETTERS, "signs and doodles": DOODLES}.items():
        drawings = [drawn(s, random, random.uniform(12, 22)) for s in shapes.values() for _ in range(EACH)]
        add(name, list(map(look, prepared_strokes(drawings))))
    add("scribbles", list(map(look, prepared_strokes(scribble(random) for _ in range(300)))))
    if arguments.json:
        print(json.dumps(table, indent=2))
        return
    print("| drawn | how many | no sure answer | still 90% or more |")
    print("| --- | ---: | ---: | ---: |")
    for name, (n, doubted, sure) in table.items():
        print(f"| {name} | {n:,} | {100 * doubted:.1f}% | {100 * sure:.1f}% |")
    print(f"{1000 * float(np.median(times)):.1f} ms each", file=sys.stderr)


if __name__ == "__main__":
    main()
