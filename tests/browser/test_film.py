"""The film of a training in a real browser, and runs that are paused, continued, trained further."""

import gzip
import itertools
import re
import urllib.request

import numpy as np
import pytest
from hostile import Client
from playwright.sync_api import expect
from waiting import until

from mnist_core.images.dataset import load_embedded
from mnist_core.images.preparation import network_inputs
from mnist_core.training.film import read_film

pytestmark = pytest.mark.browser
OUTPUTS = "all => all.map(one => Number(getComputedStyle(one).getPropertyValue('--share')))"
"""The ten outputs as the bars have them, 0 to 1."""
OPACITIES = """canvas => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, 28, 28)
  return Array.from(data.filter((_, i) => i % 4 === 3))
}"""
"""How much colour each weight of a neuron has, 0 to 255."""
LAST_POINT = re.compile(r"training, last (batch|\d+ batches): \d+\.\d%")
"""What stands at the end of the curve of the training images."""
LONG = "units=256&epochs=30&batch=1"
"""A run of a minute or more, which is longer than a test looks at it."""


def train(page, address, query):
    page.goto(f"{address}/train?{query}")
    page.locator(".stage .neuron").first.wait_for()
    page.locator(".st-key-train button").click()


def moment(page):
    """The number of the update that is shown."""
    return int(re.search(r"Update ([\d,]+) of", page.locator(".told").inner_text())[1].replace(",", ""))


def train_as_another(address, query):
    """Train a network to its end, as another visitor, who needs no browser for it."""
    client = Client(address)
    client.train(query)
    until(lambda: any(text.startswith("Trained: ") for text in client.ask("train").texts), pause=0.1)
    client.close()


def train_with_film(page, address, query):
    """Train what was trained before, so that its film plays however busy the machine is."""
    train_as_another(address, query)
    train(page, address, query)


def at_rest(page):
    """Wait until a film is over or paused."""
    page.locator(".stage.has-film:not(.playing)").wait_for()


def test_a_film_plays_from_the_untrained_network_to_the_trained_one_and_is_fetched_once(page, address):
    fetched = []
    page.on("response", lambda answer: fetched.append(answer.url) if "/film/" in answer.url else None)
    train_with_film(page, address, "units=5&epochs=2&seed=901")
    page.locator(".stage.playing").wait_for()
    expect(page.locator(".told")).to_contain_text("Recorded in")
    expect(page.locator(".told")).to_contain_text("epoch 1 of 2")
    pace = page.locator(".keys .pace")
    pace.select_option(label="real time")  # a fifth of a second: over before one could look for it
    at_rest(page)
    assert page.locator(".place").evaluate("one => one.value === one.max")
    expect(page.locator(".stage .number").last).to_contain_text("mean of the epoch")
    expect(page.locator(".stage .curve.accuracy")).to_contain_text(LAST_POINT)
    pace.select_option(label="10 s")
    page.locator(".run").click()
    page.locator(".stage.playing").wait_for()
    pace.select_option(label="real time")
    at_rest(page)
    page.reload()
    page.locator(".stage.has-film .neuron").first.wait_for()
    page.locator(".run").click()
    page.locator(".stage.playing").wait_for()
    assert len(set(fetched)) == 1
    with urllib.request.urlopen(fetched[0]) as answer:
        assert "immutable" in answer.headers["cache-control"]
        assert len(answer.read()) > 50 * 2 * 4_000


def test_a_film_that_may_be_asked_for_is_there_before_the_press(page, address):
    train_as_another(address, "units=4&epochs=1&seed=906")
    with page.expect_response("**/film/*"):
        page.goto(f"{address}/train?units=4&epochs=1&seed=906")


def test_the_starting_weights_have_one_scale_on_the_empty_stage_and_in_the_film(page, address):
    page.goto(f"{address}/train?units=6&epochs=1&seed=908")
    page.locator(".stage .neuron").first.wait_for()
    before = page.locator(".stage .neuron canvas").first.evaluate(OPACITIES)
    train_with_film(page, address, "units=6&epochs=1&seed=908")
    page.locator(".stage.playing").wait_for()
    page.locator(".run").click()
    at_rest(page)
    page.mouse.click(640, 2)
    page.keyboard.press("Home")
    assert moment(page) == 0
    shown = page.locator(".stage .neuron canvas").first.evaluate(OPACITIES)
    np.testing.assert_allclose(shown, before, atol=4)  # the file has rounded numbers


def test_no_line_of_the_network_goes_through_the_words_beside_it(page, address):
    page.goto(f"{address}/train?units=6&epochs=1&seed=908")
    neuron, words = page.locator(".stage .neuron").first, page.locator(".stage .detail")
    neuron.wait_for()
    image = page.locator(".stage .picture").bounding_box()
    assert words.bounding_box()["width"] < 1.4 * image["width"]  # left of the lines
    neuron.click()
    expect(words).not_to_have_class(re.compile("empty"))
    paper = page.locator(".stApp").evaluate("one => getComputedStyle(one).backgroundColor")
    assert words.evaluate("one => getComputedStyle(one).backgroundColor") == paper


def test_every_moment_shows_the_outputs_of_its_network_and_the_keys_step(page, address):
    with page.expect_response("**/film/*") as film:
        train_with_film(page, address, "units=4&epochs=1&seed=902")
    page.locator(".stage.playing").wait_for()
    with urllib.request.urlopen(film.value.url) as answer:
        recorded = read_film_of(answer)
    page.locator(".run").click()  # a pause
    at_rest(page)
    page.mouse.click(640, 2)  # the page itself has the keys
    page.keyboard.press("Home")
    assert moment(page) == 0
    image = network_inputs(load_embedded().test_images[:1])
    steps = [moment.step for moment in recorded.moments]
    for place in (0, 1, 2):
        assert moment(page) == steps[place]
        shown = page.locator(".stage .outputs .neuron").evaluate_all(OUTPUTS)
        np.testing.assert_allclose(shown, recorded.parameters[place].probabilities(image)[0], atol=1e-4)
        accuracy = f"{100 * recorded.moments[place].accuracy:.1f}%"
        expect(page.locator(".stage .number b").first).to_have_text(accuracy)
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert moment(page) == steps[1]
    page.keyboard.press(" ")
    page.locator(".stage.playing").wait_for()


def read_film_of(answer):
    """A film that was asked for without compression comes unpacked."""
    return read_film(gzip.compress(answer.read()))


def test_space_pauses_the_film_that_a_press_began_and_end_keeps_the_keys(page, address):
    train_with_film(page, address, "units=4&epochs=1&seed=907")
    page.locator(".stage.playing").wait_for()
    page.keyboard.press(" ")  # and not "Train" again, which was pressed last
    at_rest(page)
    page.keyboard.press("End")
    assert page.locator(".place").evaluate("one => one.value === one.max")
    page.keyboard.press("Home")
    assert moment(page) == 0


def test_a_film_that_cannot_be_loaded_says_so_and_the_network_is_shown_all_the_same(page, address):
    page.route("**/film/*", lambda route: route.abort())
    train_with_film(page, address, "units=6&epochs=2&seed=905")
    expect(page.locator(".told")).to_contain_text("could not be loaded")
    expect(page.locator(".stage .number b").first).to_contain_text("%")
    expect(page.locator(".stage .curve.accuracy")).to_contain_text("validation")
    page.unroute("**/film/*")
    page.locator(".run").click()
    page.locator(".stage.playing").wait_for()


def test_a_run_is_paused_and_goes_on_from_where_it_was_and_a_finished_one_is_trained_further(page, address):
    train(page, address, f"{LONG}&seed=913")
    page.get_by_text("images per second").first.wait_for()
    page.get_by_role("button", name="Pause", exact=True).first.click()
    page.get_by_role("button", name="Continue").wait_for()
    paused = re.search(r"Paused: ([\d,]+) updates", page.get_by_text("Paused: ").first.inner_text())[1]
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("images per second").first.wait_for()
    page.locator(".st-key-stop button").click()
    page.get_by_role("button", name="Continue").wait_for()
    again = re.search(r"Paused: ([\d,]+) updates", page.get_by_text("Paused: ").first.inner_text())[1]
    assert int(again.replace(",", "")) >= int(paused.replace(",", ""))
    assert page.locator(".stDataFrame").count() == 1
    train(page, address, "units=3&epochs=1&seed=903")
    page.get_by_role("button", name="5 more epochs").click()
    page.get_by_role("slider", name="Epochs").wait_for()
    expect(page.locator(".st-key-stage_numbers")).to_contain_text("Trained: 678 updates")  # 6 epochs of 113
    expect(page.get_by_role("slider", name="Epochs")).to_have_attribute("aria-valuetext", "6")


BOXES = """all => all.map(one => one.getBoundingClientRect())
  .map(box => [box.left, box.right, box.top, box.bottom])"""
"""Where elements lie on the screen."""


def touch(first, second):
    """Whether two boxes of `BOXES` share more than half a pixel in both directions."""
    return all(
        min(first[high], second[high]) - max(first[low], second[low]) > 0.5 for low, high in ((0, 1), (2, 3))
    )


def contrast(page, element, part):
    """Of the `fill` or `stroke` of an element with the ground of the page, as WCAG defines it."""
    look = element.evaluate(
        "(one, part) => [getComputedStyle(one)[part], getComputedStyle(one).opacity]", part
    )
    ground = channels(page.locator(".stApp").evaluate("one => getComputedStyle(one).backgroundColor"))
    opacity = float(look[1])
    seen = opacity * channels(look[0]) + (1 - opacity) * ground
    dark, light = sorted(map(luminance, (seen, ground)))
    return (light + 0.05) / (dark + 0.05)


def channels(color):
    """Red, green and blue, 0 to 1, of a color in the form rgb(r, g, b)."""
    return np.array([int(part) / 255 for part in re.findall(r"\d+", color)[:3]])


def luminance(channels):
    linear = np.where(channels <= 0.03928, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


GROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 21, 28)"}
"""The colours of a page."""


def test_a_run_goes_on_with_other_settings_and_the_curves_show_where(page, address):
    train(page, address, "units=5&epochs=2&seed=906")
    page.locator(".st-key-train_further").wait_for()
    page.get_by_role("slider", name="Batch size").press("End")
    page.get_by_role("button", name="Go on: batch 1,024").click()
    borders = page.locator(".stage .border")
    expect(borders).to_have_count(2)
    at_rest(page)
    expect(page.locator(".told")).to_contain_text("epoch 7 of 7")
    for scheme, ground in GROUNDS.items():
        page.emulate_media(color_scheme=scheme)
        expect(page.locator(".stApp")).to_have_css("background-color", ground)
        for quantity in ("accuracy", "loss"):
            assert_the_border_is_seen(page, page.locator(f".stage .curve.{quantity}"))
    expect(page).to_have_url(re.compile("chapters=2_32_adam_0.001(~|%7E)5_1024_adam_0.001"))
    page.reload()
    expect(borders).to_have_count(2)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("slider", name="Batch size").press("Home")
    buttons = page.locator(".st-key-main_actions_train button")
    expect(buttons).to_have_count(2)
    expect(buttons.nth(1)).to_contain_text("Go on: batch 1")
    first, second = buttons.evaluate_all(BOXES)
    assert first[2:] == second[2:], "the bar of buttons is one row high"


def assert_the_border_is_seen(page, curve):
    """Where the batches change a curve has a line with words, which touch nothing and stand out."""
    expect(curve.locator(".border text")).to_contain_text("batch 32 → 1,024")
    (line,), others = (curve.locator(which).evaluate_all(BOXES) for which in (".border line", "svg text"))
    assert not [other for other in others if touch([line[0] - 0.6, line[1] + 0.6, *line[2:]], other)]
    (label,) = curve.locator(".border text").evaluate_all(BOXES)
    assert not [other for other in others if other != label and touch(label, other)]
    assert "After epoch 2: batch 32 → 1,024." in curve.locator("svg").get_attribute("aria-label")
    assert contrast(page, curve.locator(".border text"), "fill") > 4.5
    assert contrast(page, curve.locator(".border line"), "stroke") > 3


def test_before_any_run_the_player_says_what_will_be_played_and_stands_at_the_end(page, address):
    page.goto(f"{address}/train?units=3&seed=978")
    expect(page.locator(".stage .told")).to_contain_text("its film can be played here")
    expect(page.locator(".stage .run")).to_be_disabled()
    slider = page.locator(".stage .place")
    assert slider.evaluate("slider => slider.value === slider.max && Number(slider.max) > 0")
    page.get_by_role("button", name="Train").first.click()
    expect(page.locator(".stage .run")).to_be_enabled()


@pytest.mark.parametrize("width", [1280, 390])
def test_what_stands_beside_one_border_reaches_no_other_and_no_number(page, address, width):
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{address}/train?chapters=4_32_adam_0.001~3_256_adam_0.001~3_64_sgd_0.1~20_16_sgd_0.1")
    expect(page.locator(".stage .border")).to_have_count(6)
    for quantity in ("accuracy", "loss"):
        curve = page.locator(f".stage .curve.{quantity}")
        lines, words, numbers = (
            curve.locator(which).evaluate_all(BOXES)
            for which in (".border line", ".border text", "g:not(.border) > text")
        )
        for word in words:
            wide = [[line[0] - 0.6, line[1] + 0.6, *line[2:]] for line in lines]
            assert not [other for other in (*wide, *numbers) if touch(word, other)]
        assert not [pair for pair in itertools.combinations(words, 2) if touch(*pair)]
        assert curve.locator(".border title").all_text_contents()[2] == "After epoch 10: batch 64 → 16"


def test_of_two_who_train_the_same_one_pauses_and_the_others_goes_on(page, phone, address):
    query = f"{LONG}&seed=904"
    train(page, address, query)
    page.get_by_text("images per second").first.wait_for()
    train(phone, address, query)
    phone.get_by_text("images per second").first.wait_for()
    phone.locator(".st-key-stop button").click()
    phone.get_by_text("its training goes on for them").wait_for()
    before = page.locator(".st-key-stage_numbers").inner_text()
    expect(page.locator(".st-key-stage_numbers")).not_to_have_text(before)
    page.get_by_text("images per second").first.wait_for()
    phone.locator(".st-key-train button").click()  # and joins it again
    phone.get_by_text("images per second").first.wait_for()
    for tab in (phone, page):
        tab.locator(".st-key-stop button").click()
    page.get_by_role("button", name="Continue").wait_for()
