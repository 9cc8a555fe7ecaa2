"""Training on own digits from the draw page: how, while it goes, and before and after side by side."""

from typing import Final

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.session import resources, visits
from dashboard.session.watching import watching
from dashboard.widgets import current_run, tables, text_elements
from dashboard.widgets.beside import in_order
from dashboard.widgets.controls import PERSIST, primary_button, segmented_choice
from mnist_core.analysis.taught import BeforeAfter, compare
from mnist_core.arrays import ByteArray
from mnist_core.engine.jobs import EngineBusyError, JobState
from mnist_core.figures.digits import framed
from mnist_core.figures.style import share_text, with_article
from mnist_core.images.mixture import SHARES, USUAL_SHARE, Mixture, Source
from mnist_core.images.own_digits import OwnDigits
from mnist_core.network.parameters import Parameters
from mnist_core.training import teaching
from mnist_core.training.teaching import Lesson

EPOCHS: Final = (1, 2, 3, 5)
"""For which a run goes on, to choose from."""
SHOWN: Final = 30
"""Images that changed and are shown."""
FEW: Final = 200
"""Test images from which on their number need not be excused."""
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_REFUSED: Final = "teaching_refused"
_WAYS: Final = {"go on": "Go on from the run shown", "anew": "Train anew"}


def training(current: resources.TrainedRun, digits: OwnDigits) -> None:
    """How a network is trained on own digits, and the button; while it trains, how far it is."""
    words = read_lesson("lab", "teach")
    if is_under_way("visit"):
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="own_training"):
        way = segmented_choice("From where", _WAYS, "own_way", **PERSIST)
        share = share_slider("own_share")
        lesson: Lesson | None = teaching.anew(current.record)
        if way == "go on":
            epochs = st.select_slider(
                "For how many epochs", EPOCHS, 3, key="own_epochs", width=160, **PERSIST
            )
            lesson = teaching.further(current.record, epochs)
        teaches = any(not digit.is_test for digit in digits)
        mixture = Mixture.of(digits, share) if teaches else None
        teach_button("Train on them", "own_train", current, mixture, lesson)
    text_elements.note(words["cannot go on" if lesson is None else way])
    show_refusal()


def share_slider(key: str, label: str = "Own images in each epoch") -> float:
    """Which share of the images of an epoch is own."""
    return float(
        st.select_slider(
            label, SHARES, USUAL_SHARE, key=key,
            format_func=lambda share: f"{100 * share:g}%", width=220, **PERSIST,
        )
    )  # fmt: skip


def teach_button(
    label: str, key: str, current: resources.TrainedRun, mixture: Mixture | None, lesson: Lesson | None
) -> None:
    """The button that begins a training with own images; without any, or without a way, it is off.

    Args:
        label: What it says.
        key: Of the element.
        current: The run that is taught.
        mixture: The own images; its first epoch is the lesson's.
        lesson: What is trained.
    """

    def begin() -> None:
        if mixture is not None and lesson is not None:
            _begin(current, teaching.mixed(mixture, lesson, mixture.share), lesson)

    is_off = mixture is None or lesson is None
    primary_button(label, ":material/model_training:", key, disabled=is_off, on_click=begin)


def _begin(current: resources.TrainedRun, mixture: Mixture, lesson: Lesson) -> None:
    visit, engine, images = visits.current_visit(), resources.engine(), current.dataset.with_mixture(None)
    before = engine.finished_job_for(teaching.untaught(current.record).key(images.fingerprint))
    beginning = before if before is not None and lesson.first_epoch > 1 else ""
    try:
        job_id = engine.submit(lesson.config, images.with_mixture(mixture), visit.name, beginning=beginning)
    except EngineBusyError as error:
        st.session_state[_REFUSED] = str(error)
        return
    visit.add_run(job_id)
    visit.teaching = {**visit.teaching, mixture.source: job_id}


def show_refusal() -> None:
    """Why a training was not begun, or failed; once."""
    if refused := st.session_state.pop(_REFUSED, ""):
        st.info(refused, icon=":material/info:")


def is_under_way(source: Source) -> bool:
    """Whether this visit trains on images of a kind; if so, how far it is stands on the page."""
    job_id = visits.current_visit().teaching.get(source)
    if job_id is None:
        return False
    _progress(job_id, source)
    return True


@watching(0.5)
def _progress(job_id: str, source: Source) -> None:
    view = resources.engine().view(job_id)
    if view is None or view.state.is_final:
        visit = visits.current_visit()
        visit.teaching = {other: job for other, job in visit.teaching.items() if other != source}
        if view is None:  # its server was lost, and its images are not there to train it again
            st.session_state[_REFUSED] = read_lesson("lab", "teach")["lost"]
        elif view.state is JobState.FAILED:
            st.session_state[_REFUSED] = view.error
        elif resources.engine().record(job_id) is not None:
            visit.show_run(job_id)
        st.rerun()
    st.progress(current_run.fraction(view), text=current_run.status(view))
    st.button("Pause", icon=":material/pause:", key=f"stop_{source}", on_click=_stop, args=(job_id,))


def _stop(job_id: str) -> None:
    resources.engine().stop(job_id, visits.current_visit().name)


def outcome(current: resources.TrainedRun) -> None:
    """What the run shown has learned from this visit's digits, and what it forgot; nothing for other runs."""
    mixture = current.record.mixture
    if mixture is None or mixture.source != "visit" or current.job_id not in visits.current_visit().runs:
        return
    st.subheader("Before and after")
    show(current, "Your")


def show(current: resources.TrainedRun, whose: str, *, is_narrow: bool = False) -> BeforeAfter | None:
    """Before and after side by side, on own test images and on MNIST's, and the images that changed.

    Args:
        current: A taught run.
        whose: Its own images are, as a sentence begins.
        is_narrow: It stands in a column, where a table has no room beside pictures.

    Returns:
        The comparison on the own test images, if there is one.
    """
    words, before, mixture = read_lesson("lab", "teach"), _network_before(current), current.record.mixture
    if before is None or mixture is None:
        st.info(words["no before"], icon=":material/info:")
        return None
    if current.record.has_diverged:
        st.info(words["diverged"], icon=":material/trending_up:")
        return None
    images, labels = current.dataset.test_images, current.dataset.test_labels
    on_mnist = _compared(current.job_id, "mnist", current, before, images, labels)
    rows = {f"The usual {len(on_mnist.labels):,} test images": on_mnist}
    on_own = None
    if len(mixture.test_labels):
        own = mixture.test_images, mixture.test_labels
        on_own = _compared(current.job_id, "own", current, before, *own)
        n = len(on_own.labels)
        rows = {f"{whose} {f'{n:,} test images' if n > 1 else 'only test image'}": on_own} | rows
    table, pictures = (st.container(), st.container()) if is_narrow else in_order(0.5)
    with table:
        _accuracies(rows)
        if on_own is None:
            text_elements.note(words["no test"])
        elif len(on_own.labels) < FEW:
            text_elements.note(words["few"])
        won, lost = len(on_mnist.won), len(on_mnist.lost)
        counts = {"n": f"{len(on_mnist.labels):,}", "won": won, "lost": lost}
        st.markdown(words["forgotten"].format(**counts))
    with pictures:
        if on_own is not None:
            _changed(
                f"{whose} test images that changed", on_own, mixture.test_images, words["nothing changed"]
            )
        _changed("Usual test images that were lost", on_mnist, images, "", only_lost=True)
    return on_own


def _accuracies(rows: dict[str, BeforeAfter]) -> None:
    """A table of accuracies with their intervals."""
    cells: dict[str, list[str]] = {"Read correctly": list(rows), "Before": [], "After": []}
    for both in rows.values():
        for name, n_right, interval in zip(("Before", "After"), both.n_right, both.intervals, strict=True):
            between = f"{100 * interval.low:.1f} to {100 * interval.high:.1f}%".replace(" ", _NO_BREAK)
            cells[name].append(f"**{share_text(n_right / len(both.labels))}** ({between})")
    tables.word_table(cells, alt="Accuracies before and after, with their 95% intervals")
    st.caption("In brackets: the 95% interval (Wilson).")


def _changed(
    title: str, both: BeforeAfter, images: ByteArray, otherwise: str, only_lost: bool = False
) -> None:
    places = both.lost if only_lost else both.changed
    if not len(places):
        if otherwise:
            text_elements.note(otherwise)
        return
    shown = places[: SHOWN // 3 if only_lost else SHOWN]
    more = f", {len(shown)} of {len(places)}" if len(shown) < len(places) else ""
    st.markdown(f"**{title}{more}**")
    told = [(int(both.labels[n]), int(both.before[n]), int(both.after[n])) for n in shown]
    digits = [tuple(map(with_article, three)) for three in told]
    st.image(
        [framed(images[n]) for n in shown],
        caption=[f"{first} → {second}{' ✓' if second == label else ''}" for label, first, second in told],
        alt=[f"{own.capitalize()}, read as {old} before and as {new} after" for own, old, new in digits],
        width=64,
    )


def _network_before(current: resources.TrainedRun) -> Parameters | None:
    """The network of the same run without own images, or as it was before them; None if it is not kept."""
    before = teaching.network_before(current.record)
    if before is not None:
        return before
    job_id = resources.engine().finished_job_for(
        current.record.config.key(current.dataset.origin.fingerprint)
    )
    record = resources.engine().record(job_id) if job_id is not None else None
    return None if record is None else record.parameters


@st.cache_resource(show_spinner=False, max_entries=40)
def _compared(
    job_id: str,
    kind: str,
    _current: resources.TrainedRun,
    _before: Parameters,
    _images: ByteArray,
    _labels: ByteArray,
) -> BeforeAfter:
    """Two networks on test images of a kind, "mnist" or "own", compared once for each run."""
    record = _current.record
    return compare(_before, record.parameters, _images, _labels, record.config.training.preparation)
