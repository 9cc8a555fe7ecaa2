// The two curves of a training: fixed axes, lines that are uncovered as it goes, and the last value of each.

const SVG = "http://www.w3.org/2000/svg"
const UNTRAINED_LOSS = 2.5 // nats; a network that gives each digit a tenth has ln 10 = 2.3
const LABEL_ROWS = 2.7
const BORDER_ROW = 0.95 // rem, of what changes at a border, above the curves
const LABEL_WIDTH = 14 // rem, of the last value with its name
const LINES = ["training", "validation"]

function element(name, attributes, parent) {
  const made = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  parent.append(made)
  return made
}

/** An accuracy in percent: one decimal, and ">99.9%" for what would only round to 100%. */
function accuracyText(percent) {
  const text = percent.toFixed(1)
  return text === "100.0" && percent < 100 ? ">99.9%" : `${text}%`
}

/**
 * Draw the axes and the whole lines: `lines` has [epoch, value] pairs by name; `epochs` is the length of the axis;
 * `borders` say after which epoch a chapter of the training ends, and what changes there.
 * Returns a function that uncovers the lines up to an epoch and writes the last value of each; `names` says what the
 * lines are called.
 */
function drawCurve(svg, quantity, lines, epochs, { colors, borders, curves }) {
  const unit = parseFloat(getComputedStyle(document.documentElement).fontSize)
  const { width, height } = svg.getBoundingClientRect()
  const rows = borders.length && (borders.some(({ changes }) => changes.length > 1) ? 2 : 1)
  const [left, right, top, bottom] = [3.2 * unit, 0.8 * unit, (0.5 + BORDER_ROW * rows) * unit, 2.3 * unit]
  const most = quantity === "accuracy" ? 100 : Math.max(UNTRAINED_LOSS, ...Object.values(lines).flat().map(([, value]) => value))
  const x = (epoch) => left + (epoch / epochs) * (width - left - right)
  const y = (value) => height - bottom - (value / most) * (height - top - bottom)
  const text = getComputedStyle(svg).color
  svg.replaceChildren()
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`)
  const style = { "font-size": 0.78 * unit, "font-family": getComputedStyle(svg).fontFamily, fill: text }
  const axes = element("g", style, svg)
  for (const value of ticks(most, 4)) {
    element("line", { x1: left, x2: width - right, y1: y(value), y2: y(value), stroke: text, opacity: value ? 0.14 : 0.5 }, axes)
    element("text", { x: left - 0.4 * unit, y: y(value) + 0.28 * unit, "text-anchor": "end" }, axes).textContent = value
  }
  for (const epoch of ticks(epochs, 6).filter(Number.isInteger)) {
    element("text", { x: x(epoch), y: height - 1.2 * unit, "text-anchor": "middle" }, axes).textContent = epoch
  }
  const [across, up] = [(left + width - right) / 2, (top + height - bottom) / 2]
  element("text", { class: "axis", x: across, y: height - 0.2 * unit, "text-anchor": "middle" }, axes).textContent = "Epoch"
  element("text", { class: "axis", x: 0, y: 0, "text-anchor": "middle", transform: `translate(${0.75 * unit} ${up}) rotate(-90)` }, axes)
    .textContent = curves[quantity].axis
  const room = { left, right: width - right, top, bottom: height - bottom, unit, text }
  const isLow = isFreeBelow(Object.values(lines).flat().map(([epoch, value]) => [x(epoch), y(value)]), quantity, room)
  const places = [...borders.map(({ epoch }) => x(epoch)), width - right]
  borders.reduce((free, border, row) => drawBorder(axes, isLow, border, row, [free, ...places.slice(row, row + 2)], room), left)
  const covered = element("clipPath", { id: `uncovered-${quantity}` }, element("defs", {}, svg))
  const opening = element("rect", { x: 0, y: -1, width: 0, height: height + 2 }, covered)
  const group = element("g", { "clip-path": `url(#uncovered-${quantity})` }, svg)
  const looks = { training: { "stroke-width": 1.5, opacity: 0.85 }, validation: { "stroke-width": 3 } }
  for (const name of LINES) {
    const points = lines[name].map(([epoch, value]) => `${x(epoch).toFixed(1)},${y(value).toFixed(1)}`)
    element("polyline", { points: points.join(" "), fill: "none", stroke: colors[name], "stroke-linejoin": "round", ...looks[name] }, group)
  }
  const ground = getComputedStyle(svg).getPropertyValue("--st-background-color")
  const halo = { stroke: ground, "stroke-width": 0.3 * unit, "stroke-linejoin": "round", "paint-order": "stroke" }
  const labels = LINES.map((name, line) => element("text", {
    x: width - right, "text-anchor": "end", fill: colors[name], "font-weight": 600, "font-size": 0.95 * unit, ...halo,
    y: isLow ? height - bottom - (0.5 + 1.2 * (1 - line)) * unit : top + (0.95 + 1.2 * line) * unit,
  }, svg))
  const dots = LINES.map((name) => element("circle", { r: 0.24 * unit, fill: colors[name] }, svg))
  return (epoch, names) => {
    opening.setAttribute("width", x(epoch)) // one pixel more may be a hundred updates
    LINES.forEach((name, line) => {
      const last = lastAt(lines[name], epoch)
      dots[line].style.display = last ? "" : "none"
      labels[line].textContent = last ? `${names[name]}: ${quantity === "accuracy" ? accuracyText(last[1]) : last[1].toFixed(3)}` : ""
      if (last) dots[line].setAttribute("cx", x(last[0]))
      if (last) dots[line].setAttribute("cy", y(last[1]))
    })
  }
}

/** Whether the last values cover fewer points, each [x, y], below than above in the right corner; usually of the accuracy. */
function isFreeBelow(points, quantity, { right, top, bottom, unit }) {
  const heights = points.filter(([place]) => place > right - LABEL_WIDTH * unit).map(([, height]) => height)
  const nAbove = heights.filter((height) => height < top + LABEL_ROWS * unit).length
  const nBelow = heights.filter((height) => height > bottom - LABEL_ROWS * unit).length
  return nAbove === nBelow ? quantity === "accuracy" : nBelow < nAbove
}

/**
 * A thin line where a chapter ends, which does not touch the last values in the corner, and above the curves what changes,
 * as far as there is room for it: to the left from `before` on, to the right until the next line. Returns how far it reaches.
 */
function drawBorder(axes, isLow, { epoch, label, changes }, row, [before, x, after], { right, top, bottom, unit, text }) {
  const corner = LABEL_ROWS * unit // where the last values stand: below right, or above right
  const isBeside = x > right - LABEL_WIDTH * unit
  const [y1, y2] = isLow ? [top, bottom - (isBeside ? corner : 0)] : [top + (isBeside ? corner : 0), bottom]
  const group = element("g", { class: "border", "data-epoch": epoch }, axes)
  element("line", { x1: x, x2: x, y1, y2, stroke: text, opacity: 0.6 }, group)
  const side = x - before > after - x ? -1 : 1
  const most = Math.max(x - before, after - x) - 0.7 * unit
  const words = element("text", { "text-anchor": side < 0 ? "end" : "start" }, group)
  const write = (lines) => {
    words.replaceChildren()
    const spans = lines.map((line, number) => element("tspan", { x: x + 0.35 * side * unit, y: top - (0.3 + BORDER_ROW * (lines.length - 1 - number)) * unit }, words))
    spans.forEach((span, number) => (span.textContent = lines[number]))
    return Math.max(0, ...spans.map((span) => span.getComputedTextLength()))
  }
  const shorter = [[label], ...inTwoLines(changes), [`${changes[0]}, …`], [`chapter ${row + 2}`]]
  const length = write(shorter.find((lines) => write(lines) <= most) ?? [])
  element("title", {}, group).textContent = `After epoch ${epoch}: ${label}`
  return side < 0 ? x : x + length + 0.7 * unit
}

/** The ways to write what changes in two lines, that with the shortest lines first. */
function inTwoLines(changes) {
  const longest = (lines) => Math.max(...lines.map((line) => line.length))
  const ways = changes.slice(1).map((_, n) => [`${changes.slice(0, n + 1).join(", ")},`, changes.slice(n + 1).join(", ")])
  return ways.sort((a, b) => longest(a) - longest(b))
}

/** Round numbers from 0 to a limit, about so many. */
function ticks(most, count) {
  const rough = most / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999)
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, i) => Number((i * step).toFixed(6)))
}

/** The last point of a line at or before an epoch; null before its first. */
function lastAt(line, epoch) {
  let [low, high] = [0, line.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (line[middle][0] <= epoch + 1e-9) low = middle + 1
    else high = middle
  }
  return low ? line[low - 1] : null
}
