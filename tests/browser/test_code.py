"""The page "Code" in a real browser: lines light parts, files arrive, charts are saved in both kinds."""

import io
import json
import re
import zipfile

import numpy as np
import pytest
from browsing import saved
from one_screen import SIZES
from PIL import Image
from playwright.sync_api import expect
from walking import STEADY, settled

pytestmark = pytest.mark.browser
BELOW_THE_BUTTON = """
chart => {
  const button = chart.querySelector('.modebar-btn').getBoundingClientRect()
  return [...chart.querySelectorAll('.main-svg text, .bglayer rect, .heatmaplayer image')].filter(one => {
    const box = one.getBoundingClientRect()
    return box.width && box.left < button.right && box.right > button.left && box.top < button.bottom - 0.5
  }).length
}
"""
"""How many texts and plots a chart's button lies over."""
SAVES_AS = """
kind => {
  const chart = document.querySelector('.st-key-scores .js-plotly-plot')
  return chart?._context?.toImageButtonOptions.format === kind
}
"""
FORMS = {
    "Keras script": ".st-key-code_keras",
    "NumPy": ".st-key-code_numpy",
    "Notebook": "[data-testid=stMain]:not(:has(.st-key-code_numpy, .st-key-code_keras))",
}
"""What the code can be shown as, and what is there then."""


@pytest.fixture
def code(page, address):
    """A tab that shows the code of the classic network, once that is trained."""
    return opened(page, address)


@pytest.fixture(scope="module")
def kept_code(kept_tab, address):
    """The same for tests that change no setting."""
    return opened(kept_tab, address)


def opened(page, address):
    page.goto(f"{address}/code")
    page.get_by_role("button", name="Weights for NumPy").wait_for()
    page.locator(".line").first.wait_for()
    settled(page)
    return page


def lit(page):
    return page.locator(".drawing .lit").evaluate_all("all => all.map(one => one.dataset.part)")


def line(page, text):
    return page.locator(".line", has_text=text)


def test_pointing_at_a_line_lights_its_part_and_asks_no_server_and_a_slider_changes_the_code(page, address):
    sent = []

    def keep(frame):
        sent.append(frame)

    page.on("websocket", lambda socket: socket.on("framesent", keep))
    page.goto(f"{address}/code")
    page.get_by_role("button", name="Weights for NumPy").wait_for()
    line(page, 'Dense(32, activation="relu")').wait_for()
    settled(page)
    before = len(sent)
    assert before > 0
    line(page, 'Dense(32, activation="relu")').hover()
    assert lit(page) == ["layer 1"]
    expect(page.locator(".note .fact")).to_have_text("784 × 32 weights + 32 biases = 25,120 parameters.")
    line(page, "metrics").hover()
    assert lit(page) == ["accuracy"]
    page.mouse.move(5, 5)
    assert lit(page) != ["accuracy"], "what was only pointed at stayed lit"
    line(page, "model.fit(").click()
    page.keyboard.press("ArrowUp")
    assert page.locator(".line.changed").count() == 0
    page.get_by_role("slider", name="Epochs").press("ArrowRight")
    expect(line(page, "epochs=6")).to_have_class("line changed")
    assert len(sent) == before + 1, "more was sent than that the slider was moved"
    page.get_by_role("button", name="Back to the run’s settings").click()
    expect(line(page, "epochs=5")).to_have_class("line")


def test_arrow_keys_go_from_line_to_line_and_notes_lead_to_the_glossary(kept_code):
    line(kept_code, 'optimizer="adam"').click()
    assert set(lit(kept_code)) == {"optimizer"}
    kept_code.keyboard.press("ArrowDown")
    assert set(lit(kept_code)) == {"loss", "labels"}
    expect(kept_code.locator('.line[aria-selected="true"]')).to_have_text(
        'loss="sparse_categorical_crossentropy",'
    )
    expect(kept_code.locator(".note a", has_text="cross-entropy")).to_have_attribute(
        "href", "glossary#cross-entropy"
    )
    kept_code.keyboard.press("Home")
    assert lit(kept_code) == ["layer 1", "output"]
    kept_code.keyboard.press("End")
    assert set(lit(kept_code)) == {"output", "labels"}
    kept_code.keyboard.press("ArrowUp")
    assert "test" in lit(kept_code)


def prepared(page, label):
    """The button of a file once it is prepared: by the keyboard, and a screen reader hears of it."""
    page.get_by_role("button", name=f"Prepare: {label}").press("Enter")
    page.locator(f".st-key-file_{label.replace(' ', '-')} button").wait_for()
    expect(page.locator("#mlp-explainer-news")).to_have_text(f"{label} is ready to download.")
    return page.get_by_role("button", name=label)


def test_the_network_arrives_as_the_file_of_keras(kept_code, tmp_path):
    path = tmp_path / "network.keras"
    name = saved(kept_code, prepared(kept_code, "Network for Keras").click, path)
    assert name.startswith("mnist-32-relu-adam-5-epochs-")
    assert name.endswith(".keras")
    with zipfile.ZipFile(path) as archive:  # take_home/test_files opens it with Keras
        assert {"config.json", "metadata.json", "model.weights.h5"} <= set(archive.namelist())


def test_weights_tables_and_settings_arrive_too(kept_code, tmp_path):
    saved(kept_code, kept_code.get_by_role("button", name="Weights for NumPy").click, tmp_path / "w.npz")
    with np.load(tmp_path / "w.npz") as arrays:
        assert arrays["weights_1"].shape == (784, 32)
    prepared(kept_code, "Predictions")
    for label, n_lines in (("Epochs", 6), ("Predictions", 1_001)):
        saved(kept_code, kept_code.locator(f".st-key-file_{label} button").click, tmp_path / "table.csv")
        assert len((tmp_path / "table.csv").read_text().splitlines()) == n_lines
    saved(kept_code, kept_code.get_by_role("button", name="Save the settings").click, tmp_path / "s.json")
    assert json.loads((tmp_path / "s.json").read_text())["settings"]["hidden_units"] == [32]


def test_the_report_opens_by_itself_and_asks_no_host(kept_code, browser, tmp_path):
    path = tmp_path / "report.html"
    saved(kept_code, prepared(kept_code, "Report").click, path)
    context = browser.new_context(offline=True)
    reader, asked, complaints = context.new_page(), [], []
    reader.on("request", lambda request: asked.append(request.url))
    reader.on("console", lambda message: complaints.append(message.text))
    reader.goto(path.as_uri())
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert complaints == []
    assert "Test accuracy" in reader.inner_text("body")
    broken = "all => all.filter(one => !one.naturalWidth).length"
    assert reader.locator("img").evaluate_all(broken) == 0
    printed = reader.pdf(format="A4", print_background=True, prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") == 1, "it is longer than a page"
    reader.set_viewport_size({"width": 390, "height": 844})
    assert reader.evaluate("() => document.documentElement.scrollWidth") <= 390
    context.close()


def test_an_uploaded_picture_is_refused_and_a_settings_file_is_taken(code, tmp_path):
    picture = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(picture, "PNG")
    chooser = code.locator('.st-key-settings_upload input[type="file"]')
    chooser.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": picture.getvalue()})
    code.get_by_text("A settings file is text in UTF-8").wait_for()
    assert line(code, "epochs=5").count() == 1
    saved(code, code.get_by_role("button", name="Save the settings").click, tmp_path / "s.json")
    changed = (tmp_path / "s.json").read_text().replace('"epochs": 5', '"epochs": 9').encode()
    chooser = code.locator('.st-key-settings_upload input[type="file"]')
    chooser.set_input_files({"name": "s.json", "mimeType": "application/json", "buffer": changed})
    code.get_by_text("Loaded: epochs 9 instead of 5").wait_for()
    expect(line(code, "epochs=9")).to_have_count(1)
    code.get_by_role("button", name="Undo").click()
    expect(line(code, "epochs=5")).to_have_count(1)


def test_training_the_settings_ends_with_their_numbers(code):
    code.get_by_role("slider", name="Epochs").press("Home")
    expect(line(code, "epochs=1,")).to_have_count(1)
    code.get_by_role("button", name="Train these settings").click()
    code.get_by_text("The run shown: 32 hidden neurons, 1 epoch").wait_for()
    code.get_by_text("Test accuracy of the run").wait_for()
    assert code.get_by_role("button", name="Train these settings").is_disabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_chart_is_saved_as_png_and_svg_with_its_title_in_the_name(page, address, tmp_path, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{address}/evaluate")
    page.get_by_text("Digit by digit").click()
    chart = page.locator(".st-key-scores .js-plotly-plot")
    chart.wait_for()
    settled(page)
    assert chart.evaluate(BELOW_THE_BUTTON) == 0
    before = chart.bounding_box()
    paper, ink = {"light": ((255, 255, 255), 51), "dark": ((16, 21, 28), 204)}[scheme]
    for kind in ("PNG", "SVG"):
        page.locator(".st-key-chart_format").get_by_text(kind, exact=True).click()
        page.wait_for_function(SAVES_AS, arg=kind.lower())
        expect(chart).to_have_count(1)  # not the one before beside it
        settled(page)
        chart.hover(position={"x": 150, "y": 150})
        path = tmp_path / kind
        name = saved(page, chart.locator(".modebar-btn").click, path)
        assert "hardest-to-read" in name
        assert name.endswith(f".{kind.lower()}")
    assert chart.bounding_box()["height"] == before["height"]
    pixels = np.asarray(Image.open(tmp_path / "PNG").convert("RGB"))
    assert pixels.shape[1] == pytest.approx(2 * before["width"], abs=4)
    assert tuple(pixels[2, 2]) == paper
    assert (np.abs(pixels[..., 0].astype(int) - ink) < 6).mean() > 0.001, "no text in the colour of the page"
    svg = (tmp_path / "SVG").read_text()
    assert svg.startswith("<svg")
    assert "Digit" in svg


def test_a_phone_has_nothing_to_scroll_sideways(phone, address):
    phone.goto(f"{address}/code")
    phone.get_by_role("heading", name="Files of the run").wait_for()
    settled(phone)
    line(phone, "Test accuracy").click()
    assert lit(phone) == ["accuracy"]
    drawing = phone.locator(".drawing").bounding_box()
    assert 0 < drawing["y"] < 300, "the drawing does not stay in sight"
    for form, selector in FORMS.items():
        phone.locator(".st-key-code_form").get_by_text(form, exact=True).click()
        phone.locator(selector).wait_for()
        settled(phone)
        phone.evaluate(STEADY)
        main = phone.locator('[data-testid="stMain"]')
        assert main.evaluate("one => one.scrollWidth - one.clientWidth") == 0, form


def test_the_statement_that_a_setting_changes_comes_into_view_of_the_code(page, address):
    page.set_viewport_size(SIZES["projector"])
    page.goto(f"{address}/code?embed=true")
    statement = page.locator(".code .line", has_text=re.compile(r"epochs="))
    expect(statement).to_be_attached()
    expect(statement).not_to_be_in_viewport()
    page.get_by_role("slider", name="Epochs").press("ArrowRight")
    expect(page.locator(".code .line.changed", has_text=re.compile(r"epochs=\d"))).to_be_in_viewport()
