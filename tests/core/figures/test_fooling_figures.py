"""Pictures of evidence and of changed images: the numbers given, in the right place and in words."""

import io

import numpy as np
import pytest
from PIL import Image

from mnist_core.analysis.adversarial import SIZES, ChangedImage, FoolingReport, change
from mnist_core.analysis.evidence import Evidence
from mnist_core.figures.lab.evidence import evidence_pictures, sum_figure
from mnist_core.figures.lab.fooling import change_picture, fooling_figure, robustness_figure
from mnist_core.figures.style import NEGATIVE, NEURON, POSITIVE, alt_text, title_text


def evidence(rival=None, is_exact=True, bias=-0.5, blue=3):
    """Two pixels add `blue` and −1."""
    products = np.zeros((28, 28))
    products[4, 5], products[6, 7] = blue, -1
    logit = blue - 1 + bias if is_exact else 7.25
    return Evidence(7, rival, products / 0.5, products, bias, logit, is_exact, 18, 32, 1.0)


def bars(figure):
    (trace,) = figure.data
    return list(zip(trace.y, trace.base, trace.x, trace.marker.color, strict=True))


def test_each_bar_begins_where_the_previous_one_ends_and_the_last_is_the_logit():
    figure = sum_figure(evidence())
    assert bars(figure) == [
        ("Ink on blue", 0, 3, POSITIVE),
        ("Ink on orange", 3, -1, NEGATIVE),
        ("Effective bias", 2, -0.5, NEGATIVE),
        ("= Logit of the 7", 0, 1.5, NEURON),
    ]
    assert title_text(figure) == "3.00 − 1.00 − 0.50 = 1.50, the logit of the 7"
    assert "Ink on orange: −1.00; Effective bias: −0.50; Logit of the 7: 1.50." in alt_text(figure)
    low, high = figure.layout.xaxis.range
    assert low == 0
    assert high > 3


def test_a_difference_of_two_logits_is_called_a_lead():
    figure = sum_figure(evidence(rival=1, bias=0.5))
    assert title_text(figure) == "3.00 − 1.00 + 0.50 = 2.50, the lead of the 7 over the 1"
    assert bars(figure)[-1][0] == "= Difference of the logits"


def test_where_the_rounded_terms_do_not_add_up_to_the_rounded_sum_there_is_no_equals_sign():
    figure = sum_figure(evidence(bias=0.504, blue=3.004))
    assert title_text(figure) == "3.00 − 1.00 + 0.50 ≈ 2.51, the logit of the 7"


def test_where_the_sum_is_not_the_logit_the_two_stand_below_each_other_and_there_is_no_bias():
    figure = sum_figure(evidence(is_exact=False))
    assert [(name, base, value) for name, base, value, _ in bars(figure)] == [
        ("Ink on blue", 0, 3),
        ("Ink on orange", 3, -1),
        ("= Gradient × pixels", 0, 2),
        ("Logit of the 7", 0, 7.25),
    ]
    assert title_text(figure) == "Gradient × pixels is 2.00, but the logit of the 7 is 7.25"
    assert figure.layout.xaxis.range[1] > 7.25


def opened(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


def test_weights_and_products_share_one_scale():
    pictures = evidence_pictures(np.zeros((28, 28), np.uint8), evidence(), full_color=6.0)
    weights, products = (opened(pictures[name].png) for name in ("weights", "products"))
    assert weights[45, 55, 3] == 255  # 3 / 0.5 is the full colour
    assert products[45, 55, 3] == pytest.approx(128, abs=3)  # 3 is half of it
    assert weights[45, 55, 2] > weights[45, 55, 0]  # blue
    assert weights[65, 75, 0] > weights[65, 75, 2]  # orange
    assert "blue where ink raises it" in pictures["weights"].alt
    assert (
        "gradient"
        in evidence_pictures(np.zeros((28, 28), np.uint8), evidence(is_exact=False), 6).popitem()[1].alt
    )


def test_before_the_change_and_after_stand_side_by_side():
    image = np.zeros((28, 28), np.uint8)
    image[10:18, 14] = 200
    signs = np.where(np.arange(784).reshape(28, 28) % 2, 1, -1).astype(np.int8)
    logits = np.eye(10, dtype=np.float32)[8]
    changed = ChangedImage(signs, change(image, signs, 40), logits, logits)
    picture = change_picture(image, changed, 40, "a step along the gradient")
    pixels = opened(picture.png)
    side = pixels.shape[0]
    scale, right = side // 28, pixels.shape[1] - side
    middle = (right - side) // 2 + side // 2
    row, column = 12 * scale + scale // 2, 14 * scale + scale // 2
    assert pixels[row, column, :3].tolist() == [200] * 3
    assert pixels[row, right + column, :3].tolist() == [int(changed.image[12, 14])] * 3
    assert int(changed.image[12, 14]) != 200
    left_of_change = right // 2
    assert middle > side
    blue, orange = ((12, 15), (12, 14)) if signs[12, 15] > 0 else ((12, 14), (12, 15))
    for (y, x), larger, smaller in ((blue, 2, 0), (orange, 0, 2)):
        pixel = pixels[y * scale + scale // 2, left_of_change + x * scale + scale // 2]
        assert pixel[3] == 255
        assert pixel[larger] > pixel[smaller]
    assert picture.alt.endswith(
        "plus a step along the gradient of 40 gray levels, makes an image that is read as an 8."
    )


def test_without_a_change_nothing_is_coloured():
    image, logits = np.zeros((28, 28), np.uint8), np.eye(10, dtype=np.float32)[0]
    unchanged = ChangedImage(np.ones((28, 28), np.int8), image, logits, logits)
    pixels = opened(change_picture(image, unchanged, 0, "random signs").png)
    middle = pixels.shape[1] // 2
    assert (pixels[20:-20, middle - 60 : middle + 60, 3] == 0).all()


@pytest.fixture
def report():
    """Ten images: each size of a step fools half of one more, random signs fool the first one only."""
    n_right = np.maximum(0, 9 - np.arange(len(SIZES)) // 2)
    after_step = np.arange(10) < n_right[:, None]
    after_noise = np.tile(np.arange(10) < 8, (len(SIZES), 1))
    return FoolingReport(np.arange(10), after_step, after_noise)


def test_accuracies_stand_at_their_sizes_with_intervals_and_the_size_is_marked(report):
    figure = fooling_figure(report, 15)
    step, noise = figure.data
    assert list(step.x) == list(noise.x) == list(SIZES)
    assert step.y[SIZES.index(15)] == pytest.approx(100 * report.after_step[SIZES.index(15)].mean())
    assert set(noise.y) == {80}
    assert step.error_y.array[0] > 0 < step.error_y.arrayminus[0]
    assert [shape.x0 for shape in figure.layout.shapes] == [15]
    assert title_text(figure) == "15 gray levels: 40.0% read correctly after a step, 80.0% after random signs"
    assert "10 test images" in alt_text(figure)
    assert title_text(fooling_figure(report, 1)).startswith("1 gray level: ")


def test_two_networks_are_told_apart_by_colour_and_dash_and_named(report):
    figure = robustness_figure({"this network": report, "Seed 1": report}, 20)
    first, second = figure.data
    assert (first.name, second.name) == ("this network", "Seed 1")
    assert first.line.color != second.line.color
    assert first.line.dash != second.line.dash
    assert title_text(figure).startswith(
        "Read correctly after a step of 20 gray levels: this network 40.0%, Seed 1 40.0%"
    )
