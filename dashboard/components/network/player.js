// The player of a network's picture: play, pause, one step on or back, by button or key, for as many moves as there are.

const PACES = { slow: 2.5, normal: 1.2, fast: 0.5 } // seconds a move takes
const READING = 4 // times as long stands a moment that has a sentence
const FREE = ["BODY", "MAIN", "SECTION", "DIV", "HTML"] // where a key has nothing else to do

function newPlayer(stage, find) {
  stage.play.onclick = () => (stage.isPlaying ? pause(stage) : play(stage, stage.moves.length))
  find("step").onclick = () => {
    const { whole } = momentOf(stage)
    stage.t = whole < stage.moves.length ? whole : 0
    play(stage, stage.t + 1)
  }
  find("previous").onclick = () => {
    pause(stage)
    const { whole, part } = momentOf(stage)
    stage.t = Math.max(0, part ? whole : whole - 1)
    show(stage)
  }
  const keys = { " ": () => stage.play.click(), ArrowLeft: () => find("previous").click(), ArrowRight: () => find("step").click() }
  stage.onKey = (event) => isInView(stage.play) && obey(event, keys)
}

/** The controls are there, and the window shows them. */
function isInView(element) {
  const { top, bottom } = element.getBoundingClientRect()
  return element.checkVisibility() && top >= 0 && bottom <= window.innerHeight
}

/** Do what `keys` has for a key, where no field or button has the keys. */
function obey(event, keys) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.defaultPrevented) return
  const does = FREE.includes(event.composedPath()[0]?.tagName) && keys[event.key]
  if (!does) return
  event.preventDefault()
  does()
}

/** How many moves are done, and what part of the next; the rest of its time is for reading. */
function momentOf(stage) {
  const n = stage.moves.length
  const whole = Math.min(n, Math.floor(stage.t))
  const part = whole < n ? (stage.t - whole) * (stage.data.backward ? READING : 1) : 0
  return part < 1 ? { whole, part } : { whole: whole + 1, part: 0 }
}

/** Let it run until the moment `end`. */
function play(stage, end) {
  clearTimeout(stage.timer)
  cancelAnimationFrame(stage.frame)
  if (momentOf(stage).whole >= stage.moves.length) stage.t = 0
  label(stage, true)
  const seconds = PACES[stage.pace.value] * (stage.data.backward ? READING : 1)
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return jump(stage, end, seconds)
  let before = performance.now()
  const tick = (now) => {
    stage.t = Math.min(end, stage.t + Math.max(0, now - before) / 1000 / seconds)
    before = now
    show(stage)
    if (momentOf(stage).whole < end) stage.frame = requestAnimationFrame(tick)
    else label(stage, false)
  }
  stage.frame = requestAnimationFrame(tick)
}

/** The same in whole moves, for who wants no motion. */
function jump(stage, end, seconds) {
  stage.t = Math.min(end, Math.floor(stage.t) + 1)
  show(stage)
  if (stage.t < end) stage.timer = setTimeout(() => jump(stage, end, seconds), 1000 * seconds)
  else label(stage, false)
}

function pause(stage) {
  cancelAnimationFrame(stage.frame)
  clearTimeout(stage.timer)
  label(stage, false)
}

function label(stage, isPlaying) {
  stage.isPlaying = isPlaying
  stage.play.textContent = isPlaying ? "Pause" : "Play"
}
