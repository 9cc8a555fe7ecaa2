// Saves the chart with a key as it is drawn at the moment, on the page's own ground.

export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button")
  const kind = data.kind.toUpperCase()
  button.textContent = `Save as ${kind}`
  button.onclick = () => {
    const drawn = document.querySelector(`.st-key-${CSS.escape(data.chart)} svg.marks`)
    if (drawn) save(drawn, getComputedStyle(button).getPropertyValue("--st-background-color"), data)
  }
}
