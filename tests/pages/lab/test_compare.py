import json
import re

import numpy as np
import pytest
import training_process
from pretending import end_in_one_epoch
from training_process import charts, run_until, visit_of

from dashboard import site_map
from dashboard.elements.button_labels import plain
from dashboard.lab.compare.pair import chance_in_words, telling_in_words
from dashboard.lab.compare.ready_made import numbers_of
from dashboard.widgets import tables
from mnist_core.analysis.comparison import McNemar, disagreements, mcnemar
from mnist_core.analysis.intervals import wilson_interval
from mnist_core.analysis.reports import report_digits
from mnist_core.config import DEFAULT, NetworkConfig, RunConfig, TrainingConfig
from mnist_core.sweeps.ready_made import EXPERIMENTS

pytestmark = pytest.mark.usefixtures("no_film_on_pages")
PAGE = site_map.COMPARE.path


def opened(app, part):
    app.switch_page(PAGE).run()
    app.segmented_control(key="compare_part").set_value(part).run()
    assert not app.exception
    return app


def text(app):
    return " ".join(element.value for element in (*app.markdown, *app.caption, *app.info))


def trained(app, *configs):
    """The visit's runs, trained one after the other."""
    from dashboard.session import resources

    visit, jobs = visit_of(app), training_process.trained(*configs)
    for job in jobs:
        visit.show_run(job)
    return [resources.current(job) for job in jobs]


def small(units, **training):
    settings = {"epochs": 1, "n_training_images": 500} | training
    return RunConfig(NetworkConfig((units,)), TrainingConfig(**settings))


@pytest.fixture
def page(sample_app):
    """The page of a visit without runs, on the part it opens with."""
    sample_app.switch_page(PAGE).run()
    visit = visit_of(sample_app)
    visit.runs, visit.current = [], None
    visit.sweeps.clear()
    visit.answers.clear()
    sample_app.session_state["compare_known"] = {}  # as if none had been looked at before
    return opened(sample_app, "Runs")


def test_without_runs_the_page_shows_the_classic_network_and_the_way_to_another(page):
    assert "There is only one run so far" in text(page)
    assert page.multiselect(key="compare_shown").value == ["Classic"]
    assert page.dataframe[0].value["Run"].tolist() == ["Classic"]
    assert not page.selectbox


def test_runs_stand_side_by_side_with_what_differs(page):
    runs = trained(page, small(4), small(8, batch_size=16))
    opened(page, "Runs")
    run_until(page, lambda: page.dataframe)
    table = page.dataframe[0].value
    assert table["Run"].tolist() == ["Classic", "Run 1", "Run 2"]
    assert table["Hidden neurons"].tolist() == ["32", "4", "8"]
    assert table["Batch size"].tolist() == ["32", "32", "16"]
    assert "Activation" not in table
    for row, run in enumerate(runs, 1):
        evaluation = run.evaluation
        interval = wilson_interval(evaluation.n_right, evaluation.n_images)
        assert table["Test accuracy (%)"][row] == pytest.approx(100 * evaluation.accuracy)
        assert table["95% interval"][row] == f"{100 * interval.low:.1f} – {100 * interval.high:.1f}"
    assert charts(page) == [
        "compare_accuracies", "compare_loss", "compare_accuracy", "compare_confusion",
    ]  # fmt: skip


def test_the_validation_accuracy_in_the_table_is_that_of_the_network_that_is_kept(page, monkeypatch):
    monkeypatch.setattr("mnist_core.training.record.RunRecord.kept_epoch", 1)
    (run,) = trained(page, small(4, epochs=3, validation_share=0.2))
    opened(page, "Runs")
    first, *_, last = 100 * run.record.history.validation_accuracy
    assert first != last
    assert page.dataframe[0].value["Validation accuracy (%)"][1] == pytest.approx(first)


def test_a_new_run_joins_those_chosen_and_one_taken_out_stays_out(page):
    trained(page, small(4))
    opened(page, "Runs")
    page.multiselect(key="compare_shown").set_value(["Run 1"]).run()
    assert "Choose at least two runs" in text(page)
    trained(page, small(8))
    page.switch_page(site_map.TRAIN.path).run()
    opened(page, "Runs")
    assert page.multiselect(key="compare_shown").value == ["Run 1", "Run 2"]
    page.multiselect(key="compare_shown").set_value([]).run()
    assert not page.exception
    assert not page.dataframe


def test_two_runs_are_compared_image_by_image_as_the_library_does(page):
    first, second = trained(page, small(4), small(8, n_training_images=2_000))
    opened(page, "Runs")
    page.selectbox(key="compare_first").set_value("Run 1").run()
    page.selectbox(key="compare_second").set_value("Run 2").run()
    a, b = first.evaluation, second.evaluation
    test = mcnemar(a.predictions == a.labels, b.predictions == b.labels)
    assert {metric.label: metric.value for metric in page.metric} == {
        "Only Run 1 right": f"{test.only_first:,}",
        "Only Run 2 right": f"{test.only_second:,}",
    }
    assert f"Both read {test.both_right:,} images correctly, and both misread {test.both_wrong:,}" in text(
        page
    )
    assert f"{test.n_telling:,} images tell the two apart: Run 2 reads" in text(page)
    assert test.is_significant
    assert "hard to explain by chance" in page.success[0].value
    pairs = disagreements(a, b)
    assert f"They read {pairs.n_images:,} of {a.n_images:,} test images differently" in text(page)
    page.segmented_control(key="compare_side").set_value("only second").run()
    shown = page.dataframe[1].value
    assert shown["Number"].tolist() == pairs.by_side["only second"][:30].tolist()
    assert shown["Run 2 reads"].tolist() == shown["True digit"].tolist()
    assert shown["Run 1 reads"].tolist() == a.predictions[shown["Number"]].tolist()


def test_the_finding_above_says_what_the_test_below_says(page):
    trained(page, small(4), small(4, seed=1))
    opened(page, "Runs")
    page.multiselect(key="compare_shown").set_value(["Run 1", "Run 2"]).run()
    page.selectbox(key="compare_first").set_value("Run 1").run()
    (finding,) = [bold for bold in page.markdown if bold.value.startswith("**Chance ")]
    is_real = any("hard to explain by chance" in success.value for success in page.success)
    assert ("hardly explains the lead" in finding.value) == is_real
    assert ("could explain the difference" in finding.value) == (not is_real)
    assert finding.value.endswith("** :small[(axis does not start at 0)]")
    columns = json.loads(page.dataframe[0].proto.columns)
    assert columns["Time (s)"]["type_config"]["format"] == "%.2f"
    assert tables.RESULT_FORMATS["Test accuracy (%)"] == tables.PERCENT
    assert not any("Highest test accuracy" in bold.value for bold in page.markdown)


def test_curves_are_of_the_same_images_for_all_runs_and_a_missing_value_is_a_dash(page):
    trained(page, small(4, validation_share=0.0), small(8, validation_share=0.2))
    opened(page, "Runs")
    page.multiselect(key="compare_shown").set_value(["Run 1", "Run 2"]).run()
    assert "**Training loss after each epoch**" in text(page)
    assert page.dataframe[0].proto.placeholder == "–"
    assert page.dataframe[0].value["Validation accuracy (%)"].isna().tolist() == [True, False]
    page.segmented_control(key="compare_curves_training").set_value("validation").run()
    assert "**Validation loss after each epoch**" in text(page)
    specs = [chart.proto.spec for chart in page.get("plotly_chart") if "compare_loss" in chart.proto.id]
    assert [trace["name"] for trace in json.loads(specs[0])["data"]] == ["Run 1: –", "Run 2"]


def test_the_caption_of_a_sweep_names_what_stays_and_not_what_is_swept(page):
    from dashboard.lab.compare.sweep_form import _held

    usual = ["hidden neurons 32", f"epochs {DEFAULT.training.epochs}", "batch size 32"]
    assert _held(DEFAULT, "epochs", 1) == [usual[0], usual[2]]
    other = DEFAULT.with_changes(optimizer="sgd", seed=3, hidden_units=(16, 8))
    assert _held(other, "hidden neurons", 1) == ["2 hidden layers", *usual[1:], "optimiser SGD", "seed 3"]
    assert "seed 3" not in _held(other, "epochs", 2)
    opened(page, "Sweep")
    caption = next(text.value for text in page.caption if "Everything else" in text.value)
    assert "hidden neurons" not in caption
    assert "batch size 32" in caption


def test_a_sweep_says_that_it_takes_the_settings_of_the_first_chapter(page):
    before = page.session_state["choices"]
    page.session_state["choices"] = before | {"chapters": "3_16_adam_0.001~2_256_sgd_0.01", "batch": 256}
    opened(page, "Sweep")
    assert "uses those of the first chapter" in text(page)
    caption = next(caption.value for caption in page.caption if "Everything else" in caption.value)
    assert "batch size 16" in caption
    page.session_state["choices"] = before
    page.run()
    assert "uses those of the first chapter" not in text(page)


def test_the_matrix_shown_is_one_of_the_three(page):
    trained(page, small(4), small(8))
    opened(page, "Runs")
    for shown in ("Classic", "Run 1", "Difference"):
        page.segmented_control(key="compare_matrix").set_value(shown).run()
        assert not page.exception
        assert charts(page)[-1] == "compare_confusion"
    first, second = trained(page, small(4), small(8))
    gain = np.trace(
        report_digits(second.evaluation.labels, second.evaluation.predictions).confusion
        - report_digits(first.evaluation.labels, first.evaluation.predictions).confusion
    )
    page.selectbox(key="compare_first").set_value("Run 1").run()
    page.selectbox(key="compare_second").set_value("Run 2").run()
    words = f"Run 2 reads {abs(gain)} {'more' if gain >= 0 else 'fewer'} images correctly than Run 1"
    assert words in text(page)


def test_a_run_that_diverged_is_compared_without_an_exception(page):
    diverged = small(8, optimizer="sgd", learning_rate=1.0, l2=0.1, epochs=2)
    trained(page, diverged, small(8, optimizer="rmsprop", learning_rate=1.0, epochs=5, batch_size=1))
    opened(page, "Runs")
    run_until(page, lambda: len(page.dataframe) > 1)


def test_a_sweep_grows_and_ends_in_its_figures_and_its_networks_can_be_kept(page):
    opened(page, "Sweep")
    assert charts(page) == ["awaited_sweep"]
    assert "Nothing is trained yet" in text(page)
    page.pills(key=f"sweep_values_hidden neurons_{n_available()}").set_value([2, 4]).run()
    page.slider(key="sweep_seeds").set_value(2).run()
    assert plain(page.button(key="sweep_begin").label) == "Sweep: train 4 networks"
    page.button(key="sweep_begin").click().run()
    run_until(page, lambda: charts(page) == ["accuracy_Sweep 1", "time_Sweep 1"])
    table = page.dataframe[0].value
    assert table["Hidden neurons"].tolist() == ["2", "2", "4", "4"]
    assert table["Seed"].tolist() == [0, 1, 0, 1]
    assert table["State"].tolist() == ["finished"] * 4
    spread = max(abs(table["Validation accuracy (%)"].diff()[[1, 3]]))
    assert f"Two seeds of the same value differ by up to {spread:.1f} [percentage points]" in text(page)
    page.button(key="keep_Sweep 1").click().run()
    assert "among your runs now" in text(page)
    assert len(visit_of(page).runs) == 4
    assert visit_of(page).current is None
    opened(page, "Runs")
    assert len(page.multiselect(key="compare_shown").value) == 5


def n_available():
    from dashboard.session import resources

    return len(resources.dataset().train_labels)


def test_a_sweep_can_be_stopped_and_an_earlier_one_looked_at_again(page):
    opened(page, "Sweep")
    key = f"sweep_values_hidden neurons_{n_available()}"
    page.slider(key="sweep_seeds").set_value(1).run()
    page.pills(key=key).set_value([2]).run()
    page.button(key="sweep_begin").click().run()
    run_until(page, lambda: "accuracy_Sweep 1" in charts(page))
    assert [folded.label for folded in page.expander] == ["The training"]
    page.pills(key=key).set_value([64, 128, 256]).run()
    page.button(key="sweep_begin").click().run()
    page.button(key="stop_Sweep 2").click().run()
    run_until(page, lambda: "Stopped:" in text(page))
    page.selectbox(key="sweep_shown").set_value("Sweep 1").run()
    assert charts(page) == ["accuracy_Sweep 1", "time_Sweep 1"]


def test_a_sweep_without_values_is_refused_in_a_sentence(page):
    opened(page, "Sweep")
    page.pills(key=f"sweep_values_hidden neurons_{n_available()}").set_value([]).run()
    assert [warning.value for warning in page.warning] == ["A sweep needs one value or more."]
    assert not any(button.key == "sweep_begin" for button in page.button)


def test_a_sweep_the_server_forgot_says_so(page):
    from mnist_core.sweeps.plans import plan

    visit_of(page).sweeps["Sweep 1"] = plan(DEFAULT, "seed", (0,)), "unknown"
    opened(page, "Sweep")
    assert "has dropped this sweep" in text(page)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_asks_for_a_guess_trains_and_answers(page, name, request, monkeypatch):
    """One of them really; the others differ in what they train, which tests of sweeps look at."""
    if name != "wrong labels":
        request.getfixturevalue("trainings_end_at_once")
        # With records of one epoch: thirty epochs of "cures" would be written to the disk to make room.
        monkeypatch.setattr("mnist_core.engine.process.worker.train_and_report", end_in_one_epoch)
    monkeypatch.setattr("mnist_core.sweeps.ready_made.DEFAULT", DEFAULT.with_changes(epochs=1))
    opened(page, "Experiments")
    page.selectbox(key="experiment").set_value(name).run()
    assert not any(button.key.startswith("begin_") for button in page.button if button.key)
    page.button(key=f"skip_compare/{name}").click().run()
    page.button(key=f"begin_experiment {name}").click().run()
    run_until(page, lambda: "What to see." in text(page))
    assert page.segmented_control(key=f"experiment {name}_judge").value == "validation"
    assert "{" not in text(page)
    assert charts(page) == [f"accuracy_experiment {name}", f"time_experiment {name}"]


def test_an_answer_names_the_parameters_and_updates_of_its_own_networks():
    """Worked by hand: one neuron makes 784 + 1 + 10 + 10 parameters; 540 images make 17 batches of 32."""
    neurons = numbers_of(EXPERIMENTS["few neurons"](60_000), 60_000)
    assert (neurons["fewest"], neurons["most"]) == ("805", f"{128 * 785 + 10 * 129:,}")
    data = numbers_of(EXPERIMENTS["data or neurons"](60_000), 60_000)
    assert (data["images"], data["updates"]) == ("600", f"{17 * 5}")


@pytest.mark.parametrize(
    ("p_value", "words"),
    [
        (1e-9, "less often than once in a million times"),
        (0.004, "about once in 250 times"),
        (0.0149, "about once in 67 times"),
        (0.0151, "about 2 times in 100"),
        (0.5, "about 50 times in 100"),
        (0.99, "nearly every time"),
        (1.0, "nearly every time"),
    ],
)
def test_a_probability_is_said_in_words_that_hold(p_value, words):
    assert chance_in_words(p_value) == words


@pytest.mark.parametrize(
    ("only_first", "only_second", "words"),
    [
        (1_500, 2, "1,502 images tell the two apart: Run 1 reads 1,500 of them correctly, the other 2."),
        (50, 50, "100 images tell the two apart, and each network reads half of them correctly."),
        (0, 1, "One image tells the two apart: only Run 2 reads it correctly."),
    ],
)
def test_a_split_is_said_as_it_is_even_or_of_one_image(only_first, only_second, words):
    assert telling_in_words(McNemar(0, only_first, only_second, 0, 1.0), "Run 1", "Run 2") == words


def test_no_probability_is_one_times_in_a_hundred():
    for thousandth in range(1, 1_001):
        assert not re.search(r"\b(1|0|100) times in 100", chance_in_words(thousandth / 1_000))
