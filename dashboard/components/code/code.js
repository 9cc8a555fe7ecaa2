// The lines and what lights up with them; the line chosen stays chosen while the script changes around it. Where the
// script is run line by line, the chosen line is the last that has run, and what each name holds then stands beside it.

const NARROW = 700 // pixels
const QUIET = 400 // milliseconds after a key in which lines that scroll by under the mouse are not pointed at
const stages = new WeakMap()

export default function ({ data, parentElement }) {
  const host = parentElement.querySelector(".code")
  let stage = stages.get(host)
  if (!stage) {
    stage = newStage(host)
    stages.set(host, stage)
  }
  fill(stage, data)
  return () => {
    stage.observer.disconnect()
    stages.delete(host)
  }
}

function newStage(host) {
  const find = (name) => host.querySelector(`.${name}`)
  const stage = { host, list: find("lines"), drawing: find("drawing"), text: find("text"), fact: find("fact"), chosen: null, keyed: 0 }
  Object.assign(stage, { on: find("on"), start: find("start"), now: find("now"), held: find("held") })
  stage.observer = new ResizeObserver(() => host.classList.toggle("narrow", host.clientWidth < NARROW))
  stage.observer.observe(host)
  stage.list.onmouseleave = () => show(stage, stage.chosen)
  stage.list.onkeydown = (event) => walk(stage, event)
  stage.on.onclick = () => choose(stage, numbers(stage)[numbers(stage).indexOf(stage.chosen) + 1], false)
  stage.start.onclick = () => choose(stage, numbers(stage)[0], false)
  return stage
}

function fill(stage, data) {
  const hadFocus = stage.list.contains(stage.list.getRootNode().activeElement)
  const before = stage.data?.lines[stage.chosen]
  const isFirst = !stage.data
  const changed = isFirst ? -1 : firstChange(stage.data.lines, data.lines)
  stage.data = data
  stage.host.classList.toggle("runs", Boolean(data.held))
  stage.host.style.setProperty("--chosen", data.color)
  stage.drawing.replaceChildren(draw(data.drawing))
  stage.options = new Map()
  stage.list.replaceChildren(...data.lines.map((line, number) => (line.text ? option(stage, line, number) : gap())))
  choose(stage, again(data, before), hadFocus)
  if (changed >= 0) keepInView(stage.list, stage.options.get(changed))
  if (isFirst) requestAnimationFrame(() => keepInView(stage.list, stage.options.get(stage.chosen))) // once it has its height
}

/** The first statement that a script did not have before; -1 for none, or where it is another script altogether. */
function firstChange(before, lines) {
  const known = new Set(before.map(({ text }) => text))
  const isNew = ({ text }) => !known.has(text)
  if (2 * lines.filter(isNew).length > lines.length) return -1
  return lines.findIndex((line) => isNew(line) && line.text && !line.text.trimStart().startsWith("#"))
}

/** The same line in a new script, else one about the same, else the first that says much. */
function again(data, before) {
  if (!before) return data.first
  const same = data.lines.findIndex((line) => line.text === before.text)
  const alike = data.lines.findIndex((line) => line.about === before.about)
  return same >= 0 ? same : alike >= 0 ? alike : data.first
}

function gap() {
  const element = document.createElement("div")
  element.className = "gap"
  element.setAttribute("role", "presentation")
  return element
}

function option(stage, line, number) {
  const element = document.createElement("div")
  element.className = line.is_changed ? "line changed" : "line"
  element.classList.toggle("comment", line.text.startsWith("#"))
  element.setAttribute("role", "option")
  element.tabIndex = -1
  if (line.is_changed) element.title = "Differs from the run shown"
  const code = line.text.trimStart()
  element.style.setProperty("--indent", line.text.length - code.length)
  element.textContent = code
  element.onmouseenter = () => !stage.data.held && performance.now() > stage.keyed + QUIET && show(stage, number)
  element.onclick = () => choose(stage, number, true)
  element.onfocus = () => choose(stage, number, false)
  stage.options.set(number, element)
  return element
}

function choose(stage, number, takesFocus) {
  stage.chosen = number
  for (const [other, element] of stage.options) {
    element.tabIndex = other === number ? 0 : -1
    element.setAttribute("aria-selected", other === number)
    element.classList.toggle("later", Boolean(stage.data.held) && other > number)
  }
  if (takesFocus) stage.options.get(number)?.focus({ preventScroll: false })
  show(stage, number)
}

/** Light the parts of a line and explain it. */
function show(stage, number) {
  const line = stage.data.lines[number]
  if (!line) return
  const isLit = (part) => line.parts.includes(part) || (line.parts.includes("network") && /^(layer|output)/.test(part))
  const svg = stage.drawing.firstChild
  svg.classList.toggle("dim", line.parts.length > 0)
  for (const part of svg.querySelectorAll("[data-part]")) part.classList.toggle("lit", isLit(part.dataset.part))
  stage.text.innerHTML = stage.data.notes[line.about] // made by the server from its own lesson, escaped there
  stage.fact.textContent = line.fact
  if (stage.data.held) look(stage, number)
  stage.drawing.setAttribute("aria-label", `The network and its training. Lit: ${line.parts.join(", ") || "nothing"}.`)
}

/** What each name holds once a line has run; what the line has changed stands out. */
function look(stage, number) {
  keepInView(stage.list, stage.options.get(number))
  stage.now.textContent = stage.data.lines[number].text.trim()
  stage.on.disabled = number === numbers(stage).at(-1)
  stage.start.disabled = number === numbers(stage)[0]
  stage.held.replaceChildren(...stage.data.held[number].flatMap(({ name, looks }) => [element("dt", "", name), ...looks.map(answer)]))
}

/** Scroll a list that is higher than its place, and not the page around it. */
function keepInView(list, line) {
  const above = line.offsetTop - list.scrollTop
  const below = above + 3 * line.offsetHeight - list.clientHeight
  list.scrollTop += Math.min(above, 0) || Math.max(below, 0)
}

function answer([expression, value, isNew]) {
  const row = element("dd", isNew ? "new" : "", "")
  row.append(element("span", "asked", expression), element("span", "value", value))
  return row
}

function element(tag, name, text) {
  const made = document.createElement(tag)
  made.className = name
  made.textContent = text
  return made
}

function numbers(stage) {
  return [...stage.options.keys()]
}

/** Arrow keys, Home and End move from line to line. */
function walk(stage, event) {
  const all = numbers(stage)
  const at = all.indexOf(stage.chosen)
  const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }
  const next = all[moves[event.key]]
  if (next === undefined) return
  event.preventDefault()
  stage.keyed = performance.now()
  choose(stage, next, true)
}
