"""The page "Inside" in a real browser: pick a neuron, switch one off, play a training, point at a map."""

import numpy as np
import pytest
from browsing import saved
from PIL import Image
from playwright.sync_api import expect
from walking import STEADY, settled

pytestmark = pytest.mark.browser
CHART = '[data-testid="stVegaLiteChart"]'
SAMPLER = """
() => {
  window.frames_seen = []
  setInterval(() => {
    const charts = [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')]
    const pictures = [...document.querySelectorAll('[data-testid="stImage"] img')]
    window.frames_seen.push({
      texts: charts.map(chart => chart.querySelectorAll('svg text').length),
      pictures: pictures.map(picture => picture.naturalWidth),
      moment: (document.body.innerText.match(/The weights: [^,]+/) || [''])[0],
    })
  }, 40)
}
"""
"""Notes several times a second how many numbers and digits each chart shows, and each picture's width."""
ALL_DRAWN = """
() => {
  const charts = [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')]
  const pictures = [...document.querySelectorAll('[data-testid="stImage"] img')]
  return charts.length === 3 && charts.every((chart) => chart.querySelectorAll('svg text').length > 10)
    && pictures.length === 3
}
"""
PARTS = {
    "Switch off": "right instead of",
    "Prune": "weights are left",
    "Replay": "The weights: before training",
    "Map": "drawn with seed",
}
"""What can be looked at, and what it says when it is there."""


@pytest.fixture(scope="module")
def inside(kept_tab, address):
    """A tab that shows the classic network; each test looks at another part of it."""
    kept_tab.goto(f"{address}/inside")
    kept_tab.get_by_text("Neuron 0 passes on most for the").wait_for()
    return kept_tab


def look_at(page, part):
    choice = page.get_by_role("radiogroup", name="Look at").get_by_role("radio", name=part)
    if choice.get_attribute("aria-checked") != "true":
        choice.click()


def test_a_clicked_picture_is_marked_and_its_neuron_told_of_and_arrow_keys_go_on_from_there(inside):
    look_at(inside, "Neurons")
    tiles = inside.locator(".st-key-inside_tiles .scatterlayer .point")
    tiles.nth(31).wait_for(state="attached")
    settled(inside)
    tiles.nth(9).click(force=True)  # the chart's own layer lies over its marks
    inside.get_by_text("Neuron 9 passes on").wait_for()
    settled(inside)
    (line,) = inside.locator(".st-key-inside_tiles .shapelayer path").all()
    middles = [side["x"] + side["width"] / 2 for side in (line.bounding_box(), tiles.nth(9).bounding_box())]
    assert abs(middles[0] - middles[1]) < 3
    inside.get_by_role("slider", name="Neuron").press("ArrowRight")
    inside.get_by_text("Neuron 10 passes on").wait_for()


def test_a_neuron_is_switched_off_and_on_again(inside):
    look_at(inside, "Switch off")
    inside.get_by_text("right instead of").first.wait_for()
    inside.get_by_role("button", name="Another one off").click()
    inside.get_by_text("Without 2 neurons:").wait_for()
    inside.get_by_role("button", name="All on").click()
    inside.get_by_text("All neurons on:").wait_for()
    expect(inside.get_by_role("button", name="All on")).to_be_disabled()


def test_the_training_plays_without_a_blank_frame_and_its_slider_goes_back(inside):
    look_at(inside, "Replay")
    inside.get_by_text("The weights: before training, 0 updates").wait_for()
    inside.wait_for_function(ALL_DRAWN)
    settled(inside)
    inside.evaluate(SAMPLER)
    inside.get_by_role("button", name="Play").click()
    inside.get_by_role("button", name="Pause").wait_for()
    inside.get_by_text("The weights: after epoch 5").wait_for()
    inside.get_by_role("button", name="Play").wait_for()
    assert_never_blank(inside.evaluate("() => window.frames_seen"))
    inside.get_by_role("slider", name="Moment of the training").press("ArrowLeft")
    inside.get_by_text("The weights: after epoch 4").wait_for()
    inside.get_by_role("slider", name="Moment of the training").press("Home")
    inside.get_by_text("The weights: before training").wait_for()


def assert_never_blank(frames):
    """Every moment of the training was shown, and three charts and pictures in each frame."""
    assert len(frames) > 40
    for frame in frames:
        assert len(frame["texts"]) == 3, "a chart was gone"
        assert min(frame["texts"]) > 10, "a chart was blank"
        assert len(frame["pictures"]) == 3, "a picture was gone"
    moments = list(dict.fromkeys(frame["moment"] for frame in frames))
    names = ["before training", *(f"after epoch {epoch}" for epoch in range(1, 6))]
    assert moments == [f"The weights: {name}" for name in names]


def test_another_image_can_be_chosen_for_the_replay(inside):
    look_at(inside, "Replay")
    inside.get_by_role("button", name="Another image").click()
    inside.get_by_role("spinbutton", name="Number of the image").fill("5")
    inside.get_by_role("spinbutton", name="Number of the image").press("Enter")
    inside.get_by_text("Test image 5 is read as").wait_for()


def test_pointing_at_a_map_shows_the_image_there(inside):
    look_at(inside, "Map")
    for number in range(2):
        chart = inside.locator(CHART).nth(number)
        chart.locator("svg text").nth(500).wait_for(state="attached")
        assert chart.locator("svg image").count() == 0
        settled(inside)
        box = chart.bounding_box()
        for share in (0.4, 0.5):
            inside.mouse.move(box["x"] + share * box["width"], box["y"] + share * box["height"])
        image = chart.locator("svg image")
        image.wait_for(state="attached")
        address = image.get_attribute("href") or image.get_attribute("xlink:href")
        assert address.startswith("data:image/png;base64,")


def test_a_phone_has_nothing_to_scroll_sideways(phone, address):
    phone.goto(f"{address}/inside")
    for part, words in PARTS.items():
        look_at(phone, part)
        phone.get_by_text(words).first.wait_for()
        settled(phone)
        phone.evaluate(STEADY)
        main = phone.locator('[data-testid="stMain"]')
        assert main.evaluate("one => one.scrollWidth - one.clientWidth") == 0, part


@pytest.mark.parametrize(("scheme", "paper"), [("light", (255, 255, 255)), ("dark", (16, 21, 28))])
def test_a_map_is_saved_as_it_is_on_the_page(page, address, tmp_path, scheme, paper):
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{address}/inside")
    look_at(page, "Map")
    chart = page.locator(".st-key-chart_inside_map_hidden")
    chart.locator("svg.marks").wait_for()
    for kind in ("PNG", "SVG"):
        page.locator(".st-key-chart_format").get_by_text(kind, exact=True).click()
        button = page.locator(".st-key-save_chart_inside_map_hidden button", has_text=kind)
        button.wait_for()
        name = saved(page, button.click, tmp_path / kind)
        assert name.endswith(f"test-images-as-digits-by-pca.{kind.lower()}")
    pixels = np.asarray(Image.open(tmp_path / "PNG").convert("RGB"))
    width = chart.locator("svg.marks").bounding_box()["width"]
    assert pixels.shape[1] == pytest.approx(2 * width, abs=4)
    assert tuple(pixels[2, 2]) == paper
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 50, "no digits in their colours"
    svg = (tmp_path / "SVG").read_text()
    assert svg.startswith("<svg")
    assert svg.count("<text") > 300
