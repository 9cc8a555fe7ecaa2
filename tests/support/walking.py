"""How tests go from page to page in a browser and find each filled, with a class open."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import TimeoutError as PlaywrightTimeout

NAVIGATE = "path => { history.pushState({}, '', path); dispatchEvent(new PopStateEvent('popstate')) }"
DRAWN = """
before => {
  const page = document.querySelector('[data-testid="stApp"]')
  const title = document.querySelector('[data-testid="stMain"] h1')?.innerText
  return title && title !== before && page.dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-stale="true"]')
}
"""


RUN_AGAIN = """
() => new Promise((then) => {
  const page = document.querySelector('[data-testid="stApp"]')
  const ask = () => dispatchEvent(new PopStateEvent('popstate'))
  let n = 0
  // A page that was busy did not hear it.
  const again = setInterval(() => { n += 1; n < 5 ? ask() : done() }, 3000)
  const watch = new MutationObserver(() => done())
  function done() { clearInterval(again); watch.disconnect(); then() }
  watch.observe(page, { attributeFilter: ['data-test-script-state'] })
  ask()
})
"""
"""To the page that is shown: until its next run has begun."""
STEADY = """
async () => {
  const main = document.querySelector('[data-testid="stMain"]')
  for (let last = -1, same = 0, n = 0; same < 3 && n < 80; n++) {
    await new Promise((then) => setTimeout(then, 100))
    same = main.scrollHeight === last && main.scrollWidth <= main.clientWidth + 1 ? same + 1 : 0
    last = main.scrollHeight
  }
}
"""
"""Until a chart has taken the width that the page has now; 8 seconds at most."""
LISTEN = """addEventListener('securitypolicyviolation', event =>
  violated([location.pathname, event.effectiveDirective, event.blockedURI, event.sourceFile].join(' ')))"""


class Traffic:
    """What the pages of a browser context ask for, and what the content policy refuses them."""

    def __init__(self, context):
        self.asked, self.violations = [], []
        context.on("request", lambda request: self.asked.append(request.url))
        context.expose_binding("violated", lambda _, words: self.violations.append(words))
        context.add_init_script(LISTEN)

    def elsewhere(self, address):
        """What was asked of any other host than the dashboard's."""
        own = urlsplit(address).netloc
        parts = {url: urlsplit(url) for url in self.asked}
        return {url for url, part in parts.items() if part.scheme in ("http", "https") and part.netloc != own}


def title(page):
    return page.evaluate("document.querySelector('[data-testid=\"stMain\"] h1')?.innerText ?? ''")


def settled(page, before="", patience=60_000):
    """Wait until a page is drawn: not the one with the title `before`; for so many milliseconds at most."""
    page.wait_for_function(DRAWN, arg=before, timeout=patience)


def go(page, path):
    """Go to another page as the browser's back button does.

    A page that was loaded anew runs once more, for the visit that its tab remembers; Streamlit may then
    forget that another page was asked for meanwhile.
    """
    before = title(page)
    page.evaluate(NAVIGATE, f"/{path}")
    try:
        settled(page, before, 10_000)
    except PlaywrightTimeout:
        page.evaluate(NAVIGATE, f"/{path}")
        settled(page, before)


def visit(page, path):
    """Go to another page, and fill it."""
    go(page, path)
    fill(page)


def fill(page):
    """Press what a page waits for, if it does."""
    skip = page.get_by_role("button", name="Show me without a guess")
    while skip.count():  # a section may ask for a second guess
        asked = skip.first.element_handle()
        asked.click()
        page.wait_for_function("button => !button.isConnected", arg=asked)
        settled(page)
    if page.get_by_role("heading", name="Draw a digit").count():
        page.get_by_role("button", name="Draw one for me").click()
        page.get_by_role("heading", name="Read as a").wait_for()
    settled(page)


def run_again(page):
    """Let the page that is shown run once more."""
    page.evaluate(RUN_AGAIN)
    settled(page)


def link_of_class(host, address):
    """What the QR code on the lecturer's page opens, at the server's own address."""
    words = host.get_by_text(re.compile(r"/join\?class=[0-9a-f]{32}")).first.inner_text()
    return f"{address}/join?{words.split('?')[1].strip()}"


def open_class(host, student, address):
    """A class with a student in it; its code."""
    visit(host, "classroom")
    host.get_by_role("button", name="Open a class").click()
    heading = host.get_by_role("heading", name=re.compile("^Class [A-Z]{3} [A-Z]{3}$"))
    heading.wait_for()
    code = heading.inner_text().removeprefix("Class ")
    student.goto(link_of_class(host, address))
    student.get_by_role("button", name=f"Join class {code}").click()
    student.get_by_text("Keep this page open").wait_for()
    return code
