"""The notebook of a run: the script cell by cell, a look after each stage, guesses, tasks; and it runs."""

import ast
import itertools
import json
import os
import re
from dataclasses import replace

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from paths import ROOT

from dashboard.elements.prose import read_lesson
from dashboard.lab.notebook import notebook_cells
from mnist_core.analysis.evaluation import evaluate
from mnist_core.chapters import Chapter
from mnist_core.config import CLASSIC, DEFAULT, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.take_home.keras_script import keras_script
from mnist_core.take_home.looks import looks
from mnist_core.take_home.notebook import to_notebook
from mnist_core.take_home.script_lines import Source, text_of
from mnist_core.training.loop import train

WHOLE = Source("mnist", 60_000, 10_000)
SAMPLE = Source("sample", 4_000, 1_000)
IN_CHAPTERS = RunConfig(
    NetworkConfig((32, 16), "tanh"),
    TrainingConfig(epochs=4, wrong_label_share=0.1, l2=0.0001, seed=2),
    (Chapter(4, 64, "adam", 0.0005),),
)
STARTUP = "from offline import replace_downloads\nreplace_downloads(needs_keras=True)\n"
REFINED = {"x_train", "y_train", "x_test"}
"""What is prepared step by step under its one name; marimo's converter numbers its steps."""
WITH_MORE = DEFAULT.with_changes(
    initializer="normal_1", dropout=0.2, shift=1, patience=2, schedule="cosine", preparation="shuffled"
)
each_run = pytest.mark.parametrize(
    "config", [CLASSIC, DEFAULT, IN_CHAPTERS, WITH_MORE], ids=["classic", "default", "in chapters", "more"]
)
each_source = pytest.mark.parametrize("source", [WHOLE, SAMPLE], ids=["mnist", "sample"])


def parsed(config, source):
    notebook = nbformat.reads(to_notebook(notebook_cells(config, source)), as_version=4)
    nbformat.validate(notebook)
    return notebook


def code_of(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


@each_source
@each_run
def test_the_code_of_a_notebook_is_the_script_in_its_order_with_looks_and_room_for_tasks(config, source):
    """The script is what test_scripts.py executes, so that Jupyter itself is left to the tier of load."""
    looked = looks(config, source)
    cells = [cell for cell in code_of(parsed(config, source)) if not cell.startswith("# Task")]
    script = [cell for cell in cells if cell not in looked.values()]
    assert "\n\n".join(script) + "\n" == text_of(keras_script(config, source))
    assert [cell for cell in cells if cell in looked.values()] == list(looked.values())


@each_run
def test_it_asks_for_three_guesses_and_four_tasks_with_folded_answers(config):
    notebook = parsed(config, WHOLE)
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    guesses = [text for text in texts if text.startswith("**Guess")]
    tasks = [text for text in texts if text.startswith("**Task")]
    assert (len(guesses), len(tasks)) == (3, 4)
    for text in guesses + tasks:
        before, folded = text.split("<details><summary>")
        assert before.strip()
        assert folded.endswith("</details>")
    assert f"{config.network.n_parameters:,} numbers" in guesses[0]
    assert "{" not in "".join(guesses + tasks)


@pytest.mark.parametrize(
    ("units", "n_images", "first", "second", "n_tried", "n_few", "n_left"),
    [(32, None, 8, 128, "1,000", 500, 400), (1, 300, 4, 16, "300", 300, 240), (2, 20, 1, 8, "20", 20, 16)],
)
def test_the_numbers_of_answers_and_tasks_are_those_of_the_run(
    units, n_images, first, second, n_tried, n_few, n_left
):
    config = RunConfig(NetworkConfig((units,)), TrainingConfig(n_training_images=n_images))
    texts = " ".join(cell.source for cell in notebook_cells(config, WHOLE))
    assert f"Replace the {units} of the first hidden layer by {first}, then by {second}." in texts
    assert f"tries it with {n_tried} training images." in texts
    assert f"on the first {n_few} training images, " in texts
    assert f"which leaves {n_left} to learn from" in texts


def bound(code):
    """The names that a cell gives outside functions and comprehensions."""
    names = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Assign | ast.For):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            parts = itertools.chain(*map(ast.walk, targets))
            names |= {
                part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
            }
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
    return names


@each_source
@each_run
def test_no_two_cells_give_the_same_name_to_different_things(config, source):
    """Marimo follows names from cell to cell, and lets only one cell give each."""
    given = [bound(cell) for cell in code_of(parsed(config, source))]
    twice = set().union(*(first & second for first, second in itertools.combinations(given, 2)))
    assert twice <= REFINED


def test_it_has_no_links_into_the_dashboard_and_ends_with_its_accuracy():
    text = to_notebook(notebook_cells(DEFAULT, WHOLE, "Test accuracy of the run: 96%."))
    assert "glossary" not in text
    assert "](" not in text
    cells = json.loads(text)["cells"]
    assert np.all([len(cell["source"]) > 0 for cell in cells])
    assert cells[-1]["source"][-1].endswith("Test accuracy of the run: 96%.")


def test_every_part_of_its_text_is_used():
    parts = dict(read_lesson("lab", "notebook"))
    used = {
        name
        for config in (CLASSIC, DEFAULT)
        for name, text in parts.items()
        if re.split(r"\{", text)[0] in "".join(cell.source for cell in notebook_cells(config, WHOLE, "."))
    }
    assert used == parts.keys()


def run_notebook(text, folder, mnist_path):
    """The test accuracy after Jupyter ran a notebook from top to bottom, and how many pictures it drew."""
    startup = folder / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00-first.py").write_text(STARTUP)
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    environment = {
        "IPYTHONDIR": str(folder / "ipython"), "MNIST_PATH": mnist_path, "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONPATH": str(ROOT / "tests/support"),
    }  # fmt: skip
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": folder}}
    )
    ours = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}  # Streamlit's
    client.execute(env=ours | environment)
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    printed = "".join(out.text for out in outputs if out.get("name") == "stdout")
    assert any("Total params" in out.get("data", {}).get("text/html", "") for out in outputs)
    assert "Before training: loss" in printed
    assert "The most frequent mistake" in printed
    n_pictures = sum("image/png" in out.get("data", {}) for out in outputs)
    return float(re.findall(r"Test accuracy: ([0-9.]+)", printed)[-1]), n_pictures


def interval_of(config, dataset):
    return evaluate(train(config, dataset).parameters, dataset.test_images, dataset.test_labels).interval


@pytest.mark.filterwarnings("ignore")  # of Jupyter's libraries, which this is not a test of
@pytest.mark.load
@pytest.mark.full_mnist
def test_the_notebook_of_the_classic_run_reaches_its_accuracy(mnist, tmp_path):
    config = replace(CLASSIC, training=replace(CLASSIC.training, seed=4))
    text = to_notebook(notebook_cells(config, WHOLE))
    accuracy, n_pictures = run_notebook(text, tmp_path, mnist.origin.path)
    interval = interval_of(config, mnist)
    assert interval.low <= accuracy <= interval.high
    assert n_pictures == 5


@pytest.mark.filterwarnings("ignore")  # of Jupyter's libraries, which this is not a test of
@pytest.mark.load
def test_without_mnist_the_notebook_runs_on_the_sample(sample, tmp_path):
    text = to_notebook(notebook_cells(IN_CHAPTERS, Source.of(sample)))
    accuracy, n_pictures = run_notebook(text, tmp_path, "")
    interval = interval_of(IN_CHAPTERS, sample)
    assert interval.low <= accuracy <= interval.high
    assert n_pictures == 5
