"""Links that carry a program: whatever stands in one, no browser runs it or asks another host."""

import re
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
    "glossary?q={}", "predict?image={}&neuron={}", "inside?run={}", "{}", "code?x={}#{}",
)  # fmt: skip
"""With a place for each of the programs."""


def test_no_program_in_a_link_is_run(page, address):
    alerts, elsewhere, programs = [], [], iter(PROGRAMS)
    page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: elsewhere.append(request.url))
    for link in LINKS:
        page.goto(f"{address}/{re.sub('{}', lambda _: quote(next(programs), safe=''), link)}")
        page.get_by_role("heading", level=1).first.wait_for()
        settled(page)
        assert page.locator("main script, [data-testid=stMain] iframe, a[href^=javascript]").count() == 0
        assert page.get_by_role("heading", level=1).first.is_visible()
    assert next(programs, None) is None
    assert alerts == []
    own = (address, "data:", "blob:")
    assert [url for url in elsewhere if not url.startswith(own)] == []
    page.evaluate("alert('seen')")
    assert alerts == ["seen"]  # else nothing would have been
