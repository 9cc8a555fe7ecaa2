"""Links that carry a program: whatever stands in one, no browser runs it or asks another host."""

from urllib.parse import quote

import pytest
from walking import settled

pytestmark = pytest.mark.browser
PROGRAMS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>",
    "[x](javascript:alert(1))", "![x](http://evil.test/x.png)", "<iframe src=javascript:alert(1)>",
    "\"><script>alert(1)</script>", "'-alert(1)-'", "javascript:alert(1)", "$\\href{javascript:alert(1)}{x}$",
    "<a href=data:text/html,<script>alert(1)</script>>x</a>", ":material/x: <style>*{display:none}</style>",
    "\u202e<script>alert(1)</script>\x00",
)  # fmt: skip
LINKS = (
    "train?units={}", "train?epochs={}&optimizer={}", "join?class={}", "tour?tour={}&step={}",
    "glossary?q={}", "predict?image={}", "inside?run={}", "{}", "code?x={}#{}",
)  # fmt: skip


def test_no_program_in_a_link_is_run(browser, sample_address):
    context = browser.new_context()
    page, alerts, elsewhere = context.new_page(), [], []
    page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: elsewhere.append(request.url))
    for number, program in enumerate(PROGRAMS):
        link = LINKS[number % len(LINKS)].replace("{}", quote(program, safe=""))
        page.goto(f"{sample_address}/{link}")
        page.get_by_role("heading", level=1).first.wait_for()
        settled(page)
        assert page.locator("main script, [data-testid=stMain] iframe, a[href^=javascript]").count() == 0
        assert page.get_by_role("heading", level=1).first.is_visible()
    assert alerts == []
    own = (sample_address, "data:", "blob:")
    assert [url for url in elsewhere if not url.startswith(own)] == []
    page.evaluate("alert('seen')")
    assert alerts == ["seen"]  # else nothing would have been
    context.close()
