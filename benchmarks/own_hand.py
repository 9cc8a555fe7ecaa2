"""What a network gains that is taught the hands of a class: pen strokes, tested on other writers.

`python -m benchmarks.own_hand` trains the classic network on the best images of this machine, continues it
with the digits of 15 writers mixed in at several shares, and trains it anew with them; each is tested on the
digits of the 15 other writers and on MNIST's test images. The strokes are not part of the project:
`../shared/data/pen_digits.json`, 600 digits by 30 people. It takes about a minute.
"""

import argparse
import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from mnist_core.analysis.evaluation import Evaluation, evaluate
from mnist_core.arrays import ByteArray
from mnist_core.config import CLASSIC, N_DIGITS, RunConfig
from mnist_core.images.dataset import Dataset, load_dataset
from mnist_core.images.drawing import CANVAS, Stroke, prepare_like_mnist, render
from mnist_core.images.mixture import SHARES, Mixture
from mnist_core.training.loop import train
from mnist_core.training.record import RunRecord

STROKES: Final = Path(__file__).parents[2] / "shared" / "data" / "pen_digits.json"
MARGIN: Final = 0.15
"""Of the canvas, on each side of a digit."""
WIDTH: Final = 18.0
"""Of the pen, in units of the canvas: the middle one of its three."""
SEEDS: Final = (0, 1, 2)
MORE_EPOCHS: Final = 3
"""That a trained network is taught."""
USUAL: Final = 0.1


def drawn(strokes: list[list[list[float]]]) -> ByteArray:
    """Pen strokes in units of a tablet as an image, uint8 (28, 28), as the canvas would have them."""
    points = np.concatenate([np.array(stroke, float) for stroke in strokes])
    low, size = points.min(axis=0), max(1.0, np.ptp(points, axis=0).max())
    scale = CANVAS * (1 - 2 * MARGIN) / size
    lines = (
        tuple(map(tuple, (np.array(stroke, float) - low) * scale + MARGIN * CANVAS)) for stroke in strokes
    )
    prepared = prepare_like_mnist(render(tuple(Stroke(line, WIDTH) for line in lines)))
    if prepared is None:
        raise ValueError("These strokes leave no ink.")
    return prepared.image


def read_hands(path: Path = STROKES) -> Mixture:
    """The digits of every other writer to teach, and those of the others to test.

    The file names no writers. Its 600 digits are sorted by label, 60 of each: two by each of 30 people, who
    have the same order for every digit. That shows in the height of what is written: at the places 2k and
    2k + 1 of a digit it is correlated by 0.86, at the places 2k + 1 and 2k + 2 by 0.43; the mean height at
    the places of a writer k by 0.91 from one digit to another.
    """
    digits = json.loads(path.read_text(encoding="utf-8"))
    images = np.stack([drawn(digit["strokes"]) for digit in digits])
    labels = np.array([digit["label"] for digit in digits], np.uint8)
    writers = np.arange(len(digits)) % (len(digits) // N_DIGITS) // 2
    teach = writers % 2 == 0
    return Mixture(images[teach], labels[teach], images[~teach], labels[~teach], share=USUAL, source="class")


def trainings(mixture: Mixture) -> dict[str, tuple[RunConfig, Mixture | None]]:
    """What is compared, by name: settings, and what is mixed in."""
    classic = CLASSIC.training.epochs
    longer = CLASSIC.with_changes(epochs=classic + MORE_EPOCHS)
    changed: dict[str, tuple[RunConfig, Mixture | None]] = {"before": (CLASSIC, None)}
    changed[f"{MORE_EPOCHS} more epochs without"] = (longer, None)
    for share in SHARES:
        own = Mixture(**{**mixture.to_dict(), "share": share, "first_epoch": classic + 1})
        changed[f"{MORE_EPOCHS} more epochs, {100 * share:g}%"] = (longer, own)
    return changed | {f"anew, {100 * USUAL:g}%": (CLASSIC, mixture)}


def judge(record: RunRecord, mixture: Mixture, dataset: Dataset) -> tuple[Evaluation, Evaluation]:
    """A network on the digits of the other writers, and on MNIST's test images."""
    own = evaluate(record.parameters, mixture.test_images, mixture.test_labels)
    return own, evaluate(record.parameters, dataset.test_images, dataset.test_labels)


def measure(dataset: Dataset, mixture: Mixture) -> dict[str, dict[str, Any]]:
    """For each training: mean accuracies over the seeds; of the first one the interval and the changes."""
    results: dict[str, dict[str, Any]] = {}
    before: Evaluation | None = None
    for name, (config, own) in trainings(mixture).items():
        judged = [
            judge(train(config.with_changes(seed=seed), dataset.with_mixture(own)), mixture, dataset)
            for seed in SEEDS
        ]
        hands, mnist = judged[0]
        before = before or hands
        results[name] = {
            "own": float(np.mean([on_own.accuracy for on_own, _ in judged])),
            "interval": (hands.interval.low, hands.interval.high),
            "mnist": float(np.mean([on_mnist.accuracy for _, on_mnist in judged])),
            "won": int((hands.is_right & ~before.is_right).sum()),
            "lost": int((before.is_right & ~hands.is_right).sum()),
            "n": (hands.n_images, mnist.n_images),
        }
    return results


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    as_json, dataset, mixture = parser.parse_args().json, load_dataset(), read_hands()
    results = measure(dataset, mixture)
    if as_json:
        print(json.dumps({"dataset": dataset.name, "results": results}, indent=2))
        return
    print(f"{dataset.name}; {len(mixture.labels)} digits teach, {len(mixture.test_labels)} test")
    for name, result in results.items():
        low, high = result["interval"]
        changes = f"{result['won']} won, {result['lost']} lost"
        hands = f"{100 * result['own']:.1f}% (first seed {100 * low:.1f} to {100 * high:.1f}%, {changes})"
        print(f"{name:24} other writers {hands}  MNIST {100 * result['mnist']:.2f}%")


if __name__ == "__main__":
    main()
