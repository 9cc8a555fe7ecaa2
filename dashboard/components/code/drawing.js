// The parts of the network and of its training as SVG; each part is a group that can be lit.

const NS = "http://www.w3.org/2000/svg"
const WIDTH = 480
const HEIGHT = 440
const MIDDLE = 138 // of the row from the image to the outputs
const DRAWN = 7 // neurons of a hidden layer
const BOTTOM = 236 // of that row

function make(name, attributes, text) {
  const element = document.createElementNS(NS, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  if (text !== undefined) element.textContent = text
  return element
}

function group(part, ...children) {
  const g = make("g", { "data-part": part })
  g.append(...children)
  return g
}

function words(x, y, text, more = {}) {
  return make("text", { x, y, "text-anchor": "middle", ...more }, text)
}

function box(x, y, width, height, lines) {
  const rows = lines.map((line, n) => words(x + width / 2, y + height / 2 + 5 + 18 * (n - (lines.length - 1) / 2), line))
  return [make("rect", { class: "shape", x, y, width, height, rx: 8 }), ...rows]
}

function arrow(path) {
  return make("path", { class: "way", d: path, "marker-end": "url(#tip)" })
}

/** Heights of the neurons drawn of a layer. */
function heights(units, drawn) {
  const pitch = Math.min(24, 190 / drawn)
  return Array.from({ length: Math.min(units, drawn) }, (_, i, all) => MIDDLE + pitch * (i - (Math.min(units, drawn) - 1) / 2))
}

function threads(x1, from, x2, to) {
  const gap = 9 // beside a neuron
  return from.flatMap((y1) => to.map((y2) => make("line", { class: "thread", x1: x1 + gap, y1, x2: x2 - gap, y2 })))
}

function inputs(d) {
  const strip = (x) => make("image", { href: d.strip, x, y: 46, width: 12, height: 184, preserveAspectRatio: "none" })
  const border = (x) => make("rect", { class: "shape", x: x - 2, y: 44, width: 16, height: 188, "fill-opacity": 0 })
  return [
    group("images", make("rect", { class: "shape", x: 12, y: 96, width: 80, height: 80, rx: 3 }),
      make("image", { href: d.image, x: 14, y: 98, width: 76, height: 76 }),
      words(52, 62, d.n_training), words(52, 82, "images"),
      ...(d.moved ? [words(52, 240, d.moved, { class: "small" })] : [])),
    group("labels", words(52, 200, `label: ${d.label}`), ...(d.has_wrong_labels ? [words(52, 220, "some wrong", { class: "small" })] : [])),
    group("flatten", arrow("M94 138H110"), border(116), strip(116), words(124, 252, "784"),
      ...(d.is_shuffled ? [words(124, 34, "shuffled", { class: "small" })] : [])),
    group("normalise", arrow("M134 138H164"), border(170), strip(170), words(180, 252, d.range, { class: "small" })),
  ]
}

function layers(d) {
  const left = 192
  const right = 424
  const pitch = (right - left) / (d.hidden.length + 0.6)
  let x = left - 8
  let before = [70, 104, 138, 172, 206]
  const parts = d.hidden.map(({ units, words: activation }, number) => {
    const at = left + pitch * (number + 0.8)
    const ys = heights(units, DRAWN)
    const circles = ys.map((cy) => make("circle", { class: "shape", cx: at, cy, r: 8 }))
    const dots = units > DRAWN ? [words(at, 238, "⋮")] : []
    const caption = [words(at, 34, units), words(at, 255, activation, { class: "small" })]
    const part = group(`layer ${number + 1}`, ...threads(x, before, at, ys), ...circles, ...dots, ...caption)
    x = at
    before = ys
    return part
  })
  const ys = heights(d.n_outputs, d.n_outputs)
  const outputs = ys.flatMap((cy, digit) => [
    make("circle", { class: "shape", cx: right, cy, r: 7.5 }), words(right + 20, cy + 5, digit, { class: "small" }),
  ])
  parts.push(group("output", ...threads(x, before, right, ys), ...outputs, words(right, 34, d.n_outputs), words(right - 2, 255, "softmax", { class: "small" })))
  return parts
}

function around(d) {
  const loop = `${d.may_stop ? "up to " : ""}${d.epochs} epoch${d.epochs > 1 ? "s" : ""} × ${d.steps} batch${d.steps === "1" ? "" : "es"}`
  const validation = d.n_validation
    ? [group("validation", ...box(14, 292, 118, 54, [d.n_validation, "validation"]))] : []
  return [
    group("training", make("rect", { class: "frame", x: 4, y: 6, width: 472, height: 352, rx: 14 }), words(240, 376, loop)),
    group("loss", arrow("M424 262V288"), ...box(348, 292, 118, 54, ["loss", d.has_l2 ? "+ L2" : "cross-entropy"])),
    group("optimizer", arrow("M346 319H314"), arrow("M246 290V266"), ...box(178, 292, 134, 54, ["optimiser", d.optimizer])),
    ...validation,
    group("test", ...box(14, 392, 168, 42, [`${d.n_test} test images`])),
    group("accuracy", arrow("M184 413H294"), ...box(298, 392, 168, 42, ["accuracy"])),
  ]
}

/** The drawing as an element. */
function draw(d) {
  const svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}` })
  const tip = make("marker", { id: "tip", viewBox: "0 0 8 8", refX: 6, refY: 4, markerWidth: 6, markerHeight: 6, orient: "auto-start-reverse" })
  tip.append(make("path", { d: "M0 0L8 4L0 8z", fill: "context-stroke" }))
  const defs = make("defs", {})
  defs.append(tip)
  svg.append(defs, ...around(d), ...inputs(d), ...layers(d))
  return svg
}
