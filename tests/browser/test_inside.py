"""The page "Inside" in a real browser: pick a neuron, switch one off, play a training, point at a map."""

import numpy as np
import pytest
from browsing import saved
from PIL import Image
from playwright.sync_api import expect

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


@pytest.fixture(scope="module")
def address(sample_address):
    return sample_address


@pytest.fixture(scope="module")
def page(browser, address):
    """One visit; the tests below are its steps, in order."""
    opened = browser.new_page(viewport={"width": 1280, "height": 1000})
    opened.goto(f"{address}/inside")
    opened.get_by_role("heading", name="Inside the network").wait_for(timeout=180_000)
    yield opened
    opened.close()


def look_at(page, part):
    page.get_by_role("radiogroup", name="Look at").get_by_text(part, exact=True).click()


def test_the_page_opens_on_pictures_of_weights(page):
    pictures = page.locator('[data-testid="stImage"] img')
    pictures.first.wait_for()
    assert pictures.first.evaluate("picture => picture.naturalWidth") > 900
    page.get_by_text("Neuron 0 passes on most for the").wait_for()


def test_the_slider_goes_from_neuron_to_neuron(page):
    before = page.locator('[data-testid="stImage"] img').first.get_attribute("src")
    page.get_by_role("slider", name="Neuron").press("ArrowRight")
    page.get_by_text("Neuron 1 passes on").wait_for()
    expect(page.locator('[data-testid="stImage"] img').first).not_to_have_attribute("src", before)


def test_a_neuron_is_switched_off_and_on_again(page):
    look_at(page, "Switch off")
    page.get_by_text("right instead of").first.wait_for()
    page.get_by_role("button", name="Another one off").click()
    page.get_by_text("Without 2 neurons:").wait_for()
    page.get_by_role("button", name="All on").click()
    page.get_by_text("All neurons on:").wait_for()
    expect(page.get_by_role("button", name="All on")).to_be_disabled()


def test_the_training_plays_without_a_blank_frame(page):
    look_at(page, "Replay")
    page.get_by_text("The weights: before training, 0 updates").wait_for()
    page.locator(CHART).nth(2).wait_for()
    page.wait_for_timeout(2_000)
    page.evaluate(SAMPLER)
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").wait_for()
    page.get_by_text("The weights: after epoch 5").wait_for()
    page.get_by_role("button", name="Play").wait_for()
    frames = page.evaluate("() => window.frames_seen")
    assert len(frames) > 40
    for frame in frames:
        assert len(frame["texts"]) == 3, "a chart was gone"
        assert min(frame["texts"]) > 10, "a chart was blank"
        assert len(frame["pictures"]) == 3, "a picture was gone"
    moments = list(dict.fromkeys(frame["moment"] for frame in frames))
    names = ["before training", *(f"after epoch {epoch}" for epoch in range(1, 6))]
    assert moments == [f"The weights: {name}" for name in names]


def test_the_slider_of_the_replay_goes_back(page):
    page.get_by_role("slider", name="Moment of the training").press("ArrowLeft")
    page.get_by_text("The weights: after epoch 4").wait_for()
    page.get_by_role("slider", name="Moment of the training").press("Home")
    page.get_by_text("The weights: before training").wait_for()


def test_another_image_can_be_chosen_for_the_replay(page):
    page.get_by_role("button", name="Another image").click()
    page.get_by_role("spinbutton", name="Number of the image").fill("5")
    page.get_by_role("spinbutton", name="Number of the image").press("Enter")
    page.get_by_text("Test image 5 is read as").wait_for()
    page.keyboard.press("Escape")


def test_pointing_at_a_map_shows_the_image_there(page):
    look_at(page, "Map")
    for number in range(2):
        chart = page.locator(CHART).nth(number)
        chart.locator("svg text").nth(500).wait_for(state="attached")
        assert chart.locator("svg image").count() == 0
        box = chart.bounding_box()
        for share in (0.4, 0.5):
            page.mouse.move(box["x"] + share * box["width"], box["y"] + share * box["height"])
            page.wait_for_timeout(200)
        image = chart.locator("svg image")
        image.wait_for(state="attached")
        address = image.get_attribute("href") or image.get_attribute("xlink:href")
        assert address.startswith("data:image/png;base64,")


def test_a_phone_has_nothing_to_scroll_sideways(browser, address):
    phone = browser.new_page(viewport={"width": 390, "height": 844})
    phone.goto(f"{address}/inside")
    phone.get_by_text("Neuron 0 passes on most for the").wait_for()
    for part in ("Switch off", "Prune", "Replay", "Map"):
        look_at(phone, part)
        phone.wait_for_timeout(2_500)
        main = phone.locator('[data-testid="stMain"]')
        assert main.evaluate("one => one.scrollWidth - one.clientWidth") == 0, part
    phone.close()


@pytest.mark.parametrize(("scheme", "paper"), [("light", (255, 255, 255)), ("dark", (16, 21, 28))])
def test_a_map_is_saved_as_it_is_on_the_page(browser, address, tmp_path, scheme, paper):
    opened = browser.new_page(viewport={"width": 1280, "height": 1000}, color_scheme=scheme)
    opened.goto(f"{address}/inside")
    look_at(opened, "Map")
    chart = opened.locator(".st-key-chart_inside_map_hidden")
    chart.locator("svg.marks").wait_for(timeout=180_000)
    for kind in ("PNG", "SVG"):
        opened.locator(".st-key-chart_format").get_by_text(kind, exact=True).click()
        button = opened.locator(".st-key-save_chart_inside_map_hidden button", has_text=kind)
        button.wait_for()
        name = saved(opened, button.click, tmp_path / kind)
        assert name.endswith(f"test-images-as-digits-by-pca.{kind.lower()}")
    pixels = np.asarray(Image.open(tmp_path / "PNG").convert("RGB"))
    width = chart.locator("svg.marks").bounding_box()["width"]
    assert pixels.shape[1] == pytest.approx(2 * width, abs=4)
    assert tuple(pixels[2, 2]) == paper
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 50, "no digits in their colours"
    svg = (tmp_path / "SVG").read_text()
    assert svg.startswith("<svg")
    assert svg.count("<text") > 300
    opened.close()
