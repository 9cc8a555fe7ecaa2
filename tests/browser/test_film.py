"""The film of a training in a real browser, and runs that are paused, continued, trained further."""

import gzip
import re
import urllib.request

import numpy as np
import pytest
from playwright.sync_api import expect

from mnist_core.images.dataset import load_embedded
from mnist_core.images.preparation import network_inputs
from mnist_core.training.film import read_film

pytestmark = pytest.mark.browser
OUTPUTS = "all => all.map(one => Number(getComputedStyle(one).getPropertyValue('--share')))"
"""The ten outputs as the bars have them, 0 to 1."""
LONG = "units=256&layers=3&units2=256&units3=256&epochs=30&batch=1"
"""A run that lasts longer than a test looks at it."""


def train(page, address, query):
    page.goto(f"{address}/train?{query}")
    page.locator(".stage .neuron").first.wait_for()
    page.locator(".st-key-train button").click()


def moment(page):
    """The number of the update that is shown."""
    return int(re.search(r"Update ([\d,]+) of", page.locator(".told").inner_text())[1].replace(",", ""))


def train_with_film(page, address, query):
    """Train what was trained before, so that its film plays however busy the machine is."""
    train(page, address, query)
    page.locator(".stage.has-film").wait_for()
    page.goto("about:blank")
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
    page.locator(".keys .pace").select_option(label="real time")
    at_rest(page)
    assert page.locator(".place").evaluate("one => one.value === one.max")
    page.locator(".run").click()
    page.locator(".stage.playing").wait_for()
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
    train(page, address, "units=4&epochs=1&seed=906")
    page.locator(".stage.has-film").wait_for()
    page.goto("about:blank")
    with page.expect_response("**/film/*"):
        page.goto(f"{address}/train?units=4&epochs=1&seed=906")


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
    train(page, address, LONG)
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
