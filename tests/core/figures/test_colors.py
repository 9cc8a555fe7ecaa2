"""Colours that mean something are told apart by everybody, and seen on both themes' pages.

Colour blindness is simulated with Machado, Oliveira and Fernandes (2009) at full severity, differences are
measured in CAM02-UCS (Luo, Cui and Li, 2006), where about 1 can just be seen side by side.
"""

import ast
import itertools
import tomllib

import numpy as np
import pytest
from colorspacious import cspace_convert, deltaE
from paths import ROOT

from mnist_core.figures import layers, style
from mnist_core.figures.curves import FINE_OPACITY
from mnist_core.figures.lab import class_runs, evaluation
from mnist_core.figures.lessons import activations, images, loss, optimizers, preparations
from mnist_core.lessons.loss import explain

ALONE = 20.0
"""Between colours that nothing else tells apart: what M. Petroff asks of six colours (Accessible Color
Sequences for Data Visualization, 2021)."""
WITH_A_SECOND_CUE = 12.0
"""Between colours with a dash, a mark, a width or a word beside them: of ten colours all seen on white and on
near-black, a search of the gamut found none farther apart than 14."""
SEEN = 3.0
"""Of lines and marks against their page: WCAG 2.2, 1.4.11."""
SIGHTS = {
    "full colour": None,
    "protanopia": "protanomaly",
    "deuteranopia": "deuteranomaly",
    "tritanopia": "tritanomaly",
}
PAIRS = {
    "training and validation": (style.TRAINING, style.VALIDATION),
    "right and wrong": (style.RIGHT, style.WRONG),
    "positive and negative": (style.POSITIVE, style.NEGATIVE),
    "the optimisers": tuple(optimizers.COLORS.values()),
}
GROUPS = {
    "training, validation and test": (style.TRAINING, style.VALIDATION, style.TEST),
    "right, wrong and neither": (style.RIGHT, style.WRONG, style.MUTED),
    "signs, what is looked at, and the rest": (style.POSITIVE, style.NEGATIVE, style.NEURON, style.MUTED),
    "test and the rest": (style.TEST, style.MUTED),
    "an activation, its slope, and the rest": (activations.ACTIVATION, activations.SLOPE, style.MUTED),
    "other pixels and the usual ones": (preparations.CHANGED, style.MUTED),
    "runs": style.SERIES,
    "a setting of a run, low to high": class_runs.LOW_TO_HIGH,
    "the ten digits": style.DIGIT_COLORS,
}
ROLES = {
    "training": style.TRAINING,
    "validation": style.VALIDATION,
    "test": style.TEST,
    "right": style.RIGHT,
    "wrong": style.WRONG,
    "positive": style.POSITIVE,
    "negative": style.NEGATIVE,
    "looked at": style.NEURON,
    "the rest": style.MUTED,
}
SETS = {"TRAINING": "train", "VALIDATION": "validation"}
"""Colours of sets of images, and the word that a figure with one of them says of it."""
JUDGED = {"RIGHT", "WRONG", "BETTER_OR_WORSE"}
POINTED_AT = {"NEURON", "ACTIVATION"}
CONFIG = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())["theme"]


def rgb(color):
    return np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255


def seen_as(color, sight):
    if sight is None:
        return rgb(color)
    simulated = {"name": "sRGB1+CVD", "cvd_type": sight, "severity": 100}
    return np.clip(cspace_convert(rgb(color), simulated, "sRGB1"), 0, 1)


def smallest_difference(colors, sight):
    """Between any two of some colours, and which two."""
    seen = [seen_as(color, SIGHTS[sight]) for color in colors]
    pairs = itertools.combinations(range(len(colors)), 2)
    return min((float(deltaE(seen[i], seen[j], input_space="sRGB1")), colors[i], colors[j]) for i, j in pairs)


def contrast(color, other):
    def luminance(color):
        levels = rgb(color)
        linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    low, high = sorted((luminance(color), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("meaning", PAIRS)
def test_what_the_colour_alone_says_is_said_to_everybody(meaning, sight):
    assert smallest_difference(PAIRS[meaning], sight)[0] >= ALONE


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("meaning", GROUPS)
def test_colours_beside_a_second_cue_differ_for_everybody(meaning, sight):
    found = smallest_difference(GROUPS[meaning], sight)
    assert found[0] >= WITH_A_SECOND_CUE, found


def test_a_colour_has_one_meaning():
    """No two roles are so alike that one would be taken for the other on another page."""
    found = smallest_difference(tuple(ROLES.values()), "full colour")
    assert found[0] >= WITH_A_SECOND_CUE, found


def test_no_run_or_optimiser_has_the_colour_of_a_set_of_images():
    sets = (style.TRAINING, style.VALIDATION, style.TEST)
    for color in (*style.SERIES, *class_runs.LOW_TO_HIGH):
        for of_images in sets:
            assert smallest_difference((color, of_images), "full colour")[0] >= WITH_A_SECOND_CUE


def figures_of_test_accuracy():
    """Each function of a figure that speaks of accuracies on test images: names in it, and its words."""
    for path in sorted((ROOT / "mnist_core/figures").rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text())):
            if not isinstance(function, ast.FunctionDef):
                continue
            parts = list(ast.walk(function))
            names = {part.id for part in parts if isinstance(part, ast.Name)}
            constants = [part.value for part in parts if isinstance(part, ast.Constant)]
            words = " ".join(value for value in constants if isinstance(value, str)).lower()
            if "test" in words and ("accurac" in words or "correct" in words):
                yield pytest.param(names, words, id=f"{path.stem}.{function.name}")


@pytest.mark.parametrize(("names", "words"), [*figures_of_test_accuracy()])
def test_an_accuracy_on_test_images_has_the_colour_of_the_test_images(names, words):
    assert {name for name, word in SETS.items() if name in names and word not in words} == set()
    if "misread" not in words:  # an image may be right or wrong, an accuracy is neither
        assert names & JUDGED == set()
    if names & {*SETS, *POINTED_AT} and "misread" not in words:
        assert "TEST" in names


def uses_of_what_is_looked_at():
    """Each function, and each table of colours of a module, that names NEURON: where, and its other names."""
    folders = ("mnist_core/figures", "mnist_core/take_home", "dashboard/components")
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    for path in paths:
        for part in ast.parse(path.read_text()).body:
            names = {each.id for each in ast.walk(part) if isinstance(each, ast.Name)}
            if "NEURON" in names and not isinstance(part, ast.ImportFrom):
                attributes = {each.attr for each in ast.walk(part) if isinstance(each, ast.Attribute)}
                keys = {each.value for each in ast.walk(part) if isinstance(each, ast.Constant)}
                name = getattr(part, "name", f"line {part.lineno}")
                if name == "nudge_figure":  # marks a place among lines in the digits' own colours
                    continue
                yield pytest.param(names | attributes | keys, id=f"{path.stem}.{name}")


@pytest.mark.parametrize("names", [*uses_of_what_is_looked_at()])
def test_the_colour_of_what_is_looked_at_marks_no_digit_that_is_read_or_true(names):
    assert names & {"probabilities", "prediction", "read", "answer_look"} == set()


@pytest.mark.parametrize("prediction", [3, 5])
def test_a_read_and_a_true_digit_have_one_look_in_every_figure(prediction):
    """In the lessons on the loss and on softmax as on Predict."""
    logits = np.eye(10)[prediction]
    look = layers.answer_look(prediction, 3)
    assert look["color"][prediction] == (style.RIGHT if prediction == 3 else style.WRONG)
    for figure in (
        loss.outputs_figure(explain(logits, 3)),
        evaluation.logit_figure(logits, 3),
        activations.softmax_figure(logits, logits, 3),
    ):
        marker = figure.data[0].marker
        assert list(marker.color) == look["color"]
        assert list(marker.line.width) == look["marker_line"]["width"]


def test_an_answer_without_a_truth_has_no_colour_that_judges():
    """The ink of the page's text, in the component's style sheet; neither of what is looked at."""
    for folder, name in (("bars", "__init__.py"), ("network", "stage.js")):
        source = (ROOT / "dashboard/components" / folder / name).read_text()
        assert "var(--st-text-color)" in source


def test_the_simulation_sees_what_a_red_green_weakness_confuses():
    confused = smallest_difference(("#8a94a3", "#b5619b"), "deuteranopia")[0]
    assert confused < WITH_A_SECOND_CUE < smallest_difference(("#8a94a3", "#b5619b"), "full colour")[0]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_of_a_figure_stands_out_on_the_page(theme):
    single = (images.PICKED,)
    colors = {color for group in (*PAIRS.values(), *GROUPS.values(), single) for color in group}
    paper = CONFIG[theme]["backgroundColor"]
    assert {color for color in colors if contrast(color, paper) < SEEN} == set()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_curve_of_single_batches_stands_out_on_the_page_though_it_is_faint(theme):
    paper = CONFIG[theme]["backgroundColor"]
    blended = FINE_OPACITY * rgb(style.TRAINING) + (1 - FINE_OPACITY) * rgb(paper)
    seen = "#" + "".join(f"{round(255 * level):02x}" for level in blended)
    assert contrast(seen, paper) >= SEEN


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_themes_own_colours_are_those_of_the_digits(theme):
    assert tuple(CONFIG[theme]["chartCategoricalColors"]) == style.DIGIT_COLORS


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_captions_and_buttons_can_be_read(theme):
    colors = CONFIG[theme]
    ink = colors["violetTextColor"]  # `button_labels.main_label`
    assert contrast(ink, colors["primaryColor"]) >= 4.5
    for ground in (colors["backgroundColor"], colors["secondaryBackgroundColor"]):
        faded = np.rint(255 * (0.6 * rgb(colors["textColor"]) + 0.4 * rgb(ground))).astype(int)
        caption = "#" + "".join(f"{level:02x}" for level in faded)
        for color in (caption, colors["grayTextColor"], colors["linkColor"], colors["primaryColor"]):
            assert contrast(color, ground) >= 4.5


def test_the_second_cue_of_runs_and_optimisers_is_there():
    looks = list(zip(style.SERIES_DASHES, style.SERIES_SYMBOLS, strict=False))
    assert len(set(looks)) == len(looks) >= 6
    assert len(set(optimizers.DASHES.values())) == len(set(optimizers.SYMBOLS.values())) == 4
