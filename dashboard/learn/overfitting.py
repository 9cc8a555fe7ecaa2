"""What the lesson on testing says of a run that was to overfit."""

from dataclasses import asdict

from dashboard.elements.prose import read_lesson
from dashboard.session import resources
from mnist_core.figures.style import share_text, with_minus
from mnist_core.lessons import testing


def finding_in_words(fit: testing.Fit, *, has_wrong_labels: bool) -> str:
    """What the curves show."""
    lesson = read_lesson("learn", "testing")
    risen = lesson["never risen" if fit.best_epoch == fit.epochs else "hardly risen"].format(**asdict(fit))
    accuracies = lesson["taught wrong" if has_wrong_labels and fit.gap < 0 else "alike"]
    return lesson[fit.finding].format(risen=risen, accuracies=accuracies, **asdict(fit))


def words_on_accuracy(run: resources.TrainedRun, fit: testing.Fit) -> list[str]:
    """What the accuracy did where the loss turned, and how many wrong labels were learned."""
    lesson, words = read_lesson("learn", "testing"), []
    if fit.finding == "turned":
        before, after = 100 * fit.accuracy_at_best, 100 * fit.accuracy
        said = lesson["accuracy fell" if fit.accuracy_has_fallen else "riddle"]
        words.append(said.format(before=before, after=after, **asdict(fit)))
    if wrong_share := run.record.config.training.wrong_label_share:
        counted = asdict(testing.count_wrong_labels(run.record, run.dataset))
        words.append(lesson["wrong labels"].format(**counted, right_share=100 * (1 - wrong_share)))
    return words


def accuracies_of(fit: testing.Fit) -> dict[str, str]:
    """Both accuracies at the end, and how far they are apart."""
    interval = f"{100 * fit.interval.low:.1f} – {100 * fit.interval.high:.1f}%"
    return {
        "Training": share_text(fit.training_accuracy),
        f"Validation ({interval})": share_text(fit.accuracy),
        "Gap (percentage points)": with_minus(f"{100 * fit.gap:.1f}"),
    }
