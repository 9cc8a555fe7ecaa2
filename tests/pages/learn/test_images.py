"""The lesson on images: what its pages, figures and functions show is what the images hold."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from training_process import charts, classic, opened_lesson, run_until, skip_guess, visit_of

from mnist_core.analysis.evaluation import evaluate_logits
from mnist_core.config import RunConfig, TrainingConfig
from mnist_core.figures.lessons import images as image_figures
from mnist_core.figures.lessons import preparations
from mnist_core.figures.style import alt_text, title_text
from mnist_core.images import preparation
from mnist_core.lessons import images as lesson_images
from mnist_core.network.parameters import Parameters, initial_parameters
from mnist_core.training.history import History
from mnist_core.training.record import RunRecord

pytestmark = pytest.mark.usefixtures("no_film_on_pages")
PAGE = "pages/learn/images.py"
IMAGE = (np.arange(784) % 256).astype(np.uint8).reshape(28, 28)


def judged(n_right):
    logits = np.zeros((100, 10), np.float32)
    logits[:n_right, 0] = 1
    logits[n_right:, 1] = 1
    return evaluate_logits(logits, np.zeros(100, np.uint8))


def decoded(source):
    """The pixels of a picture in a figure, which is drawn four times as large."""
    return np.array(Image.open(io.BytesIO(base64.b64decode(source.split(",")[1]))))[::4, ::4]


def run_with(losses):
    start, none = initial_parameters(RunConfig().network, 0), []
    means = [float(np.mean(losses))] if losses else none
    history = History(means, none, none, none, np.arange(1, 1 + len(losses)), losses, [0.5] * len(losses))
    config = RunConfig(training=TrainingConfig(batch_size=2))
    return RunRecord(config, "", "", 4, 0, len(losses), False, 1.0, history, (start,), start, {})


# Functions


@pytest.mark.parametrize(("row", "column"), [(0, 0), (3, 5), (13, 15), (27, 27)])
def test_a_pixel_is_found_in_the_flattened_image_and_back(row, column):
    index = lesson_images.pixel_index(row, column)
    assert index == np.ravel_multi_index((row, column), (28, 28))
    assert lesson_images.pixel_place(index) == np.unravel_index(index, (28, 28))
    distinct = np.arange(784).reshape(1, 28, 28)
    assert preparation.flatten(distinct)[0, index] == distinct[0, row, column]


@pytest.mark.parametrize(("row", "column"), [(0, 0), (13, 15), (27, 27)])
def test_a_shuffled_pixel_is_found_at_its_new_place(row, column):
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, row, column] = 255
    shuffled = preparation.shuffle_pixels(image)[0]
    assert np.argwhere(shuffled).tolist() == [list(lesson_images.shuffled_place(row, column))]


def test_a_network_with_its_weights_shuffled_along_computes_the_same(sample):
    usual = initial_parameters(RunConfig().network, 1)
    moved = Parameters(
        (usual.weights[0][preparation.pixel_order()], *usual.weights[1:]), usual.biases, usual.activation
    )
    images = sample.test_images[:50]
    logits = moved.logits(preparation.network_inputs(images, "shuffled"))
    assert np.allclose(logits, usual.logits(preparation.network_inputs(images)), atol=1e-5)


def test_class_counts_add_up_and_name_absent_digits():
    labels = np.array([3, 3, 9, 0], np.uint8)
    assert lesson_images.class_counts(labels).tolist() == [1, 0, 0, 2, 0, 0, 0, 0, 0, 1]


def test_the_mean_digit_is_the_mean_of_its_own_images_only():
    images = np.zeros((3, 28, 28), np.uint8)
    images[0], images[1], images[2] = 10, 21, 200
    means = lesson_images.mean_digits(images, np.array([4, 4, 5], np.uint8))
    assert (means[4] == 16).all()  # 15.5, rounded to even
    assert (means[5] == 200).all()
    assert not means[0].any()


def test_mean_digits_weighted_by_their_counts_are_the_mean_of_all_images(sample):
    counts = lesson_images.class_counts(sample.train_labels)
    means = lesson_images.mean_digits(sample.train_images, sample.train_labels)
    together = np.average(means, axis=0, weights=counts)
    assert np.allclose(together, sample.train_images.mean(axis=0), atol=0.5)


def test_samples_are_different_images_of_the_digit_and_the_seed_decides_which(sample):
    first = lesson_images.sample_digit(sample.train_labels, 7, 60, seed=0)
    assert len(set(first.tolist())) == 60
    assert (sample.train_labels[first] == 7).all()
    assert np.array_equal(first, lesson_images.sample_digit(sample.train_labels, 7, 60, seed=0))
    assert not np.array_equal(first, lesson_images.sample_digit(sample.train_labels, 7, 60, seed=1))
    assert len(lesson_images.sample_digit(np.array([1, 7], np.uint8), 7, 60, seed=0)) == 1


# Figures


def test_every_pixel_tells_its_own_value_before_and_after_the_division():
    figure = image_figures.pixel_figure(IMAGE, IMAGE / 255, (13, 15), "A test")
    heat, points = figure.data
    assert np.array_equal(heat.z, IMAGE)
    for x, y, number, text in zip(points.x, points.y, points.customdata, points.text, strict=True):
        row, column = lesson_images.pixel_place(number)
        assert (y, x) == (row, column)
        assert text == f"stored {IMAGE[row, column]}, divided by 255: {IMAGE[row, column] / 255:.3f}"
    picked = figure.layout.shapes[-1]
    assert ((picked.x0 + picked.x1) / 2, (picked.y0 + picked.y1) / 2) == (15, 13)


@pytest.mark.parametrize(("row", "column"), [(0, 0), (13, 15), (27, 1)])
def test_the_surroundings_show_the_numbers_at_their_places_also_in_a_corner(row, column):
    for values, shown in ((IMAGE, "{}"), (preparation.normalise(IMAGE), "{:.3f}")):
        figure = image_figures.neighbourhood_figure(values, row, column)
        heat, texts = figure.data
        assert (row in heat.y, column in heat.x, len(heat.y), len(heat.x)) == (True, True, 7, 7)
        for x, y, text in zip(texts.x, texts.y, texts.text, strict=True):
            assert text == shown.format(values[y, x])
        assert f"is {shown.format(values[row, column])} " in title_text(figure)


def test_on_a_phone_the_surroundings_are_low_and_their_numbers_short_enough_for_it():
    figure = image_figures.neighbourhood_figure(preparation.normalise(IMAGE), 13, 15, 190)
    assert figure.layout.height == 190
    assert {len(text) for text in figure.data[1].text} == {len("0.12")}


def test_unrolling_takes_row_by_row_and_keeps_every_value():
    values = preparation.flatten(IMAGE[None])[0]
    figure = image_figures.unrolled_figure(IMAGE, values, 13, 15, 379)
    pictures_shown = [decoded(picture.source) for picture in figure.layout.images]
    assert np.array_equal(pictures_shown[0], IMAGE)
    assert np.array_equal(pictures_shown[1], [IMAGE.ravel()])
    assert [frame.name for frame in figure.frames] == [str(n) for n in range(29)]
    for n_rows, frame in enumerate(figure.frames):
        gone, empty, row, piece = frame.data
        assert list(frame.traces) == [0, 1, 2, 3]
        assert max(gone.y) == n_rows - 0.5
        assert min(empty.x) == 28 * n_rows - 0.5
        if n_rows:
            assert (min(row.y), max(row.y)) == (n_rows - 1.5, n_rows - 0.5)
            assert max(piece.x) - min(piece.x) == 28
    assert len(figure.layout.sliders[0].steps) == 29
    assert list(figure.data[-1].x) == [379]
    assert len(figure.to_json()) < 60_000


def test_the_shuffled_image_stands_beside_the_original():
    shuffled = preparation.shuffle_pixels(IMAGE[None])[0]
    figure = image_figures.shuffle_figure(IMAGE, shuffled, (1, 2), (3, 4))
    assert np.array_equal(figure.data[0].z, IMAGE)
    assert np.array_equal(figure.data[1].z, shuffled)
    assert [(shape.x0, shape.y0) for shape in figure.layout.shapes] == [(1.5, 0.5), (3.5, 2.5)]


def test_accuracies_have_their_intervals_and_changed_ones_another_colour():
    results = {"usual, a": judged(90), "changed, a": judged(50)}
    figure = preparations.accuracy_figure(results, ["changed, a"], "A title")
    for trace, result in zip(figure.data, results.values(), strict=True):
        assert trace.x[0] == pytest.approx(100 * result.accuracy)
        assert trace.x[0] + trace.error_x.array[0] == pytest.approx(100 * result.interval.high)
        assert trace.x[0] - trace.error_x.arrayminus[0] == pytest.approx(100 * result.interval.low)
    assert [t.marker.color for t in figure.data] == [preparations.MUTED, preparations.CHANGED]
    assert "usual, a 90.0%" in alt_text(figure)


def test_loss_curves_share_a_scale_and_leave_out_what_is_no_number():
    pairs = {
        "Adam": (run_with([2.0, 1.0, 0.1]), run_with([100.0, 10.0, 1.0])),
        "SGD": (run_with([2.0, 1.5, 1.0]), run_with([1000.0, np.nan, np.inf])),
    }
    adam, sgd = (preparations.loss_figure(pairs, name) for name in pairs)
    assert list(adam.data[0].x) == [0.5, 1.0, 1.5]
    assert list(adam.data[1].y) == [100.0, 10.0, 1.0]
    assert list(sgd.data[1].y) == [1000.0, None, None]
    assert adam.layout.yaxis.range == sgd.layout.yaxis.range
    assert adam.layout.yaxis.range[1] >= 3  # log10 of the largest loss
    assert "loss of the last epoch 1.50 with inputs 0 to 1, none with 0 to 255" in title_text(sgd)


def test_loss_curves_of_runs_without_a_finite_loss_are_empty_not_an_error():
    figure = preparations.loss_figure({"SGD": (run_with([np.nan]), run_with([]))}, "SGD")
    assert list(figure.data[0].y) == [None]


def test_class_bars_name_the_rarest_and_the_most_frequent_digit():
    counts = np.array([5, 9, 5, 5, 5, 2, 5, 5, 5, 5])
    figure = image_figures.class_figure(counts)
    assert list(figure.data[0].y) == counts.tolist()
    assert title_text(figure) == "From 2 images of a 5 to 9 images of a 1"
    assert title_text(image_figures.class_figure(np.full(10, 400))) == "Each digit has 400 images"


# The page


@pytest.fixture(scope="module")
def app(training_process):
    return skip_guess(opened_lesson("images"), "images")


def formulas(app):
    return " ".join(formula.value for formula in app.latex)


def train(app, name):
    """Train the networks of an experiment, unless that was done before."""
    if any(button.key == f"begin_{name}" for button in app.button):
        app.button(key=f"begin_{name}").click().run()
    run_until(app, lambda: not {f"begin_{name}", f"stop_{name}"} & {button.key for button in app.button})


@pytest.mark.usefixtures("training_process")
def test_before_the_guess_there_is_nothing_but_the_guess_and_afterwards_everything():
    app = opened_lesson("images")
    assert app.radio(key="guess_images/predict").options
    assert not app.get("plotly_chart")
    assert not app.header
    skip_guess(app, "images")
    assert not app.warning
    awaited = ["awaited_images: shuffled_0", "awaited_images: undivided_0"]
    drawn = ["classes", "pixels", "neighbours", "unrolled", "shuffled", "ink", "ladder"]
    assert charts(app) == [*drawn, *awaited]
    assert [header.value for header in app.header][-2:] == ["What people often get wrong", "Check yourself"]


def choose_pixel(app, row, column):
    app.slider(key="pixel_row").set_value(row).run()
    app.slider(key="pixel_column").set_value(column).run()


def test_the_sliders_pick_the_pixel_of_every_formula(app):
    from dashboard.session import resources

    choose_pixel(app, 14, 16)
    app.number_input(key="choice_example").set_value(0).run()
    value = resources.dataset().train_images[0, 14, 16]
    assert not app.exception
    assert r"28 \cdot 14 + 16 = 408" in formulas(app)
    assert rf"x_{{408}} \approx {value / 255:.3f}" in formulas(app)
    assert r"408 \div 28 = 14 \ \text{remainder}\ 16" in formulas(app)


def test_the_numbers_change_their_scale(app):
    app.segmented_control(key="scale").set_value("0 to 255").run()
    assert any("on a scale from 0 to 255" in text.value for text in app.markdown)
    app.segmented_control(key="scale").set_value("0 to 1").run()
    assert not app.exception
    assert any("on a scale from 0 to 1*" in text.value for text in app.markdown)
    assert re.search(r"\\frac\{(\d+)\}\{255\} \\approx 0\.\d{3}", formulas(app))


def test_another_image_brings_its_own_label_and_values(app):
    from dashboard.session import resources

    images = resources.dataset()
    app.number_input(key="choice_example").set_value(7).run()
    assert any(f"Training image 7: a {images.train_labels[7]}" in text.value for text in app.markdown)
    app.segmented_control(key="scale").set_value("0 to 1")
    row, column = (app.slider(key=f"pixel_{name}").value for name in ("row", "column"))
    app.run()
    value = images.train_images[7, row, column]
    assert rf"\frac{{{value}}}{{255}} \approx {value / 255:.3f}" in formulas(app)


def test_the_wall_shows_the_digit_asked_for_and_other_samples(app):
    from dashboard.session import resources

    count = np.count_nonzero(resources.dataset().train_labels == 8)
    app.pills(key="gallery_digit").set_value(8).run()
    wall = app.get("image")[0].proto.imgs[0]
    assert wall.caption == f"48 of the {count:,} training images with the label 8"
    app.button(key="gallery_others").click().run()
    assert app.get("image")[0].proto.imgs[0].url != wall.url
    assert not app.exception


def test_a_shuffled_order_serves_the_network_as_well(app):
    train(app, "images: shuffled")
    assert not app.exception
    (title,) = [text.value for text in app.markdown if "**Usual order: " in text.value]
    found = [run.evaluation for run in runs_of(app, "images: shuffled")]
    assert all(f"{100 * result.accuracy:.1f}" in title for result in found)
    usual, shuffled = found[:2], found[2:]
    assert [run.record.config.training.preparation for run in runs_of(app, "images: shuffled")] == [
        "usual", "usual", "shuffled", "shuffled",
    ]  # fmt: skip
    assert abs(np.mean([r.accuracy for r in usual]) - np.mean([r.accuracy for r in shuffled])) < 0.02


def test_without_the_division_training_is_worse_and_neurons_die(app):
    train(app, "images: undivided")
    assert not app.exception
    adam, adam_255, sgd, sgd_255 = (run.evaluation.accuracy for run in runs_of(app, "images: undivided"))
    assert adam > adam_255 + 0.01
    assert sgd > sgd_255 + 0.3
    (title,) = [text.value for text in app.markdown if "**Divided or not: " in text.value]
    assert f"SGD {100 * sgd:.1f}% or {100 * sgd_255:.1f}%" in title


def test_dead_neurons_are_counted_on_the_training_images(app):
    def said():
        return [
            text.value for text in app.markdown if text.value.startswith("Dead neurons, whose output is 0")
        ]

    train(app, "images: undivided")
    run_until(app, said)
    for run, words in zip(
        runs_of(app, "images: undivided"), ("Adam, 0 to 1", "Adam, 0 to 255"), strict=False
    ):
        inputs = preparation.network_inputs(
            run.dataset.train_images[: run.record.n_training_images], run.record.config.training.preparation
        )
        (layer,) = run.record.parameters.hidden_activations(inputs)
        assert f"**{(layer.max(axis=0) == 0).sum()}** ({words})" in said()[0]


def test_the_ladder_says_its_first_rungs_at_once_and_its_last_two_after_training(app):
    def title():
        return next(text.value for text in app.markdown if "with one answer for all" in text.value)

    assert "“… and a bias for each”" in title()
    train(app, "images: ladder")
    straight, bent = runs_of(app, "images: ladder")
    assert bent.job_id == classic().job_id
    assert f"{100 * bent.evaluation.accuracy:.1f}% with “32 ReLU neurons”" in title()
    assert straight.record.config.network.activation == "none"
    pays = bent.evaluation.interval.low > straight.evaluation.interval.high
    beginning = "The bend pays: " if pays else "The last two are too close to call here"
    assert any(text.value.startswith(beginning) for text in app.markdown)


def test_a_stricter_rule_by_hand_finds_fewer_ones(app):
    def found():
        (title,) = [text.value for text in app.markdown if "The rule finds" in text.value]
        return float(title.split("finds ")[1].split("%")[0])

    shares = [
        (app.slider(key="ink_limit").set_value(limit).run(), found())[1] for limit in (0.03, 0.08, 0.15)
    ]
    assert shares == sorted(set(shares))


def test_what_was_picked_and_trained_is_still_there_after_leaving_the_page(app):
    choose_pixel(app, 14, 16)
    for name in ("images: shuffled", "images: undivided"):
        train(app, name)
    app.switch_page("pages/reference/glossary.py").run()
    app.switch_page(PAGE).run()
    assert not app.exception
    assert not app.warning
    assert app.slider(key="pixel_row").value == 14
    assert r"28 \cdot 14 + 16 = 408" in formulas(app)
    assert charts(app)[-4:] == ["orders", "scales", "loss_Adam", "loss_SGD"]


def test_the_list_place_in_the_first_check_is_right():
    from dashboard.elements.prose import read_lesson
    from dashboard.learn.questions import parse_question

    question = parse_question(read_lesson("learn", "images")["check 1"])
    assert question.right.text == f"At {lesson_images.pixel_index(3, 5)}"


def runs_of(app, name):
    from dashboard.session import resources

    return [resources.current(job) for job in visit_of(app).experiments[name]]
