"""A run on one page: an HTML file that needs nothing but itself, to be opened, printed or handed in.

It holds no script and asks no host for anything, which a rule in the file itself makes sure of. Its charts
are SVG and its images PNG, both inside it.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from mnist_core.analysis.evaluation import Evaluation, evaluate
from mnist_core.analysis.inspection import full_color_weight, weight_images
from mnist_core.analysis.reports import DigitReport, report_digits
from mnist_core.config import N_DIGITS, OPTIMIZER_NAMES, SETTINGS, RunConfig
from mnist_core.figures.curves import QUANTITIES
from mnist_core.figures.digits import digit_grid
from mnist_core.figures.lab.evaluation import PALEST
from mnist_core.figures.lab.neurons import weight_grid
from mnist_core.figures.png import data_uri
from mnist_core.figures.style import RIGHT, TRAINING, VALIDATION, WRONG, share_text
from mnist_core.figures.svg import curve_svg
from mnist_core.images.dataset import Dataset
from mnist_core.take_home.keras_script import keras_script
from mnist_core.take_home.script_lines import Source, text_of
from mnist_core.training.record import RunRecord
from mnist_core.training.stretches import borders

N_MISTAKES: Final = 12
"""Of the most confident mistakes."""
N_NEURONS: Final = 32
"""Of the first hidden layer, whose weights are shown."""
_NEARLY_CERTAIN: Final = 0.995
"""From here on a confidence would round to 100%."""
_RULE: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE: Final = f"""
@page {{ size: A4; margin: 10mm }}
* {{ box-sizing: border-box }}
body {{ font: 13px/1.35 system-ui, sans-serif; color: #16202c; background: #fff; max-width: 190mm;
  margin: 1.5rem auto; padding: 0 1rem }}
h1 {{ font-size: 22px; margin: 0 }} h2 {{ font-size: 14px; margin: .7rem 0 .2rem }} p {{ margin: .2rem 0 }}
.two {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 0 1.4rem }}
table {{ border-collapse: collapse }} th {{ text-align: left; font-weight: 600; vertical-align: top;
  padding-right: .7rem; white-space: nowrap }}
.matrix td, .matrix th {{ text-align: center; width: 2.15rem; padding: .14rem 0; font-size: 11.5px }}
.right {{ background: color-mix(in srgb, {RIGHT} 28%, white) }}
.mistakes {{ display: flex; flex-wrap: wrap; gap: .4rem .7rem; margin: .3rem 0 }}
figure {{ margin: 0; text-align: center; font-size: 11.5px }} figure img {{ image-rendering: pixelated }}
img, svg {{ max-width: 100% }} pre {{ font-size: 10.5px; line-height: 1.3; white-space: pre-wrap;
  background: #f2f5f8; padding: .6rem; margin: 0; border-radius: 4px }}
.big {{ font-size: 19px; font-weight: 650 }}
.training {{ color: {TRAINING} }} .validation {{ color: {VALIDATION} }}
@media print {{ body {{ margin: 0; padding: 0; font-size: 10px; max-width: none; print-color-adjust: exact }}
  .two {{ grid-template-columns: 1fr 1fr }} h2 {{ font-size: 12px; margin-top: .3rem }}
  pre {{ font-size: 8px; padding: .4rem; columns: 2 }} svg {{ max-height: 42mm }} figure {{ font-size: 9px }}
  figure img {{ width: 34px; height: 34px }}
  .weights {{ max-height: 42mm }} .matrix td, .matrix th {{ font-size: 9px; padding: .02rem 0 }} }}
"""


def report_html(
    record: RunRecord, dataset: Dataset, evaluation: Evaluation, digits: DigitReport, script: str
) -> str:
    """The report of a run, in UTF-8.

    Args:
        record: The run.
        dataset: Its images.
        evaluation: Its network on the test images.
        digits: What it reads as what there.
        script: Its settings as a Keras script.
    """
    title = f"MNIST: {record.config.network.words}"
    body = "".join(
        [
            f"<h1>{escape(title)}</h1>",
            _accuracy(evaluation),
            '<div class="two"><div>',
            _section("The network and its training", _table(run_facts(record))),
            _section("Confusion matrix: which digits are confused", _matrix(digits)),
            "</div><div>",
            _section("How it learned", _curves(record)),
            "</div></div>",
            '<div class="two"><div>',
            _section("Its most confident mistakes", _mistakes(evaluation, dataset)),
            "</div><div>",
            _weights(record),
            "</div></div>",
            _section("These settings as a Keras script", f"<pre>{escape(script)}</pre>"),
        ]
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_RULE}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )


def report_file(record: RunRecord, dataset: Dataset) -> bytes:
    """The report of a run with all that it needs, an analysis: drawing it takes longer than a page may."""
    preparation = record.config.training.preparation
    evaluation = evaluate(record.parameters, dataset.test_images, dataset.test_labels, preparation)
    digits = report_digits(evaluation.labels, evaluation.predictions)
    script = text_of(keras_script(record.config, Source.of(dataset)))
    return report_html(record, dataset, evaluation, digits, script).encode()


def _accuracy(evaluation: Evaluation) -> str:
    low, high = 100 * evaluation.interval.low, 100 * evaluation.interval.high
    half = (high - low) / 2
    return (
        f'<p><span class="big">Test accuracy {share_text(evaluation.accuracy)} ± {half:.1f}</span></p>'
        f"<p>{evaluation.n_right:,} of {evaluation.n_images:,} test images read correctly; 95% interval "
        f"{low:.1f} to {high:.1f}% (Wilson); test loss {evaluation.loss:.4f} nats.</p>"
    )


def run_facts(record: RunRecord) -> list[tuple[str, str]]:
    """What a run was and how it went; settings that are as usual and seldom changed are left out."""
    config, training = record.config, record.config.training
    layers = " → ".join(map(str, config.network.layer_sizes))
    kept = (
        f", with the network of epoch {record.kept_epoch}" if record.kept_epoch < record.epochs_done else ""
    )
    facts = [
        ("Layers", f"{layers}; {config.network.n_parameters:,} parameters"),
        ("Activation", f"{config.network.activation} in the hidden layers, softmax at the end"),
        ("Optimiser", f"{OPTIMIZER_NAMES[training.optimizer]}, learning rate {training.learning_rate:g}"),
        ("Epochs", f"{record.epochs_done} of {training.epochs}, in batches of {training.batch_size:,}{kept}"),
        *((f"From epoch {border.epoch + 1}", border.label) for border in borders(config)),
        ("Updates", f"{record.steps_done:,}" + (", paused" if record.is_stopped else "")),
        (
            "Images",
            f"{record.n_training_images:,} for training, {record.n_validation_images:,} for validation",
        ),
        *_unusual(config),
        ("Seed", f"{training.seed}"),
        ("Time", f"{record.seconds:.2f} s, in {record.library}"),
        ("Data", f"{record.dataset_name}, fingerprint {record.dataset_fingerprint}"),
        ("Versions", ", ".join(f"{name} {version}" for name, version in record.versions.items())),
    ]
    if record.has_diverged:
        facts.append(("Note", "The weights grew without limit, because the learning rate was too large."))
    return facts


def _unusual(config: RunConfig) -> Iterable[tuple[str, str]]:
    for name, setting in SETTINGS.items():
        value = config.value_of(name)
        if setting.is_exception and value != setting.default:
            yield setting.words.capitalize(), ", ".join(filter(None, (setting.write(value), setting.remark)))


def _section(name: str, content: str) -> str:
    return f"<section><h2>{escape(name)}</h2>{content}</section>"


def _table(rows: Iterable[tuple[str, str]]) -> str:
    lines = (f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    return f"<table>{''.join(lines)}</table>"


def _curves(record: RunRecord) -> str:
    lines = borders(record.config)
    curves = (curve_svg(record.history, quantity, record.timeline, lines) for quantity in QUANTITIES)
    legend = '<b class="training">● training</b>: thin, batch by batch; thick, mean over the epoch'
    if record.history.has_validation:
        legend += '. <b class="validation">● validation</b>: after the epoch'
    return f"{''.join(curves)}<p>{legend}.</p>"


def _matrix(digits: DigitReport) -> str:
    """Counts; rows are true digits. The tint of a mistake is its share of the row."""
    shares = digits.confusion_by_row
    mistakes = [shares[i, j] for i in range(N_DIGITS) for j in range(N_DIGITS) if i != j]
    darkest = max(PALEST, *mistakes)

    def cell(i: int, j: int) -> str:
        count = int(digits.confusion[i, j])
        if i == j:
            return f'<td class="right">{count}</td>'
        tint = f' style="background:color-mix(in srgb, {WRONG} {60 * shares[i, j] / darkest:.0f}%, white)"'
        return f"<td{tint if count else ''}>{count or '·'}</td>"

    head = "".join(f"<th>{digit}</th>" for digit in range(N_DIGITS))
    rows = "".join(
        f"<tr><th>{i}</th>{''.join(cell(i, j) for j in range(N_DIGITS))}</tr>" for i in range(N_DIGITS)
    )
    table = f'<table class="matrix"><tr><th></th>{head}</tr>{rows}</table>'
    return f"{table}<p>Rows: true digit. Columns: what the network read.</p>"


def _mistakes(evaluation: Evaluation, dataset: Dataset) -> str:
    numbers: Sequence[int] = evaluation.mistakes[:N_MISTAKES].tolist()
    if not numbers:
        return "<p>The network made no mistake on the test images.</p>"

    def picture(number: int) -> str:
        label, prediction = evaluation.labels[number], evaluation.predictions[number]
        words, sure = f"{label} read as {prediction}", mistake_confidence(evaluation.confidence[number])
        source = data_uri(digit_grid(dataset.test_images[number : number + 1], 1, 1))
        return (
            f'<figure><img width="42" height="42" src="{source}" alt="Test image {number}: a {words}">'
            f"<figcaption>{words}<br>{escape(sure)}</figcaption></figure>"
        )

    return f'<div class="mistakes">{"".join(map(picture, numbers))}</div>'


def mistake_confidence(share: float) -> str:
    """How sure the network was of a wrong answer, in whole percent; never certain, whatever it rounds to."""
    return ">99%" if share >= _NEARLY_CERTAIN else f"{100 * share:.0f}%"


def _weights(record: RunRecord) -> str:
    n_units = record.parameters.weights[0].shape[1]
    n_shown = min(n_units, N_NEURONS)
    which = f"{n_shown} of {n_units}" if n_shown < n_units else f"{n_units}"
    name = f"The weights of the first hidden layer’s neurons ({which})"
    if record.has_diverged:
        return _section(name, "<p>They are not finite numbers.</p>")
    images = weight_images(record.parameters, record.config.training.preparation)[:n_shown]
    limit = full_color_weight(record.parameters, 0)
    source = data_uri(weight_grid(images, range(n_shown), limit, "light"))
    words = f"Blue for positive weights, orange for negative ones, full colour from ±{limit:.2f} on."
    return _section(name, f'<img class="weights" src="{source}" alt="{words}"><p>{words}</p>')
