"""What a notebook looks at after a stage of its script: pictures, shapes, curves, one block of code each."""

from collections.abc import Mapping, Sequence
from typing import Final

from mnist_core.config import RunConfig
from mnist_core.take_home.keras_script import history_names
from mnist_core.take_home.script_lines import Source, needs_numpy

IMPORTS: Final = "import"
"""The name of what is imported for the looks, beside those of stages."""
_LOAD: Final = """\
plt.figure(figsize=(10, 1.5))
for position in range(10):
    plt.subplot(1, 10, position + 1)
    plt.imshow(x_train[position], cmap="gray_r")
    plt.title(y_train[position])
    plt.axis("off")
plt.show()"""
_PREPARE: Final = """\
print("x_train:", x_train.shape, "with numbers from", x_train.min(), "to", x_train.max())
print("x_test:", x_test.shape)
plt.figure(figsize=(10, 1))
plt.imshow(x_train[:1], cmap="gray_r", aspect="auto")
plt.xlabel("the 784 numbers of the first image")
plt.yticks([])
plt.show()"""
N_TRIED: Final = 1000
"""Training images, at most, that an untrained network is tried with."""
_COMPILE: Final = f"""\
untrained = model.evaluate(x_train[:{N_TRIED}], y_train[:{N_TRIED}], verbose=0)
print(f"Before training: loss {{untrained[0]:.2f}}, accuracy {{untrained[1]:.1%}}")"""
_EVALUATE: Final = """\
read_as = model.predict(x_test, verbose=0).argmax(axis=1)
confusion = np.zeros((10, 10), dtype=int)
np.add.at(confusion, (y_test, read_as), 1)
mistakes = confusion * (1 - np.eye(10, dtype=int))
plt.figure(figsize=(6, 6))
plt.imshow(mistakes, cmap="Oranges", vmax=2 * mistakes.max() + 1)
for row in range(10):
    for column in range(10):
        plt.text(column, row, confusion[row, column], ha="center", va="center")
plt.xticks(range(10))
plt.yticks(range(10))
plt.xlabel("digit that the network read")
plt.ylabel("true digit")
plt.show()
true, other = np.unravel_index(mistakes.argmax(), mistakes.shape)
print(f"The most frequent mistake: {true} read as {other}, {mistakes.max()} times")"""
_PREDICT: Final = """\
plt.figure(figsize=(8, 2.5))
plt.subplot(1, 2, 1)
plt.imshow(x_test[0].reshape(28, 28), cmap="gray_r")
plt.axis("off")
plt.subplot(1, 2, 2)
plt.bar(range(10), probabilities[0])
plt.xticks(range(10))
plt.xlabel("digit")
plt.ylabel("probability")
plt.show()"""


def looks(config: RunConfig, source: Source) -> Mapping[str, str]:
    """Code by the name of the stage that it comes after, and by `IMPORTS` what it needs.

    It gives no name that the script or another look gives, so that each cell can be run again, and so that
    notebooks that follow names from cell to cell, as marimo does, can run it.

    Args:
        config: The run.
        source: Of its images.
    """
    numpy = () if needs_numpy(config, source) else ("import numpy as np",)
    return {
        IMPORTS: "\n".join(("import matplotlib.pyplot as plt", *numpy)),
        "load": _LOAD,
        "prepare": _PREPARE,
        "compile": _COMPILE,
        "fit": _curves(history_names(config), has_validation=config.training.validation_share > 0),
        "evaluate": _EVALUATE,
        "predict": _PREDICT,
    }


def _curves(histories: Sequence[str], has_validation: bool) -> str:
    lines = ["epochs = range(1, len(losses) + 1)", 'plt.plot(epochs, losses, marker="o", label="training")']
    if has_validation:
        validation = f'{histories[0]}.history["val_loss"]'
        if len(histories) > 1:
            validation = f'[value for part in ({", ".join(histories)}) for value in part.history["val_loss"]]'
        lines += [
            f"val_losses = {validation}",
            'plt.plot(epochs, val_losses, marker="o", label="validation")',
        ]
    axes = ("plt.xticks(epochs)", 'plt.xlabel("epoch")', 'plt.ylabel("loss")')
    return "\n".join((*lines, *axes, "plt.legend()", "plt.show()"))
