"""What five cures for overfitting bring: the trainings of the lesson on generalising better, in numbers.

`python -m benchmarks.cures` trains them on the best images of this machine: the networks of 500 images with
three seeds, and those of all images. It takes a minute or two.
"""

import argparse
import json
from typing import Final

from mnist_core.images.dataset import Dataset, load_dataset
from mnist_core.lessons.generalizing import CURES, SEEDS, compare_cures, cure_config, judge
from mnist_core.lessons.moved_digits import ON_ALL, look_outside
from mnist_core.training.loop import train

FEW: Final = ("training", "accuracy", "gap", "gain", "loss", "weight_size")
KINDS: Final = ("training", "validation", "test", "moved")


def few_images(dataset: Dataset) -> dict[str, dict[str, tuple[float, float]]]:
    """For each cure and measure the mean over the seeds, and half the width of its 95% interval."""
    judged = {
        cure: [judge(train(cure_config(cure, seed), dataset), dataset) for seed in SEEDS] for cure in CURES
    }
    means = {
        cure: {name: getattr(result, name) for name in FEW} for cure, result in compare_cures(judged).items()
    }
    return {
        cure: {name: (mean.mean, mean.high - mean.mean) for name, mean in by_name.items()}
        for cure, by_name in means.items()
    }


def all_images(dataset: Dataset) -> dict[str, dict[str, float]]:
    """For each cure the share of each kind of images that is read correctly."""
    shares = {}
    for cure, config in ON_ALL.items():
        outside = look_outside(train(config, dataset), dataset)
        shares[str(cure)] = {kind: getattr(outside, kind).accuracy for kind in KINDS}
        shares[str(cure)]["drawn"] = float(outside.drawn.mean())
    return shares


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--json", action="store_true", help="print data instead of tables")
    as_json, dataset = parser.parse_args().json, load_dataset()
    few, every = few_images(dataset), all_images(dataset)
    if as_json:
        print(json.dumps({"dataset": dataset.name, "few": few, "all": every}, indent=2))
        return
    print(dataset.name)
    for cure, means in few.items():
        written = (f"{name} {mean:.3f} ± {margin:.3f}" for name, (mean, margin) in means.items())
        print(f"{cure:16}{'  '.join(written)}")
    for cure, shares in every.items():
        print(f"{cure:16}{'  '.join(f'{kind} {100 * share:.2f}%' for kind, share in shares.items())}")


if __name__ == "__main__":
    main()
