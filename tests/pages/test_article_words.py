"""The words by which the article teaches, and those that it needs beside them, are explained and used.

"Building a super simple Neural Network in Python" is where the subject of this dashboard comes from. Each
word of it is a term of the glossary, and stands in a text that a visitor comes to; its slips are put right.
"""

import re

import pytest

from dashboard.elements.prose import glossary, read_lesson
from dashboard.site_map import COURSE, LAB

ARTICLE = {
    "Neural network": "neural networks?",
    "Neuron": "neurons?",
    "Node": "nodes?",
    "Layer": "layers?",
    "Input layer": "input layer",
    "Hidden layer": "hidden layer",
    "Output layer": "output layer",
    "Training": "training",
    "Activation function": "activation functions?",
    "ReLU": "ReLU",
    "Softmax": "softmax",
    "Learning": "learns?|learning",
    "Optimisation": "optimisation",
    "Optimiser": "optimisers?",
    "Adam": "Adam",
    "Testing": "testing",
    "Test images": "test images",
    "Flatten": "flattened data",
    "Reshape": "reshaping",
    "MNIST": "MNIST",
    "Categorical cross-entropy": "categorical_crossentropy",
    "Sparse categorical cross-entropy": "sparse_categorical_crossentropy",
    "Epoch": "epochs",
    "Batch size": "batch size",
}
"""The term of the glossary, and how the word is written on a page."""
NEEDED = {
    "Unit": "unit",
    "Derivative": "derivative",
    "Slope": "slope",
    "Deep learning": "deep learning",
    "Classification": "classification",
    "Benchmark": "benchmark",
    "Saddle": "saddle",
    "Diverge": "diverges?|grew without limit",
    "Early stopping": "early stopping",
    "Running mean": "running means?",
}
SLIPS = {
    "neurons": ("The 784 inputs are neurons", "`input_shape` beside it", "not directly connected", "fires"),
    "images": ("no letters",),
    "optimizers": ("learning rate by the size of the gradient", "adaptive moment estimation"),
    "loss": ("Training maximises the accuracy",),
}
"""What the article gets wrong or leaves out, as the lesson takes it up."""


def texts():
    return {page.stem: read_lesson(page.section.lower(), page.stem) for page in (*COURSE, *LAB)}


@pytest.mark.parametrize(("term", "written"), (ARTICLE | NEEDED).items())
def test_a_word_of_the_article_is_in_the_glossary_and_on_a_page(term, written):
    assert term in {entry.name for section in glossary() for entry in section.terms}
    pattern = re.compile(rf"(?<![\w-])({written})(?![\w-])", re.I)
    assert any(pattern.search(text) for parts in texts().values() for text in parts.values())


@pytest.mark.parametrize(("stem", "words"), [(stem, words) for stem in SLIPS for words in SLIPS[stem]])
def test_a_slip_of_the_article_is_put_right_in_the_lesson_where_a_learner_meets_it(stem, words):
    assert any(words in text for text in texts()[stem].values())


def test_the_glossary_gives_adam_its_full_name():
    (adam,) = [entry for section in glossary() for entry in section.terms if entry.name == "Adam"]
    assert "Adaptive moment estimation" in adam.text
