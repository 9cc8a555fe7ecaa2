"""The parts of pages that a tour can open: headings of lessons, and parts of other pages."""

from collections.abc import Mapping
from typing import Final

FOOT: Final = ("What people often get wrong", "Check yourself")
"""The last sections of every lesson."""
PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "images": (
        "MNIST: 70,000 handwritten digits",
        "A pixel is a number",
        "Why not write rules by hand?",
        "From guessing to a neural network: a ladder",
        "Does the network see the picture?",
        "Why divide the pixels by 255?",
        *FOOT,
    ),
    "neurons": (
        "A neuron by hand",
        "A weighted sum measures a match",
        "Paint the weights yourself",
        "A neuron of the network",
        "Layers, and how many numbers they hold",
        *FOOT,
    ),
    "activations": (
        "Four activation functions",
        "What bends add up to: a curve",
        "What a bend does: two neurons and a plane",
        "Without a bend, many layers are one",
        "Neurons that output 0, and dead neurons",
        "Softmax: from ten sums to ten probabilities",
        *FOOT,
    ),
    "loss": (
        "The loss of one image",
        "Along the curve",
        "Sparse and categorical cross-entropy: one loss",
        "The loss of all test images",
        "Where the loss starts: at guessing",
        "Loss is not accuracy",
        *FOOT,
    ),
    "learning": (
        "Downhill on one weight: gradient descent",
        "All slopes at once: backpropagation",
        "Backpropagation in numbers",
        "One update: what it does to other images",
        *FOOT,
    ),
    "batches": (
        "One epoch, cut into batches",
        "Which way does a batch point?",
        "Many rough steps or few precise ones?",
        *FOOT,
    ),
    "optimizers": (
        "Four rules in four lines",
        "The race: four rules on a surface",
        "One weight, ten updates by Adam",
        "Learning-rate decay: a rate that falls",
        "The four on the network",
        *FOOT,
    ),
    "starting_weights": (
        "All weights zero: neurons that stay equal",
        "Five starts, trained side by side",
        "Vanishing and exploding activations",
        "Glorot and He: where the formulas come from",
        "The same start, another order of the images",
        *FOOT,
    ),
    "testing": (
        "Training, validation and test images",
        "Overfitting, on purpose",
        "How sure is an accuracy?",
        "Five seeds",
        "Is the last tenth easier?",
        *FOOT,
    ),
    "generalizing": (
        "Data augmentation: shifted copies",
        "Dropout, neuron by neuron",
        "Overfitting with 500 images, and five cures",
        "Why does each cure work?",
        "Do the cures help with all images?",
        *FOOT,
    ),
    "script": (
        "The article’s listing: find the slips",
        "Today’s Keras, line by line",
        "The course in one drawing",
        "Ten exercises",
        *FOOT,
    ),
    "evaluate": (
        "Confusion matrix",
        "Digit by digit",
        "Calibration",
        "Most confident mistakes",
        "Learning curves",
    ),
    "inside": (
        "Neurons",
        "Network",
        "Switch off",
        "Prune",
        "Film",
        "One update",
        "Map",
    ),
    "compare": (
        "Runs",
        "Sweep",
        "Experiments",
    ),
    "code": (
        "Keras script",
        "Notebook",
        "NumPy",
    ),
    "classroom": (
        "Join",
        "Poll",
        "Questions",
        "Handwriting",
        "Runs",
    ),
}
"""By the stem of the page; a page that is not among them has no parts."""
