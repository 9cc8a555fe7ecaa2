// Frames on a photograph. The chosen one is dragged by its inside, resized by its corners, and moved with the arrow
// keys; it is sent when the pointer or the key is let go. A click on another one chooses that.

const STEP = 0.01 // of the picture, for one press of an arrow key
const CORNERS = { tl: [0, 1], tr: [0, 3], bl: [2, 1], br: [2, 3] } // the two edges that each corner moves
const ABOUT = "Frame around the digit that is read. Arrow keys move it, with Shift they make it larger or smaller."
const states = new WeakMap()

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".photo")
  const state = states.get(root) ?? { root, revision: null, moved: false }
  states.set(root, state)
  const image = root.querySelector("img")
  if (image.src !== data.picture) image.src = data.picture
  image.alt = data.alt
  state.least = data.least
  state.send = (choice) => setStateValue("choice", choice)
  if (state.revision !== data.revision) {
    state.revision = data.revision
    state.chosen = data.chosen
    state.frames = data.frames
    show(state)
  }
}

function show(state) {
  const host = state.root.querySelector(".frames")
  const hadFocus = host.contains(state.root.getRootNode().activeElement)
  host.replaceChildren(...state.frames.map((_, place) => newFrame(state, place)))
  if (hadFocus) host.children[state.chosen]?.focus()
}

function newFrame(state, place) {
  const frame = document.createElement("button")
  frame.type = "button"
  frame.className = "frame"
  const isChosen = place === state.chosen
  if (state.frames.length > 1) {
    const number = document.createElement("b")
    number.textContent = place + 1
    frame.append(number)
  }
  lay(frame, state.frames[place])
  if (!isChosen) {
    frame.setAttribute("aria-label", `Read digit ${place + 1} from the left instead`)
    frame.onclick = () => state.send({ chosen: place })
    return frame
  }
  frame.classList.add("chosen")
  frame.setAttribute("aria-label", ABOUT)
  frame.setAttribute("aria-pressed", "true")
  for (const corner of Object.keys(CORNERS)) {
    const handle = document.createElement("span")
    handle.className = "corner"
    handle.dataset.corner = corner
    frame.append(handle)
  }
  frame.onpointerdown = (event) => begin(state, frame, event)
  frame.onkeydown = (event) => onKey(state, frame, event)
  frame.onkeyup = (event) => event.key.startsWith("Arrow") && finish(state)
  return frame
}

function lay(frame, [top, left, bottom, right]) {
  const percent = (share) => `${100 * share}%`
  Object.assign(frame.style, { top: percent(top), left: percent(left), height: percent(bottom - top), width: percent(right - left) })
}

function begin(state, frame, event) {
  if (event.button !== 0) return
  event.preventDefault()
  frame.focus()
  frame.setPointerCapture(event.pointerId)
  const box = state.root.querySelector(".frames").getBoundingClientRect()
  const corner = event.target.dataset.corner, before = state.frames[state.chosen]
  const away = (move) => [(move.clientY - event.clientY) / box.height, (move.clientX - event.clientX) / box.width]
  frame.onpointermove = (move) => {
    if (move.pointerId === event.pointerId) place(state, frame, corner ? resized(state, before, CORNERS[corner], away(move)) : moved(before, away(move)))
  }
  const end = (isMeant) => (last) => {
    if (last.pointerId !== event.pointerId) return
    frame.onpointermove = frame.onpointerup = frame.onpointercancel = null
    if (isMeant) finish(state)
    else place(state, frame, before), (state.moved = false)
  }
  frame.onpointerup = end(true)
  frame.onpointercancel = end(false)
}

function onKey(state, frame, event) {
  const [down, across] = { ArrowUp: [-STEP, 0], ArrowDown: [STEP, 0], ArrowLeft: [0, -STEP], ArrowRight: [0, STEP] }[event.key] ?? [0, 0]
  if (!down && !across) return
  const before = state.frames[state.chosen]
  place(state, frame, event.shiftKey ? resized(state, before, CORNERS.br, [down, across]) : moved(before, [down, across]))
  event.preventDefault()
  event.stopPropagation()
}

function moved([top, left, bottom, right], [down, across]) {
  const within = (low, high, by) => Math.min(1 - high, Math.max(-low, by))
  const y = within(top, bottom, down), x = within(left, right, across)
  return [top + y, left + x, bottom + y, right + x]
}

function resized(state, before, edges, by) {
  const frame = [...before]
  edges.forEach((edge, side) => {
    const opposite = before[(edge + 2) % 4], to = Math.min(1, Math.max(0, before[edge] + by[side]))
    frame[edge] = edge < 2 ? Math.min(to, opposite - state.least) : Math.max(to, opposite + state.least)
  })
  return frame.map((edge) => Math.min(1, Math.max(0, edge)))
}

function place(state, frame, edges) {
  state.frames = state.frames.map((old, number) => (number === state.chosen ? edges : old))
  state.moved = true
  lay(frame, edges)
}

function finish(state) {
  if (!state.moved) return
  state.moved = false
  state.frames = [state.frames[state.chosen]] // the server reads one digit in it, and sends no frame back
  state.chosen = 0
  show(state)
  state.send({ frame: state.frames[0] })
}
