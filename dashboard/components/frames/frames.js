// Plays the steps of a Plotly chart, with the controls that everything has.

const figures = new WeakMap()

export default function ({ data, parentElement }) {
  const host = parentElement.querySelector(".frames")
  if (!figures.has(host)) figures.set(host, newFigure(host))
  const figure = figures.get(host)
  const { player } = figure
  figure.data = data
  figure.shown = data.begin // a chart that has changed begins anew
  player.halt()
  player.place = data.begin
  player.draw()
  return () => {
    player.discard()
    figures.delete(host)
  }
}

function newFigure(host) {
  const figure = {}
  figure.player = new Player(host, {
    name: "The steps of the chart", step: "Step", paces: [5, 10, 30], pace: 10,
    last: () => figure.data.numbers.length - 1,
    show: (place) => {
      const step = Math.floor(place)
      if (step !== figure.shown) turnTo(figure.data, (figure.shown = step))
      return (host.querySelector(".told").textContent = `${figure.data.words}: ${figure.data.numbers[step]} of ${figure.data.numbers.at(-1)}`)
    },
  })
  return figure
}

/** Press the chart's own slider, which is not seen, at a step: Plotly shows frames for nothing else that a page can reach. */
function turnTo(data, step) {
  const name = data.chart.replace(/[^\w-]/g, "-") // as Streamlit makes a class of a key
  const rail = document.querySelector(`.st-key-${name} .slider-rail-touch-rect`)
  if (!rail) return
  const { left, width, top } = rail.getBoundingClientRect()
  const inset = 10 // pixels of Plotly's rail before its first step
  const clientX = left + inset + ((width - 2 * inset) * step) / (data.numbers.length - 1)
  rail.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, clientX, clientY: top }))
  rail.closest(".js-plotly-plot").dispatchEvent(new MouseEvent("mouseup"))
}
