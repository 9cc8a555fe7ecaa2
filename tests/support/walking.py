"""How tests go from page to page in a browser and find each filled, with a class open."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import TimeoutError as PlaywrightTimeout

NAVIGATE = "path => { history.pushState({}, '', path); dispatchEvent(new PopStateEvent('popstate')) }"
HERE = "() => location.pathname + location.search"
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
WHOLE = """
() => {
  const app = document.querySelector('[data-testid="stApp"]')
  const main = document.querySelector('[data-testid="stMain"]')
  return app?.dataset.testScriptState === 'notRunning' && main?.querySelector('h1')
    && !app.querySelector('[data-stale="true"], [data-testid="stSkeleton"]')
    && !main.textContent.includes('This takes a moment')
}
"""
"""Whether a page shows all that it has, also what the training process computes for it."""
STEADY = """
async () => {
  const main = document.querySelector('[data-testid="stMain"]')
  const sizes = () => [main, ...main.querySelectorAll('.js-plotly-plot .main-svg, svg.marks, canvas, img')]
    .map((one) => [one.scrollHeight, one.getBoundingClientRect().width]).join()
  for (let last = '', same = 0, n = 0; same < 8 && n < 480; n++) {
    await new Promise(requestAnimationFrame)
    const now = sizes(), fits = main.scrollWidth <= main.clientWidth + 1
    same = now === last && fits ? same + 1 : 0
    last = now
  }
}
"""
"""Until a chart has taken the width that the page has now; 480 frames, about 8 seconds, at most.

Eight frames without a change are enough: drawing rests for three at most, also where a frame takes a second.
"""
OTHER_PART = """
() => {
  const heard = {}, main = document.querySelector('[data-testid="stMain"]')
  new MutationObserver((changes) => {
    heard.part ||= changes.some(({ target }) => !target.parentElement.closest('.stButtonGroup'))
  }).observe(main, { childList: true, characterData: true, subtree: true })
  return heard
}
"""
"""Hears that what a page shows has changed; of a quick run, its state does not tell."""
LISTEN = """addEventListener('securitypolicyviolation', event =>
  violated([location.pathname, event.effectiveDirective, event.blockedURI, event.sourceFile].join(' ')))"""


class Traffic:
    """What tabs ask for, and what the content policy refuses them."""

    def __init__(self):
        self.asked, self.violations = [], []

    def listen(self, page):
        """To a tab that has loaded nothing yet; the same page."""
        page.on("request", lambda request: self.asked.append(request.url))
        page.expose_binding("violated", lambda _, words: self.violations.append(words))
        page.add_init_script(LISTEN)
        return page

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


def drawn(page, patience=180_000):
    """Wait until a page shows all that it has, in its place; for so many milliseconds at most."""
    page.wait_for_function(WHOLE, timeout=patience)
    page.evaluate(STEADY)


def choose(page, choice):
    """Choose one of several that bring a page another part, and wait for that; nothing if it is chosen."""
    if choice.get_attribute("aria-checked") != "true":
        heard = page.evaluate_handle(OTHER_PART)
        choice.click()
        page.wait_for_function("heard => heard.part", arg=heard)
    drawn(page)


def go(page, path):
    """Go to another page as the browser's back button does; nowhere where it is shown already.

    A page that was loaded anew runs once more, for the visit that its tab remembers; Streamlit may then
    forget that another page was asked for meanwhile.
    """
    before = title(page)
    if page.evaluate(HERE) == f"/{path}":
        settled(page)
        return
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


def open_empty_class(host):
    """A class that nobody is in; its code."""
    visit(host, "classroom")
    host.get_by_role("button", name="Open a class").click()
    heading = host.get_by_role("heading", name=re.compile("^Class [A-Z]{3} [A-Z]{3}$"))
    heading.wait_for()
    return heading.inner_text().removeprefix("Class ")


def open_class(host, student, address):
    """A class with a student in it; its code."""
    code = open_empty_class(host)
    student.goto(link_of_class(host, address))
    student.get_by_role("button", name=f"Join class {code}").click()
    student.get_by_text("Keep this page open").wait_for()
    return code
