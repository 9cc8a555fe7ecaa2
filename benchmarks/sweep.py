"""How long the classic sweep over eight sizes of the hidden layer takes, beside its trainings alone.

`python -m benchmarks.sweep` starts an engine, waits until it is warm, runs the ready-made experiment "How few
hidden neurons are enough?" once, and prints its time, the time of its loops alone, and the ratio: what
compiling, judging and handing out cost.
"""

import argparse
import json
import time

from mnist_core.config import CLASSIC
from mnist_core.engine.engine import Engine
from mnist_core.images.dataset import load_dataset
from mnist_core.sweeps.ready_made import EXPERIMENTS
from mnist_core.sweeps.runner import Sweeps, SweepView


def measure() -> SweepView:
    """The classic sweep at its end, on the best images of this machine."""
    dataset = load_dataset()
    engine = Engine()
    sweeps = Sweeps(engine)
    warm = sweeps.submit([CLASSIC], dataset)
    _wait(sweeps, warm)
    sweep = sweeps.submit(EXPERIMENTS["few neurons"](len(dataset.train_labels)).configs, dataset)
    view = _wait(sweeps, sweep)
    engine.close()
    return view


def _wait(sweeps: Sweeps, sweep_id: str) -> SweepView:
    while True:
        view = sweeps.view(sweep_id)
        if view is None:
            raise RuntimeError("The sweep was lost.")
        if view.state.is_final:
            return view
        time.sleep(0.02)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    arguments = parser.parse_args()
    view = measure()
    loops = [point.outcome.seconds for point in view.points if point.outcome]
    if arguments.json:
        print(json.dumps({"seconds": view.seconds, "loops": loops}, indent=2))
        return
    print(f"{'hidden neurons':>13}{'loop s':>8}{'test %':>8}")
    for point in view.points:
        if point.outcome:
            percent = 100 * point.outcome.n_test_right / point.outcome.n_test_images
            print(f"{point.config.network.hidden_units[0]:>13}{point.outcome.seconds:>8.2f}{percent:>8.1f}")
    print(
        f"sweep {view.seconds:.1f} s, loops alone {sum(loops):.1f} s: {view.seconds / sum(loops):.1f} times"
    )


if __name__ == "__main__":
    main()
