// The picture of the network: the neurons of the first layer as images of their weights, which light up with
// their outputs; the other layers below; and lines for what each neuron adds to the next ones.

const MOST_LINES = 120
const GAP = 56 // between two layers, for the lines
const CELL = { first: 52, later: 22 } // the largest size of a neuron

/** The weights of each neuron of the first layer as an image, each weight at the place of its pixel. */
function weightImages({ n, weights }, { order, fullColor }, colors) {
  const [positive, negative] = [colors.positive, colors.negative].map(rgbOf)
  return Array.from({ length: n }, (_, neuron) => {
    const image = new ImageData(SIDE, SIDE)
    for (let input = 0; input < SIDE * SIDE; input++) {
      const weight = weights[n * input + neuron]
      const strength = Math.min(1, Math.abs(weight) / fullColor)
      image.data.set([...(weight < 0 ? negative : positive), 255 * strength], 4 * (order?.[input] ?? input))
    }
    const canvas = document.createElement("canvas")
    canvas.width = canvas.height = SIDE
    canvas.getContext("2d").putImageData(image, 0, 0)
    return canvas
  })
}

function rgbOf(color) {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16))
}

/** Where all neurons stand in a picture of this width: { height, layers }, a place is { x, y, size }. */
function placesOf(sizes, width) {
  let top = 0
  const layers = sizes.map((n, layer) => {
    const isOutput = layer === sizes.length - 1
    const columns = isOutput ? n : layer ? Math.min(n, 32) : Math.min(n, Math.ceil(Math.sqrt(2 * n)))
    const pitch = Math.min(width / columns, layer && !isOutput ? CELL.later : CELL.first)
    const places = Array.from({ length: n }, (_, i) => {
      const row = Math.floor(i / columns)
      const inRow = Math.min(columns, n - row * columns)
      return { x: width / 2 + pitch * ((i % columns) - inRow / 2) + 1, y: top + pitch * row + 1, size: pitch - 3 }
    })
    top += pitch * Math.ceil(n / columns) + GAP
    return places
  })
  return { height: top - GAP, layers }
}

/** Draw the network; `outputs` is what `forward` gave, or null where nothing is drawn yet. */
function paintNetwork(canvas, layers, images, outputs, colors) {
  const { height, layers: places } = placesOf(layers.map(({ n }) => n), canvas.clientWidth)
  canvas.style.height = `${height}px`
  const pen = sharpContext(canvas, height)
  pen.imageSmoothingEnabled = false
  if (outputs) for (let layer = 1; layer < layers.length; layer++) paintLines(pen, layers[layer], outputs[layer - 1], places[layer - 1], places[layer], colors)
  places.slice(0, -1).forEach((some, layer) => {
    const largest = Math.max(...(outputs?.[layer] ?? []).map(Math.abs)) || 1
    some.forEach((place, i) => paintNeuron(pen, place, (outputs?.[layer][i] ?? 0) / largest, layer ? null : images[i], colors))
  })
  places.at(-1).forEach((place, digit) => paintOutput(pen, place, digit, outputs?.at(-1), colors))
}

/** What each neuron adds to those of the next layer, output × weight, as lines: the strongest ones. */
function paintLines(pen, { n, weights }, outputs, from, to, colors) {
  const lines = outputs.flatMap((output, i) => to.map((_, k) => ({ i, k, value: output * weights[n * i + k] })))
  lines.sort((a, b) => Math.abs(a.value) - Math.abs(b.value))
  const largest = Math.abs(lines.at(-1).value) || 1
  for (const { i, k, value } of lines.slice(-MOST_LINES)) {
    const strength = Math.abs(value) / largest
    const [a, b] = [from[i], to[k]]
    pen.globalAlpha = 0.1 + 0.7 * strength
    pen.lineWidth = 0.5 + 3.5 * strength
    pen.strokeStyle = value < 0 ? colors.negative : colors.positive
    pen.beginPath()
    pen.moveTo(a.x + a.size / 2, a.y + a.size)
    pen.lineTo(b.x + b.size / 2, b.y)
    pen.stroke()
  }
  pen.globalAlpha = 1
}

/** A hidden neuron; `level` is its output as a share of the largest in its layer, −1 to 1. */
function paintNeuron(pen, { x, y, size }, level, image, colors) {
  const light = Math.abs(level)
  const color = level < 0 ? colors.negative : colors.positive
  pen.fillStyle = colors.paper // the lines end at its edge
  pen.fillRect(x, y, size, size)
  pen.fillStyle = color
  pen.globalAlpha = (image ? 0.3 : 1) * light
  pen.fillRect(x, y, size, size)
  pen.globalAlpha = 0.4 + 0.6 * light
  if (image) pen.drawImage(image, x, y, size, size)
  pen.lineWidth = 1 + 2 * light
  pen.strokeStyle = light ? color : colors.line
  pen.strokeRect(x, y, size, size)
  pen.globalAlpha = 1
}

/** An output neuron: its digit, on a ground that rises with its probability. */
function paintOutput(pen, { x, y, size }, digit, probabilities, colors) {
  const isRead = probabilities && probabilities[digit] === Math.max(...probabilities)
  const height = size * (probabilities?.[digit] ?? 0)
  pen.fillStyle = colors.paper
  pen.fillRect(x, y, size, size)
  pen.globalAlpha = 0.55
  pen.fillStyle = isRead ? colors.ink : colors.muted
  pen.fillRect(x, y + size - height, size, height)
  pen.globalAlpha = 1
  pen.lineWidth = isRead ? 3 : 1
  pen.strokeStyle = isRead ? colors.ink : colors.line
  pen.strokeRect(x, y, size, size)
  pen.fillStyle = colors.ink
  pen.font = `${isRead ? 700 : 400} ${Math.round(0.55 * size)}px system-ui, sans-serif`
  pen.textAlign = "center"
  pen.textBaseline = "middle"
  pen.fillText(digit, x + size / 2, y + size / 2)
}
