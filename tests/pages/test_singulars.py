"""Where there is one of a thing, a page, a figure or a file says so in the singular."""

from dataclasses import replace

import pytest

from dashboard.lab import stage
from dashboard.session import choices, resources
from dashboard.widgets import settings
from mnist_core.analysis.evaluation import evaluate
from mnist_core.config import DEFAULT, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.take_home.report import report_html
from mnist_core.take_home.script_lines import Source, layer_fact, update_fact
from mnist_core.training.record import RunRecord

FEW = RunConfig(NetworkConfig((1,)), TrainingConfig(n_training_images=20, validation_share=0.05))
"""One neuron; 19 images, which are one update per epoch, and one for validation."""


@pytest.fixture
def record(sample):
    return RunRecord.untrained(FEW, sample)


def test_one_bias_and_one_update_are_counted_in_a_script():
    assert layer_fact(784, 1) == "784 × 1 weights + 1 bias = 785 parameters."
    assert layer_fact(10, 10) == "1 × 10 weights + 10 biases = 20 parameters."
    fact = update_fact(FEW, Source("mnist", 60_000, 10_000))
    assert fact == "19 images in batches of 32: 1 update per epoch, 5 in all."


def test_a_report_of_one_neuron_is_named_by_it(record, sample):
    evaluation = evaluate(record.parameters, sample.test_images, sample.test_labels)
    html = report_html(record, sample, evaluation, evaluation.report, "")
    assert "<h1>MNIST: 1 hidden neuron</h1>" in html


def test_one_image_is_set_aside(monkeypatch, sample):
    monkeypatch.setattr(resources, "dataset", lambda: sample)
    monkeypatch.setattr(choices, "run_config", lambda: FEW)
    assert "1 more is set aside for validation" in settings.in_words()
    monkeypatch.setattr(choices, "run_config", lambda: DEFAULT)
    assert " more are set aside for validation" in settings.in_words()


def test_a_run_that_was_paused_after_one_update_says_so(record, monkeypatch):
    monkeypatch.setattr(stage.present, "is_phone", lambda: True)
    assert ": 1 update in" in stage._end_in_words(replace(record, steps_done=1))
