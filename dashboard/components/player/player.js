// What everything that plays has: play and pause, one step back and on, to the start, a slider, a pace, and the same keys.

const WITHOUT_KEYS = ["BODY", "MAIN", "SECTION", "DIV", "HTML"] // where a key has nothing else to do

class Player {
  /**
   * Make the controls of player.html within `host` play `of`, at places from 0 to `of.last()`; the whole ones are its steps.
   * `of.show(place)` draws a place and returns it in words. `of.paces` are the seconds that all of it may take, of which
   * `of.pace` is chosen first; 0 is real time, for which `of.later(place, seconds)` says where it is then. `of.ready()`, where
   * there is one, resolves to whether it can be played. Until it was moved, it stands at the end.
   */
  constructor(host, of) {
    const find = (name) => host.querySelector(`.player .${name}`)
    Object.assign(this, { host, of, place: Infinity, frame: 0, isPlaying: false })
    Object.assign(this, { root: host.querySelector(".player"), run: find("run"), slider: find("place"), pace: find("pace"), news: find("news") })
    this.root.ariaLabel = of.name
    this.slider.ariaLabel = of.step
    this.pace.replaceChildren(...of.paces.map((seconds) => new Option(seconds ? `${seconds} s` : "real time", seconds, false, seconds === of.pace)))
    this.pace.onchange = () => this.draw()
    this.run.onclick = () => (this.isPlaying ? this.pause() : this.play())
    find("begin").onclick = () => this.go(() => 0)
    find("back").onclick = () => this.go((place) => Math.ceil(place) - 1)
    find("on").onclick = () => this.go((place) => Math.floor(place) + 1)
    this.slider.oninput = () => this.go(() => Number(this.slider.value))
    this.toEnd()
    this.onKey = (event) => this.obey(event)
    window.addEventListener("keydown", this.onKey)
  }

  get isAtEnd() {
    return this.place >= this.of.last()
  }

  /** Stop, and stand at the end, however far that is. */
  toEnd() {
    this.halt()
    this.place = Infinity
    this.slider.max = Math.max(1, Number(this.slider.max))
    this.slider.value = this.slider.max
  }

  /** Say whether there is something to play. */
  enable(isThere) {
    this.root.querySelectorAll(".keys :is(button, input, select)").forEach((control) => (control.disabled = !isThere))
  }

  /** Play on, from the start where it is at its end, or from where `from` says. */
  async play(from) {
    if (this.of.ready && !(await this.of.ready())) return
    this.halt()
    const last = this.of.last()
    this.place = from ? from() : this.isAtEnd ? 0 : this.place
    this.label(true)
    let before = performance.now()
    const tick = (now) => {
      const seconds = Math.max(0, now - before) / 1000
      const length = Number(this.pace.value)
      this.place = Math.min(last, length ? this.place + (seconds * last) / length : this.of.later(this.place, seconds))
      before = now
      this.draw()
      if (this.place < last) this.frame = requestAnimationFrame(tick)
      else this.rest()
    }
    this.frame = requestAnimationFrame(tick)
  }

  /** Stop at the nearest step: between two there is nothing of its own to see. */
  pause() {
    this.place = Math.round(this.place)
    this.rest()
  }

  /** To the place that `where` says, given the one where it is. */
  async go(where) {
    if (this.of.ready && !(await this.of.ready())) return
    const last = this.of.last()
    this.place = Math.max(0, Math.min(last, where(Math.min(last, this.place))))
    this.rest()
  }

  /** Stop, and say where. */
  rest() {
    this.halt()
    this.draw()
    this.news.textContent = this.slider.ariaValueText
  }

  halt() {
    cancelAnimationFrame(this.frame)
    this.label(false)
  }

  /** Show where it is; who wants no motion sees steps only. */
  draw() {
    const last = this.of.last()
    const place = Math.min(last, this.place)
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches
    this.slider.max = last
    this.slider.value = Math.floor(place)
    this.slider.ariaValueText = this.of.show(isStill ? Math.floor(place) : place)
  }

  label(isPlaying) {
    this.isPlaying = isPlaying
    this.host.classList.toggle("playing", isPlaying)
    this.run.textContent = isPlaying ? "Pause" : "Play"
  }

  /** Space plays and pauses, arrows step, Home and End go to the start and the end, where no field has the keys, the player is seen, and the visit has not switched such keys off (keyed_links.js). */
  obey(event) {
    const target = event.composedPath()[0]
    const isOwn = this.root.contains(target) && (event.key === " " ? target === this.slider : target.tagName === "BUTTON")
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
    const isAnywhere = window.mlpExplainerHasKeys !== false && WITHOUT_KEYS.includes(target?.tagName)
    if (!(isOwn || isAnywhere) || this.run.disabled || !this.isSeen()) return
    const name = { " ": "run", ArrowLeft: "back", ArrowRight: "on", Home: "begin" }[event.key]
    if (!name && event.key !== "End") return
    event.preventDefault()
    if (!name) return this.go(() => this.of.last())
    this.root.querySelector(`.${name}`).click()
  }

  isSeen() {
    const { top, bottom } = this.root.getBoundingClientRect()
    return this.root.checkVisibility({ visibilityProperty: true }) && bottom > 0 && top < window.innerHeight
  }

  discard() {
    this.halt()
    window.removeEventListener("keydown", this.onKey)
  }
}
