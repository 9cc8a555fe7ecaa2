"""Loss: minus the logarithm of what the true digit got, for one image and for all."""

import math
from collections.abc import Callable

import pandas as pd
import streamlit as st

from dashboard.learn import lesson_frame, parts, shared_results
from dashboard.session import choices
from dashboard.widgets import charts, image_choice, tables, text_elements
from dashboard.widgets.beside import WIDE_CONTROLS, beside, in_order
from dashboard.widgets.controls import PERSIST, segmented_choice
from mnist_core.figures.digits import digit_figure, table_pictures
from mnist_core.figures.lessons import loss as figures
from mnist_core.figures.style import share_text, with_article, with_minus
from mnist_core.lessons.loss import (
    GUESSING_LOSS,
    CostSlopes,
    ImageLoss,
    categorical_cross_entropy,
    compare_costs,
    cost_curve,
    cost_steps,
    explain,
    log_softmax,
    negative_log,
)
from mnist_core.network.parameters import cross_entropy

WHAT_IFS = (1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.05, *(k / 10 for k in range(1, 10)), 0.95, 0.99, 0.999)
COMPARED = (0.5, 0.1, 0.01, 0.001, 0.0001)
DIGIT_HEIGHT = 120  # pixels
SHOWN = 5  # images at each end
LARGEST_LOSS = 700  # nats, beyond which e to the minus of it is no number of a computer
FAR_ABOVE = 3  # times the median, from where on few images make the mean
MISPLACED = 4  # nats of an untrained network, far above ln 10
N_TOGETHER = 10  # images whose probabilities are multiplied
WIDTHS = {"Image": 54, "Read": 58, "p": 104, "Loss": 82, "No.": 52}  # pixels, to fit on a phone
FIRST_POINTS = 40  # of the training curve


def one_image() -> None:
    controls, picture = beside("image", WIDE_CONTROLS)
    with controls:
        number = image_choice.pick_image(evaluation.labels, evaluation.mistakes)
        image = explained_image(number)
        title = f"Test image {number}: {with_article(image.label)}, read as {with_article(image.prediction)}"
        charts.draw("loss_digit", digit_figure, current.dataset.test_images[number], title, DIGIT_HEIGHT)
        st.markdown(lesson["one image"])
    with picture:
        p = figures.tex(image.p, image.rest) if image.p else rf"e^{{-{image.loss:.0f}}}"
        st.latex(rf"-\ln({p}) \approx \mathbf{{{figures.tex(image.loss)}}}")
        charts.draw("loss_outputs", figures.outputs_figure, image)
        text_elements.note(lesson["units"])


@st.fragment
def what_if() -> None:
    image = explained_image(chosen())
    controls, picture = beside("curve", WIDE_CONTROLS)
    with controls:
        st.markdown(lesson["curve"])
        p = parts.pick_value("What if p were …", WHAT_IFS, 0.5, "loss_p")
        axis = segmented_choice("Axis of p", ("linear", "logarithmic"), "loss_axis", **PERSIST)
    points = (image.p, image.loss), (p, negative_log(p))
    logarithm, square = picture.tabs(["−ln p", "Beside the square (1 − p)²"])
    with logarithm:
        shown = cost_curve(image.loss), *points, GUESSING_LOSS, axis == "logarithmic"
        charts.draw("loss_curve", figures.cost_figure, *shown)
        parts.read_below(lesson["confidently wrong"], controls=logarithm)
    with square:
        slopes = compare_costs(p)
        charts.draw("loss_push", figures.push_figure, p, slopes)
        write_slopes(slopes)
        parts.read_below(lesson["squared"], code=[compare_costs], controls=square)
    rows = cost_steps(COMPARED)
    table = {
        "p": [f"{row.p:g}" for row in rows],
        "Loss (nats)": [figures.plain(row.cost) for row in rows],
        "More than above": [tables.MISSING if row.more is None else f"+{row.more:.3f}" for row in rows],
    }
    with controls:
        tables.word_table(table, border="horizontal")


def write_slopes(slopes: tuple[CostSlopes, CostSlopes]) -> None:
    """The numbers of both rules at the p that was chosen."""
    table = {
        "Rule": ["−ln p", "(1 − p)²"],
        "Loss": [figures.plain(each.cost) for each in slopes],
        "Slope at p": [with_minus(f"{each.at_p:.3f}") for each in slopes],
        "Slope at the logit": [with_minus(f"{each.at_logit:.3f}") for each in slopes],
    }
    tables.word_table(table, border="horizontal")


def two_spellings() -> None:
    image = explained_image(chosen())
    left, right = in_order(0.5)
    left.markdown(lesson["two spellings"])
    left.markdown(lesson["sparse"])
    sparse = rf"-\ln p_{image.label} = \mathbf{{{figures.tex(image.sparse_loss)}}}"
    left.markdown(rf"$y = {image.label}$, so the loss is ${sparse}$ nats")
    left.markdown(lesson["one-hot"])
    ones = ", ".join(f"{y:.0f}" for y in image.one_hot)
    left.markdown(rf"$y = ({ones})$, so the loss is the sum of ten terms.")
    with right:
        charts.draw("loss_terms", figures.terms_figure, image)
    terms = [rf"{{{y:.0f} \cdot {figures.tex(c)}}}" for y, c in zip(image.one_hot, image.costs, strict=True)]
    terms[image.label] = rf"\mathbf{{{terms[image.label]}}}"
    total = rf"\mathbf{{{figures.tex(image.loss)}}}"
    right.markdown(rf"$\sum_k y_k \, (-\ln p_k) =$ ${' + '.join(terms)}$ $= {total}$ nats")
    code = cross_entropy, log_softmax, categorical_cross_entropy
    parts.read_below(lesson["from logits"], code=code, controls=left)


def images_table(numbers: list[int], key: str) -> None:
    test_images = current.dataset.test_images
    columns = {
        "Image": table_pictures(test_images[numbers]),
        "Read": [f"{evaluation.labels[i]} as {evaluation.predictions[i]}" for i in numbers],
        "p": [figures.plain(explained.p, explained.rest) for explained in map(explained_image, numbers)],
        "Loss": [
            figures.plain(loss) for loss in shared_results.spread_of(current.job_id, current).losses[numbers]
        ],
        "No.": numbers,
    }
    config: dict[str, object] = {name: st.column_config.Column(width=n) for name, n in WIDTHS.items()}
    config["Image"] = st.column_config.ImageColumn(width=WIDTHS["Image"])
    tables.data_table(pd.DataFrame(columns), config, key, row_height=60)


def chosen() -> int:
    """The test image that all pages show."""
    return min(int(choices.get("image")), evaluation.n_images - 1)


def explained_image(number: int) -> ImageLoss:
    return explain(evaluation.logits[number], int(evaluation.labels[number]))


def all_images() -> None:
    losses = shared_results.spread_of(current.job_id, current)
    controls, picture = beside("all", WIDE_CONTROLS, is_pinned=False)
    with controls:
        spread = lesson["few large" if losses.mean > FAR_ABOVE * losses.median else "many large"]
        half = {"n_half": losses.n_half, "share_half": 100 * losses.n_half / evaluation.n_images}
        st.markdown(lesson["all images"].format(spread=spread.format(**half)))
        text_elements.metrics(
            {
                "Mean: the test loss (nats)": figures.plain(losses.mean),
                "Median (nats)": figures.plain(losses.median),
                "Misread": f"{100 - 100 * evaluation.accuracy:.1f}%",
            }
        )
        st.markdown(lesson["logarithms add"].format(n=N_TOGETHER))
        total = float(losses.losses[:N_TOGETHER].sum())
        product = figures.tex(math.exp(-total), -math.expm1(-total)) if total < LARGEST_LOSS else r"0.00\dots"
        factors = rf"p_0 \cdot p_1 \cdots p_{{{N_TOGETHER - 1}}}"
        st.latex(rf"-\ln({factors}) = -\ln({product}) \approx {figures.tex(total)}")
    spreading, smallest, largest = picture.tabs(["How they are spread", "Smallest losses", "Largest losses"])
    with spreading:
        inputs = losses, GUESSING_LOSS
        charts.draw_of("loss_spread", current.job_id, "loss spread", figures.spread_figure, *inputs)
        st.markdown(lesson["limits"])
    with smallest:
        st.markdown(lesson["smallest"])
        images_table(losses.order[:SHOWN].tolist(), "loss_smallest")
    with largest:
        st.markdown(lesson["largest"])
        images_table(losses.order[: -SHOWN - 1 : -1].tolist(), "loss_largest")


def guessing() -> None:
    history, untrained = record.history, shared_results.untrained_loss(current.job_id, current)
    steps, losses = history.curve_step[:FIRST_POINTS], history.curve_loss[:FIRST_POINTS]
    controls, picture = beside("guessing", WIDE_CONTROLS, is_pinned=False)
    starts = {
        "Guessing: ln 10 (nats)": f"{GUESSING_LOSS:.3f}",
        "Untrained network, test images": f"{untrained:.3f}",
    }
    if len(steps):
        starts["First point of the training curve"] = f"{losses[0]:.3f}"
    with controls:
        text_elements.metrics(starts)
        st.markdown(lesson["guessing"])
        if untrained > MISPLACED:
            st.markdown(lesson["far above"])
    with picture:
        charts.draw("loss_start", figures.start_figure, steps, losses, untrained, GUESSING_LOSS)
        if len(steps):
            part = "first batch" if steps[0] == 1 else "first point"
            text_elements.note(lesson[part].format(updates=f"{steps[0]:.0f}"))
        if record.config.training.l2:
            text_elements.note(lesson["l2"])


@st.fragment
def accuracy() -> None:
    losses = shared_results.spread_of(current.job_id, current)
    controls, picture = beside("accuracy", WIDE_CONTROLS)
    with controls:
        temperature = parts.pick_value("Temperature T", shared_results.TEMPERATURES, 1.0, "loss_t")
        judged = shared_results.judged_at(current.job_id, current)
        shown = judged[temperature]
        text_elements.metrics(
            {"Test accuracy": share_text(shown.accuracy), "Test loss (nats)": f"{shown.loss:.3f}"}
        )
        st.markdown(lesson["temperature"])
    by_temperature, pair = picture.tabs(["All images, at a temperature", "Two images read correctly"])
    with by_temperature:
        means = {t: each.loss for t, each in judged.items()}
        charts.draw("loss_temperature", figures.temperature_figure, means, temperature)
        is_best_at_one = min(means, key=means.__getitem__) == 1
        st.markdown(lesson["best at one" if is_best_at_one else "best elsewhere"])
    with pair:
        if losses.surest_right is not None and losses.least_sure_right is not None:
            st.markdown(lesson["same accuracy"])
            images_table([losses.surest_right, losses.least_sure_right], "loss_pair")


lesson = lesson_frame.begin("loss")
current = lesson_frame.network("loss", lesson)
record, evaluation = current.record, current.evaluation
sections: dict[str, Callable[[], None]] = {}
if record.has_diverged or not evaluation.is_finite:
    st.warning(lesson["diverged"], icon=":material/warning:")
else:
    sections |= {
        "The loss of one image": one_image,
        "Along the curve": what_if,
        "Sparse and categorical cross-entropy: one loss": two_spellings,
        "The loss of all test images": all_images,
        "Where the loss starts: at guessing": guessing,
        "Loss is not accuracy": accuracy,
    }
lesson_frame.show("loss", lesson, sections, current)
