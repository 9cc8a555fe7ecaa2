"""Predict: one test image, what it is read as and the way there; the same marks and numbers everywhere."""

import json

import numpy as np
import pytest
from training_process import charts, classic

from dashboard import site_map
from mnist_core.figures.style import MUTED, RIGHT, WRONG, article


@pytest.fixture
def opened(app):
    """The page with the first test image."""
    app.session_state["image_mistakes"] = False
    app.session_state["image_digit"] = "any"
    app.session_state["predict_part"] = "The network"
    app.switch_page(site_map.PREDICT.path).run()
    return app.number_input[0].set_value(0).run()


def component(app, name):
    """What a component was sent; the first of several."""
    sent = next(e.proto for e in app.get("bidi_component") if e.proto.component_name.endswith(name))
    return json.loads(sent.json)


def test_the_digit_read_is_solid_and_the_true_one_marked_when_it_is_read_wrong_and_right(opened):
    evaluation = classic().evaluation
    right = np.flatnonzero(evaluation.predictions == evaluation.labels)[0]
    for number, color in ((evaluation.mistakes[0], WRONG), (right, RIGHT)):
        opened.number_input[0].set_value(int(number)).run()
        assert not opened.exception
        sent = component(opened, "bars")
        read, label = int(evaluation.predictions[number]), int(evaluation.labels[number])
        assert (sent["top"], sent["label"]) == (read, label)
        assert sent["colors"] == {"top": color, "true": RIGHT, "other": MUTED}
        assert sent["words"] == f"Read as {article(read)} {read}: " + (
            "right" if read == label else f"wrong, it is {article(label)} {label}"
        )


def test_the_bars_have_the_librarys_numbers_and_the_network_beside_them_none(opened):
    probabilities = classic().evaluation.probabilities[0]
    sent = component(opened, "bars")
    assert sent["shares"] == pytest.approx(probabilities.tolist(), abs=1e-6)
    assert sent["texts"] == [
        ">99.9%" if 0.9995 <= p < 1 else f"{100 * p:.1f}%" for p in probabilities.astype(float)
    ]
    assert component(opened, "signal")["isBesideChart"]
    assert component(opened, "signal")["label"] == sent["label"]


def test_image_and_outputs_stay_above_every_part(opened):
    for part, shown in {
        "The network": ["digit"],
        "Logits": ["digit", "logits"],
        "Evidence": ["evidence_sum"],
        "Fool it": [],
    }.items():
        opened.segmented_control(key="predict_part").set_value(part).run()
        assert not opened.exception
        assert charts(opened) == shown
        label = int(classic().evaluation.labels[0])
        assert component(opened, "bars")["label"] == label if part != "Evidence" else True
        if part in ("Evidence", "Fool it"):
            assert any(
                f"Test image 0: {article(label)} {label}, read as" in text.value for text in opened.markdown
            )


def test_the_logits_have_the_librarys_numbers(opened):
    opened.segmented_control(key="predict_part").set_value("Logits").run()
    drawn = json.loads(opened.get("plotly_chart")[1].proto.spec)["data"][0]
    written = [float(text.replace("−", "-")) for text in drawn["text"]]
    assert written == pytest.approx(classic().evaluation.logits[0].tolist(), abs=5.1e-3)


def test_the_words_about_the_network_stand_below_the_image(opened):
    (around,) = (
        block
        for block in opened.get("flex_container")
        if any(
            "Each small picture is a neuron" in str(getattr(e, "value", "")) for e in block.children.values()
        )
    )
    assert len(around.get("plotly_chart")) == 1  # with the image
