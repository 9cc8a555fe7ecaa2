"""How easily networks are fooled, whether that carries over to another one, and what asking why costs.

`python -m benchmarks.fooling` trains the classic network, one with another seed, one with shifted copies, and
one that is taught pen strokes (as in `benchmarks.own_hand`, where the file is there), and prints what
docs/performance.md says of them. It takes half a minute.
"""

import argparse
import json
import time
from collections.abc import Callable
from typing import Any, Final

from benchmarks.own_hand import STROKES, read_hands
from mnist_core.analysis.adversarial import (
    fooling_report,
    read_changed,
    reads_correctly,
    signs_for,
    step_signs,
    transfer,
)
from mnist_core.analysis.evidence import explain
from mnist_core.config import CLASSIC
from mnist_core.images.dataset import Dataset, load_dataset
from mnist_core.lessons.generalizing import SHIFT
from mnist_core.training.loop import train
from mnist_core.training.record import RunRecord

SHOWN: Final = (8, 15, 25)
"""Gray levels of the changes in the table."""


def networks(dataset: Dataset) -> dict[str, RunRecord]:
    """The classic network and those that differ from it in one thing, by what that is."""
    trained = {
        "the classic network": train(CLASSIC, dataset),
        "another seed": train(CLASSIC.with_changes(seed=CLASSIC.training.seed + 1), dataset),
        "shifted copies": train(CLASSIC.with_changes(shift=SHIFT), dataset),
    }
    if STROKES.is_file():
        trained["300 own images, 10%"] = train(CLASSIC, dataset.with_mixture(read_hands()))
    return trained


def shares(records: dict[str, RunRecord], dataset: Dataset) -> dict[str, dict[str, Any]]:
    """For each network and size the share of images fooled, by noise too, and how many the classic's fool."""
    first, *_ = records.values()
    signs, report = signs_for(first, dataset), fooling_report(first, dataset)
    table = {}
    for name, record in records.items():
        own = fooling_report(record, dataset)
        table[name] = {
            "right": own.n_right,
            "fooled": {size: own.n_fooled(size) / own.n_right for size in SHOWN},
            "noise": {size: own.n_fooled_by_noise(size) / own.n_right for size in SHOWN},
        }
        if record is not first:
            counted = transfer(report, own, reads_correctly(record, dataset, signs, SHOWN[1]), SHOWN[1])
            table[name]["transfer"] = counted.n_fooling_both / max(1, counted.n_fooling)
    return table


def milliseconds(record: RunRecord, dataset: Dataset) -> dict[str, float]:
    """What each part of a page computes takes, of one processor."""
    parameters, image, label = record.parameters, dataset.test_images[0], int(dataset.test_labels[0])
    signs = step_signs(parameters, image, label)
    parts: dict[str, Callable[[], object]] = {
        "the evidence for one digit": lambda: explain(parameters, image, label),
        "the signs of one step": lambda: step_signs(parameters, image, label),
        "a changed image, read": lambda: read_changed(parameters, image, signs, SHOWN[1]),
        "1,000 images at every size": lambda: fooling_report(record, dataset),
    }
    taken = {}
    for name, compute in parts.items():
        n = 1 if name.startswith("1,000") else 50
        compute()
        begun = time.process_time()
        for _ in range(n):
            compute()
        taken[name] = 1000 * (time.process_time() - begun) / n
    return taken


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--json", action="store_true", help="print data instead of tables")
    as_json, dataset = parser.parse_args().json, load_dataset()
    records = networks(dataset)
    table, taken = shares(records, dataset), milliseconds(next(iter(records.values())), dataset)
    if as_json:
        print(json.dumps({"shares": table, "milliseconds": taken}, indent=2))
        return
    sizes = " | ".join(f"{size} levels" for size in SHOWN)
    print(f"| | read correctly | {sizes} | random signs, {SHOWN[1]} | the classic's fool it too |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, row in table.items():
        fooled = " | ".join(f"{100 * share:.1f}%" for share in row["fooled"].values())
        also = f"{100 * row['transfer']:.0f}%" if "transfer" in row else ""
        print(f"| {name} | {row['right']:,} | {fooled} | {100 * row['noise'][SHOWN[1]]:.1f}% | {also} |")
    for name, each in taken.items():
        print(f"{name}: {each:.2f} ms")


if __name__ == "__main__":
    main()
