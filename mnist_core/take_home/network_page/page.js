// The page: what is drawn goes through the preparation and the network, and what comes out is shown.

const network = JSON.parse(document.getElementById("network").textContent)
network.order = network.order && new Uint16Array(bytesOf(network.order).buffer)
const layers = layersOf(network)
const find = (id) => document.getElementById(id)
const rows = Array.from({ length: 10 }, (_, digit) => newRow(digit))
let colors, images, outputs, frame

/** All that the network makes of strokes: the image that it is given, and the outputs of all layers. */
function read(strokes) {
  const image = prepareLikeMnist(render(strokes))
  return image && { image, outputs: forward(layers, inputsOf(image, network), network.activation) }
}

function show(strokes, isDone) {
  const answer = read(strokes)
  outputs = answer?.outputs ?? null
  find("hint").hidden = strokes.length > 0
  paintImage(answer?.image)
  paintNetwork(find("picture"), layers, images, outputs, colors)
  const probabilities = outputs?.at(-1)
  const digit = probabilities?.indexOf(Math.max(...probabilities))
  find("digit").textContent = probabilities ? reading(digit) : "Draw a digit"
  rows.forEach(({ row, bar, words }, i) => {
    row.classList.toggle("read", i === digit)
    bar.style.width = `${100 * (probabilities?.[i] ?? 0)}%`
    words.textContent = probabilities ? percent(probabilities[i]) : ""
  })
  if (isDone) say(probabilities, digit)
}

/** What a screen reader hears once the pen is lifted, and says of the picture. */
function say(probabilities, digit) {
  find("answer").textContent = probabilities ? `${reading(digit)}, with a softmax output of ${percent(probabilities[digit])}.` : ""
  const strongest = probabilities ? outputs[0].map((output, i) => [Math.abs(output), i]).sort((a, b) => b[0] - a[0]) : []
  const names = strongest.filter(([output]) => output).slice(0, 3).map(([, i]) => i)
  const active = names.length ? ` The largest outputs are those of neurons ${names.join(", ")}.` : ""
  find("picture").setAttribute("aria-label", `The network: ${layers[0].n} neurons with images of their weights, and ten outputs.${active}`)
}

function reading(digit) {
  return `Read as ${digit === 8 ? "an" : "a"} ${digit}`
}

/** 0.9996 as ">99.9%": only what is certain is 100%. */
function percent(share) {
  const text = (100 * share).toFixed(1)
  return text === "100.0" && share < 1 ? ">99.9%" : `${text}%`
}

function newRow(digit) {
  const row = find("outputs").insertRow()
  const name = document.createElement("th")
  name.scope = "row"
  name.textContent = digit
  const bar = document.createElement("i")
  row.append(name)
  row.insertCell().append(bar)
  return { row, bar, words: row.insertCell() }
}

/** The image that the network is given, in gray. */
function paintImage(levels) {
  const pixels = new ImageData(SIDE, SIDE)
  pixels.data.forEach((_, i) => (pixels.data[i] = i % 4 === 3 ? 255 : (levels?.[Math.floor(i / 4)] ?? 0)))
  find("image").getContext("2d").putImageData(pixels, 0, 0)
}

/** Colours of a light or a dark page, from its style sheet. */
function readColors() {
  const style = getComputedStyle(document.documentElement)
  const names = ["paper", "ink", "line", "muted", "positive", "negative"]
  colors = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]))
  images = weightImages(layers[0], network, colors)
}

/** A page that came from a server can be saved as a file; a file has been saved already. */
function offerFile() {
  const link = find("save")
  link.href = location.href
  link.hidden = !location.protocol.startsWith("http")
}

readColors()
offerFile()
const pad = newPad(find("pad"), find("undo"), find("clear"), (strokes, isDone) => {
  cancelAnimationFrame(frame)
  if (isDone) show(strokes, true)
  else frame = requestAnimationFrame(() => show(strokes, false)) // once for each picture that the screen shows
})
const repaint = () => (readColors(), pad.show(true))
matchMedia("(prefers-color-scheme: dark)").onchange = repaint
window.onresize = repaint
