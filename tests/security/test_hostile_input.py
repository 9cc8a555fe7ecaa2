"""What strangers may send, made up at random: it is taken as what it says, or refused in a sentence."""

import io
import json
import subprocess
import sys
import time
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from paths import ROOT
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from dashboard import site_map
from dashboard.components.canvas import strokes_of
from dashboard.components.network import checked_selection
from dashboard.elements.prose import find_terms, glossary
from dashboard.elements.untrusted import content_of, escape_markdown, is_whole, picked_point, picked_rows
from dashboard.lecture.addresses import AddressError, checked, reachable_address
from dashboard.lecture.tour import TourError, parse_position
from dashboard.session.choices import CHOICES
from mnist_core.bounds import (
    MAX_FOUND_DIGITS,
    MAX_NAME,
    MAX_POINTS,
    MAX_QUOTED,
    MAX_SETTINGS_BYTES,
    MAX_STROKES,
)
from mnist_core.classroom.boards import EntryError, clean_name
from mnist_core.classroom.members import RoomError
from mnist_core.classroom.rooms import Classrooms
from mnist_core.config import DEFAULT, NetworkConfig, RunConfig
from mnist_core.images.drawing import CANVAS, INKS, DrawingError, paint_weights, prepare_like_mnist, render
from mnist_core.images.photograph_files import PhotographError
from mnist_core.images.photographs import SHOWN_SIDE, Photograph, read_photograph
from mnist_core.settings import ConfigError
from mnist_core.take_home.settings_file import SettingsError, read_settings, to_settings

EVIL = (
    "[click](http://evil.test)", "![x](http://evil.test/x.png)", "<img src=x onerror=alert(1)>",
    "www.evil.test", "http://evil.test", "me@evil.test", "$\\frac12$", ":red[x] :material/home: :smile:",
    "# big", "**b** _i_ ~~s~~", "\u202eabc", "\ud800", "\x00\x1b[31m", "a\n\n- b\n\n    code",
    "| a |\n|---|\n| b |", "&lt;b&gt;", "`c`", "\\", "١٢", "٣.٥", "9" * 5_000, "1e999", "-0", "nan", "inf",
    "0x10", "1_0", "../../etc/passwd", "%00", "{0}", "' or 1",
)  # fmt: skip
texts = st.one_of(
    st.sampled_from(EVIL),
    st.text(st.characters(exclude_categories=()), max_size=60),
    st.lists(st.sampled_from([*EVIL, *"[]()!<>*_`$:#|\\ \n"]), max_size=6).map("".join),
)
numbers = st.one_of(
    st.integers(), st.floats(), st.sampled_from([10**400, -(10**400), 2**63, 0, 1, True, 280, 280.00001, 18])
)
anything = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
points = st.lists(numbers, min_size=2, max_size=2) | anything
strokes = (
    st.fixed_dictionaries(
        {"width": numbers, "points": st.lists(points, max_size=5) | anything}, optional={"ink": numbers}
    )
    | anything
)
markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@contextmanager
def in_a_sentence(kind):
    """What is refused with this error is refused in words that a page can show; the rest must be right."""
    try:
        yield
    except kind as error:
        words = str(error)
        if not 0 < len(words) <= 1_000 or "Traceback" in words:
            pytest.fail(f"no sentence: {words[:1_200]!r}")


def deep(levels):
    return "[" * levels + "]" * levels


@given(text=texts)
def test_a_parameter_of_a_link_is_a_value_that_is_allowed_or_refused(text):
    for name, choice in CHOICES.items():
        with in_a_sentence(ValueError):
            value = choice.parse(name, text)
            assert choice.allowed.allows(value), name


@settings(max_examples=200)
@given(value=anything)
def test_a_choice_never_holds_what_it_does_not_allow(value):
    for name, choice in CHOICES.items():
        if choice.allowed.allows(value):
            assert choice.parse(name, str(value)) == value, name


@given(tour=texts | st.sampled_from(["10", "30"]), step=texts)
def test_a_place_in_a_tour_is_one_that_there_is_or_refused(tour, step):
    with in_a_sentence(TourError):
        position = parse_position(tour, step)
        assert position.current_step


def inline(tokens):
    for token in tokens:
        yield token
        yield from inline(token.children or ())


@settings(max_examples=400)
@given(text=texts)
@example("www.evil.test").via("made a link by GitHub's Markdown")
@example("x" * 10_000).via("cut")
def test_words_of_a_stranger_are_shown_as_they_are_and_are_no_markdown(text):
    shown = escape_markdown(text)
    tokens = list(inline(markdown.parse(f"The link says {shown}.")))
    kinds = {token.type for token in tokens}
    assert kinds <= {"paragraph_open", "paragraph_close", "inline", "text", "text_special", "softbreak"}
    assert len(shown) <= 3 * (MAX_QUOTED + 2)
    assert "\n" not in shown
    assert not any(address in shown.lower() for address in ("www.", "://", "@e", ":red", ":mat", ":smile"))
    read = "".join(token.content for token in tokens if token.type in ("text", "text_special"))
    kept = [character for character in text[:MAX_QUOTED] if character.isalnum()]
    assert [character for character in read if character.isalnum()][11 : 11 + len(kept)] == kept


@given(sent=anything | st.lists(strokes, max_size=5).map(lambda some: {"strokes": some}))
@example({"strokes": [{"width": 18, "points": [[0, 0]] * 1_000_000}]}).via("more points than a drawing has")
@example({"strokes": [{"width": 18, "points": [[0, 0]]}] * 100_000}).via("more strokes")
@example(json.loads(deep(100))).via("deep")
def test_what_a_canvas_sends_is_a_drawing_or_refused(sent):
    with in_a_sentence(DrawingError):
        drawn = strokes_of(sent)
        assert len(drawn) <= MAX_STROKES
        assert all(0 <= place <= CANVAS for stroke in drawn for point in stroke.points for place in point)
        assert all(stroke.ink in INKS for stroke in drawn)
        prepare_like_mnist(render(drawn))
        assert abs(paint_weights(drawn)).max() <= 1


def test_the_largest_drawing_there_may_be_is_drawn_in_no_time():
    line = [[n % 280, (7 * n) % 280] for n in range(MAX_POINTS // MAX_STROKES)]
    begun = time.process_time()
    prepare_like_mnist(render(strokes_of({"strokes": [{"width": 60, "points": line}] * MAX_STROKES})))
    assert time.process_time() - begun < 2


@given(sent=anything)
def test_what_is_picked_is_one_of_what_there_is_or_nothing(sent):
    assert checked_selection(sent, NetworkConfig((3,))) is None or sent in (
        [layer, n] for layer in (0, 1) for n in range(10)
    )
    assert all(0 <= row < 5 for row in picked_rows({"selection": {"rows": sent}}, 5))
    for event in (
        sent,
        {"selection": sent},
        {"selection": {"points": sent}},
        {"selection": {"points": [sent]}},
    ):
        assert picked_rows(event, 5) == []
        picked_point(event)
    assert is_whole(sent, 3) == (type(sent) is int and sent in (0, 1, 2))
    assert content_of(sent) is None


@given(
    content=st.binary(max_size=300) | anything.map(lambda value: json.dumps(value).encode(errors="replace"))
)
@example(deep(5_000_000).encode()).via("ten megabytes")
@example(deep(MAX_SETTINGS_BYTES // 2).encode()).via("as deep as it fits")
@example(b"9" * MAX_SETTINGS_BYTES).via("a number too long")
def test_a_settings_file_is_settings_or_refused(content):
    with in_a_sentence(SettingsError):
        pytest.fail(f"{read_settings(content)} came of this")


@given(name=st.sampled_from(sorted(DEFAULT.to_dict())), value=anything)
def test_a_settings_file_with_one_strange_value_is_taken_only_if_it_may_be(name, value):
    written = {"format": 1, "settings": DEFAULT.to_dict() | {name: value}}
    with in_a_sentence(SettingsError):
        config = read_settings(json.dumps(written).encode())
        assert config.to_dict()[name] == value
        assert read_settings(to_settings(config).encode()) == config


@given(values=st.dictionaries(st.sampled_from(sorted(DEFAULT.to_dict())), anything))
def test_a_config_made_of_anything_is_refused_and_not_made(values):
    if values.keys() != DEFAULT.to_dict().keys():
        with pytest.raises(ConfigError):
            RunConfig.from_dict(values)


@given(typed=texts)
def test_a_name_on_the_board_shows_nothing_but_letters(typed):
    with in_a_sentence(EntryError):
        name = clean_name(typed)
        assert 1 <= len(name) <= MAX_NAME
        assert not set(name) & set("<>[]()*_`$:#|\\&@/\n")
        assert name.isprintable()


@given(typed=texts)
def test_an_address_is_one_that_a_dashboard_can_have_or_refused(typed):
    with in_a_sentence(AddressError):
        address = checked(typed)
        assert address.startswith(("http://", "https://"))
        assert not set(address) & set("<>\"'()?#@ \n")


@given(url=texts | texts.map("http://".__add__) | st.none(), page=st.sampled_from(["", "train"]))
def test_where_the_dashboard_is_has_an_answer_whatever_the_browser_says(url, page):
    place = reachable_address(url, page, None, own="192.168.1.20")
    assert place.link("train", a="b").startswith(("http://", "https://"))
    assert len(place.base) < 600


@given(codes=st.lists(texts, min_size=6, max_size=8))
def test_codes_at_random_open_no_room_and_are_counted(codes):
    rooms = Classrooms(lambda: 0.0, lambda: "BDHJMN")
    room = rooms.open("host")
    refused = []
    for code in codes:
        with pytest.raises(RoomError) as error:
            rooms.join(code, "stranger")
        refused.append(str(error.value))
    assert "Wait a minute" in refused[5]
    assert room.n_members == 0


@given(wanted=texts)
def test_whatever_is_looked_for_the_glossary_shows_the_terms_that_have_every_word_of_it(wanted):
    everything = {
        term.name: f"{term.name} {term.text}".casefold() for part in glossary() for term in part.terms
    }
    words = wanted.casefold().split()
    shown = [term.name for part in find_terms(wanted) for term in part.terms]
    assert shown == [name for name, text in everything.items() if not any(word not in text for word in words)]


def picture(kind, **options):
    drawn = Image.new("RGB", (120, 90), "white")
    ImageDraw.Draw(drawn).line((30, 20, 60, 70), fill="black", width=9)
    file = io.BytesIO()
    drawn.save(file, kind, **options)
    return file.getvalue()


RUBBISH = b"Exif\0\0MM\0*\0\0\0\x08\0\x03\x01\x12\0\x03\0\0\0\x01\0\x63\0\0" + b"\xff" * 64
PICTURES = (
    picture("PNG"), picture("JPEG"), picture("WEBP"), picture("JPEG", exif=RUBBISH),
    picture("PNG", exif=RUBBISH), picture("WEBP", exif=RUBBISH),
    picture("JPEG", progressive=True), picture("GIF"), picture("TIFF"),
)  # fmt: skip


@pytest.mark.filterwarnings("ignore")  # Pillow's, of what it reads past
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    content=st.binary(max_size=80) | st.sampled_from(PICTURES),
    changes=st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 255)), max_size=12),
    end=st.integers(0, 5_000) | st.just(10**6),
    more=st.binary(max_size=20),
)
def test_a_file_is_a_photograph_or_refused_wherever_it_is_damaged(content, changes, end, more):
    damaged = bytearray(content)
    for position, value in changes:
        if position < len(damaged):
            damaged[position] = value
    with in_a_sentence(PhotographError):
        photograph = read_photograph(bytes(damaged[:end]) + more)
        assert isinstance(photograph, Photograph)
        assert max(photograph.ink.shape) <= SHOWN_SIDE
        assert 1 <= len(photograph.digits) <= MAX_FOUND_DIGITS
        for digit in photograph.digits:
            prepare_like_mnist(digit.ink)


@pytest.mark.parametrize("side", [3, 14])
def test_a_picture_full_of_specks_is_read_in_seconds(side):
    specks = np.random.default_rng(0).random((1000 // side, 1000 // side)) < 0.3
    file = io.BytesIO()
    Image.fromarray(~np.kron(specks, np.ones((side, side), bool))).save(file, "PNG")
    before = time.thread_time()
    with in_a_sentence(PhotographError):
        read_photograph(file.getvalue())
    assert time.thread_time() - before < 10


LARGEST = """
import io, resource, sys, zlib
from PIL import Image
from mnist_core.images.photographs import PhotographError, read_photograph
file = io.BytesIO()
Image.new(sys.argv[1], (int(sys.argv[2]), int(sys.argv[3]))).save(file, "PNG", compress_level=1)
content = file.getvalue()
del file
small = io.BytesIO()
Image.new("RGBA", (9, 9)).save(small, "PNG")
for one in (small.getvalue(), content):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        read_photograph(one)
    except PhotographError as error:
        print(error, file=sys.stderr)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform == "darwin", reason="counts memory in bytes there")
@pytest.mark.parametrize(("mode", "width", "height"), [("RGBA", 5_000, 5_000), ("1", 1, 25_000_000)])
def test_the_largest_picture_takes_no_more_memory_than_said(mode, width, height):
    command = [sys.executable, "-c", LARGEST, mode, str(width), str(height)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 150_000  # kilobytes more than the writer of the picture took
    assert done.stderr.endswith(".\n")


WEBP = """
import re, sys
from pathlib import Path
from PIL import WebPImagePlugin  # what is loaded anyhow is not counted
from mnist_core.images.photographs import PhotographError, read_photograph

def peak():
    return int(re.search("VmHWM:\\s+([0-9]+)", Path("/proc/self/status").read_text())[1])

content = Path(sys.argv[1]).read_bytes()
before = peak()
try:
    read_photograph(content)
except PhotographError as error:
    print(error, file=sys.stderr)
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of its memory in /proc")
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize(
    ("size", "most", "words"),
    [((5_000, 5_000), 5_000, "Save it as a JPEG or PNG file"), ((4_000, 3_050), 200_000, "nothing on this")],
)
def test_a_webp_picture_takes_no_more_memory_than_said_or_is_refused_with_a_way_out(
    tmp_path, mode, size, most, words
):
    path = tmp_path / "picture.webp"
    Image.new(mode, size).save(path, lossless=True, method=0)
    assert path.stat().st_size < 2_000
    command = [sys.executable, "-c", WEBP, path]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < most  # kilobytes
    assert words in done.stderr


@pytest.fixture(scope="module")
def started(sample_app):
    return sample_app


PARAMETERS = st.dictionaries(
    st.sampled_from(
        [*CHOICES, "run", "class", "tour", "step", "remote", "embed", "Embed", "embed_options", "x", "<b>"]
    ),
    texts.map(lambda text: text.encode(errors="replace").decode()),
    min_size=1,
    max_size=8,
)


@pytest.mark.parametrize(
    "page", [site_map.OVERVIEW, site_map.TRAIN, site_map.COMPARE, site_map.JOIN, site_map.TOUR]
)
@settings(max_examples=8, phases=[Phase.generate])  # a shorter example would take minutes to find
@given(parameters=PARAMETERS)
def test_any_link_opens_the_page_with_sentences_at_most(started, page, parameters):
    assert started.title
    visit = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, text in parameters.items():
        if "embed" not in name.lower():  # Streamlit's own, which AppTest does not set
            visit.query_params[name] = text
    visit.run()
    visit.switch_page(page.path).run()
    assert not visit.exception
    for box in visit.warning:
        kinds = {token.type for token in inline(markdown.parse(box.value))}
        assert not kinds & {
            "link_open",
            "image",
            "html_inline",
            "html_block",
            "heading_open",
            "list_item_open",
        }
        assert "www." not in box.value.lower()


def test_a_host_can_share_from_the_page_that_shows_the_address_too(started):
    visit = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    visit.switch_page(site_map.CLASSROOM.path).run()
    visit.button(key="room_open").click().run()
    visit.button(key="share").click().run()
    assert not visit.exception
    assert visit.text_input(key="class_address").label == visit.text_input(key="share_address").label
