"""Draw: a digit of the visitor's own, how it is prepared, what it is read as, and what changes that."""

import numpy as np
import streamlit as st

from dashboard.components.bars import READ, UNSURE, answer_bars
from dashboard.components.canvas import canvas
from dashboard.elements.live_region import announced
from dashboard.elements.prose import read_lesson
from dashboard.lab import draw, nudges, photograph, teach
from dashboard.lab.evidence import evidence_of
from dashboard.lab.fooling import fool
from dashboard.session import present
from dashboard.widgets import current_run, network, text_elements
from dashboard.widgets.controls import PERSIST, segmented_choice
from mnist_core.analysis.neighbours import Neighbours
from mnist_core.bounds import MAX_PHOTOGRAPH_BYTES
from mnist_core.figures.digits import framed
from mnist_core.figures.lab.drawing import image_picture
from mnist_core.figures.style import article, share_text
from mnist_core.images.doubt import Doubt, find_doubt, may_be_an_edge
from mnist_core.images.drawing import Prepared, prepare_like_mnist
from mnist_core.images.preparation import IMAGE_SHAPE, network_inputs
from mnist_core.images.sharp_turns import MOST_OF_A_DIGIT

SOURCES = {"canvas": "Draw", "file": "Upload a photo", "camera": "Camera"}
MIND, EVIDENCE, FOOL, WAY, PREPARATION, NEAREST = (
    "Where the answer changes",
    "Evidence",
    "Fool it",
    "Through the network",
    "The preparation",
    "Nearest images",
)
PARTS = {
    MIND: ":material/tune:",
    EVIDENCE: ":material/balance:",
    FOOL: ":material/psychology_alt:",
    WAY: ":material/hub:",
    PREPARATION: ":material/crop:",
    NEAREST: ":material/image_search:",
}
FILES = ["png", "jpg", "jpeg", "jfif", "mpo", "heic", "heif", "webp"]
GIVEN = 56  # pixels of the image above the parts of the page
LIMIT = f"PNG, JPEG, HEIC or WebP, up to {MAX_PHOTOGRAPH_BYTES // 10**6} MB"


@st.fragment
def follow_the_pen() -> None:
    """The digit and all that is said of it; a stroke of the pen runs this and no more."""
    with st.container(horizontal=True, vertical_alignment="center", key="draw_top"):
        current_run.run_caption(current)
        source = segmented_choice(
            "Where the digit comes from", SOURCES, "draw_source", is_labelled=False, **PERSIST
        )
    with st.container(key="draw_stage"):
        answer, pad, about = (st.container(key=f"draw_{name}") for name in ("answer", "pad", "about"))
    is_plain = about.toggle("Leave out the preparation", key="draw_plain", **PERSIST)
    picture = drawing.picture(source)
    prepared = None if picture is None else prepare_like_mnist(picture)
    image = None if prepared is None else prepared.shrunk if is_plain else prepared.image
    with answer:
        reading, doubt = show_answer(image, source, None if is_plain else prepared)
        if present.is_phone():  # which keeps both in view, above all that is said of them
            show_given(image)
    with pad:
        source_control(source)
    with about:
        is_asked = source == "canvas" and image is None
        if drawing.problem and source == "canvas":
            st.warning(drawing.problem, icon=":material/undo:")
        if prepared is not None and reading is not None:
            teach.correction(prepared.image, reading, drawing.strokes if source == "canvas" else ())
        words = lesson["what to do" if is_asked else f"doubt {doubt}" if doubt else "outputs"]
        if doubt == "scribble":
            words = words.format(most=MOST_OF_A_DIGIT)
        text_elements.note(f"{words} {lesson['not asked']}" if is_plain and not is_asked else words)
    if prepared is not None and image is not None and reading is not None:
        draw.yield_to_sender()
        with st.container(key="draw_shown"):
            show_part(prepared, image, is_plain, drawing.read(source))


def source_control(source: draw.DrawingSource) -> None:
    """The canvas, or a control that takes a photograph."""
    if source == "canvas":
        canvas(drawing.strokes, drawing.revision, key="draw_canvas", on_change=drawing.receive)
        st.button("Draw one for me", on_click=drawing.draw_sample, key="draw_sample")
        return
    key = f"draw_{source}"
    options = {"key": key, "on_change": lambda: drawing.read_file(source, st.session_state.get(key))}
    if source == "file":
        st.file_uploader(f"A photograph of a digit: {LIMIT}", FILES, **options)
    elif photograph.can_use_camera():
        st.camera_input("A photograph of a digit", **options)
    else:
        st.info(lesson["no camera"], icon=":material/no_photography:")
    if isinstance(drawing.photographs.get(source), str):
        st.error(drawing.photographs[source], icon=":material/broken_image:")
    read = drawing.read(source)
    if read is None:
        st.caption(f"{lesson['file']} {lesson['other files']}" if source == "file" else lesson["file"])
    else:
        photograph.show_found(read, key, lesson)


def show_answer(
    image: np.ndarray | None, source: draw.DrawingSource, prepared: Prepared | None
) -> tuple[int | None, Doubt | None]:
    """The ten outputs for an image, or the same frame with nothing in it.

    Returns:
        Which digit is read, if any, and why a prepared image deserves no sure answer.
    """
    is_refused = isinstance(drawing.photographs.get(source), str)
    empty = lesson["empty" if source == "canvas" else "nothing read" if is_refused else "no photograph"]
    if image is None:
        with announced("", "draw"):
            answer_bars(None, empty, key="draw_outputs")
        return None, None
    with np.errstate(all="ignore"):  # weights that grew without bound
        probabilities = parameters.probabilities(network_inputs(image[None], preparation))[0]
    if not np.isfinite(probabilities).all():
        st.info(lesson["not finite"], icon=":material/trending_up:")
        return None, None
    digit = int(probabilities.argmax())
    doubt = None if prepared is None else doubt_of(prepared, probabilities, source)
    said = f"{UNSURE if doubt else READ}{article(digit)} {digit}"
    share = "" if doubt else f", with a softmax output of {share_text(probabilities[digit])}"
    with announced(said + share, "draw"):
        answer_bars(probabilities, empty, doubt is None, key="draw_outputs")
    return digit, doubt


def show_given(image: np.ndarray | None) -> None:
    """The image beside its answer, small; black where there is none, so that nothing moves when there is."""
    alt = "No image yet." if image is None else "What the network is given."
    picture = image_picture(np.zeros(IMAGE_SHAPE, np.uint8) if image is None else image, alt)
    with st.container(key="draw_given"):
        st.image(picture.png, width=GIVEN, alt=picture.alt)


def doubt_of(prepared: Prepared, probabilities: np.ndarray, source: draw.DrawingSource) -> Doubt | None:
    """Why a drawing, or what was found on a photograph, deserves no sure answer; None if it does."""
    read = drawing.read(source)
    if read is not None and read.is_crowded:
        return "crowded"
    is_found = read is not None and not read.is_picked  # and not shown by the visitor
    if is_found and may_be_an_edge(read.frames[read.chosen], int(probabilities.argmax())):
        return "edge"
    return find_doubt(prepared, probabilities, drawing.strokes if source == "canvas" else ())


def show_part(
    prepared: Prepared, image: np.ndarray, is_plain: bool, read: photograph.ReadPhotograph | None
) -> None:
    """What there is to look at below the answer, one at a time."""
    part = text_elements.part_of_page("Look at", PARTS, "draw_part", is_labelled=False, is_low=True)
    if part == MIND:
        nudges.nudge_sliders(parameters, image, preparation)
    elif part == EVIDENCE:
        evidence_of(current, image)
    elif part == FOOL:
        fool(current, image, None)
    elif part == WAY:
        inputs = network_inputs(image[None], preparation)[0]
        network.explained(parameters, inputs, None, "your digit", "draw_network")
    elif part == PREPARATION:
        st.markdown(lesson["preparation"])
        show_steps(prepared, is_plain, read)
    else:
        nearest(image)


def show_steps(prepared: Prepared, is_plain: bool, read: photograph.ReadPhotograph | None) -> None:
    """Each step from the drawing to the network's input, as a picture and a sentence."""
    steps = draw.steps(prepared, is_plain, None if read is None else read.gray)
    for column, (name, step) in zip(st.columns(max(4, len(steps))), steps.items(), strict=False):
        with column:
            st.image(step.png, width=240, alt=step.alt)
            st.markdown(lesson[f"step {name}"])


def nearest(image: np.ndarray) -> None:
    """The training images that are most similar, by two measures."""
    st.markdown(lesson["nearest"])
    in_pixels, in_hidden = draw.nearest(current, image)
    row("In pixels", in_pixels)
    row("In the hidden layer", in_hidden)


def row(measure: str, neighbours: Neighbours) -> None:
    digit, count = neighbours.commonest
    st.markdown(
        f"**{measure}: {count} of the {len(neighbours.labels)} nearest images are {article(digit)} {digit}**"
    )
    pictures = [framed(current.dataset.train_images[n]) for n in neighbours.indices]
    captions = [
        f"{label} · {d:.2f}" for label, d in zip(neighbours.labels, neighbours.distances, strict=True)
    ]
    alts = [f"A training image of {article(label)} {label}." for label in neighbours.labels]
    st.image(pictures, caption=captions, width=present.scaled(84), alt=alts)


lesson = read_lesson("lab", "draw")
st.title(lesson.title)
current = current_run.require_run()
parameters, preparation = current.record.parameters, current.record.config.training.preparation
drawing = draw.SessionDrawing.of_session()
follow_the_pen()
teach.panel(current)
