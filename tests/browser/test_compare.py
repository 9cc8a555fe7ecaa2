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


@pytest.fixture(scope="module")
def address(sample_address):
    """Of a dashboard on the sample: what takes time is that each network of a sweep is compiled first."""
    return sample_address


def opened(browser, address, part, width=1280):
    page = browser.new_page(viewport={"width": width, "height": 1000})
    page.set_default_timeout(60_000)
    page.goto(f"{address}/compare")
    page.get_by_text(part, exact=True).click()
    return page


def chosen(page, *values):
    """The page with only these values to sweep over."""
    pills = page.locator('[class*="st-key-sweep_values"] button')
    pills.first.wait_for()
    for pill in pills.all():
        is_on = pill.get_attribute("aria-checked") == "true" or pill.get_attribute("aria-pressed") == "true"
        if is_on != (pill.inner_text() in values):
            pill.click()
            page.wait_for_timeout(300)
    page.get_by_role("button", name=f"Sweep: train {len(values)} networks").wait_for()


def test_two_visitors_share_a_sweep_and_one_may_leave_it(browser, address):
    first, second = (opened(browser, address, "Sweep", width) for width in (1280, 390))
    for page in (first, second):
        chosen(page, "8", "16", "32", "64", "128")
    for page in (first, second):
        page.get_by_role("button", name="Sweep: train 5 networks").click()
        page.get_by_text("of 5 networks trained").first.wait_for()
    second.get_by_role("button", name="Stop").click()
    second.get_by_text("goes on for them").wait_for()
    first.get_by_text("The longest training took").wait_for()
    assert first.get_by_text("Stopped:").count() == 0
    second.get_by_role("button", name="Sweep: train 5 networks").click()
    second.get_by_text("The longest training took").wait_for()  # at once: it has been trained
    for page in (first, second):
        page.close()


def test_the_points_of_a_sweep_appear_without_a_blank_frame(browser, address):
    page = opened(browser, address, "Sweep")
    chosen(page, "1", "2", "4", "8", "16")
    page.evaluate(SAMPLER)
    page.get_by_role("button", name="Sweep: train 5 networks").click()
    page.get_by_text("The longest training took").wait_for()
    frames = page.evaluate("() => window.frames_seen")
    counts = frames[next(i for i, n in enumerate(frames) if n) :]
    counts = counts[: len(counts) - next(i for i, n in enumerate(reversed(counts)) if n)]
    assert all(counts), "a frame was blank"
    assert counts == sorted(counts)
    assert len(set(counts)) > 1, "the chart did not grow"
    page.close()


def test_an_experiment_opens_after_a_guess(browser, address):
    page = opened(browser, address, "Experiments", 390)
    page.get_by_text("It grows fast at first, then less and less").click()
    page.locator("button:enabled", has_text="That is my guess").click()
    page.get_by_role("button", name="Try it: train 8 networks").click()
    page.get_by_text("What to see.").wait_for()
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    page.close()
