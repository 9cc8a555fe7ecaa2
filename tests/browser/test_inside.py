"""The page "Inside" in a real browser: pick a neuron, switch one off, play the film, point at a map."""

import re

import numpy as np
import pytest
from browsing import saved
from PIL import Image
from playwright.sync_api import expect
from walking import STEADY, drawn, run_again, settled

pytestmark = pytest.mark.browser
CHART = '[data-testid="stVegaLiteChart"]'
N_PAINTED = """
canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
  .filter((value, i) => i % 4 === 3 && value > 0).length
"""
"""How many pixels of a canvas are painted."""
PARTS = {
    "Switch off": "correct instead of",
    "Prune": "weights are left",
    "Film": "The last hidden layer as a map",
    "One update": "Gradient of neuron",
    "Map": "All 1,000 test images",
}
"""What can be looked at, and what it says when it is there."""


@pytest.fixture(scope="module")
def inside(kept_tab, address):
    """A tab that shows the classic network; each test looks at another part of it."""
    kept_tab.goto(f"{address}/inside")
    kept_tab.get_by_text("Neuron 0: size of its weights").wait_for()
    return kept_tab


@pytest.fixture
def in_colours(inside):
    """Gives the tab the colours of a scheme while a test lasts; what is drawn for them comes with a run."""

    def coloured(scheme):
        inside.emulate_media(color_scheme=scheme)
        run_again(inside)
        return inside

    yield coloured
    coloured("light")


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
    inside.get_by_text("Neuron 9: size").wait_for()
    settled(inside)
    (line,) = inside.locator(".st-key-inside_tiles .shapelayer path").all()
    middles = [side["x"] + side["width"] / 2 for side in (line.bounding_box(), tiles.nth(9).bounding_box())]
    assert abs(middles[0] - middles[1]) < 3
    inside.get_by_role("slider", name="Neuron").press("ArrowRight")
    inside.get_by_text("Neuron 10: size").wait_for()


def test_on_a_phone_what_is_told_of_a_tapped_neuron_is_in_the_first_screen_and_the_tiles_stay_above_it(
    phone, address
):
    phone.goto(f"{address}/inside")
    tiles, images = (
        phone.locator(".st-key-inside_tiles"),
        phone.locator(".st-key-beside_detail_neuron .stImage"),
    )
    phone.get_by_text("Neuron 0: size of its weights").wait_for()
    drawn(phone)
    tiles.locator(".scatterlayer .point").nth(9).click(force=True)
    expect(phone.get_by_text("Neuron 9: size")).to_be_in_viewport(ratio=1)
    expect(images.first).to_be_in_viewport(ratio=0.9)
    phone.locator('[data-testid="stMain"]').evaluate("main => { main.scrollTop = 400 }")
    expect(tiles).to_be_in_viewport(ratio=1)
    tiles.locator(".scatterlayer .point").nth(3).click(force=True)
    expect(phone.get_by_text("Neuron 3: size")).to_have_count(1)
    expect(images.first).to_be_in_viewport(ratio=0.99)
    look_at(phone, "Switch off")
    chart = phone.locator(".st-key-inside_ablation .js-plotly-plot")
    chart.wait_for()
    chart.evaluate("chart => chart.scrollIntoView({ block: 'end' })")
    expect(phone.locator(".st-key-inside_off_tiles")).to_be_in_viewport(ratio=1)
    expect(chart).to_be_in_viewport(ratio=0.99)


def test_a_neuron_is_switched_off_and_on_again(inside):
    look_at(inside, "Switch off")
    inside.get_by_text("correct instead of").first.wait_for()
    inside.get_by_role("button", name="Another one off").click()
    inside.get_by_text("Without 2 neurons:").wait_for()
    inside.get_by_role("button", name="All on").click()
    inside.get_by_text("All neurons on:").wait_for()
    expect(inside.get_by_role("button", name="All on")).to_be_disabled()


def test_the_film_shows_at_each_moment_how_the_test_images_are_read(inside):
    look_at(inside, "Film")
    matrix = inside.locator(".view.confusion figcaption")
    matrix.get_by_text("test images read correctly").wait_for()
    at_the_end = matrix.inner_text()
    inside.get_by_role("slider", name="Moment of the training").press("Home")
    expect(matrix).not_to_have_text(at_the_end)
    n_right = int(re.search(r"([\d,]+) of 1,000", matrix.inner_text())[1].replace(",", ""))
    assert n_right < 300, "the untrained network guesses"
    inside.locator(".keys .pace").select_option(label="real time")
    inside.get_by_role("button", name="Play").click()
    expect(matrix).to_have_text(at_the_end)
    for name in ("confusion", "map"):
        painted = inside.locator(f".view.{name} canvas").evaluate(N_PAINTED)
        assert painted > 500


def test_another_image_can_be_chosen_for_the_film(inside):
    look_at(inside, "Film")
    inside.locator(".view.confusion figcaption").get_by_text("read correctly").wait_for()
    before = inside.locator(".stage .words").inner_text()
    inside.get_by_role("button", name="Another image").click()
    inside.get_by_role("spinbutton", name="Number of the image").fill("5")
    inside.get_by_role("spinbutton", name="Number of the image").press("Enter")
    expect(inside.locator(".stage .words")).not_to_have_text(before)
    inside.keyboard.press("Escape")


def test_the_next_update_is_looked_at_at_a_press(inside):
    look_at(inside, "One update")
    inside.get_by_role("tab", name="Images of the batch").click()
    inside.locator(".contact-sheet figure").nth(31).wait_for()
    before = inside.locator(".contact-sheet figure").first.get_attribute("title")
    inside.get_by_role("spinbutton", name="Update").press("ArrowUp")
    inside.get_by_role("spinbutton", name="Update").press("Enter")
    expect(inside.locator(".contact-sheet figure").first).not_to_have_attribute("title", before)


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
def test_a_map_is_saved_as_it_is_on_the_page(in_colours, tmp_path, scheme, paper):
    page = in_colours(scheme)
    look_at(page, "Map")
    chart = page.locator(".st-key-drawn_inside_map_hidden")
    chart.locator("svg.marks").wait_for()
    for kind in ("PNG", "SVG"):
        page.locator(".st-key-chart_format").get_by_text(kind, exact=True).click()
        button = page.locator(".st-key-save_drawn_inside_map_hidden button", has_text=kind)
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
