"""The last lesson: slips that are found one by one, a script that is run line by line, a map, exercises."""

import re

import pytest
from training_process import classic, opened_lesson, run_until, skip_guess

from dashboard.elements.prose import read_lesson
from dashboard.learn import slips
from dashboard.learn.exercises import changed_code
from dashboard.learn.questions import SKIPPED, parse_question
from dashboard.learn.script_run import held_after, lines_of
from dashboard.site_map import COURSE
from mnist_core.analysis.evaluation import evaluate
from mnist_core.config import CLASSIC
from mnist_core.figures.lessons.script import course_map
from mnist_core.lessons.exercises import EXERCISES, TWO_LAYERS
from mnist_core.lessons.script import looks_by_stage, recap
from mnist_core.take_home.keras_script import keras_script
from mnist_core.take_home.script_lines import Source

PAGE = "pages/learn/script.py"
WHOLE = Source("mnist", 60_000, 10_000)
SLIPS = ["letters", "input", "hidden", "fires", "adam", "metrics"]
"""What the article gets wrong: letters for digits, 784 nodes in the line of a hidden layer, nodes not
directly connected, nodes that fire, Adam's rate by the gradient's magnitude, a metric to optimize."""


@pytest.fixture
def shown(app):
    """The lesson after its guess."""
    app.switch_page(PAGE).run()
    if any(button.key == "skip_script/predict" for button in app.button):
        app.button(key="skip_script/predict").click().run()
    return run_until(app, lambda: any("Choose a part" in text.value for text in app.markdown))


def listing(app):
    (html,) = [html.proto.body for html in app.get("html") if 'class="listing"' in html.proto.body]
    return html


def choose(app, name):
    app.segmented_control(key="slips_remark").set_value(name).run()


# The slips


def test_six_of_nine_remarks_are_slips_and_their_right_answer_says_so():
    said = slips.remarks()
    assert [name for name, remark in said.items() if remark.is_slip] == SLIPS
    assert len(said) == 9
    for name, remark in said.items():
        is_right = parse_question(remark.markdown).right.text == "It is right"
        assert is_right == (name not in SLIPS)
        assert not set("~*") & set(parse_question(remark.markdown).text)


def test_a_remark_stands_as_it_was_and_then_with_its_correction():
    remark = slips.Remark("a", "Reads ~~letters~~ **digits** & more.", "")
    assert remark.as_it_stood() == "Reads letters & more."
    assert remark.corrected() == "Reads <del>letters</del> <ins>digits</ins> &amp; more."


@pytest.mark.usefixtures("training_process")
def test_every_remark_has_a_line_in_the_listing_which_is_in_the_older_spelling():
    html = listing(skip_guess(opened_lesson("script"), "script"))
    assert html.count('class="number"') == 9
    assert "input_shape=(784,)" in html
    assert html.count("<ins>") == html.count("<del>") == 0


def test_a_remark_is_corrected_in_the_listing_once_it_is_judged_and_the_next_one_follows(shown):
    said = slips.remarks()
    choose(shown, "letters")
    question = parse_question(said["letters"].markdown)
    right = [answer.is_right for answer in question.answers].index(True)
    assert question.right.reason not in " ".join(text.value for text in shown.markdown)
    shown.radio(key="guess_script/slip letters").set_value(right).run()
    shown.button(key="commit_script/slip letters").click().run()
    assert "<del>letters</del> <ins>digits</ins>" in listing(shown)
    assert question.right.reason in [success.value for success in shown.success]
    assert any("Judged: 1 of 9. Correctly: 1." in caption.value for caption in shown.caption)
    shown.button(key="slips_next").click().run()
    assert shown.session_state["slips_remark"] == "reshape"
    shown.button(key="skip_script/slip reshape").click().run()
    assert any("Judged: 2 of 9. Correctly: 1." in caption.value for caption in shown.caption)
    assert listing(shown).count("<ins>") == 1, "a remark that is right was corrected"
    assert not shown.exception


def test_a_skipped_remark_is_not_counted_as_right():
    remark = slips.remarks()["adam"]
    assert not slips.is_right(remark, {remark.key: SKIPPED})
    assert not slips.is_right(remark, {})


# The script, line by line


@pytest.fixture(scope="module")
def run(app):
    return classic()


@pytest.fixture(scope="module")
def looks(run):
    return looks_by_stage(run.record, run.dataset, run.evaluation)


def held(lines, looks):
    """After each line, the answers by what is asked."""
    return [
        {asked: value for name in names for asked, value, _ in name.looks}
        for names in held_after(lines, looks)
    ]


def test_the_script_has_no_comments_and_ends_with_a_prediction():
    lines = lines_of(WHOLE)
    assert not any(line.text.lstrip().startswith("#") for line in lines)
    assert any("model.predict(x_test[:1])" in line.text for line in lines[-3:])
    texts = [line.text for line in keras_script(CLASSIC, WHOLE)]
    assert all(line.text in texts for line in lines[:-3])
    assert lines[0].text == "import keras"


@pytest.mark.parametrize("source", [WHOLE, Source("sample", 4_000, 1_000), Source("file", 10, 10, "a.npz")])
def test_every_line_has_an_explanation_and_every_name_its_values_at_the_end(source, looks):
    lines = lines_of(source)
    explained = read_lesson("lab", "code")
    assert all(f"line {line.about}" in explained for line in lines if line.text)
    names = {name.name for name in list(held_after(lines, looks))[-1]}
    assert names == {"x_train", "y_train", "x_test", "y_test", "model", "loss", "accuracy", "probabilities"}


def test_values_change_with_the_last_line_of_the_statement_that_changes_them(looks):
    lines = lines_of(WHOLE)
    after = dict(zip([line.text.strip() for line in lines], held(lines, looks), strict=True))
    assert after["import keras"] == {}
    assert "model.count_params()" not in after['keras.layers.Dense(10, activation="softmax"),']
    assert after["])"]["model.count_params()"] == "25450"
    shapes = {text: values.get("x_train.shape") for text, values in after.items()}
    n_images = looks["load"][0].value.strip("()").split(",")[0]
    assert shapes["x_train = x_train.reshape(-1, 784)"] == f"({n_images}, 784)"
    assert shapes["x_test = x_test.reshape(-1, 784)"] == f"({n_images}, 784)"


def test_only_fit_changes_the_weights_as_the_guess_says(looks):
    lines = lines_of(WHOLE)
    weights = [
        next((value for asked, value in values.items() if "get_weights" in asked), None)
        for values in held(lines, looks)
    ]
    changes = [n for n in range(1, len(lines)) if weights[n] != weights[n - 1] and weights[n - 1]]
    assert [lines[n].about for n in changes] == ["fit"]
    guess = parse_question(read_lesson("learn", "script")["predict"])
    assert guess.right.text == "Only `fit`"


def test_what_a_line_has_changed_is_marked_and_only_then(looks):
    lines = lines_of(WHOLE)
    after = list(held_after(lines, looks))
    n = next(n for n, line in enumerate(lines) if line.about == "evaluate")
    assert {asked for name in after[n] for asked, _, is_new in name.looks if is_new} == {"loss", "accuracy"}
    assert not any(is_new for name in after[n + 1] for *_, is_new in name.looks)


def test_undivided_test_images_cost_little_accuracy_and_much_loss_as_a_check_says(run):
    images, labels = run.dataset.test_images, run.dataset.test_labels
    undivided = evaluate(run.record.parameters, images, labels, "undivided")
    assert abs(undivided.accuracy - run.evaluation.accuracy) < 0.03
    assert undivided.loss > 20 * run.evaluation.loss


# The map and the exercises


@pytest.mark.parametrize("n_columns", [4, 2])
def test_every_lesson_before_the_last_is_a_part_of_the_drawing_with_a_picture_and_a_link(run, n_columns):
    lessons = {page.address: page.title for page in COURSE[:-1]}
    svg = course_map(recap(run.record, run.dataset, run.evaluation), lessons, n_columns)
    cards = dict(re.findall(r'<a href="(\w+)"(.*?)</a>', svg))
    assert list(cards) == list(lessons)
    for number, (address, card) in enumerate(cards.items(), start=1):
        assert f"{number}. {lessons[address]}" in card
        assert re.search("<(image|circle|path|rect x|line)", card), f"{address} has no picture"
        assert card.count("<text") >= 3, f"{address} says nothing"
    assert f"{run.record.config.network.n_parameters:,} parameters" in cards["neurons"]
    assert f"{100 * run.evaluation.accuracy:.1f}%" in cards["testing"]


def test_titles_are_escaped_and_a_lesson_without_a_picture_has_a_card_too(run):
    svg = course_map(recap(run.record, run.dataset, run.evaluation), {"new": "A < B", "loss": "Loss"}, 2)
    assert "1. A &lt; B" in svg
    assert "2. Loss" in svg


def test_the_page_shows_ten_exercises_with_the_numbers_of_their_answers(shown):
    answers = [expander for expander in shown.expander if expander.label.startswith("Answer to exercise")]
    assert len(answers) == len(EXERCISES) == 10
    texts = [answer.markdown[0].value for answer in answers]
    assert not any("{" in text for text in texts if "$" not in text)
    assert "**197,972**" in texts[0]
    assert "`validation_split=0.1`" in texts[6]
    assert f"**{TWO_LAYERS.network.n_parameters:,}**" in texts[-1]


def test_the_line_of_a_second_hidden_layer_is_that_of_its_script():
    layer = changed_code()["layer"]
    assert layer == 'keras.layers.Dense(16, activation="relu"),'
    assert f"    {layer}" in [line.text for line in keras_script(TWO_LAYERS, WHOLE)]
