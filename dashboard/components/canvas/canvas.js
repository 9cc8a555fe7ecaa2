// A square to draw a digit in. It keeps its strokes and sends all of them when the pen is lifted; it takes the
// server's strokes only with a new revision, so that an answer to an earlier stroke never takes back a later one.

const SIZE = 280 // units from edge to edge, whatever the size on the screen
const MAX_PAST = 50 // steps that can be taken back
const pads = new WeakMap()

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".pad")
  if (!pads.has(root)) pads.set(root, newPad(root, data))
  const pad = pads.get(root)
  pad.hint.textContent = data.hint
  pad.send = () => setStateValue("drawing", { revision: pad.revision, strokes: pad.strokes })
  if (pad.revision !== data.revision) {
    if (pad.sheet === data.sheet) remember(pad)
    else pad.past = []
    pad.revision = data.revision
    pad.sheet = data.sheet
    pad.strokes = data.strokes
  }
  paint(pad)
  return () => {
    pad.observer.disconnect()
    pads.delete(root)
  }
}

function newPad(root, data) {
  const find = (name) => root.querySelector(name)
  const pad = {
    canvas: find("canvas"), hint: find(".hint"), undo: find(".undo"), clear: find(".clear"), widths: find(".widths"),
    strokes: [], past: [], live: null, pointer: null, revision: null, sheet: null, width: data.widths[1], choices: data.widths,
  }
  pad.undo.onclick = () => undo(pad)
  pad.clear.onclick = () => change(pad, [])
  root.onkeydown = (event) => onKey(pad, event)
  pad.canvas.onpointerdown = (event) => begin(pad, event)
  pad.canvas.onpointermove = (event) => follow(pad, event)
  pad.canvas.onpointerup = pad.canvas.onpointercancel = (event) => end(pad, event)
  pad.canvas.oncontextmenu = (event) => event.preventDefault() // a long press draws
  pad.widths.replaceChildren(...data.widths.map((width, place) => widthButton(pad, width, place)))
  choose(pad, pad.width)
  pad.observer = new ResizeObserver(() => paint(pad))
  pad.observer.observe(pad.canvas)
  return pad
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
  pad.choices.forEach((one, place) => pad.widths.children[place].setAttribute("aria-pressed", String(one === width)))
}

function onKey(pad, event) {
  const key = event.key.toLowerCase()
  if ((event.ctrlKey || event.metaKey) && key === "z") undo(pad)
  else if (key === "delete") change(pad, [])
  else if (!event.ctrlKey && !event.metaKey && pad.choices[Number(key) - 1]) choose(pad, pad.choices[Number(key) - 1])
  else return
  event.preventDefault()
  event.stopPropagation()
}

function begin(pad, event) {
  if (pad.pointer !== null || event.button !== 0) return // a second finger, or another button of the mouse
  pad.canvas.setPointerCapture(event.pointerId)
  pad.pointer = event.pointerId
  pad.live = { width: pad.width, points: [place(pad, event)] }
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
  pen.strokeStyle = "#fff"
  pen.lineCap = pen.lineJoin = "round"
  for (const { width, points } of pad.live ? [...pad.strokes, pad.live] : pad.strokes) {
    pen.lineWidth = width
    pen.beginPath()
    pen.moveTo(...points[0])
    for (const point of points.length > 1 ? points : [...points, points[0]]) pen.lineTo(...point)
    pen.stroke()
  }
  const isEmpty = !pad.strokes.length && !pad.live
  pad.hint.hidden = !isEmpty
  pad.clear.disabled = isEmpty
  pad.undo.disabled = !pad.past.length
}
