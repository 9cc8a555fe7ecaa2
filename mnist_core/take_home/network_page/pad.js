// The square to draw in: with a mouse, a finger, a pen or the arrow keys.

const BRUSH = 18 // units wide: strokes like those of MNIST
const KEYS = "keys" // what moves the pen where no pointer does
const STEPS = { ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, -10], ArrowDown: [0, 10] }

/**
 * Make a canvas a square to draw in. `changed(strokes, isDone)` is called with what is drawn: while the pen moves,
 * and once it is lifted.
 */
function newPad(canvas, undoButton, clearButton, changed) {
  const pad = { canvas, strokes: [], past: [], live: null, pointer: null, isPen: false, cursor: null }
  pad.show = (isDone) => {
    paintPad(pad)
    undoButton.disabled = !pad.past.length
    clearButton.disabled = !pad.strokes.length
    changed(strokesOf(pad), isDone)
  }
  canvas.onpointerdown = (event) => begin(pad, event)
  canvas.onpointermove = (event) => follow(pad, event)
  canvas.onpointerup = (event) => event.pointerId === pad.pointer && lift(pad)
  canvas.onpointercancel = (event) => event.pointerId === pad.pointer && drop(pad) // the phone took the finger for itself
  canvas.onblur = () => pad.pointer === KEYS && lift(pad)
  canvas.oncontextmenu = (event) => event.preventDefault() // a long press draws
  document.onkeydown = (event) => press(pad, event)
  undoButton.onclick = () => undo(pad)
  clearButton.onclick = () => replace(pad, [])
  pad.show(true)
  return pad
}

function strokesOf({ strokes, live }) {
  return live ? [...strokes, live] : strokes
}

function begin(pad, event) {
  const isPen = event.pointerType === "pen"
  if (pad.pointer === KEYS) lift(pad)
  if (pad.pointer !== null && isPen && !pad.isPen) drop(pad) // a palm lay down before the pen did
  if (pad.pointer !== null || event.button !== 0) return // a second finger, or another button of the mouse
  pad.canvas.setPointerCapture(event.pointerId)
  Object.assign(pad, { pointer: event.pointerId, isPen, cursor: null, live: { width: BRUSH, points: [placeOf(pad, event)] } })
  pad.show(false)
}

function follow(pad, event) {
  if (event.pointerId !== pad.pointer) return
  const events = event.getCoalescedEvents?.() ?? []
  for (const one of events.length ? events : [event]) {
    const [x, y] = placeOf(pad, one)
    const [lastX, lastY] = pad.live.points.at(-1)
    if (Math.hypot(x - lastX, y - lastY) >= 1) pad.live.points.push([x, y])
  }
  pad.show(false)
}

/** Where a pointer is, in units of the square. */
function placeOf({ canvas }, event) {
  const box = canvas.getBoundingClientRect()
  const within = (share) => Math.round(Math.min(1, Math.max(0, share)) * CANVAS * 10) / 10
  return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)]
}

function lift(pad) {
  const strokes = strokesOf(pad)
  pad.pointer = pad.live = null
  replace(pad, strokes)
}

function drop(pad) {
  pad.pointer = pad.live = null
  pad.show(true)
}

function replace(pad, strokes) {
  if (pad.pointer !== null || (!strokes.length && !pad.strokes.length)) return
  pad.past.push(pad.strokes)
  pad.strokes = strokes
  pad.show(true)
}

function undo(pad) {
  if (pad.pointer !== null || !pad.past.length) return
  pad.strokes = pad.past.pop()
  pad.show(true)
}

function press(pad, event) {
  const isOnPad = event.target === pad.canvas
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") undo(pad)
  else if (event.key === "Delete") replace(pad, [])
  else if (isOnPad && STEPS[event.key]) move(pad, STEPS[event.key])
  else if (isOnPad && event.key === " ") putOrLift(pad)
  else return
  event.preventDefault()
}

function move(pad, step) {
  const [x, y] = pad.cursor ?? [CANVAS / 2, CANVAS / 2]
  pad.cursor = [x + step[0], y + step[1]].map((at) => Math.min(CANVAS, Math.max(0, at)))
  if (pad.pointer === KEYS) pad.live.points.push(pad.cursor)
  pad.show(false)
}

function putOrLift(pad) {
  if (pad.pointer === KEYS) return lift(pad)
  if (pad.pointer !== null) return
  pad.cursor ??= [CANVAS / 2, CANVAS / 2]
  Object.assign(pad, { pointer: KEYS, isPen: false, live: { width: BRUSH, points: [pad.cursor] } })
  pad.show(false)
}

function paintPad(pad) {
  const pen = sharpContext(pad.canvas, pad.canvas.clientHeight)
  pen.scale(pad.canvas.clientWidth / CANVAS, pad.canvas.clientWidth / CANVAS)
  pen.lineCap = pen.lineJoin = "round"
  pen.strokeStyle = "#fff"
  for (const { width, points } of strokesOf(pad)) {
    pen.lineWidth = width
    pen.beginPath()
    pen.moveTo(...points[0])
    for (const point of points.length > 1 ? points : [...points, points[0]]) pen.lineTo(...point)
    pen.stroke()
  }
  if (!pad.cursor) return // else the pen of the keys: a ring, thick while it is down
  pen.strokeStyle = "#8a94a3"
  pen.lineWidth = pad.pointer === KEYS ? 6 : 3
  pen.beginPath()
  pen.arc(...pad.cursor, BRUSH / 2 + 3, 0, 7)
  pen.stroke()
}

/** An empty canvas with as many pixels as the screen has where it stands; lengths are those of the page. */
function sharpContext(canvas, height) {
  const ratio = window.devicePixelRatio
  const context = canvas.getContext("2d")
  canvas.width = Math.round(canvas.clientWidth * ratio)
  canvas.height = Math.round(height * ratio)
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  return context
}
