// A square to draw a digit in. It keeps its strokes and sends all of them when the pen is lifted; it takes the
// server's strokes only with a new revision, so that an answer to an earlier stroke never takes back a later one.

const SIZE = 280 // units from edge to edge, whatever the size on the screen
const MAX_PAST = 50 // steps that can be taken back
const PALM = 800 // milliseconds after the pen for which a touch draws nothing
const KEYS = "keys" // what moves the pen where no pointer does
const STEPS = { ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, -10], ArrowDown: [0, 10] }
const ABOUT_KEYS = "Arrow keys move the pen, Space puts it down and lifts it, Control and Z take the last stroke back, Delete clears."
const INK = [{ value: 1, name: "Ink", color: "#fff" }]
const pads = new WeakMap()
/** What is in a pad that was taken from the page, by its name, for when it is put up again. */
const kept = (window.mlpExplainerPads ??= new Map())

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".pad")
  const isPutUp = !pads.has(root)
  if (isPutUp) pads.set(root, newPad(root, data))
  const pad = pads.get(root)
  pad.hint.textContent = data.hint
  pad.canvas.setAttribute("aria-label", `${data.about} ${ABOUT_KEYS}`)
  pad.send = () => setStateValue("drawing", { revision: pad.revision, strokes: pad.strokes })
  if (pad.revision !== data.revision) {
    if (pad.sheet === data.sheet) remember(pad)
    else pad.past = []
    pad.revision = data.revision
    pad.sheet = data.sheet
    pad.strokes = data.strokes
  } else if (isPutUp && pad.strokes.length !== data.strokes.length) {
    pad.send() // the last strokes went astray: another page was asked for in the same moment
  }
  paint(pad)
  return () => {
    const { revision, sheet, strokes, past } = pad
    kept.set(pad.name, { revision, sheet, strokes, past })
    pad.observer.disconnect()
    pads.delete(root)
  }
}

function newPad(root, data) {
  const inks = data.inks ?? INK
  const find = (name) => root.querySelector(name)
  const pad = {
    canvas: find("canvas"), hint: find(".hint"), undo: find(".undo"), clear: find(".clear"), widths: find(".widths"),
    inks: find(".inks"), palette: inks, ink: inks[0].value, cursor: null,
    strokes: [], past: [], live: null, pointer: null, kind: null, penLifted: -Infinity, revision: null, sheet: null, width: data.widths[1], choices: data.widths,
    name: data.name, ...kept.get(data.name),
  }
  root.classList.toggle("colored", inks.length > 1)
  pad.inks.hidden = inks.length < 2
  pad.inks.replaceChildren(...inks.map((ink) => inkButton(pad, ink)))
  chooseInk(pad, pad.ink)
  pad.undo.onclick = () => undo(pad)
  pad.clear.onclick = () => change(pad, [])
  root.onkeydown = (event) => onKey(pad, event)
  pad.canvas.onpointerdown = (event) => begin(pad, event)
  pad.canvas.onpointermove = (event) => follow(pad, event)
  pad.canvas.onpointerup = (event) => end(pad, event)
  pad.canvas.onpointercancel = (event) => abandon(pad, event)
  pad.canvas.onblur = () => liftKeys(pad)
  pad.canvas.oncontextmenu = (event) => event.preventDefault() // a long press draws
  pad.widths.replaceChildren(...data.widths.map((width, place) => widthButton(pad, width, place)))
  choose(pad, pad.width)
  pad.observer = new ResizeObserver(() => paint(pad))
  pad.observer.observe(pad.canvas)
  return pad
}

function inkButton(pad, { value, name, color }) {
  const button = document.createElement("button")
  button.type = "button"
  const dot = document.createElement("i")
  dot.style.background = value ? color : "none"
  button.append(dot, name)
  button.onclick = () => chooseInk(pad, value)
  return button
}

function chooseInk(pad, value) {
  pad.ink = value
  press(pad.inks, pad.palette.map((ink) => ink.value === value))
}

function press(group, isChosen) {
  isChosen.forEach((is, place) => group.children[place].setAttribute("aria-pressed", String(is)))
}

function widthButton(pad, width, place) {
  const button = document.createElement("button")
  const name = ["Thin", "Medium", "Thick"][place]
  button.type = "button"
  button.setAttribute("aria-label", `${name} brush`)
  button.title = `${name} brush, key ${place + 1}`
  const dot = document.createElement("i")
  dot.style.width = dot.style.height = `${width / 17}rem`
  button.append(dot)
  button.onclick = () => choose(pad, width)
  return button
}

function choose(pad, width) {
  pad.width = width
  press(pad.widths, pad.choices.map((one) => one === width))
}

function onKey(pad, event) {
  const key = event.key.toLowerCase(), isOnSheet = event.target === pad.canvas
  if ((event.ctrlKey || event.metaKey) && key === "z") undo(pad)
  else if (key === "delete") change(pad, [])
  else if (isOnSheet && STEPS[event.key]) move(pad, STEPS[event.key])
  else if (isOnSheet && key === " ") pad.pointer === KEYS ? liftKeys(pad) : put(pad)
  else if (!event.ctrlKey && !event.metaKey && pad.choices[Number(key) - 1]) choose(pad, pad.choices[Number(key) - 1])
  else return
  event.preventDefault()
  event.stopPropagation()
}

function move(pad, step) {
  pad.cursor = (pad.cursor ?? [SIZE / 2, SIZE / 2]).map((at, side) => Math.min(SIZE, Math.max(0, at + step[side])))
  if (pad.pointer === KEYS) pad.live.points.push(pad.cursor)
  paint(pad)
}

function put(pad) {
  if (pad.pointer !== null) return
  pad.pointer = KEYS
  pad.cursor ??= [SIZE / 2, SIZE / 2]
  pad.live = newStroke(pad, pad.cursor)
  paint(pad)
}

function liftKeys(pad) {
  if (pad.pointer === KEYS) lift(pad)
}

function newStroke(pad, at) {
  return { width: pad.width, ink: pad.ink, points: [at] }
}

function begin(pad, event) {
  liftKeys(pad)
  const isPen = event.pointerType === "pen"
  if (event.button !== 0 || (event.pointerType === "touch" && isPalm(pad, event))) return
  if (pad.pointer !== null && !(isPen && pad.kind === "touch")) return // a second finger; a pen wins over the palm
  pad.canvas.setPointerCapture(event.pointerId)
  pad.pointer = event.pointerId
  pad.kind = event.pointerType
  pad.cursor = null
  pad.live = newStroke(pad, place(pad, event))
  paint(pad)
}

function follow(pad, event) {
  if (event.pointerId !== pad.pointer) return
  const events = event.getCoalescedEvents?.() ?? []
  for (const one of events.length ? events : [event]) {
    const [x, y] = place(pad, one)
    const [lastX, lastY] = pad.live.points.at(-1)
    if (Math.hypot(x - lastX, y - lastY) >= 1) pad.live.points.push([x, y])
  }
  paint(pad)
}

function end(pad, event) {
  if (event.pointerId !== pad.pointer) return
  if (pad.kind === "pen") pad.penLifted = event.timeStamp
  lift(pad)
}

/** Whether a touch comes so soon after the pen that it is the hand that holds it. */
function isPalm(pad, event) {
  return event.timeStamp - pad.penLifted < PALM
}

/** The system has taken the pointer away, as it does for a gesture or for the palm: what it drew was not meant. */
function abandon(pad, event) {
  if (event.pointerId !== pad.pointer) return
  pad.pointer = pad.live = null
  paint(pad)
}

function lift(pad) {
  const strokes = [...pad.strokes, pad.live]
  pad.pointer = pad.live = null
  change(pad, strokes)
}

function place(pad, event) {
  const box = pad.canvas.getBoundingClientRect()
  const within = (share) => Math.round(Math.min(1, Math.max(0, share)) * SIZE * 10) / 10
  return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)]
}

function remember(pad) {
  pad.past = [...pad.past, pad.strokes].slice(-MAX_PAST)
}

function change(pad, strokes) {
  if (pad.pointer !== null || (!strokes.length && !pad.strokes.length)) return
  remember(pad)
  pad.strokes = strokes
  paint(pad)
  pad.send()
}

function undo(pad) {
  if (pad.pointer !== null || !pad.past.length) return
  pad.strokes = pad.past.pop()
  paint(pad)
  pad.send()
}

function paint(pad) {
  const { canvas } = pad
  const side = Math.round(canvas.clientWidth * window.devicePixelRatio)
  if (canvas.width !== side || canvas.height !== side) canvas.width = canvas.height = side
  const pen = canvas.getContext("2d")
  pen.setTransform(side / SIZE, 0, 0, side / SIZE, 0, 0)
  pen.clearRect(0, 0, SIZE, SIZE)
  pen.lineCap = pen.lineJoin = "round"
  for (const { width, ink, points } of pad.live ? [...pad.strokes, pad.live] : pad.strokes) {
    pen.lineWidth = width
    pen.strokeStyle = pad.palette.find(({ value }) => value === ink)?.color ?? "#fff"
    pen.globalCompositeOperation = ink === 0 ? "destination-out" : "source-over"
    pen.beginPath()
    pen.moveTo(...points[0])
    for (const point of points.length > 1 ? points : [...points, points[0]]) pen.lineTo(...point)
    pen.stroke()
  }
  if (pad.cursor) showCursor(pad, pen)
  const isEmpty = !pad.strokes.length && !pad.live
  pad.hint.hidden = !isEmpty
  pad.clear.disabled = isEmpty
  pad.undo.disabled = !pad.past.length
}

/** Where the pen of the keys is: a ring, full while it is down. */
function showCursor(pad, pen) {
  pen.globalCompositeOperation = "source-over"
  pen.strokeStyle = "#8a94a0"
  pen.lineWidth = pad.pointer === KEYS ? 6 : 3
  pen.beginPath()
  pen.arc(...pad.cursor, pad.width / 2 + 3, 0, 7)
  pen.stroke()
}
