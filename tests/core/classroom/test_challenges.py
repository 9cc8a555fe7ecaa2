"""Names, rankings, and the class's own test set, against worked examples."""

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.analysis.evaluation import evaluate, evaluate_logits
from mnist_core.analysis.intervals import wilson_interval
from mnist_core.bounds import MAX_ENTRANTS, MAX_NAME
from mnist_core.classroom.boards import Board, EntryError, clean_name
from mnist_core.classroom.challenges import CHALLENGES, ChallengeError, Judged, Result, result_of
from mnist_core.classroom.class_test_set import to_npz
from mnist_core.config import CLASSIC, NetworkConfig
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import Parameters, initial_parameters
from mnist_core.training.loop import train

BY_NAME = {challenge.name: challenge for challenge in CHALLENGES}


def result(job="run", units=32, updates=9_375, epochs=5, images=60_000, board=4_850, final=4_840):
    config = replace(CLASSIC, network=NetworkConfig((units,)))
    return Result(job, config, updates, epochs, images, Judged(board, 5_000), Judged(final, 5_000))


def names(board, challenge):
    return [standing.entry.name for standing in board.view().standings[challenge]]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Ada", "Ada"),
        ("  Ada   B.  ", "Ada B."),
        ("O\u2019Neill-7", "O'Neill-7"),
        ("e\u0301lise", "élise"),
        ("ﬁnn", "finn"),
        ("Ａｄａ", "Ada"),
        ("李小龙", "李小龙"),
        ("ليلى", "ليلى"),
        ("हिन्दी", "हिन्दी"),
        ("Nguyễn", "Nguyễn"),
        ("a" * MAX_NAME, "a" * MAX_NAME),
    ],
)
def test_a_name_is_letters_of_any_script_digits_and_little_else(typed, name):
    assert clean_name(typed) == name


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "...",
        "a" * (MAX_NAME + 1),
        "\ufdfa" * 3,  # one character that becomes eighteen
        "a" * 100_000,
        "<b>Ada</b>",
        "**Ada**",
        "[a](b)",
        "Ada\nB",
        "Ada\tB",
        "Ada\x00",
        "Ada\u202eadA",  # turns the direction of writing
        "Ada\u200b",
        "A\u200dda",
        "\u3164\u3164",  # letters that show nothing
        "Ada\ufe0f",
        "a\u0301\u0302\u0303\u0304\u0305",  # marks stacked on a letter
        "\u0301a",
        "Ada\u2028",
        "😀",
        "Ada; DROP",
        "a\ud800",
    ],
)
def test_other_names_are_refused_in_a_sentence(typed):
    with pytest.raises(EntryError, match=r"^A name .*\.$"):
        clean_name(typed)


@given(st.text(max_size=40))
def test_a_name_that_is_let_through_is_short_visible_and_stays_as_it_is(typed):
    try:
        name = clean_name(typed)
    except EntryError:
        return
    assert 1 <= len(name) <= MAX_NAME
    assert clean_name(name) == name
    assert not set(name) & set("<>*_[]`$:\\|&\n\r\t")
    assert name == name.strip()
    assert name.isprintable()


def test_the_smallest_network_wins_then_the_more_accurate_then_the_earlier():
    board = Board()
    board.enter("a", "large", result("1", units=32, board=4_900))
    board.enter("b", "small", result("2", units=10, board=4_760))
    board.enter("c", "small and better", result("3", units=10, board=4_800))
    board.enter("d", "small and later", result("4", units=10, board=4_760))
    places = board.enter("e", "tiny", result("5", units=1, board=4_750))  # 95%, not more
    assert names(board, "smallest") == ["small and better", "small", "small and later", "large"]
    assert places["smallest"] == "it reads 95.0% of the board's half correctly, and needs more than 95%."


def test_an_accuracy_that_rounds_to_the_mark_is_said_to_be_below_it():
    places = Board().enter("a", "nearly", result("1", board=4_749))  # 94.98%
    assert (
        places["smallest"]
        == "it reads just under 95.0% of the board's half correctly, and needs more than 95%."
    )


def test_each_challenge_takes_only_its_own_runs():
    board = Board()
    assert set(BY_NAME) == {"smallest", "fastest", "one epoch", "few images"}
    assert [key for key, why in board.enter("a", "a", result(board=4_850)).items() if not why] == [
        "smallest",
        "fastest",
    ]
    places = board.enter("b", "b", result("1", epochs=1, updates=1_875, board=4_700))
    assert [key for key, why in places.items() if not why] == ["one epoch"]
    few = board.enter("c", "c", result("2", images=1_000, board=4_400))
    assert [key for key, why in few.items() if not why] == ["few images"]
    assert few["one epoch"] == "it was trained for 5 epochs, not for one."
    assert places["few images"] == "it was trained with 60,000 images, and 1,000 are allowed."
    many = board.enter("d", "d", result("3", images=1_001, board=4_400))
    assert all(many.values())


def test_the_mark_is_in_the_challenges_that_it_meets_and_must_be_beaten():
    board = Board()
    board.set_mark(result("classic"))
    board.enter("a", "as good", result("1"))
    board.enter("b", "smaller", result("2", units=31))
    standings = board.view().standings
    assert [s.entry.name for s in standings["smallest"]] == ["smaller", "Classic network", "as good"]
    assert [s.entry.is_mark for s in standings["smallest"]] == [False, True, False]
    assert standings["one epoch"] == ()
    with pytest.raises(EntryError, match="taken"):
        board.enter("c", "classic NETWORK", result("3"))
    board.remove(0)
    assert len(board.view().standings["smallest"]) == 3


def test_a_visit_keeps_its_best_entry_only():
    board = Board()
    board.enter("a", "Ada", result("1", units=11))
    assert "better" in board.enter("a", "Ada", result("2", units=12))["smallest"]
    assert names(board, "smallest") == ["Ada"]
    board.enter("a", "Ada", result("3", units=10))
    assert [s.entry.result.job_id for s in board.view().standings["smallest"]] == ["3"]
    assert board.enter("a", "Ada", result("3", units=10))["smallest"] == ""


def test_a_new_name_is_on_all_entries_and_nobody_else_may_take_it():
    board = Board()
    board.enter("a", "Ada", result("1"))
    board.enter("a", "Bea", result("1"))
    assert {names(board, "smallest")[0], names(board, "fastest")[0]} == {"Bea"}
    with pytest.raises(EntryError, match="taken"):
        board.enter("b", "bEA", result("2"))
    board.enter("b", "Ada", result("2"))


def test_the_host_takes_somebody_off_and_the_name_stays_refused():
    board = Board()
    board.enter("a", "rude", result("1"))
    board.enter("b", "Bea", result("2"))
    board.remove(board.view().standings["smallest"][0].entry.number)
    assert names(board, "smallest") == names(board, "fastest") == ["Bea"]
    with pytest.raises(EntryError, match="taken"):
        board.enter("c", "Rude", result("3"))
    board.enter("a", "Ada", result("1"))
    assert names(board, "smallest") == ["Bea", "Ada"]


def test_the_other_half_judges_at_the_end_and_nothing_enters_after_it():
    board = Board()
    board.enter("a", "lucky", result("1", units=9, board=4_760, final=4_700))
    board.enter("b", "steady", result("2", units=10, board=4_760, final=4_770))
    assert names(board, "smallest") == ["lucky", "steady"]
    board.finish()
    view = board.view()
    assert view.is_final
    assert names(board, "smallest") == ["steady", "lucky"]
    assert [standing.is_refused for standing in view.standings["smallest"]] == [False, True]
    assert view.standings["smallest"][0].judged == Judged(4_770, 5_000)
    with pytest.raises(EntryError, match="has ended"):
        board.enter("c", "late", result("3"))


def test_a_board_is_bounded_and_can_be_forgotten():
    board = Board()
    for number in range(MAX_ENTRANTS):
        board.enter(f"{number}", f"n{number}", result(f"{number}"))
    with pytest.raises(EntryError, match="no more"):
        board.enter("one more", "one more", result())
    board.enter("7", "n7", result("better", units=9))
    board.clear()
    assert names(board, "smallest") == []


@pytest.fixture(scope="module")
def trained(sample):
    training = replace(CLASSIC.training, epochs=1, n_training_images=400, validation_share=0.1, seed=3)
    return train(replace(CLASSIC, network=NetworkConfig((8,)), training=training), sample)


def test_a_run_is_judged_on_two_halves_that_share_no_image(trained, sample):
    evaluation = evaluate(trained.parameters, sample.test_images, sample.test_labels)
    outcome = result_of("job", trained, evaluation)
    even, odd = (
        evaluate(trained.parameters, sample.test_images[start::2], sample.test_labels[start::2])
        for start in (0, 1)
    )
    assert (outcome.board.n_right, outcome.board.n_images) == (even.n_right, 500)
    assert (outcome.final.n_right, outcome.final.n_images) == (odd.n_right, 500)
    assert outcome.n_parameters == 784 * 8 + 8 + 8 * 10 + 10
    assert (outcome.n_updates, outcome.epochs, outcome.n_images) == (-(-360 // 32), 1, 400)
    assert outcome.board.interval == wilson_interval(even.n_right, 500)


def test_a_paused_or_diverged_run_is_refused_in_a_sentence(trained, sample):
    evaluation = evaluate(trained.parameters, sample.test_images, sample.test_labels)
    with pytest.raises(ChallengeError, match="is paused"):
        result_of("job", replace(trained, is_stopped=True), evaluation)
    parameters = trained.parameters
    infinite = Parameters(
        (parameters.weights[0] * np.float32(np.inf), parameters.weights[1]), parameters.biases, "relu"
    )
    with pytest.raises(ChallengeError, match="without limit"):
        result_of("job", replace(trained, parameters=infinite), evaluation)
    not_finite = evaluate_logits(np.full((10, 10), np.nan, np.float32), np.arange(10))
    with pytest.raises(ChallengeError, match="without limit"):
        result_of("job", trained, not_finite)


def test_drawings_are_judged_as_test_images_are(trained, sample):
    images, labels = sample.test_images[::7], sample.test_labels[::7]
    judged = evaluate(trained.parameters, images, labels)
    probabilities = trained.parameters.probabilities(network_inputs(images))
    assert judged.predictions.tolist() == probabilities.argmax(axis=1).tolist()
    assert judged.report.n_right == judged.n_right == (probabilities.argmax(axis=1) == labels).sum()
    with pytest.raises(ValueError, match="no images"):
        evaluate(trained.parameters, images[:0], labels[:0])
    shuffled = evaluate(initial_parameters(NetworkConfig((8,)), 0), images, labels, "shuffled")
    expected = initial_parameters(NetworkConfig((8,)), 0).logits(network_inputs(images, "shuffled"))
    assert shuffled.predictions.tolist() == expected.argmax(axis=1).tolist()


def test_the_file_of_a_wall_is_read_by_numpy_without_pickle(sample):
    images, labels = sample.test_images[:30], sample.test_labels[:30]
    with np.load(io.BytesIO(to_npz(images, labels)), allow_pickle=False) as file:
        assert sorted(file.files) == ["x_test", "y_test"]
        assert (file["x_test"].dtype, file["x_test"].shape) == (np.uint8, (30, 28, 28))
        assert (file["y_test"].dtype, file["y_test"].shape) == (np.uint8, (30,))
        assert np.array_equal(file["x_test"], images)
        assert np.array_equal(file["y_test"], labels)
