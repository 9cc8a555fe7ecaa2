"""What the page's own style sheets cost a browser whenever something is drawn.

`python -m benchmarks.styles` opens pages in headless Chromium, puts a short text into a chart and measures
it, as Plotly does with each of its labels, and prints milliseconds with all rules of the page, without those
that ask what an element contains (`:has`), and their ratio. A last row has one rule more, of the kind that
`tests/dashboard/elements/test_look.py` refuses: it asks what the whole page contains.
"""

from playwright.sync_api import Page

from benchmarks.browser import browser

PAGES = ("images?embed=true&section=1", "activations", "evaluate", "inside")
ASKS_THE_PAGE = ".stMain:has(.nowhere) [data-testid]:has(> .nowhere) { color: red }"
MEASURE = """
() => {
  const charts = [...document.querySelectorAll('.js-plotly-plot .main-svg')]
  const chart = charts.find((one) => one.clientWidth > 50)
    ?? document.querySelector('[data-testid="stMain"] p')
  const n = 200, begun = performance.now()
  for (let k = 0; k < n; k++) {
    const text = document.createElementNS('http://www.w3.org/2000/svg', 'text')
    text.textContent = k
    chart.append(text)
    text.getBoundingClientRect()
    text.remove()
    chart.getBoundingClientRect()
  }
  return (performance.now() - begun) / n
}
"""
"""Milliseconds of one text, put in and measured, and taken out and measured."""
WITHOUT = """
() => {
  const remove = (owner) => {
    for (let place = owner.cssRules.length - 1; place >= 0; place--) {
      const rule = owner.cssRules[place]
      if (rule.selectorText?.includes(':has(')) owner.deleteRule(place)
      else if (rule.cssRules?.length) remove(rule)
    }
  }
  for (const sheet of document.styleSheets) if (!sheet.href) remove(sheet)
}
"""
"""Takes the rules away that ask what an element contains."""


def fastest(page: Page) -> float:
    """The fastest of a few, in milliseconds."""
    return min(float(page.evaluate(MEASURE)) for _ in range(5))


def main() -> None:
    """Measure and print."""
    print("| page | with all rules (ms) | without `:has` (ms) | ratio |\n|---|---|---|---|")
    with browser() as (opened, address):
        page = opened.new_page(viewport={"width": 1280, "height": 800})
        for path in PAGES:
            page.goto(f"{address}/{path}")
            skip = page.get_by_role("button", name="Show me without a guess")
            page.locator('[data-testid="stMain"] h1').wait_for()
            page.wait_for_timeout(8_000)
            if skip.count():
                skip.first.click()
                page.wait_for_timeout(4_000)
            with_all = fastest(page)
            if path == PAGES[-1]:
                page.add_style_tag(content=ASKS_THE_PAGE)
                asking = fastest(page)
            page.evaluate(WITHOUT)
            without = fastest(page)
            print(f"| {path} | {with_all:.3f} | {without:.3f} | {with_all / without:.1f} |")
        name = f"{PAGES[-1]}, and such a rule"
        print(f"| {name} | {asking:.3f} | {without:.3f} | {asking / without:.1f} |")


if __name__ == "__main__":
    main()
