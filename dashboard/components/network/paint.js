// Pictures of numbers: gray levels, weights by sign, and connections; what they mean stands in data.colors.

const SIDE = 28
const WEAKEST = 0.06 // of the strongest connection of a layer; weaker ones are left out
const MOST_LINES = 120 // of a layer

function bytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
}

function floats(text) {
  return new Float32Array(bytes(text).buffer)
}

/** The 784 numbers of one neuron among those of all. */
function imageOf(numbers, i) {
  return numbers.subarray(SIDE * SIDE * i, SIDE * SIDE * (i + 1))
}

function rgb(color) {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16))
}

/** Gray levels, 0 black to 255 white. */
function paintGray(canvas, levels) {
  paint(canvas, (i) => [levels[i], levels[i], levels[i], 255])
}

/** Weights as signed bytes, 127 the largest of the layer by size; nothing where a weight is 0. */
function paintWeights(canvas, weights, colors) {
  const positive = rgb(colors.positive)
  const negative = rgb(colors.negative)
  const [context, picture] = small(canvas)
  const { data } = picture
  for (let i = 0; i < SIDE * SIDE; i++) {
    const color = weights[i] < 0 ? negative : positive
    data[4 * i] = color[0]
    data[4 * i + 1] = color[1]
    data[4 * i + 2] = color[2]
    data[4 * i + 3] = Math.min(255, 4 * Math.abs(weights[i]))
  }
  context.putImageData(picture, 0, 0)
}

/** The image in gray, and over its ink the weights that it meets. */
function paintOver(canvas, levels, weights, colors) {
  const positive = rgb(colors.positive)
  const negative = rgb(colors.negative)
  paint(canvas, (i) => {
    const color = weights[i] < 0 ? negative : positive
    const strength = Math.min(1, (2.5 * Math.abs(weights[i])) / 127)
    const part = strength * (0.25 + (0.75 * levels[i]) / 255)
    return [...color.map((value) => part * value + (1 - part) * levels[i]), 255]
  })
}

function paint(canvas, colorOf) {
  const [context, picture] = small(canvas)
  for (let i = 0; i < SIDE * SIDE; i++) picture.data.set(colorOf(i), 4 * i)
  context.putImageData(picture, 0, 0)
}

/** A canvas of one pixel a number, and the picture that is put on it. */
function small(canvas) {
  if (canvas.width !== SIDE) canvas.width = canvas.height = SIDE
  const context = canvas.getContext("2d")
  return [context, context.createImageData(SIDE, SIDE)]
}

/** The connections of one layer worth drawing, weakest first: { from, to, value, strength }. */
function connections(links, nBefore, n) {
  let strongest = 0
  for (const value of links) if (Number.isFinite(value)) strongest = Math.max(strongest, Math.abs(value))
  const found = []
  for (let i = 0; i < nBefore * n; i++) {
    const strength = strongest ? Math.abs(links[i]) / strongest : 0
    if (strength > WEAKEST) found.push({ from: Math.floor(i / n), to: i % n, value: links[i], strength })
  }
  return found.sort((a, b) => a.strength - b.strength).slice(-MOST_LINES)
}

/** Lines from places to places, drawn up to a part of the way, with a dot at the head while they grow. */
function paintLines(context, lines, part, colors, opacity) {
  for (const line of lines) {
    const [x0, y0] = line.start
    const [x1, y1] = line.end
    const x = x0 + part * (x1 - x0)
    const y = y0 + part * (y1 - y0)
    const color = line.value < 0 ? colors.negative : colors.positive
    context.globalAlpha = opacity(line)
    context.strokeStyle = context.fillStyle = color
    context.lineWidth = 0.5 + 4 * line.strength
    context.beginPath()
    context.moveTo(x0, y0)
    context.lineTo(x, y)
    context.stroke()
    if (part < 1) {
      context.beginPath()
      context.arc(x, y, 1.5 + 3 * line.strength, 0, 2 * Math.PI)
      context.fill()
    }
  }
  context.globalAlpha = 1
}
