"""The network as one HTML file, opened from the disk: what it computes, and how it is drawn in."""

import json
from dataclasses import replace
from pathlib import Path

import axe_playwright_python
import numpy as np
import pytest
from browsing import draw
from networks import network, record_of
from paths import SHARED_DATA
from pen_strokes import on_canvas, random_drawings

from mnist_core.analysis.evaluation import evaluate
from mnist_core.config import ACTIVATIONS, CLASSIC, PREPARATIONS, NetworkConfig
from mnist_core.images.drawing import prepare_like_mnist, render
from mnist_core.images.preparation import network_inputs
from mnist_core.take_home.network_page import network_page

pytestmark = pytest.mark.browser
PEN_DIGITS = SHARED_DATA / "pen_digits.json"
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
READ = """
drawings => JSON.stringify(JSON.parse(drawings).map(strokes => {
  const { image, outputs } = read(strokes)
  return { image: Array.from(image), probabilities: outputs.at(-1) }
}))
"""
ONE = [[(80, 60), (200, 60), (180, 120), (130, 230)]]
NETWORKS = [
    (CLASSIC.network, "usual"),
    *((NetworkConfig((24, 12), activation), "usual") for activation in ACTIVATIONS),
    *((NetworkConfig((16,)), preparation) for preparation in PREPARATIONS),
    (NetworkConfig((256, 256, 256)), "usual"),
]


@pytest.fixture
def file_of(tmp_path, sample):
    """Writes the page of a network that was never trained; its address and parameters."""

    def written(config=CLASSIC.network, preparation="usual"):
        parameters = network(config)
        record = record_of([parameters])
        training = replace(record.config.training, preparation=preparation)
        record = replace(record, config=replace(record.config, training=training))
        judged = evaluate(parameters, sample.test_images[:50], sample.test_labels[:50], preparation)
        path = tmp_path / "network.html"
        path.write_bytes(network_page(record, judged))
        return path.as_uri(), parameters

    return written


@pytest.fixture
def opened(visitor_of, file_of):
    """Opens such a page in a browser without a network; whatever it complains of fails the test."""
    complaints = []

    def tab(config=CLASSIC.network, preparation="usual", **options):
        address, parameters = file_of(config, preparation)
        page = visitor_of(offline=True, **options)
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: complaints.append(asked.url) if asked.url != address else None)
        page.goto(address)
        return page, parameters

    yield tab
    assert not complaints


def answers_of(page, drawings):
    """What the page makes of drawings: for each its image and ten probabilities."""
    sent = [[stroke.to_dict() for stroke in strokes] for strokes in drawings]
    return json.loads(page.evaluate(READ, json.dumps(sent)))


def assert_prepared_alike(page, drawings):
    """The same to one gray level in 99 of 100 pixels, of each drawing."""
    for strokes, answer in zip(drawings, answers_of(page, drawings), strict=True):
        image = prepare_like_mnist(render(strokes)).image.ravel().astype(int)
        assert np.mean(np.abs(image - answer["image"]) <= 1) >= 0.99


def test_drawings_of_all_kinds_are_prepared_as_in_the_dashboard(opened):
    page, _ = opened()
    assert_prepared_alike(page, random_drawings(100))


def test_strokes_of_a_pen_are_prepared_as_in_the_dashboard(opened):
    if not PEN_DIGITS.is_file():
        pytest.skip("the pen-drawn digits are not on this machine (../shared/data/pen_digits.json)")
    page, _ = opened()
    assert_prepared_alike(page, [on_canvas(digit) for digit in json.loads(PEN_DIGITS.read_text())[::3]])


def test_the_ten_outputs_are_those_of_the_dashboard(opened, file_of):
    page, _ = opened()
    drawings = random_drawings(20, seed=1)
    images = np.stack([prepare_like_mnist(render(strokes)).image for strokes in drawings])
    for config, preparation in NETWORKS:
        address, parameters = file_of(config, preparation)
        page.goto(address)
        told = [answer["probabilities"] for answer in answers_of(page, drawings)]
        probabilities = parameters.probabilities(network_inputs(images, preparation))
        np.testing.assert_allclose(told, probabilities, atol=1e-3, err_msg=f"{config} {preparation}")


def said(page):
    return page.get_by_role("status").text_content()


def test_a_digit_is_drawn_with_the_mouse_taken_back_and_cleared(opened):
    page, _ = opened()
    undo, clear = (page.get_by_role("button", name=name) for name in ("Undo", "Clear"))
    assert undo.is_disabled()
    assert clear.is_disabled()
    assert said(page) == ""
    draw(page, page.locator("#pad"), ONE)
    assert said(page).startswith("Read as a")
    assert page.locator("#digit").text_content() in said(page)
    clear.click()
    assert said(page) == ""
    undo.click()
    assert said(page).startswith("Read as a")
    undo.click()
    assert said(page) == ""
    assert undo.is_disabled()


def test_a_digit_is_drawn_with_the_keys(opened):
    page, _ = opened()
    page.locator("#pad").focus()
    for key in ("ArrowUp", "ArrowUp", "Space", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    assert said(page) == "", "an answer is said before the pen is lifted"
    page.keyboard.press("Space")
    assert said(page).startswith("Read as a")
    assert page.evaluate("() => pad.strokes[0].points.at(0)") == [140, 120]
    assert page.evaluate("() => pad.strokes[0].points.at(-1)") == [130, 150]
    page.keyboard.press("Delete")
    assert said(page) == ""
    page.keyboard.press("Control+z")
    assert said(page).startswith("Read as a")


def test_a_palm_and_a_cancelled_finger_leave_nothing(opened):
    page, _ = opened(has_touch=True)
    tell = """
    ([kind, pointerType, pointerId, x]) => document.getElementById("pad").dispatchEvent(
      new PointerEvent(kind, { pointerType, pointerId, clientX: x, clientY: 300, button: 0, bubbles: true }))
    """
    page.evaluate("() => (pad.canvas.setPointerCapture = () => {})")  # no such pointer is on the screen
    for event in (
        ["pointerdown", "touch", 1, 100],
        ["pointerdown", "pen", 2, 200],
        ["pointerup", "pen", 2, 200],
    ):
        page.evaluate(tell, event)
    assert page.evaluate("() => pad.strokes.length") == 1
    for event in (["pointerdown", "touch", 3, 100], ["pointercancel", "touch", 3, 100]):
        page.evaluate(tell, event)
    assert page.evaluate("() => pad.strokes.length") == 1


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_and_nothing_lies_beside_the_page(opened, scheme, width):
    page, _ = opened(color_scheme=scheme, viewport={"width": width, "height": 844}, bypass_csp=True)
    draw(page, page.locator("#pad"), ONE)
    assert page.evaluate("() => document.documentElement.scrollWidth") == width
    page.evaluate(AXE)
    violations = page.evaluate(
        "async () => (await axe.run()).violations.map(({ id, nodes }) => [id, nodes[0].html])"
    )
    assert violations == []


def test_the_picture_follows_the_colours_of_the_page(opened):
    page, _ = opened(NetworkConfig((40, 8)))
    draw(page, page.locator("#pad"), ONE)
    picture = "() => document.getElementById('picture').toDataURL()"
    light = page.evaluate(picture)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("() => colors.paper === '#10151c'")
    assert page.evaluate(picture) != light
