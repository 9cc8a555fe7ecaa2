// The other views of a film: which digits are read as which, and the map of the hidden layer.
// mnist_core/analysis/film_views.py says how their file is written.

const LAST_PLACE = 65535

function readViews(content, nMoments) {
  const end = content.length - 4
  const nHeader = new DataView(content.buffer, content.byteOffset).getUint32(end, true)
  const views = JSON.parse(new TextDecoder().decode(content.subarray(end - nHeader, end)))
  const numbers = new Uint16Array(content.slice(0, end - nHeader).buffer)
  const n = views.labels.length
  views.confusions = Array.from({ length: nMoments }, (_, k) => numbers.subarray(100 * k, 100 * (k + 1)))
  const start = 100 * nMoments
  views.places = []
  for (let k = 0; k < nMoments; k++) {
    const places = numbers.slice(start + 2 * n * k, start + 2 * n * (k + 1))
    if (k) for (let i = 0; i < 2 * n; i++) places[i] += views.places[k - 1][i]
    views.places.push(places)
  }
  return views
}

/** A canvas as large as it is shown, and its lengths in pixels of the page. */
function fitted(canvas) {
  const ratio = window.devicePixelRatio || 1
  const { width, height } = canvas.getBoundingClientRect()
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
  }
  const context = canvas.getContext("2d")
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  return { context, width, height }
}

/** True digits in rows, predictions in columns; the colour is the share of the digit's images. */
function drawConfusion(canvas, confusion, colors, unit) {
  const { context, width, height } = fitted(canvas)
  const margin = 1.4 * unit
  const [w, h] = [(width - margin) / 10, (height - margin) / 10]
  const style = getComputedStyle(canvas)
  context.textAlign = "center"
  context.textBaseline = "middle"
  context.font = `${Math.min(0.75 * unit, 0.8 * h)}px ${style.fontFamily}`
  for (let digit = 0; digit < 10; digit++) {
    context.fillStyle = style.color
    context.fillText(digit, margin / 2, margin + h * (digit + 0.5))
    context.fillText(digit, margin + w * (digit + 0.5), margin / 2)
    const row = confusion.subarray(10 * digit, 10 * digit + 10)
    const total = row.reduce((a, b) => a + b) || 1
    row.forEach((count, read) => {
      context.globalAlpha = 0.75 * Math.sqrt(count / total)
      context.fillStyle = read === digit ? colors.right : colors.wrong
      context.fillRect(margin + w * read + 0.5, margin + h * digit + 0.5, w - 1, h - 1)
      context.globalAlpha = 1
      context.fillStyle = style.color
      context.fillText(count || "·", margin + w * (read + 0.5), margin + h * (digit + 0.5))
    })
  }
}

/** Each test image as its digit, where the last hidden layer puts it; between moments on the straight way. */
function drawMap(canvas, views, place, colors, unit) {
  const { context, width, height } = fitted(canvas)
  const [first, second] = [views.places[Math.floor(place)], views.places[Math.ceil(place)]]
  const part = place - Math.floor(place)
  const n = views.labels.length
  const at = (i) => (first[i] + part * (second[i] - first[i])) / LAST_PLACE
  const room = 0.6 * unit
  context.textAlign = "center"
  context.textBaseline = "middle"
  context.font = `600 ${0.62 * unit}px ${getComputedStyle(canvas).fontFamily}`
  for (let i = 0; i < n; i++) {
    context.fillStyle = colors.digits[views.labels[i]]
    context.fillText(views.labels[i], room + at(i) * (width - 2 * room), height - room - at(n + i) * (height - 2 * room))
  }
}
