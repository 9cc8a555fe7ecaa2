"""One neuron's calculation: inputs × weights = products, their sum with the bias, and the output."""

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from dashboard.session import present
from dashboard.widgets import charts, text_elements
from mnist_core.config import N_PIXELS
from mnist_core.figures.lessons.neurons import bar_figure, factors_figure, image_figure, sum_figure
from mnist_core.network.passes import NeuronTerms

ACTIVATIONS: Final = {  # as the picture names it, and as the formula does
    "relu": ("ReLU(z)", r"\max(0, z)"),
    "tanh": ("tanh(z)", r"\tanh(z)"),
    "sigmoid": ("σ(z)", r"\sigma(z)"),
    "none": ("output", "z"),
    "softmax": ("softmax", r"\mathrm{softmax}(z, \dots)"),
}


def calculation(terms: NeuronTerms, unit: int, activation: str, source: str, note: str = "") -> None:
    """Draw and write one neuron's calculation for one image.

    Args:
        terms: From `passes.neuron_terms`; 784 of them are drawn as images, others as bars.
        unit: The neuron's number in its layer.
        activation: A key of `ACTIVATIONS`.
        source: What its inputs are.
        note: A line below the factors.
    """
    draw_factors(terms, unit, source)
    if note:
        text_elements.note(note)
    left, right = st.columns(2, vertical_alignment="center")
    with left:
        draw_sum_of_signs(terms, activation)
    with right:
        write_sum_of_signs(terms, activation)


def draw_factors(terms: NeuronTerms, unit: int, source: str, is_in_row: bool = False) -> None:
    """Inputs, weights and products side by side: 784 of them as images, others as bars.

    Args:
        terms: Of the neuron.
        unit: The neuron's number in its layer.
        source: What its inputs are.
        is_in_row: Whether they stand side by side on a phone too, small, where they are seen with controls.
    """
    if present.is_phone() and is_in_row:
        title = f"Inputs: {source}, times the weights of neuron {unit}"
        charts.draw("neuron_factors", factors_figure, terms, title)
        return
    draw = image_figure if len(terms.inputs) == N_PIXELS else bar_figure
    titles = {
        "inputs": f"Inputs: {source}",
        "weights": f"× weights of neuron {unit}",
        "products": "= products",
    }
    for column, (factor, title) in zip(
        st.columns(3, vertical_alignment="bottom"), titles.items(), strict=True
    ):
        with column:
            charts.draw(f"neuron_{factor}", draw, terms, factor, title)


def draw_sum_of_signs(terms: NeuronTerms, activation: str) -> None:
    """The sum as bars, positive products together and negative ones together."""
    positive, negative = terms.sum_of_positive, terms.sum_of_negative
    draw_sum({"+ products": positive, "− products": negative}, terms, activation)


def write_sum_of_signs(terms: NeuronTerms, activation: str) -> None:
    """The same in numbers."""
    positive, negative = terms.sum_of_positive, terms.sum_of_negative
    rows = {r"\text{positive products}": positive, r"\text{negative products}": negative}
    write_sum(rows, terms, activation, digits=3)
    st.caption("Rounded to three decimals.")


def draw_sum(
    summands: Mapping[str, float],
    terms: NeuronTerms,
    activation: str,
    limits: Sequence[float] = (),
) -> None:
    """Products and bias as bars that stand on each other.

    Args:
        summands: By name, without the bias.
        terms: Of the neuron.
        activation: A key of `ACTIVATIONS`.
        limits: As `sum_figure` has them.
    """
    passed_on_as, _ = ACTIVATIONS[activation]
    all_summands = {**summands, "bias b": terms.bias}
    numbers = (terms.weighted_sum, terms.activation)
    charts.draw(f"sum_of_{len(all_summands)}", sum_figure, all_summands, *numbers, passed_on_as, limits)


def write_sum(rows: Mapping[str, float], terms: NeuronTerms, activation: str, digits: int) -> None:
    """The same in numbers, one below the other."""
    _, formula = ACTIVATIONS[activation]
    rows = {**rows, "b": terms.bias}
    lines = r" \\ ".join(f"{name} &= {value:+z.{digits}f}" for name, value in rows.items())
    st.latex(
        rf"\begin{{aligned}} {lines} \\ \hline z &= {terms.weighted_sum:+z.{digits}f} \\"
        rf"a = {formula} &= \mathbf{{{terms.activation:+z.{digits}f}}} \end{{aligned}}"
    )
