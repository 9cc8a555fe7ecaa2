"""The main job without a mouse: Tab, Enter, space bar and arrow keys."""

import re

import pytest
from walking import settled

from mnist_core.figures.style import article

pytestmark = pytest.mark.browser
FOCUSED = """
() => {
  let element = document.activeElement
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
  const labels = [...(element.labels ?? [])].map((label) => label.innerText).join(' ')
  const name = element.getAttribute('aria-label') || labels || element.innerText || element.title || ''
  return element === document.body ? 'nothing' : name.replace(/\\s+/g, ' ').trim()
}
"""
"""The name of what has the focus, also within a component."""
LISTEN = """
() => {
  window.heard = []
  const listen = () => {
    const said = document.querySelector('[role="status"]#mlp-explainer-news')?.textContent
    if (said && said !== window.heard.at(-1)) window.heard.push(said)
  }
  new MutationObserver(listen).observe(document.body, { childList: true, characterData: true, subtree: true })
}
"""
"""Collects what the live region says."""
ENOUGH = 90
"""Tab stops of the longest page here, the navigation included."""


@pytest.fixture
def keys(page, address):
    """Opens a page for who never touches the mouse, once it is drawn."""

    def opened(path):
        page.goto(f"{address}/{path}")
        page.get_by_role("heading", level=1).wait_for()
        settled(page)
        page.evaluate(LISTEN)
        return page

    return opened


def focused(page):
    return page.evaluate(FOCUSED)


def tab_to(page, name, key="Tab"):
    """Press Tab until something with this name, a regular expression, has the focus."""
    passed = []
    for _ in range(ENOUGH):
        page.keyboard.press(key)
        passed.append(focused(page))
        if re.search(name, passed[-1]):
            return
    raise AssertionError(f"{name!r} is not reached; {key} came by {passed}")


def is_focus_seen(page):
    """Whether the page looks different when what has the focus loses it."""
    with_focus = page.screenshot(animations="disabled", caret="hide")
    page.evaluate("document.activeElement.blur()")
    return page.screenshot(animations="disabled", caret="hide") != with_focus


def open_page(page, link, heading):
    """Walk to a link of the sidebar and follow it, until its page is drawn."""
    tab_to(page, link)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=heading).wait_for()
    settled(page)


def test_a_network_is_built_and_its_training_is_read_aloud_to_its_end(keys):
    page = keys("")
    open_page(page, "Train$", "Train a network")
    tab_to(page, "^Hidden neurons")
    page.keyboard.press("ArrowRight")
    page.get_by_text("784 → 33 → 10").wait_for()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.get_by_text("784 → 31 → 10").wait_for()
    settled(page)
    assert focused(page).startswith("Hidden neurons")
    tab_to(page, "Train$")
    page.keyboard.press("Enter")
    page.get_by_text("Trained: ").first.wait_for()
    settled(page)
    # A short training is seen as a film, which Space then pauses; a longer one as it goes.
    assert re.search("Train$|^(Pause|Play)$", focused(page)), "the focus was lost while it trained"
    page.wait_for_function("() => window.heard.at(-1)?.startsWith('Trained.')")
    *on_the_way, last = page.evaluate("window.heard")
    at_the_end = page.locator(".stage .number").filter(has_text="Validation accuracy, all")
    shown = at_the_end.inner_text().split("\n")
    assert f"Validation accuracy: {shown[-1]}." in last
    for said in on_the_way:  # on the sample it is over within a second
        assert re.match(r"Training: epoch \d of 5\.$|Getting ready|Waiting: number", said)


RING = "getComputedStyle(document.activeElement).boxShadow"


def test_share_has_a_ring_after_its_dialog_only_where_a_key_has_closed_it(keys):
    page = keys("train")
    page.locator(".stage .neuron").first.wait_for()
    for close, is_ringed in (
        (lambda: page.get_by_role("button", name="Close").click(), False),
        (lambda: page.keyboard.press("Escape"), True),
    ):
        page.locator(".st-key-share button").click()
        page.get_by_role("dialog").wait_for()
        page.wait_for_function(
            "() => document.querySelector('[role=dialog]').contains(document.activeElement)"
        )
        close()
        page.get_by_role("dialog").wait_for(state="detached")
        page.wait_for_function("() => document.activeElement.innerText.includes('Share')")
        assert (page.evaluate(RING) != "none") == is_ringed


def test_the_images_behind_a_cell_are_chosen(keys):
    page = keys("evaluate")
    page.get_by_role("combobox", name="True digit").wait_for()
    settled(page)
    for name, digit in (("True digit", "4"), ("Prediction", "9")):
        tab_to(page, f"^{name}|{name}$")
        page.keyboard.type(digit)
        page.keyboard.press("Enter")
        settled(page)
    page.get_by_role("heading", name="images of a 4, read as a 9").wait_for()
    assert focused(page) != "nothing"


def test_another_image_is_read(keys):
    page = keys("predict")
    tab_to(page, "Another one$")
    before = page.get_by_label("Number of the image").input_value()
    page.keyboard.press("Space")
    page.wait_for_function(
        "before => document.querySelector('[aria-label=\"Number of the image\"]').value !== before",
        arg=before,
    )
    settled(page)
    assert focused(page).endswith("Another one")


def test_a_digit_is_drawn_for_who_has_no_mouse(keys):
    page = keys("draw")
    tab_to(page, "Draw one for me$")
    page.keyboard.press("Enter")
    heading = page.get_by_role("heading", name=re.compile(r"^Read as an? \d"))
    heading.wait_for()
    settled(page)
    assert focused(page).endswith("Draw one for me")
    digit, share = (heading.locator(part).inner_text() for part in ("b", "em"))
    said = f"Read as {article(int(digit))} {digit}, with a softmax output of {share}"
    page.wait_for_function("said => window.heard.at(-1) === said", arg=said)


def test_a_lesson_opens_after_a_guess_and_answers_a_check(keys):
    page = keys("neurons")
    page.get_by_role("button", name="That is my guess").wait_for()
    settled(page)
    first = page.get_by_test_id("stRadio").get_by_role("radio").first
    for _ in range(ENOUGH):
        page.keyboard.press("Tab")
        if first.evaluate("radio => radio === document.activeElement"):
            break
    page.keyboard.press("Space")
    page.locator("button:enabled", has_text="That is my guess").wait_for()
    tab_to(page, "That is my guess$")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Check yourself").wait_for()
    settled(page)
    page.keyboard.press("Tab")
    in_page = "document.querySelector('[data-testid=\"stMain\"]').contains(document.activeElement)"
    assert page.evaluate(in_page), f"after the guess Tab begins anew, at {focused(page)!r}"


def test_what_has_the_focus_is_seen(keys):
    page = keys("predict")
    page.locator(".network .neuron").first.wait_for()
    settled(page)
    for name in ("Learning$", "^PNG", "Share$", "Larger type", "Another one$", "Play$"):
        tab_to(page, name)
        assert is_focus_seen(page), name
