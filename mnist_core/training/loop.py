"""Training: a config and images in, progress on the way, a record at the end.

`train` knows neither who watches nor where it runs. It shuffles with NumPy, lets a `Trainer` make
the updates in chunks, and has a `Run` gather what comes of them.
"""

from collections.abc import Callable
from dataclasses import replace

from mnist_core.config import RunConfig
from mnist_core.images.dataset import Dataset
from mnist_core.training.chunks import chunks
from mnist_core.training.loops.trainers import Trainer, obtain_trainer, release_trainer
from mnist_core.training.progress import Progress
from mnist_core.training.record import RunRecord
from mnist_core.training.run import Run
from mnist_core.training.stopwatch import Stopwatch
from mnist_core.training.stretches import Stretch, stretches


def train(
    config: RunConfig,
    dataset: Dataset,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    beginning: RunRecord | None = None,
) -> RunRecord:
    """Train one network.

    Equal configs and data give bit-identical weights on the same machine, also when several trainings
    run at once in different threads, and also when a training was interrupted and continued.

    Args:
        config: The network and how to train it.
        dataset: Where the training images come from; the test images are not looked at.
        on_progress: Called several times an epoch, in this thread.
        should_stop: Asked several times a second; True ends the run early.
        beginning: Its first updates, where they were made before: see `run.can_continue`.

    Returns:
        The record of the run; of a stopped one, with what it had learned by then.

    Raises:
        ValueError: The beginning is that of another training.
    """
    run = Run.prepare(config, dataset, beginning)
    is_stopped, state = should_stop or (lambda: False), run.record.state
    network, memory = run.network, state.memory if state is not None else ()
    try:
        for stretch in stretches(config):
            begin, end = run.timeline.span(stretch)
            if run.step >= end:
                continue
            trainer = obtain_trainer(stretch.config, dataset, is_stopped)
            if trainer is None:
                break
            run.libraries.add(trainer.library)
            try:
                is_compiled_anew = run.step == begin and not stretch.keeps_memory
                trainer.start(network, stretch.config, () if is_compiled_anew else memory)
                _train_stretch(run, stretch, trainer, on_progress or (lambda _: None), is_stopped)
                if run.step > begin:
                    network, memory = trainer.parameters(), trainer.memory()
            finally:
                release_trainer(trainer)
            if run.step < end:
                break
        return run.to_record(network, memory) if run.has_begun else replace(run.record, is_stopped=True)
    finally:
        run.film.close()


def _train_stretch(
    run: Run,
    stretch: Stretch,
    trainer: Trainer,
    on_progress: Callable[[Progress], None],
    is_stopped: Callable[[], bool],
) -> None:
    """Train to the end of a stretch, or until the run is stopped."""
    labels = trainer.labels(run.chosen)
    if not run.has_begun and (begun := run.begin()) is not None:
        on_progress(begun)
    stopwatch, seconds_before = Stopwatch(), run.seconds
    ends = run.timeline.ends
    for epoch in range(run.timeline.epoch_of(run.step + 1), stretch.last_epoch + 1):
        begin = ends[epoch - 1]
        images, cuts = trainer.images(run.chosen, epoch), [step - begin for step in run.filmed]
        for chunk in chunks(run.chosen, stretch, epoch, trainer.n_steps, begin=run.step - begin, cuts=cuts):
            stopwatch.lap()
            if is_stopped():  # which may wait while others compute
                return
            stopwatch.skip()
            losses, n_right = trainer.run(images, labels, chunk)
            stopwatch.lap()
            progress = run.note(losses, n_right, chunk.counts, seconds_before + stopwatch.seconds, trainer)
            on_progress(progress)
        if run.is_over_early:
            return
