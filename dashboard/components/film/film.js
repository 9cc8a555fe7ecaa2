// The stage of a training: numbers, curves and network, while it learns, when it has learned, and as a film of it.

const films = new WeakMap()
const TOLERANCE = 1.15 // of a ratio of times that is not worth saying
const REAL_TIME = 0
const PACES_OF_FILM = [REAL_TIME, 10, 30] // seconds
const AHEAD_AFTER = 300 // ms that settings stay as they are

export default function ({ data, parentElement, setStateValue }) {
  const host = parentElement.querySelector(".stage")
  if (!films.has(host)) films.set(host, newFilm(host))
  const film = films.get(host)
  film.tell = setStateValue
  take(film, data)
  return () => {
    film.player.discard()
    discard(film.network)
    clearTimeout(film.waiting)
    film.observer.disconnect()
    films.delete(host)
  }
}

function newFilm(host) {
  const find = (name) => host.querySelector(`.${name}`)
  const film = {
    host, network: newStage(find("network")), told: find("told"), numbers: [...host.querySelectorAll(".number")], reel: null, source: "",
    curves: [], trouble: "",
  }
  film.player = new Player(host, {
    name: "The film of the training", step: "Moment of the training", paces: PACES_OF_FILM, pace: 10,
    ready: () => load(film), last: () => lastPlace(film), later: (place, seconds) => later(film, place, seconds),
    show: (place) => (film.reel ? showFrame(film, place) : (film.told.textContent = paceInWords(film))),
  })
  onSelect(film.network, (selected) => {
    film.look.selected = selected
    if (film.player.isAtEnd) film.tell("selected", selected)
  })
  host.querySelectorAll(".save").forEach((button) => (button.onclick = () => saveCurve(film, button)))
  film.observer = new ResizeObserver(() => film.data && draw(film))
  film.observer.observe(host)
  return film
}

/** Take what the server says: a network as it is, and perhaps the film of how it became so. */
function take(film, data) {
  film.data = data
  film.look = { ...data.look, inputs: floats(data.look.inputs), levels: bytes(data.look.levels) }
  const source = data.film ? data.film.name : ""
  if (source !== film.source) {
    film.player.toEnd()
    Object.assign(film, { source, reel: null, views: null, loading: null, trouble: "" })
  }
  film.drawn = film.reel && drawnNeurons(film.reel, film.look.inputs, data.most)
  film.host.style.setProperty("--curve", data.curve)
  film.host.classList.toggle("has-film", Boolean(data.film))
  film.player.enable(Boolean(data.film))
  film.host.querySelectorAll(".save").forEach((button) => (button.textContent = `Save as ${data.kind.toUpperCase()}`))
  film.host.classList.toggle("has-views", Boolean(data.views))
  loadAhead(film, data.ahead)
  if (data.film && data.views && !film.reel) load(film)
  else if (data.film?.play && data.film.play !== film.played) {
    film.played = data.film.play
    takeKeys(film)
    film.player.play(() => Math.max(0, film.reel.moments.findLastIndex((moment) => moment.step <= data.film.begin)))
  } else draw(film)
}

/** Give Space to the film that the button pressed last has begun, which it would otherwise press again. */
function takeKeys(film) {
  if (document.activeElement?.closest(".st-key-main_actions_train")) film.player.run.focus({ preventScroll: true })
}

/** Load the film that a press would play, because its run is there, so that it then begins at once. */
function loadAhead(film, file) {
  clearTimeout(film.waiting)
  const isThere = file && (file.name === film.ahead?.name || (file.name === film.source && (film.reel || film.loading)))
  if (!file || isThere || navigator.connection?.saveData) return
  film.waiting = setTimeout(() => {
    const ahead = (film.ahead = { name: file.name, reel: loadReel(file) })
    ahead.reel.catch(() => film.ahead === ahead && (film.ahead = null))
  }, AHEAD_AFTER)
}

async function loadReel(file) {
  return readReel(await loadFile(file))
}

/** Load the film where that has not been done; resolves to whether it is there. */
async function load(film) {
  if (film.reel) return true
  const { source, data } = film
  if (!data?.film) return false
  film.trouble = ""
  film.told.textContent = "Loading the film …"
  film.loading ??= Promise.all([
    film.ahead?.name === source ? film.ahead.reel : loadReel(data.film), data.views && loadFile(data.views),
  ])
  try {
    const [reel, views] = await film.loading
    if (film.source !== source) return false
    film.reel = reel
    film.lines = linesOf(film.reel)
    film.views = views && readViews(views, film.reel.moments.length)
  } catch (error) {
    film.loading = null
    film.told.textContent = film.trouble = "The film could not be loaded. Press Play to try again."
    if (film.source === source && !film.data.still) film.tell("failed", film.data.film.play)
    return false
  }
  film.drawn = drawnNeurons(film.reel, film.look.inputs, film.data.most)
  draw(film)
  return true
}

function lastPlace(film) {
  return film.reel ? film.reel.moments.length - 1 : 0
}

/** The place so many seconds of the training after another. */
function later(film, place, seconds) {
  const { moments } = film.reel
  const time = secondsAt(moments, place) + seconds
  const next = moments.findIndex((moment) => moment.seconds > time)
  if (next < 1) return next ? lastPlace(film) : 0
  return next - 1 + (time - moments[next - 1].seconds) / (moments[next].seconds - moments[next - 1].seconds)
}

function secondsAt(moments, place) {
  const [a, b] = [moments[Math.floor(place)], moments[Math.ceil(place)]]
  return a.seconds + (place - Math.floor(place)) * (b.seconds - a.seconds)
}

/** Everything anew, curves with their axes too: the size of the window, the image or the run has changed. */
function draw(film) {
  const { data, reel } = film
  if (!film.host.clientWidth || !(reel || data.still)) return
  const lines = reel ? film.lines : data.still.lines
  const epochs = reel ? reel.epochs : data.epochs
  film.curves = Object.entries(data.views ? {} : data.curves).map(([quantity, { title, alt }]) => {
    const figure = film.host.querySelector(`.${quantity}`)
    figure.querySelector("span").textContent = title
    figure.querySelector("svg").setAttribute("aria-label", alt)
    return drawCurve(figure.querySelector("svg"), quantity, lines[quantity], epochs, data)
  })
  if (reel) return film.player.draw()
  receive(film.network, { ...unpacked(data.still.network), ...film.look })
  uncover(film, epochs, data.still.ofWhich, "validation")
  showNumbers(film, data.numbers)
  film.told.textContent = data.film ? film.trouble || paceInWords(film) : data.told
}

/** Lines of a film, by quantity and images; the held-out images at each moment that was recorded. */
function linesOf(reel) {
  const { history, moments, isValidation } = reel
  const training = (values, factor) => history.curve_step.map((step, i) => [epochsAt(reel, step), values[i] * factor]).filter(([, value]) => Number.isFinite(value))
  const heldOut = (name, factor) =>
    isValidation ? moments.filter((moment, i) => moment[name] !== null && !isKept(moments, i)).map((moment) => [epochsAt(reel, moment.step), moment[name] * factor]) : []
  return {
    accuracy: { training: training(history.curve_accuracy, 100), validation: heldOut("accuracy", 100) },
    loss: { training: training(history.curve_loss, 1), validation: heldOut("loss", 1) },
  }
}

/** Whether a moment is the network of an earlier epoch, which early stopping kept. */
function isKept(moments, i) {
  return i > 0 && moments[i].step === moments[i - 1].step
}

/** One frame: the network, the curves up to here, the counters; in words for who cannot see it. */
function showFrame(film, place) {
  const { reel, data } = film
  const first = reel.moments[Math.floor(place)]
  const second = reel.moments[Math.ceil(place)]
  const step = first.step + (place - Math.floor(place)) * (second.step - first.step)
  receive(film.network, pictureAt(reel, place, film.look, film.drawn), !film.player.isPlaying)
  const ofWhich = lastBatches(reel, step)
  if (film.views) showViews(film, place)
  else uncover(film, epochsAt(reel, step), ofWhich, `validation, ${imagesOf(film)}`)
  const isEnd = place === lastPlace(film)
  const training = lastAt(film.lines.accuracy.training, epochsAt(reel, step))
  const heldOut = { label: `${reel.isValidation ? "Validation" : "Training"} accuracy, ${imagesOf(film)} images`, value: accuracyText(100 * first.accuracy) }
  const batches = { label: ["Training accuracy", ofWhich].filter(Boolean).join(", "), value: training ? accuracyText(training[1]) : "–" }
  showNumbers(film, isEnd && data.numbers.length ? data.numbers : reel.isValidation && !film.views ? [heldOut, batches] : [heldOut])
  const epoch = Math.min(reel.epochs, Math.max(1, Math.ceil(epochsAt(reel, step))))
  const where = `Update ${grouped(step)} of ${grouped(reel.moments.at(-1).step)}, epoch ${epoch} of ${reel.epochs}`
  const kept = isEnd && isKept(reel.moments, place) ? ": the network of an earlier epoch is kept" : ""
  film.told.textContent = `${where}${kept}. ${paceInWords(film)}`
  return `${where}: ${heldOut.value} of ${grouped(reel.heldOut)} images read correctly`
}

/** A whole number with its commas. */
function grouped(number) {
  return Math.round(number).toLocaleString("en")
}

/** How many images a film was judged by: "1,000 of 6,000" where more of them validate, whose accuracy is another number. */
function imagesOf({ reel, data }) {
  const isPart = reel.isValidation && data.nValidation > reel.heldOut
  return isPart ? `${grouped(reel.heldOut)} of ${grouped(data.nValidation)}` : grouped(reel.heldOut)
}

/** The confusion of the moment, and the map between moments. */
function showViews(film, place) {
  const { views, data } = film
  const unit = parseFloat(getComputedStyle(document.documentElement).fontSize)
  const [confusion, map] = ["confusion", "map"].map((name) => film.host.querySelector(`.view.${name}`))
  const counts = views.confusions[Math.floor(place)]
  const right = Array.from({ length: 10 }, (_, digit) => counts[11 * digit]).reduce((a, b) => a + b)
  const words = `${grouped(right)} of ${grouped(views.images)} test images read correctly`
  confusion.firstChild.textContent = `Confusion matrix: ${words}`
  map.firstChild.textContent = `The last hidden layer as a map of ${grouped(views.labels.length)} test images`
  confusion.lastChild.ariaLabel = `Confusion matrix, true digits in rows, predictions in columns: ${words}.`
  map.lastChild.ariaLabel = "Test images as digits, close where the outputs of the last hidden layer are similar."
  drawConfusion(confusion.lastChild, counts, data.colors, unit)
  drawMap(map.lastChild, views, place, data.colors, unit)
}

function uncover(film, epoch, ofWhich, validation) {
  film.curves.forEach((move) => move(epoch, { training: `training, ${ofWhich}`, validation }))
}

/** Of which batches the last point of the training curves is after so many updates; "" before the first. */
function lastBatches({ history }, step) {
  const place = history.curve_step.findLastIndex((other) => other <= step + 1e-6)
  if (place < 0) return ""
  const n = history.curve_step[place] - (history.curve_step[place - 1] ?? 0)
  return n === 1 ? "last batch" : `last ${grouped(n)} batches`
}

function showNumbers(film, numbers) {
  film.numbers.forEach((element, i) => {
    element.hidden = !numbers[i]
    if (!numbers[i]) return
    element.children[0].textContent = numbers[i].label
    element.children[1].textContent = numbers[i].value
  })
}

/** "Recorded in 0.7 s, shown 14 times slower." */
function paceInWords(film) {
  const recorded = film.data.film.seconds
  const shown = Number(film.player.pace.value) || recorded
  const ratio = shown / recorded
  const times = (number) => (number < 10 ? number.toFixed(1) : number.toFixed(0))
  const how = ratio > TOLERANCE ? `shown ${times(ratio)} times slower` : ratio < 1 / TOLERANCE ? `shown ${times(1 / ratio)} times faster` : "shown as fast as it was"
  return `Recorded in ${recorded.toFixed(1)} s, ${how}.`
}

function saveCurve(film, button) {
  const figure = button.closest("figure")
  const ground = getComputedStyle(film.host).getPropertyValue("--st-background-color")
  const quantity = Object.keys(film.data.curves).find((name) => figure.classList.contains(name))
  save(figure.querySelector("svg"), ground, { name: film.data.curves[quantity].file, kind: film.data.kind })
}
