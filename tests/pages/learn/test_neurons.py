import itertools
from dataclasses import replace

import numpy as np
import pytest
from training_process import charts, classic, opened_lesson

from dashboard.elements.prose import read_lesson
from dashboard.learn.questions import parse_question
from dashboard.session import resources
from mnist_core.config import CLASSIC, NetworkConfig
from mnist_core.figures.lessons.neurons import (
    N_DRAWN,
    bar_figure,
    factors_figure,
    image_figure,
    network_figure,
    sum_figure,
)
from mnist_core.figures.style import alt_text, title_text
from mnist_core.images.drawing import paint_weights
from mnist_core.images.preparation import network_inputs
from mnist_core.lessons import matching
from mnist_core.network.parameters import Parameters, initial_parameters
from mnist_core.network.passes import neuron_terms

PAGE = "pages/learn/neurons.py"


@pytest.fixture
def opened(app):
    """The page with its guess skipped."""
    app.switch_page(PAGE).run()
    if any(button.key == "skip_neurons/predict" for button in app.button):
        app.button(key="skip_neurons/predict").click().run()
    return app


def shown(app):
    return " ".join(latex.value for latex in app.latex)


def with_network(network, seed=1):
    """The classic run with another network in it, untrained."""
    current = classic()
    config = replace(current.record.config, network=network)
    record = replace(current.record, config=config, parameters=initial_parameters(network, seed))
    return replace(current, job_id=f"{network}{seed}", record=record)


@pytest.mark.usefixtures("training_process")
def test_before_the_guess_there_is_the_question_and_nothing_else():
    app = opened_lesson("neurons")
    assert app.title[0].value == "Neurons and layers"
    assert app.radio(key="guess_neurons/predict").options
    assert not app.header
    assert not charts(app)
    assert not app.slider


def test_without_a_guess_the_whole_lesson_is_there(opened):
    assert not opened.exception
    assert charts(opened) == [
        "sum_of_4",
        "match_weights",
        "match_sums",
        "paint_sums",
        "neuron_inputs",
        "neuron_weights",
        "neuron_products",
        "sum_of_3",
        "network",
    ]
    assert [header.value for header in opened.header][-1] == "Check yourself"
    assert any("def neuron_terms" in code.value for code in opened.code)
    assert any("def layer_parameters" in code.value for code in opened.code)


def test_the_sliders_move_the_sum_of_the_neuron_by_hand(opened):
    inputs, weights, bias = (0.2, 1.0, 0.5), (-1.0, 0.4, 0.3), 0.7
    for mark, x, w in zip("₁₂₃", inputs, weights, strict=True):
        opened.slider(key=f"neurons_Input x{mark}").set_value(x)
        opened.slider(key=f"neurons_Weight w{mark}").set_value(w)
    opened.slider(key="neurons_Bias b").set_value(bias).run()
    assert r"x_1 w_1 = 0.2 \times (-1.0) &= -0.20" in shown(opened)
    assert r"z &= +1.05" in shown(opened)
    assert r"\mathbf{+1.05}" in shown(opened)
    opened.slider(key="neurons_Bias b").set_value(-1.0).run()
    assert r"z &= -0.65" in shown(opened)
    assert r"a = \max(0, z) &= \mathbf{+0.00}" in shown(opened)


def test_once_the_bias_is_as_low_as_the_lesson_says_no_input_brings_the_output_back(opened):
    assert "Lower the bias to −1.5" in read_lesson("learn", "neurons")["try"]
    values = {f"neurons_Input x{mark}": x for mark, x in zip("₁₂₃", (0.8, 0.3, 0.6), strict=True)}
    values |= {f"neurons_Weight w{mark}": w for mark, w in zip("₁₂₃", (0.9, -0.7, 0.5), strict=True)}
    for key, value in values.items():
        opened.slider(key=key).set_value(value)
    opened.slider(key="neurons_Bias b").set_value(-1.5).run()
    for mark in "₁₂₃":
        for end in (0.0, 1.0):
            opened.slider(key=f"neurons_Input x{mark}").set_value(end).run()
            assert r"a = \max(0, z) &= \mathbf{+0.00}" in shown(opened)
        opened.slider(key=f"neurons_Input x{mark}").set_value(values[f"neurons_Input x{mark}"])


def test_a_neuron_with_a_mean_digit_as_weights_tells_little_more_than_half_apart(opened):
    """The guess is decided by what the page then shows."""

    def told_apart():
        title, *_ = [text.value for text in opened.markdown if "are told apart" in text.value]
        return float(title.removeprefix("**").split("%")[0])

    assert parse_question(read_lesson("learn", "neurons")["predict"]).right.text == "Little more than half"
    with_mean = told_apart()
    assert 50 < with_mean < 65
    opened.segmented_control(key="match_pattern").set_value("difference").run()
    assert told_apart() > 85
    assert any("negative" in text.value and "hills move apart" in text.value for text in opened.markdown)
    opened.segmented_control(key="match_pair").set_value("4 and 9").run()
    assert not opened.exception
    assert any("mean 4 minus mean 9" in text.value for text in opened.markdown)


def test_a_layer_is_written_as_one_product_with_its_sizes(opened):
    opened.slider(key="choice_units").set_value(32).run()
    assert r"\underbrace{x}_{1 \times 784} \; \underbrace{W}_{784 \times 32}" in shown(opened)


def test_a_weight_of_zero_is_written_without_a_sign(opened):
    opened.slider(key="neurons_Input x₁").set_value(0.2)
    opened.slider(key="neurons_Weight w₁").set_value(0.0).run()
    assert r"0.2 \times 0.0 &= +0.00" in shown(opened)


@pytest.mark.parametrize(("unit", "number"), [(0, 0), (5, 7), (31, 123)])
def test_the_real_neuron_shows_what_the_library_computes(opened, unit, number):
    opened.slider(key="neurons_unit_0_32").set_value(unit)
    opened.number_input(key="choice_image").set_value(number).run()
    current = classic()
    row = network_inputs(current.dataset.test_images[number][None])[0]
    z = row.astype(float) @ current.record.parameters.weights[0][:, unit].astype(float)
    products = row * current.record.parameters.weights[0][:, unit]
    z += current.record.parameters.biases[0][unit]
    assert rf"z &= {z:+.3f}" in shown(opened)
    assert rf"\mathbf{{{max(0, z):+.3f}}}" in shown(opened)
    assert rf"positive products}} &= {products[products > 0].sum():+.3f}" in shown(opened)
    assert rf"negative products}} &= {products[products < 0].sum():+.3f}" in shown(opened)


def test_an_output_neuron_shows_bars_and_its_probability(opened):
    number = opened.number_input(key="choice_image").value
    layer = opened.segmented_control(key="neurons_layer_1")
    layer.set_value(1).run()
    opened.slider(key="neurons_unit_1_10").set_value(3).run()
    evaluation = classic().evaluation
    assert rf"z &= {evaluation.logits[number, 3]:+.3f}" in shown(opened)
    assert rf"\mathbf{{{evaluation.probabilities[number, 3]:+.3f}}}" in shown(opened)
    assert any("does not see the image" in text.value for text in opened.markdown)
    opened.segmented_control(key="neurons_layer_1").set_value(0).run()
    assert not any("does not see the image" in text.value for text in opened.markdown)


def test_units_and_layers_change_the_sum_of_parameters(opened):
    opened.slider(key="choice_units").set_value(256).run()
    assert r"(784 \times 256 + 256)" in shown(opened)
    assert f"{NetworkConfig((256,)).n_parameters:,}".replace(",", "{,}") in shown(opened)
    opened.segmented_control(key="choice_layers").set_value(3).run()
    opened.slider(key="choice_units3").set_value(4).run()
    assert r"(32 \times 4 + 4)" in shown(opened)
    assert f"{NetworkConfig((256, 32, 4)).n_parameters:,}".replace(",", "{,}") in shown(opened)
    opened.segmented_control(key="choice_layers").set_value(1).run()
    opened.slider(key="choice_units").set_value(32).run()
    assert r"\mathbf{25{,}450}" in shown(opened)


def test_a_run_with_three_layers_and_one_neuron_in_one_of_them_works(opened, monkeypatch):
    current = with_network(NetworkConfig((16, 1, 12), "tanh"))
    monkeypatch.setattr("dashboard.widgets.current_run.run_or_notice", lambda: current)
    opened.run()
    assert not opened.exception
    opened.segmented_control(key="neurons_layer_3").set_value(1).run()
    assert not opened.exception
    number = opened.number_input(key="choice_image").value
    row = network_inputs(current.dataset.test_images[number][None])
    a = float(current.record.parameters.hidden_activations(row)[1][0, 0])
    assert rf"a = \tanh(z) &= \mathbf{{{a:+z.3f}}}" in shown(opened)


def test_a_run_that_diverged_is_said_instead_of_drawn(opened, monkeypatch):
    current = with_network(NetworkConfig((8,)))
    broken = [np.full_like(array, np.nan) for array in current.record.parameters.weights]
    parameters = replace(current.record.parameters, weights=tuple(broken))
    current = replace(current, job_id="nan", record=replace(current.record, parameters=parameters))
    monkeypatch.setattr("dashboard.widgets.current_run.run_or_notice", lambda: current)
    opened.run()
    assert not opened.exception
    assert any("grew without limit" in info.value for info in opened.info)
    assert charts(opened) == ["sum_of_4", "match_weights", "match_sums", "paint_sums", "network"]


def test_weights_too_large_to_add_up_are_said_instead_of_drawn(opened, monkeypatch):
    current = with_network(NetworkConfig((8,)), seed=2)
    huge = [np.full_like(array, 3e38) for array in current.record.parameters.weights]
    parameters = replace(current.record.parameters, weights=tuple(huge))
    current = replace(current, job_id="huge", record=replace(current.record, parameters=parameters))
    monkeypatch.setattr("dashboard.widgets.current_run.run_or_notice", lambda: current)
    opened.run()
    assert not opened.exception
    assert any("grew without limit" in info.value for info in opened.info)


def test_the_numbers_in_the_questions_are_the_librarys():
    lesson = read_lesson("learn", "neurons")
    (n_weights, n_biases), _ = CLASSIC.network.layer_parameters
    n_units = CLASSIC.network.hidden_units[0]
    guess = parse_question(lesson["check 3"])
    assert guess.right.text == f"{(n_weights + n_biases) // n_units}"
    assert [answer.text for answer in guess.answers][-1] == f"{CLASSIC.network.n_parameters:,}"
    larger = NetworkConfig((64,))
    assert parse_question(lesson["check 2"]).right.text == f"{larger.n_parameters:,}"
    wrong = [answer.text for answer in parse_question(lesson["check 2"]).answers]
    weights = sum(n for n, _ in larger.layer_parameters)
    assert wrong == [
        f"{n:,}"
        for n in (
            sum(larger.layer_parameters[0]),
            weights,
            larger.n_parameters,
            larger.n_parameters + 784,
        )
    ]
    neuron = Parameters(([[2.0], [-3.0], [4.0]], np.zeros((1, 10))), ([1.0], np.zeros(10)), "relu")
    terms = neuron_terms(neuron, np.array([0.5, 1, 0], np.float32), 0, 0)
    assert parse_question(lesson["check 1"]).right.text == f"{terms.activation:.0f}"
    assert f"{terms.weighted_sum:.0f}" == "-1"


def test_the_word_fire_is_used_only_to_correct_it():
    lesson = read_lesson("learn", "neurons")
    for name, text in lesson.items():
        assert name == "misconceptions" or "fire" not in text


def test_the_bars_of_the_summands_end_at_the_weighted_sum():
    figure = sum_figure({"a": 2.0, "b": -3.0, "bias": 0.5}, -0.5, 0.0, "ReLU(z)", (2, 5))
    (bars,) = (trace for trace in figure.data if trace.type == "bar")
    assert list(bars.base) == [0.0, 2.0, -1.0, 0.0, 0.0]
    assert [base + height for base, height in zip(bars.base, bars.y, strict=True)] == [2, -1, -0.5, -0.5, 0]
    assert title_text(figure) == "Weighted sum −0.50, activation 0.00"
    assert list(figure.layout.yaxis.range) == [-5, 5]
    assert "b −3.00" in alt_text(figure)


def test_the_axis_of_a_sum_holds_every_bar_when_nothing_is_said():
    for summands in ({"a": 0.0}, {"a": -7.0, "b": 3.0}, {"a": 1e4, "b": -2e4}):
        z = sum(summands.values())
        low, high = sum_figure(summands, z, max(0, z), "ReLU(z)").layout.yaxis.range
        ends = list(itertools.accumulate(summands.values()))
        assert low < min(0, *ends)
        assert high > max(0, *ends)


def test_images_of_weights_and_products_share_one_symmetric_scale():
    parameters = initial_parameters(NetworkConfig((4,)), seed=0)
    inputs = np.random.default_rng(0).random(784, dtype=np.float32)
    terms = neuron_terms(parameters, inputs, 0, 2)
    weights, products = (image_figure(terms, name, name).data[0] for name in ("weights", "products"))
    assert weights.zmin == products.zmin == -weights.zmax == -products.zmax
    assert weights.zmax == pytest.approx(np.abs(parameters.weights[0][:, 2]).max())
    assert weights.z[27][3] == pytest.approx(parameters.weights[0][27 * 28 + 3, 2], abs=1e-4)
    x, w, product = (float(words.replace("−", "-")) for words in products.customdata[5][9])
    assert product == pytest.approx(x * w, abs=2e-3)
    assert products.z[5][9] == pytest.approx(product, abs=6e-4)


@pytest.mark.parametrize(("sizes", "layer"), [((4,), 0), ((5, 3), 1)])
def test_on_a_phone_the_three_factors_stand_in_one_row_with_the_numbers_of_the_large_pictures(sizes, layer):
    parameters = initial_parameters(NetworkConfig(sizes), seed=0)
    n_inputs = parameters.weights[layer].shape[0]
    terms = neuron_terms(parameters, np.ones(784, np.float32), layer, 2)
    figure = factors_figure(terms, "factors")
    for trace, name in zip(figure.data, ("inputs", "weights", "products"), strict=True):
        numbers = np.ravel(trace.z if layer == 0 else trace.y).astype(float)
        assert numbers == pytest.approx(getattr(terms, name), abs=1e-4)
        assert numbers.shape == (n_inputs,)
    assert [note.text for note in figure.layout.annotations] == ["inputs", "× weights", "= products"]
    assert figure.layout.height < 220


def test_a_neuron_without_any_weight_is_drawn():
    parameters = Parameters((np.zeros((784, 1)), np.zeros((1, 10))), (np.zeros(1), np.zeros(10)), "relu")
    terms = neuron_terms(parameters, np.zeros(784, np.float32), 0, 0)
    assert image_figure(terms, "weights", "w").data[0].zmax > 0


def test_bars_stand_for_the_neurons_of_the_layer_before():
    parameters = initial_parameters(NetworkConfig((5, 3)), seed=0)
    terms = neuron_terms(parameters, np.ones(784, np.float32), 1, 2)
    (bars,) = bar_figure(terms, "products", "products").data
    assert list(bars.y) == pytest.approx(terms.products.tolist(), abs=1e-4)
    assert len(set(bars.marker.color)) == len({product >= 0 for product in terms.products})


@pytest.mark.parametrize("sizes", [(784, 1, 10), (784, 16, 10), (784, 17, 10), (784, 256, 128, 256, 10)])
def test_a_layer_shows_a_few_symbols_and_says_how_many_more_there_are(sizes):
    figure = network_figure(sizes)
    columns = [trace for trace in figure.data if trace.marker.symbol]
    assert [len(trace.y) for trace in columns] == [min(size, N_DRAWN) for size in sizes]
    assert [trace.marker.symbol for trace in columns] == ["square", *["circle"] * (len(sizes) - 1)]
    notes = [note.text for note in figure.layout.annotations]
    assert notes[0] == "784<br>inputs"
    more = [note for note in notes if note.startswith("…")]
    assert more == [f"… {size - N_DRAWN}<br>more" for size in sizes if size > N_DRAWN]
    assert columns[1].hovertext == "one neuron: 784 weights + 1 bias = 785 parameters"
    for trace in columns:
        gaps = -np.diff(trace.y)
        assert (gaps > 0.04).all()
        assert 0 <= min(trace.y) <= max(trace.y) <= 1


def test_the_figures_of_the_page_stay_small():
    parameters = initial_parameters(NetworkConfig((256, 256, 256)), seed=0)
    terms = neuron_terms(parameters, np.random.default_rng(0).random(784, dtype=np.float32), 0, 2)
    figures = [image_figure(terms, name, name) for name in ("inputs", "weights", "products")]
    assert sum(len(figure.to_json()) for figure in figures) < 200_000
    assert len(network_figure((784, 256, 256, 256, 10)).to_json()) < 100_000


def own_accuracy(app):
    (metric,) = [metric for metric in app.metric if metric.label == "Your weights"]
    return metric.value


def test_painted_weights_are_judged_beside_the_patterns_and_outlast_the_page(opened):
    painting, line = opened.session_state["pad_painted"], [[105, 90], [105, 190]]
    painting.receive({"strokes": [{"width": 20, "ink": -1, "points": line}]})
    opened.run()
    weights = paint_weights(painting.strokes)
    images = resources.dataset()
    expected = f"{100 * matching.match(images, (3, 8), weights).accuracy:.1f}%"
    assert own_accuracy(opened) == expected
    patterns = {pattern: matching.pattern_weights(images, (3, 8), pattern) for pattern in matching.PATTERNS}
    shown_values = [metric.value for metric in opened.metric if metric.label.startswith("Mean 3")]
    assert shown_values == [
        f"{100 * matching.match(images, (3, 8), of).accuracy:.1f}%" for of in patterns.values()
    ]
    opened.switch_page("pages/learn/loss.py").run()
    opened.switch_page(PAGE).run()
    assert own_accuracy(opened) == expected
    opened.segmented_control(key="paint_pair").set_value("4 and 9").run()
    assert own_accuracy(opened) == f"{100 * matching.match(images, (4, 9), weights).accuracy:.1f}%"
    painting.receive({"strokes": 3})
    opened.run()
    assert "as it was before" in opened.warning[0].value
    painting.receive({"strokes": []})
    opened.run()
    assert not opened.exception
    assert not opened.warning
    second = (images.test_labels == 9).sum() / np.isin(images.test_labels, (4, 9)).sum()
    assert own_accuracy(opened) == f"{100 * second:.1f}%"  # all sums are 0: every image is called a 9
