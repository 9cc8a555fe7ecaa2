"""Evidence and fooling, below a test image and below a drawing: what is shown is what the library finds."""

import io
import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from training_process import charts, classic, run_until, trained, visit_of

from dashboard import site_map
from dashboard.elements.prose import read_lesson
from dashboard.lab import robustness
from dashboard.lab.draw import SessionDrawing
from dashboard.lab.evidence import NONE, READ, RUNNER_UP
from dashboard.lab.fooling import AWAY, MANY, ONE, OTHER, many_in_words
from mnist_core.analysis.adversarial import (
    SIZES,
    FoolingReport,
    Transfer,
    fooling_report,
    random_signs,
    read_changed,
    reads_correctly,
    signs_for,
    step_signs,
    transfer,
)
from mnist_core.analysis.evidence import digits_by_logit, explain
from mnist_core.config import CLASSIC
from mnist_core.figures.lab.evidence import sum_figure
from mnist_core.figures.style import article, signed_number, title_text
from mnist_core.images.drawing import prepare_like_mnist, render
from mnist_core.images.mixture import Mixture
from mnist_core.images.sample_drawings import sample as drawn

NUMBER = 3


@pytest.fixture
def predict(app):
    """The page Predict with one test image, everything else as at first."""
    for name, value in {
        "fooling_shown": ONE, "fooling_size": 15, "fooling_towards": AWAY, "evidence_digit": READ,
        "evidence_rival": NONE, "image_mistakes": False, "image_digit": "any",
    }.items():  # fmt: skip
        app.session_state[name] = value
    app.switch_page(site_map.PREDICT.path).run()
    return app.number_input[0].set_value(NUMBER).run()


@pytest.fixture
def evidence_page(predict):
    """The same with its evidence."""
    return predict.segmented_control(key="predict_part").set_value("Evidence").run()


@pytest.fixture
def fooling_page(predict):
    """The same with what fools it."""
    return predict.segmented_control(key="predict_part").set_value("Fool it").run()


def said(app):
    """All text of a page."""
    return "\n".join(text.value for text in app.markdown)


def titles_with(app, key):
    """The lines in bold, among them the title of a chart, which is there."""
    assert key in charts(app)
    return [text.value for text in app.markdown if text.value.startswith("**")]


def bars(app, key):
    """What the bars of outputs of a key were sent."""
    (sent,) = (e.proto for e in app.get("bidi_component") if e.proto.id.endswith(f"-{key}"))
    return json.loads(sent.json)


def test_the_sum_of_a_test_image_is_the_librarys_and_is_its_logit(evidence_page):
    run = classic()
    image, logits = run.dataset.test_images[NUMBER], run.evaluation.logits[NUMBER]
    assert not evidence_page.exception
    evidence = explain(run.record.parameters, image, int(logits.argmax()))
    assert evidence.logit == pytest.approx(float(logits.max()), abs=1e-3)
    assert f"**{title_text(sum_figure(evidence))}**" in titles_with(evidence_page, "evidence_sum")
    assert f"{evidence.n_on} of the {evidence.n_hidden} hidden neurons are on" in said(evidence_page)
    assert f"exactly: {signed_number(evidence.logit)}" in said(evidence_page)


def test_one_digit_rather_than_another_shows_the_difference_of_their_logits(evidence_page):
    run = classic()
    image, logits = run.dataset.test_images[NUMBER], run.evaluation.logits[NUMBER]
    evidence_page.selectbox(key="evidence_digit").set_value(7)
    evidence_page.selectbox(key="evidence_rival").set_value(1).run()
    evidence = explain(run.record.parameters, image, 7, 1)
    assert f"**{title_text(sum_figure(evidence))}**" in titles_with(evidence_page, "evidence_sum")
    assert evidence.logit == pytest.approx(float(logits[7] - logits[1]), abs=1e-3)
    evidence_page.selectbox(key="evidence_digit").set_value(READ)
    evidence_page.selectbox(key="evidence_rival").set_value(RUNNER_UP).run()
    first, second, *_ = digits_by_logit(run.record.parameters, image)
    assert f"the lead of the {first} over the {second}" in said(evidence_page)
    evidence_page.selectbox(key="evidence_rival").set_value(first).run()
    assert not evidence_page.exception
    assert f"**What each pixel adds to the logit of the {first}**" in said(evidence_page)


@pytest.mark.parametrize("towards", [AWAY, 2])
def test_a_step_and_random_signs_of_the_same_size_stand_beside_each_other(fooling_page, towards):
    run = classic()
    parameters, image = run.record.parameters, run.dataset.test_images[NUMBER]
    label = int(run.dataset.test_labels[NUMBER])
    fooling_page.select_slider(key="fooling_size").set_value(30)
    fooling_page.selectbox(key="fooling_towards").set_value(towards).run()
    assert not fooling_page.exception
    signs = step_signs(parameters, image, label, None if towards == AWAY else towards)
    for name, each in (("step", signs), ("noise", random_signs(1)[0])):
        expected = read_changed(parameters, image, each, 30)
        assert bars(fooling_page, f"fooling_{name}_bars")["shares"] == pytest.approx(
            expected.probabilities.tolist(), abs=1e-6
        )
        assert bars(fooling_page, f"fooling_{name}_bars")["label"] == label
    assert "by 30 of 255 gray levels, 11.8% of the way" in said(fooling_page)
    fooling_page.select_slider(key="fooling_size").set_value(0).run()
    assert "No pixel is changed yet" in said(fooling_page)
    assert "gray levels, 0.0%" not in said(fooling_page)


@pytest.mark.parametrize(
    ("size", "n_test", "words"),
    [
        (0, 4, "A step of 0 gray levels fools **0** of the 3 images that"),
        (1, 4, "A step of 1 gray level fools **2** of the 3 images that"),
        (1, 4, "All 4 test images are used."),
        (1, 500, "The 4 test images are drawn at random"),
    ],
)
def test_a_step_of_one_gray_level_and_test_images_that_are_all_used_are_said_as_such(size, n_test, words):
    is_right = np.arange(4) < np.where(np.arange(len(SIZES)) == 0, 3, 1)[:, None]
    assert words in many_in_words(FoolingReport(np.arange(4), is_right, is_right), size, n_test)


def test_one_image_that_fools_both_is_one_image():
    words = robustness._transfer_in_words(Transfer(1, 0, 0), 1)
    assert words.startswith(
        "A step of 1 gray level along **this** network's gradient fools 1 image that both"
    )


def test_many_test_images_are_counted_at_the_size_of_the_slider(fooling_page):
    run = classic()
    fooling_page.segmented_control(key="fooling_shown").set_value(MANY).run()
    run_until(fooling_page, lambda: "fooling_curve" in charts(fooling_page))
    expected = fooling_report(run.record, run.dataset)
    for size in (15, 40):
        fooling_page.select_slider(key="fooling_size").set_value(size).run()
        assert (
            f"A step of {size} gray levels fools **{expected.n_fooled(size)}** of the {expected.n_right}"
            in said(fooling_page)
        )
        assert f"same size fool **{expected.n_fooled_by_noise(size)}**" in said(fooling_page)


@pytest.mark.usefixtures("trainings_end_at_once")
def test_another_network_is_trained_at_a_press_and_fooled_by_the_same_images(fooling_page):
    from dashboard.session import resources

    fooling_page.segmented_control(key="fooling_shown").set_value(OTHER).run()
    run_until(fooling_page, lambda: any(b.key == "begin_fooling/another seed" for b in fooling_page.button))
    fooling_page.button(key="begin_fooling/another seed").click().run()
    run_until(fooling_page, lambda: "fooling_robustness" in charts(fooling_page))
    (job,) = visit_of(fooling_page).experiments["fooling/another seed"]
    first, second = classic(), resources.current(job)
    assert second.record.config == CLASSIC.with_changes(seed=CLASSIC.training.seed + 1)
    reports = [fooling_report(run.record, run.dataset) for run in (first, second)]
    after = reads_correctly(second.record, first.dataset, signs_for(first.record, first.dataset), 15)
    counted = transfer(*reports, after, 15)
    assert f"fools {counted.n_fooling} images that both" in said(fooling_page) or not counted.n_fooling
    assert f"fool {reports[0].n_fooled_by_noise(15)} images of this network" in said(fooling_page)
    visit_of(fooling_page).add_run(job)
    fooling_page.run()
    choice = fooling_page.selectbox(key="fooling_other")
    assert choice.options[:2] == ["Seed 1", "Shifted copies"]
    assert choice.options[2:] == ["Run 1: seed 1"]
    choice.set_value("Run 1").run()
    visit_of(fooling_page).runs.clear()
    assert not fooling_page.exception
    assert any("Run 1 " in title for title in titles_with(fooling_page, "fooling_robustness"))


def test_a_run_is_named_by_its_settings_and_by_the_own_images_it_was_trained_on(predict):
    run = classic()
    images, labels = run.dataset.train_images[:30], run.dataset.train_labels[:30]
    mixture = Mixture(images[:24], labels[:24], images[24:], labels[24:], share=0.1)
    taught = replace(run, record=replace(run.record, mixture=mixture))
    assert robustness._differences(run, {"Classic": run, "Run 1": taught}) == [
        "Classic", "Run 1: 24 own images (10% of each epoch)"
    ]  # fmt: skip


def test_a_run_that_was_taught_own_images_is_compared_as_any_other(fooling_page):
    from dashboard.session import resources

    first, engine = classic(), resources.engine()
    images, labels = first.dataset.test_images[:24], first.dataset.test_labels[:24]
    mixture = Mixture(images[:16], labels[:16], images[16:], labels[16:], share=0.5)
    job = engine.submit(CLASSIC.with_changes(epochs=1), first.dataset.with_mixture(mixture), "a")
    run_until(fooling_page, lambda: engine.record(job) is not None)
    visit_of(fooling_page).add_run(job)
    fooling_page.segmented_control(key="fooling_shown").set_value(OTHER).run()
    run_until(fooling_page, lambda: any(box.key == "fooling_other" for box in fooling_page.selectbox))
    choice = fooling_page.selectbox(key="fooling_other")
    assert choice.options[2:] == ["Run 1: epochs 1, 16 own images (50% of each epoch)"]
    choice.set_value("Run 1").run()
    run_until(fooling_page, lambda: "fooling_robustness" in charts(fooling_page))
    assert any("Run 1 " in title for title in titles_with(fooling_page, "fooling_robustness"))
    taught = resources.current(job)
    visit_of(fooling_page).runs.clear()
    reports = [fooling_report(run.record, first.dataset) for run in (first, taught)]
    after = reads_correctly(taught.record, first.dataset, signs_for(first.record, first.dataset), 15)
    counted = transfer(*reports, after, 15)
    assert f"**{counted.n_fooling_both}** of them" in said(fooling_page)
    assert f"and {reports[1].n_fooled_by_noise(15)} of the other" in said(fooling_page)


@pytest.fixture
def draw(app):
    """The page Draw with a 4 on its canvas and a 6 on a photograph."""
    for name, value in {
        "draw_source": "canvas", "draw_plain": False, "fooling_shown": ONE, "fooling_towards": AWAY,
        "fooling_size": SIZES[-1], "evidence_digit": READ, "evidence_rival": NONE,
    }.items():  # fmt: skip
        app.session_state[name] = value
    app.switch_page(site_map.DRAW.path).run()
    pad = SessionDrawing(app.session_state["visit_id"], drawn(4))
    file = io.BytesIO()
    Image.fromarray(255 - render(drawn(6))).save(file, "PNG")
    pad.read_file("file", SimpleNamespace(size=len(file.getvalue()), getvalue=file.getvalue))
    app.session_state["pad_strokes"] = pad
    return app.run()


def test_a_drawing_has_the_same_below_its_answer(draw):
    image, parameters = prepare_like_mnist(render(drawn(4))).image, classic().record.parameters
    read = digits_by_logit(parameters, image)[0]
    draw.segmented_control(key="draw_part").set_value("Evidence").run()
    assert not draw.exception
    evidence = explain(parameters, image, read)
    assert f"**{title_text(sum_figure(evidence))}**" in titles_with(draw, "evidence_sum")
    draw.segmented_control(key="draw_part").set_value("Fool it").run()
    assert not draw.exception
    expected = read_changed(parameters, image, step_signs(parameters, image, read), SIZES[-1])
    sent = bars(draw, "fooling_step_bars")
    assert sent["shares"] == pytest.approx(expected.probabilities.tolist(), abs=1e-6)
    assert (sent["label"], sent["words"]) == (None, f"Read as {article(expected.digit)} {expected.digit}")
    assert "So the step leads away" in said(draw)
    target = 2 if read != 2 else 3
    draw.selectbox(key="fooling_towards").set_value(target).run()
    assert f"compare the digit that the network reads with the {target}." in said(draw)
    assert "So the step leads away" not in said(draw)


def test_a_photograph_has_them_too(draw):
    draw.segmented_control(key="draw_source").set_value("file").run()
    draw.segmented_control(key="draw_part").set_value("Evidence").run()
    assert not draw.exception
    answer = bars(draw, "draw_outputs")
    assert f"**What each pixel adds to the logit of the {answer['top']}**" in said(draw)
    draw.segmented_control(key="draw_part").set_value("Fool it").run()
    draw.select_slider(key="fooling_size").set_value(0).run()
    assert not draw.exception
    assert bars(draw, "fooling_step_bars")["shares"] == pytest.approx(answer["shares"], abs=1e-5)


@pytest.mark.usefixtures("trainings_end_at_once")
@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_for_a_bent_activation_it_says_that_the_gradient_is_only_local(evidence_page, activation):
    (job,) = trained(CLASSIC.with_changes(activation=activation))
    visit_of(evidence_page).current = job
    try:
        evidence_page.run()
        assert not evidence_page.exception
        assert "only locally" in said(evidence_page)
        assert any(
            text.startswith("**Gradient × pixels is") for text in titles_with(evidence_page, "evidence_sum")
        )
    finally:
        visit_of(evidence_page).current = None


def test_that_another_image_has_other_weights_is_said_of_relu_alone():
    lesson = read_lesson("lab", "evidence")
    assert [name for name, words in lesson.items() if "Another image" in words] == ["relu"]


def test_a_network_whose_numbers_are_not_finite_is_neither_explained_nor_fooled(predict, monkeypatch):
    run = classic()
    weights = tuple(np.full_like(w, np.inf) for w in run.record.parameters.weights)
    record = replace(run.record, parameters=replace(run.record.parameters, weights=weights))
    broken = replace(run, job_id="not finite", record=record)
    monkeypatch.setattr("dashboard.widgets.current_run.run_or_notice", lambda *_: broken)
    predict.run()
    assert not predict.exception
    assert charts(predict) == ["digit"]
