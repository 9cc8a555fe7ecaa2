// The picture of a network at work on one image: built once, then painted as the data say, at the moment where a player may stand.

const READING = 4 // times as long stands a moment that has a sentence

function newStage(host) {
  const find = (name) => host.querySelector(`.${name}`)
  const stage = {
    host, field: find("field"), lines: find("lines"), moving: find("moving"), picture: find("picture"), detail: find("detail"),
    words: find("words"), note: find("note"), sentence: find("sentence"),
    t: Infinity, selected: null, pointed: null, layers: [], moves: [],
  }
  stage.observer = new ResizeObserver(() => stage.data && build(stage))
  stage.observer.observe(host)
  return stage
}

/** What the server sends of a network, with its arrays as arrays. */
function unpacked(data) {
  return {
    ...data,
    levels: bytes(data.levels),
    weights: new Int8Array(bytes(data.weights).buffer),
    layers: data.layers.map((layer) => ({ ...layer, links: floats(layer.links) })),
    backward: data.backward && unpackedBackward(data.backward),
  }
}

/** Show a network at a moment; `isAtRest` says whether it stays for a while, so that it is worth describing. */
function receive(stage, data, isAtRest = true) {
  stage.data = data
  stage.selected = data.selected
  if (isAtRest) stage.words.textContent = alternative(data)
  const shape = JSON.stringify([data.layers.map((layer) => layer.drawn.length), data.height, data.isBesideChart])
  if (shape !== stage.shape) {
    stage.shape = shape
    stage.pointed = null
    build(stage)
  } else {
    fill(stage)
    mark(stage)
  }
}

/** A click on a neuron selects it, or lets it go; `changed` is told which neuron is selected now. */
function onSelect(stage, changed) {
  stage.select = (layer, i) => {
    const unit = stage.data.layers[layer].drawn[i]
    const [ofLayer, ofUnit] = stage.selected ?? []
    stage.selected = ofLayer === layer && ofUnit === unit ? null : [layer, unit]
    changed(stage.selected)
    mark(stage)
  }
}

function discard(stage) {
  stage.observer.disconnect()
}

/** Make the elements and put them in their places. */
function build(stage) {
  const width = stage.host.clientWidth
  if (!width) return
  const sizes = stage.data.layers.map((layer) => layer.drawn.length)
  stage.plan = arrange(width, sizes, stage.data.height * window.innerHeight, stage.data.isBesideChart)
  stage.host.style.setProperty("--chosen", stage.data.colors.chosen)
  stage.host.style.setProperty("--true", stage.data.colors.right)
  stage.host.classList.toggle("narrow", !stage.plan.isWide)
  stage.host.classList.toggle("small", stage.data.height > 0 && !stage.data.isBesideChart)
  stage.host.classList.toggle("beside-chart", stage.data.isBesideChart)
  stage.host.classList.toggle("tiny", stage.plan.isTiny)
  widen(stage)
  stage.detail.style.top = stage.plan.isWide ? `${stage.plan.detail.y}px` : ""
  stage.field.style.height = `${stage.plan.height}px`
  place(stage.picture, stage.plan.image)
  stage.field.querySelectorAll(".layer").forEach((old) => old.remove())
  stage.layers = stage.data.layers.map((layer, number) => buildLayer(stage, layer, number))
  const ratio = window.devicePixelRatio || 1
  for (const canvas of [stage.lines, stage.moving]) {
    canvas.width = width * ratio
    canvas.height = stage.plan.height * ratio
  }
  fill(stage)
  mark(stage)
}

function buildLayer(stage, layer, number) {
  const plan = stage.plan.layers[number]
  const isOutput = number === stage.data.layers.length - 1
  const group = document.createElement("div")
  group.className = isOutput ? "layer outputs" : "layer"
  group.style.setProperty("--row", `${plan.places[0].h}px`)
  group.setAttribute("role", "group")
  const head = document.createElement("div")
  head.className = "head"
  head.append(document.createElement("span"))
  head.style.cssText = `left:${plan.head.x}px;top:${plan.head.y}px;width:${plan.head.w}px`
  group.append(head)
  const buttons = plan.places.map((spot, i) => {
    const button = document.createElement("button")
    button.type = "button"
    button.className = "neuron"
    button.tabIndex = i ? -1 : 0
    button.innerHTML = isOutput ? "<b></b><i><u></u></i><span></span>" : "<canvas></canvas>"
    place(button, spot)
    button.onmouseenter = button.onfocus = () => point(stage, [number, i])
    button.onmouseleave = button.onblur = () => point(stage, null)
    button.onclick = () => stage.select(number, i)
    button.onkeydown = (event) => walk(event, buttons, i)
    return button
  })
  group.append(...buttons)
  stage.field.append(group)
  return { head, group, buttons }
}

function place(element, { x, y, w, h }) {
  element.style.cssText = `left:${x}px;top:${y}px;width:${w}px;height:${h}px`
}

/** Arrow keys, Home and End move within a layer; Tab goes to the next layer. */
function walk(event, buttons, i) {
  const moves = { ArrowRight: i + 1, ArrowDown: i + 1, ArrowLeft: i - 1, ArrowUp: i - 1, Home: 0, End: buttons.length - 1 }
  const next = buttons[moves[event.key]]
  if (!next) return
  event.preventDefault()
  buttons.forEach((button) => (button.tabIndex = button === next ? 0 : -1))
  next.focus()
}

/** Put the numbers into the elements. */
function fill(stage) {
  const { data, plan } = stage
  if (!plan) return
  paintGray(stage.picture, data.levels)
  const flat = plan.layers.map((layer) => layer.places)
  const wires = (links, number, isBack = false) => {
    const before = number ? flat[number - 1] : [plan.image]
    const all = connections(links, before.length, data.layers[number].drawn.length)
    return all.filter((line) => !isLeftOut(data, number, line.to)).map((line) => {
      const ends = [exit(before[line.from], plan.isWide), entry(flat[number][line.to], plan.isWide)]
      const [start, end] = isBack ? ends.reverse() : ends
      return { ...line, layer: number, start, end }
    })
  }
  stage.moves = data.layers.map((layer, number) => ({ layer: number, kind: "activation", wires: wires(layer.links, number) }))
  if (data.backward) stage.moves.push(...backwardMoves(data.backward, wires))
  data.layers.forEach((layer, number) => fillLayer(stage, layer, number))
  stage.state = { kinds: data.layers.map(() => "activation"), hasGradients: false }
  stage.sentence.hidden = !data.backward
  stage.host.classList.toggle("has-sentence", Boolean(data.backward))
  stage.painted = null
}

function fillLayer(stage, layer, number) {
  const { data } = stage
  const { head, group, buttons } = stage.layers[number]
  const isOutput = number === data.layers.length - 1
  const leftOut = layer.n - layer.drawn.length
  head.firstChild.textContent = leftOut ? `${layer.name}: ${layer.drawn.length} most active of ${layer.n}` : layer.name
  group.setAttribute("aria-label", `${head.textContent}. Arrow keys move from neuron to neuron.`)
  const largest = Math.max(...layer.activations.map(Math.abs)) || 1
  buttons.forEach((button, i) => {
    const value = layer.activations[i]
    const isOut = isLeftOut(data, number, i)
    button.setAttribute("aria-label", `${nameOf(data, number, i)}: ${isOut ? "left out" : isOutput ? percent(value) : plain(value)}`)
    if (isOutput) return fillOutput(button, data, layer.drawn[i], value, Math.max(...layer.activations))
    button.classList.remove("silent")
    button.classList.toggle("left-out", isOut)
    glow(button, isOut ? 0 : value, largest, data.colors)
    const canvas = button.firstChild
    canvas.hidden = number > 0
    if (!number) paintWeights(canvas, imageOf(data.weights, i), data.colors)
  })
}

function glow(button, value, largest, colors) {
  const strength = Number.isFinite(value) ? Math.abs(value) / largest : 0
  button.style.setProperty("--strength", strength.toFixed(3))
  button.style.setProperty("--sign", value < 0 ? colors.negative : colors.positive)
}

function fillOutput(button, data, digit, value, largest) {
  const [name, bar, number] = button.children
  const isTop = value === largest
  const isWrong = isTop && data.label !== null && data.label !== digit
  button.style.setProperty("--share", Number.isFinite(value) ? value : 0)
  button.style.setProperty("--bar", !isTop ? data.colors.muted : data.label === null ? "var(--st-text-color)" : isWrong ? data.colors.wrong : data.colors.right)
  button.classList.toggle("top", isTop)
  button.classList.toggle("true", data.label === digit)
  name.textContent = digit
  const word = data.label === digit ? "true" : ""
  number.textContent = data.isBesideChart && !data.backward ? word : value >= 0.0005 ? percent(value) : word
  bar.title = data.label === digit ? "the true digit" : ""
}

/** What the moves that are done have left: lines, what the neurons of each layer show, and what their pictures. */
function stateAt(moves, whole, isMoving) {
  const state = { wires: [], kinds: [], hasGradients: false }
  for (const move of moves.slice(0, whole)) {
    if (move.isTurn) state.kinds = []
    if (move.clears) state.wires = []
    state.wires = state.wires.concat(move.wires)
    if (move.kind) state.kinds[move.layer] = move.kind
    if (move.isOfPixels) state.hasGradients = true
  }
  if (isMoving && moves[whole].clears) state.wires = []
  return state
}

/** How many moves are done at the moment t, and what part of the next; the rest of its time is for reading. */
function momentOf(stage) {
  const n = stage.moves.length
  const whole = Math.min(n, Math.floor(stage.t))
  const part = whole < n ? (stage.t - whole) * (stage.data.backward ? READING : 1) : 0
  return part < 1 ? { whole, part } : { whole: whole + 1, part: 0 }
}

/** Paint the moment t: the connections of a move grow, then its neurons light up. */
function show(stage) {
  const { data, plan } = stage
  if (!plan) return
  const chosen = stage.pointed ?? indexOf(data, stage.selected)
  const isOf = (line, [layer, i]) => (line.layer === layer ? line.to : line.layer === layer + 1 ? line.from : -1) === i
  const opacity = (line) => (!chosen ? 0.2 + 0.8 * line.strength : isOf(line, chosen) ? 0.6 + 0.4 * line.strength : 0.04)
  const { whole, part } = momentOf(stage)
  const painted = `${whole} ${part > 0} ${chosen}`
  if (painted !== stage.painted) { // whole connections stay as they are while others grow
    stage.painted = painted
    const before = stage.state
    stage.state = stateAt(stage.moves, whole, part > 0)
    paintLines(cleared(stage.lines), stage.state.wires, 1, data.colors, opacity)
    stage.layers.forEach(({ group }, layer) => group.classList.toggle("lit", Boolean(stage.state.kinds[layer])))
    if (data.backward) fillBackward(stage, before)
  }
  if (part || stage.isMoving) {
    const context = cleared(stage.moving)
    if (part) paintLines(context, stage.moves[whole].wires, part, data.colors, opacity)
    stage.isMoving = part > 0
  }
  if (chosen !== stage.described || data !== stage.describedData || stage.state !== stage.describedState) describe(stage, chosen)
}

function cleared(canvas) {
  const ratio = window.devicePixelRatio || 1
  const context = canvas.getContext("2d")
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, canvas.width, canvas.height)
  return context
}

/** Mark the neuron that is selected, and show its numbers. */
function mark(stage) {
  stage.layers.forEach(({ buttons }, layer) => buttons.forEach((button, i) => {
    const isSelected = stage.selected?.[0] === layer && stage.selected[1] === stage.data.layers[layer].drawn[i]
    button.setAttribute("aria-pressed", isSelected)
  }))
  show(stage)
}

function indexOf(data, selected) {
  if (!selected) return null
  const i = data.layers[selected[0]]?.drawn.indexOf(selected[1]) ?? -1
  return i < 0 ? null : [selected[0], i]
}

/** Numbers have the room up to the first layer; what to do stands left of the lines, which it would cover. */
function widen({ detail, plan }) {
  const width = detail.classList.contains("empty") ? plan.detail?.hint : plan.detail?.w
  detail.style.width = plan.isWide ? `${width}px` : ""
}

/** The numbers of one neuron beside its layer, and its weights over the image that they meet. */
function describe(stage, chosen) {
  const { data, detail, note } = stage
  stage.described = chosen
  stage.describedData = data
  stage.describedState = stage.state
  detail.classList.toggle("empty", !chosen)
  widen(stage)
  note.hidden = Boolean(chosen)
  const [canvas, text] = detail.children
  text.hidden = canvas.hidden = !chosen
  paintGray(stage.picture, data.levels)
  if (!chosen) return
  const [layer, i] = chosen
  text.children[0].textContent = nameOf(data, layer, i)
  const isBack = stage.state.kinds[layer] && stage.state.kinds[layer] !== "activation"
  text.children[1].textContent = isBack ? backCalculation(data, layer, i) : calculation(data, layer, i)
  text.children[2].textContent = isBack ? backVerdict(data, layer, i) : verdict(data, layer, i)
  canvas.hidden = layer > 0
  if (layer) return
  for (const picture of [canvas, stage.picture]) paintOver(picture, data.levels, tileOf(stage, i), data.colors)
}

function point(stage, place) {
  stage.pointed = place
  show(stage)
}
