"""How much of a chart's frame is left to its data."""

from mnist_core.figures.style import TOOLS_HEIGHT

LEAST_DATA = 0.7
"""Of a chart's frame, below the row of its title; a picture of squares is so high or so wide."""
PARTS = '[data-testid="stMain"] [class*="_part"] [data-testid="stButtonGroup"] button'
"""What shows another part of a page of the lab in the same place."""
SHARES = """
titleRow => [...document.querySelectorAll('[data-testid="stMain"] .js-plotly-plot')]
  .filter(chart => chart.checkVisibility() && chart.getBoundingClientRect().height > 2)
  .map(chart => {
    const { width, height } = chart.querySelector('.main-svg').getBoundingClientRect()
    const plots = Object.values(chart._fullLayout._plots ?? {})
    const span = axes =>
      Math.max(...axes.map(one => one._offset + one._length)) - Math.min(...axes.map(one => one._offset))
    const data = plots.reduce((sum, { xaxis, yaxis }) => sum + xaxis._length * yaxis._length, 0)
    const wide = span(plots.map(plot => plot.xaxis)) / width
    const high = span(plots.map(plot => plot.yaxis)) / (height - titleRow)
    const isPicture = plots.some(({ xaxis, yaxis }) => xaxis.scaleanchor || yaxis.scaleanchor)
    const { className } = chart.closest('[class*="st-key-chart_"]')
    const share = isPicture ? Math.max(wide, high) : data / width / (height - titleRow)
    return [className.match(/st-key-(chart_\\S+)/)[1], share]
  })
"""


def low_charts(page):
    """The charts that are seen now and leave less to their data; sentences."""
    shares = page.evaluate(SHARES, TOOLS_HEIGHT)
    return [f"{share:.0%} of {name} are data" for name, share in shares if share < LEAST_DATA]
