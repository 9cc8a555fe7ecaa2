"""Sweeps in a real browser, with two visitors at once."""

import pytest

pytestmark = pytest.mark.browser
SAMPLER = """
() => {
  window.frames_seen = []
  setInterval(() => {
    const marks = document.querySelectorAll('[data-testid="stVegaLiteChart"] .mark-symbol path')
    window.frames_seen.push(marks.length)
  }, 40)
}
"""
"""Notes several times a second how many points the live chart shows."""
VALUES = ("1", "2", "4", "8", "16")


def opened(page, address, part, link="epochs=1&images=500"):
    page.goto(f"{address}/compare?{link}")
    page.get_by_text(part, exact=True).click()


def choose(page, *values):
    """Have only these values to sweep over."""
    pills = page.locator('[class*="st-key-sweep_values"] button')
    pills.first.wait_for()
    n_chosen = sum(is_on(pill) for pill in pills.all())
    for pill in pills.all():
        if is_on(pill) != (pill.inner_text() in values):
            n_chosen += -1 if is_on(pill) else 1
            pill.click()
            if n_chosen:
                page.get_by_role("button", name=f"Sweep: train {n_chosen} network").wait_for()


def is_on(pill):
    return "true" in (pill.get_attribute("aria-checked"), pill.get_attribute("aria-pressed"))


def test_two_visitors_share_a_sweep_that_grows_without_a_blank_frame_and_one_may_leave(page, phone, address):
    for tab in (page, phone):
        opened(tab, address, "Sweep", "epochs=8&batch=2")  # long enough for somebody to leave meanwhile
        choose(tab, *VALUES)
    page.evaluate(SAMPLER)
    for tab in (page, phone):
        tab.get_by_role("button", name="Sweep: train 5 networks").click()
        tab.get_by_text("of 5 networks trained").first.wait_for()
    phone.get_by_role("button", name="Stop").click()
    phone.get_by_text("goes on for them").wait_for()
    page.get_by_text("The longest training took").wait_for()
    assert page.get_by_text("Stopped:").count() == 0
    assert_grown(page.evaluate("() => window.frames_seen"))
    phone.get_by_role("button", name="Sweep: train 5 networks").click()
    phone.get_by_text("The longest training took").wait_for()  # at once: it has been trained
    assert phone.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")


def assert_grown(frames):
    """From the first point of the live chart to its last none was missing."""
    shown = [i for i, n in enumerate(frames) if n]
    counts = frames[shown[0] : shown[-1] + 1]
    assert all(counts), "a frame was blank"
    assert counts == sorted(counts)
    assert len(set(counts)) > 1, "the chart did not grow"


def test_an_experiment_opens_after_a_guess_and_fits_a_phone(phone, address):
    opened(phone, address, "Experiments")
    phone.get_by_text("It grows fast at first, then less and less").click()
    phone.locator("button:enabled", has_text="That is my guess").click()
    phone.get_by_role("button", name="Try it: train 8 networks").wait_for()
    assert phone.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
