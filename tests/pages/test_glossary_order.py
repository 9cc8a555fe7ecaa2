"""On the way through lessons and lab, a term of the glossary is a link or stands out where it first appears.

What can be tested soundly: the texts beside the pages, in the order of the site map and of their parts. Words
that are also plain English are left out, because no pattern tells "a class of forty" from a class of digits.
"""

import re
from dataclasses import dataclass

import pytest
from paths import ROOT

from dashboard.elements.prose import Term, glossary, read_lesson
from dashboard.site_map import COURSE, LAB

REWRITTEN_ELSEWHERE: tuple[str, ...] = ()
ALSO_READ = {"predict": ("evidence", "fooling")}
"""Other texts that are read on a page, by its stem, in their order."""

PLAIN_ENGLISH = {
    "Class", "Classification", "Benchmark", "Label", "Training", "Input", "Shape", "Node", "Unit", "Layer",
    "Weight", "Probability", "Prediction", "Confidence", "Accuracy", "Loss", "Metric", "Slope", "Update",
    "Step", "Significant", "Support", "Recall", "Run", "Sweep", "Saddle", "Diverge", "Test images",
    "Digit recognition", "Neural network", "Momentum", "Precision", "Learning", "Testing",
}  # fmt: skip
"""Terms whose words also mean something that needs no glossary."""

FORMS = {
    "Pixel": r"pixels?",
    "Flatten": r"flatten(s|ed|ing)?",
    "Normalise": r"normalis(e|es|ed|ing)",
    "Bias": r"bias(es)?",
    "Shuffling": r"shuffl(e|es|ed|ing)",
    "Overfitting": r"overfit(s|ting)?",
    "Underfitting": r"underfit(s|ting)?",
    "Generalisation": r"generalis(e|es|ation)",
    "Calibration": r"calibrat(ed|ion)",
    "Pruning": r"prun(e|ed|ing)",
    "Saturation": r"saturat(e|es|ed|ion)",
    "Stochastic gradient descent": r"stochastic gradient descent|SGD",
    "Random initialisation": r"random initialisation|starting weights",
    "Dead ReLU": r"dead (ReLU|neuron)s?",
    "Effective weights": r"effective weights?",
    "Confusion matrix": r"confusion matri(x|ces)",
}
"""How a term is written in sentences, where that is not its name with an s."""


@dataclass(frozen=True)
class Part:
    """A part of a page's text."""

    page: str
    name: str
    text: str


def parts():
    """Every part, in the order in which a visitor comes to it."""
    for page in (*COURSE, *LAB):
        section = page.section.lower()
        for stem in (page.stem, *ALSO_READ.get(page.stem, ())):
            for name, text in read_lesson(section, stem).items():
                yield Part(f"{section}/{page.stem}", name, text)


def pattern_of(term):
    words = FORMS.get(term.name, rf"{re.escape(term.name)}s?")
    return re.compile(rf"(?<![\w-])({words})(?![\w-])", re.I)


def is_explained(term, text):
    """Whether a text links to a term, or has it in bold or italics."""
    stands_out = re.compile(rf"\*[^*\n]*?{pattern_of(term).pattern}[^*\n]*\*", re.I)
    return f"glossary#{term.anchor})" in text or bool(stands_out.search(text))


def without_code(text):
    return re.sub(r"`[^`\n]*`|\$[^$\n]*\$|\]\([^)]*\)", " ", text)


def first_uses_not_explained(terms, parts):
    """Each term whose first use is neither a link nor stands out, with the part where that is."""
    parts = list(parts)
    for term in terms:
        first = next((part for part in parts if pattern_of(term).search(without_code(part.text))), None)
        if first is None:
            continue
        until = parts.index(first) + 1
        seen = (part.text for part in parts[:until] if part.page == first.page)
        if not any(is_explained(term, text) for text in seen):
            yield term.name, first


TERMS = [term for section in glossary() for term in section.terms if term.name not in PLAIN_ENGLISH]


def test_a_term_is_a_link_or_stands_out_where_it_first_appears():
    late = [
        f"{part.page}, {part.name!r}: {name}"
        for name, part in first_uses_not_explained(TERMS, parts())
        if not set(part.page.split("/")) & set(REWRITTEN_ELSEWHERE)
    ]
    assert late == []


SOFTMAX = Term("Softmax", "softmax", "A function.")
BIAS = Term("Bias", "bias", "A number.")


@pytest.mark.parametrize(
    ("texts", "late"),
    [
        (["Softmax makes probabilities.", "[Softmax](glossary#softmax)"], ["a"]),
        (["[Softmax](glossary#softmax) makes them.", "Then softmax again."], []),
        (["Ten numbers are made positive: **softmax** does it.", "softmax"], []),
        (["`softmax` in code is no use of the word.", "The biases."], ["b"]),
        (["Nothing of either.", "An unbiased [number](glossary#bias)."], []),
    ],
)
def test_a_late_explanation_is_found_and_a_timely_one_is_not(texts, late):
    told = [Part(page, "only", text) for page, text in zip("ab", texts, strict=True)]
    assert [part.page for _, part in first_uses_not_explained([SOFTMAX, BIAS], told)] == late


def test_the_words_left_out_and_those_with_forms_are_terms():
    names = {term.name for section in glossary() for term in section.terms}
    assert names >= PLAIN_ENGLISH
    assert set(FORMS) <= names - PLAIN_ENGLISH


def test_every_text_of_the_way_is_looked_at():
    stems = {part.page.split("/")[1] for part in parts()}
    assert stems == {page.stem for page in (*COURSE, *LAB)}
    assert all((ROOT / "pages" / f"{part.page}.md").is_file() for part in parts())
