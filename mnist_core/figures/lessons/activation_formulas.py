"""Activation functions and probabilities in numbers, as LaTeX and as text."""

import numpy as np

from mnist_core.figures.style import share_text


def formula(name: str, z: float, a: float, slope: float) -> str:
    """The function and its slope with the numbers in, as LaTeX."""
    sigmoid = rf"\frac{{1}}{{1 + e^{{{0 - z:.1f}}}}} = {a:.3f}"
    value, derivative = {
        "relu": (rf"\max(0,\; {z:.1f}) = {a:.3f}", f"{slope:.0f}" if z else r"0 \text{ by convention}"),
        "sigmoid": (sigmoid, rf"{a:.3f} \cdot (1 - {a:.3f}) \\ &= {slope:.3f}"),
        "tanh": (rf"\tanh({z:.1f}) = {a:.3f}", rf"1 - ({a:.3f})^2 \\ &= {slope:.3f}"),
        "none": (f"{a:.3f}", f"{slope:.0f}"),
    }[name]
    return rf"\begin{{aligned}} f({z:.1f}) &= {value} \\[6pt] f'({z:.1f}) &= {derivative} \end{{aligned}}"


def percent(probability: float) -> str:
    """A probability in percent; not-a-number as NumPy writes it."""
    return "nan" if np.isnan(probability) else share_text(probability)


def tex(number: float) -> str:
    """A number of any size in LaTeX, with a power of ten where that is shorter."""
    mantissa, _, power = f"{number:.4g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(power)}}}" if power else mantissa
