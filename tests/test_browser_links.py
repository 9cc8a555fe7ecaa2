"""Links that carry a script, in a real browser: each opens its page, and nothing of it is ever run."""

from urllib.parse import quote

import pytest

pytestmark = pytest.mark.browser
SCRIPT = "<img src=x onerror=evil=1><svg onload=evil=1>[x](javascript:evil=1)<script>evil=1</script>"
LINKS = {
    "a number": "train?units={}",
    "a choice of words": "train?optimizer={}",
    "a decimal number": "train?rate={}",
    "the seed": "train?seed={}",
    "a test image": "predict?image={}",
    "a training image": "images?example={}",
    "a run": "evaluate?run={}",
    "a tour": "train?tour={}",
    "a step of a tour": "train?tour=10&step={}",
    "a class": "join?class={}",
    "a name that there is not": "train?{}=1",
    "what stands behind the #": "glossary#{}",
    "a page that there is not": "{}",
}
FOREIGN = """() => [...document.querySelectorAll('*')].flatMap(element => [...element.attributes])
  .filter(({ name, value }) => name.startsWith('on') || value.trim().startsWith('javascript:')).length"""


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS.keys())
def test_a_script_in_a_link_is_not_run(browser, sample_address, link):
    page = browser.new_page()
    page.goto(f"{sample_address}/{link.format(quote(SCRIPT, safe=''))}")
    page.get_by_role("heading", level=1).first.wait_for()
    page.locator('[data-test-script-state="notRunning"]').wait_for()
    assert page.evaluate("() => typeof window.evil") == "undefined"
    assert page.evaluate(FOREIGN) == 0
    page.close()
