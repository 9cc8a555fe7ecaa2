"""The page "Evaluate": one sentence, and below it the matrix with its images or another part."""

import json
import re

import numpy as np
import pytest
from training_process import charts, classic, click_point, run_until, trained, visit_of

from dashboard import site_map
from dashboard.session import resources
from dashboard.widgets import contact_sheet
from mnist_core.analysis.reports import report_digits
from mnist_core.config import DEFAULT
from mnist_core.figures.style import RIGHT, WRONG, n_of, with_article

PAGE = site_map.EVALUATE.path
MATRIX, DIGITS, MISTAKES = "Confusion matrix", "Digit by digit", "Most confident mistakes"
SURE, CURVES = "Calibration", "Learning curves"


@pytest.fixture
def page(sample_app):
    """The page as it opens, with no cell chosen."""
    sample_app.switch_page(site_map.PREDICT.path).run()  # where a choice of a cell is forgotten
    sample_app.switch_page(PAGE).run()
    run_until(sample_app, lambda: sample_app.segmented_control)
    return sample_app.segmented_control(key="evaluate_part").set_value(MATRIX).run()


def report():
    return report_digits(classic().evaluation.labels, classic().evaluation.predictions)


def sheets(app):
    return [html for html in (element.proto.body for element in app.get("html")) if "contact-sheet" in html]


def numbers_on(sheet):
    return [int(number) for number in re.findall(r'<figure title="Test image (\d+):', sheet)]


def outlined(app):
    """True digit and prediction of the cell with a line around it."""
    (matrix,) = (
        chart.proto.spec for chart in app.get("plotly_chart") if chart.proto.id.endswith("-confusion")
    )
    (shape,) = json.loads(matrix)["layout"]["shapes"]
    assert shape["line"]["width"] == 3
    return (shape["y0"] + shape["y1"]) / 2, (shape["x0"] + shape["x1"]) / 2


def test_the_matrix_and_the_control_beside_it_call_a_prediction_the_same(page):
    (matrix,) = (
        chart.proto.spec for chart in page.get("plotly_chart") if chart.proto.id.endswith("-confusion")
    )
    axes = [json.loads(matrix)["layout"][axis]["title"]["text"] for axis in ("yaxis", "xaxis")]
    assert axes == [page.selectbox(key=key).label for key in ("confusion_true", "confusion_read")]


def text(app):
    return " ".join(element.value for element in (*app.markdown, *app.caption, *app.info))


def test_the_first_sentence_is_the_result(page):
    evaluation = classic().evaluation
    low, high = 100 * evaluation.interval.low, 100 * evaluation.interval.high
    assert page.header[0].value == (
        f"{100 * evaluation.accuracy:.1f}% correct ({low:.1f}–{high:.1f}%): "
        f"{evaluation.n_images - evaluation.n_right:,} of {evaluation.n_images:,} misread"
    )
    assert not page.metric


def test_the_test_images_do_not_go_through_the_network_again(page, monkeypatch):
    monkeypatch.setattr(
        resources, "logits_on_test_images", lambda *_: pytest.fail("the training process has sent them")
    )
    resources._evaluated.clear()
    again = page.run()
    assert not again.exception
    assert again.header[0].value.startswith(f"{100 * classic().evaluation.accuracy:.1f}% correct")
    monkeypatch.undo()
    known = classic().evaluation
    monkeypatch.setattr(resources.engine(), "test_logits", lambda job_id: None)
    resources._evaluated.clear()
    np.testing.assert_array_equal(classic().evaluation.logits, known.logits)


def test_at_first_the_most_frequent_mistake_is_outlined_and_its_images_are_shown(page):
    ((true_digit, prediction),) = report().frequent_mistakes(1)
    assert outlined(page) == (true_digit, prediction)
    boxes = [page.selectbox(key=key).placeholder for key in ("confusion_true", "confusion_read")]
    assert boxes == [str(true_digit), str(prediction)]
    expected = classic().evaluation.cell(true_digit, prediction)
    assert numbers_on(sheets(page)[0]) == expected[:12].tolist()
    assert f"of {with_article(true_digit)}, read as {with_article(prediction)}" in page.subheader[0].value


def test_a_cell_chosen_without_a_mouse_is_outlined_and_stays_so(page):
    page.selectbox(key="confusion_true").set_value(4).run()
    assert "Choose both digits" in text(page)
    page.selectbox(key="confusion_read").set_value(4).run()
    assert outlined(page) == (4, 4)
    expected = classic().evaluation.cell(4, 4)
    assert numbers_on(sheets(page)[0]) == expected[:12].tolist()
    page.segmented_control(key="confusion_unit").set_value("% of row").run()
    assert outlined(page) == (4, 4)


def test_a_clicked_cell_is_outlined_and_what_is_none_changes_it_to_the_first(page):
    click_point(page, "confusion", [9, 4])
    assert outlined(page) == (9, 4)
    assert page.selectbox(key="confusion_true").value == 9
    click_point(page, "confusion", [9, 10])
    assert not page.exception
    assert outlined(page) == report().frequent_mistakes(1)[0]


def test_a_button_chooses_a_frequent_mistake(page):
    pairs = report().frequent_mistakes(2)
    page.button(key="frequent_1").click().run()
    shown = n_of(report().confusion[pairs[1]], "image")
    assert page.button(key="frequent_1").help.startswith(f"Show {shown} of ")
    assert outlined(page) == pairs[1]
    assert page.selectbox(key="confusion_true").value == pairs[1][0]
    assert page.selectbox(key="confusion_read").value == pairs[1][1]


def test_a_card_says_what_was_read_how_sure_and_all_ten_outputs(page):
    evaluation = classic().evaluation
    first = int(evaluation.cell(*report().frequent_mistakes(1)[0])[0])
    card = sheets(page)[0].split("<figure")[1]
    read, true = evaluation.predictions[first], evaluation.labels[first]
    assert f"{with_article(true)}, read as {with_article(read)} with " in card
    assert f"<b>{read}</b> " in card
    heights = [int(height) for height in re.findall(r"height:(\d+)%", card)]
    assert heights == [round(100 * float(share)) for share in evaluation.probabilities[first]]
    looks = re.findall(r"<i style=\"height:\d+%;([^\"]*)\"", card)
    assert looks[read] == f"background:{WRONG}"  # as in every picture of ten outputs
    assert looks[true] == f"outline:1px solid {RIGHT}"
    assert [look for look in looks if look] == [looks[at] for at in sorted((read, true))]


@pytest.mark.parametrize(
    ("probability", "written"), [(0.9994, "99.9%"), (0.9996, "&gt;99.9%"), (1.0, "&gt;99.9%")]
)
def test_no_probability_is_rounded_to_certainty(probability, written):
    assert contact_sheet._percent(probability) == written


def test_the_curves_and_what_explains_them_stand_in_their_part_alone(page):
    explanation = "running mean"
    assert charts(page) == ["confusion"]
    page.segmented_control(key="evaluate_part").set_value(DIGITS).run()
    assert charts(page) == ["scores"]
    assert explanation not in text(page)
    page.segmented_control(key="evaluate_part").set_value(CURVES).run()
    assert charts(page) == ["curve_loss", "curve_accuracy"]
    assert explanation in text(page)
    assert f"loss](glossary#loss) is {classic().evaluation.loss:.3f} nats" in text(page)
    page.segmented_control(key="evaluate_part").set_value(SURE).run()
    assert charts(page) == ["calibration"]
    assert explanation not in text(page)


def test_the_most_confident_mistakes_are_a_sheet_with_both_digits(page):
    page.segmented_control(key="evaluate_part").set_value(MISTAKES).run()
    evaluation = classic().evaluation
    sheet = sheets(page)[0]
    assert numbers_on(sheet) == evaluation.mistakes[:30].tolist()
    truths = [int(digit) for digit in re.findall(r"<br>true (\d)", sheet)]
    assert np.array_equal(truths, evaluation.labels[evaluation.mistakes[:30]])
    assert page.dataframe[-1].value["number"].tolist() == evaluation.mistakes[:30].tolist()


def test_what_the_curves_mean_is_said_of_the_images_that_there_are(page):
    """The classic run has no validation images; and only in the whole of MNIST are the last images easier."""
    page.segmented_control(key="evaluate_part").set_value(CURVES).run()
    assert "set no [validation images]" in text(page)
    assert "validation often looks better" not in text(page)
    visit = visit_of(page)
    (visit.current,) = trained(DEFAULT.with_changes(epochs=1, n_training_images=500))
    page.run()
    run_until(page, lambda: "curve_loss" in charts(page))
    assert "validation often looks better" in text(page)
    assert "those are easier" not in text(page)
    visit.current = None
