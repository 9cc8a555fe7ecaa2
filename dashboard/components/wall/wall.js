// One button a drawing. The picture with all drawings is decoded before it is shown, and buttons are only added,
// changed or taken away where something changed: nothing flickers while the wall grows.

const GAP = 6 // pixels, as in wall.css
const HEIGHT = 0.52 // of the window: the whole wall is seen at once, with its buttons
const [SMALLEST, LARGEST] = [2.2, 7] // rem; a drawing is not made smaller, and the wall is then higher
const CAPTION = 1.5 // lines of a caption, each of 28% of a tile or 0.95 rem
const walls = new WeakMap()

export default function ({ data, parentElement, setStateValue }) {
  const host = parentElement.querySelector(".wall")
  if (!walls.has(host)) {
    walls.set(host, { picked: null, latest: null })
    new ResizeObserver(() => arrange(host)).observe(host)
  }
  const wall = walls.get(host)
  wall.latest = data
  wall.pick = (number) => {
    wall.picked = wall.picked === number ? null : number
    press(host, wall)
    setStateValue("picked", wall.picked)
  }
  const picture = new Image()
  picture.src = data.sprite
  picture.decode().then(() => {
    if (wall.latest === data) show(host, wall, data) // a later wall may have been quicker
  }, () => {})
}

function show(host, wall, data) {
  host.style.setProperty("--sprite", `url("${data.sprite}")`)
  while (host.children.length > data.tiles.length) host.lastChild.remove()
  while (host.children.length < data.tiles.length) host.append(newTile(wall))
  data.tiles.forEach(([number, caption, alt, isRight], place) => {
    const tile = host.children[place]
    tile.dataset.number = number
    tile.dataset.right = String(isRight)
    tile.setAttribute("aria-label", alt)
    tile.title = alt
    tile.style.setProperty("--frame", data.colors[String(isRight)])
    tile.querySelector("span").textContent = caption
    const picture = tile.querySelector("i")
    picture.style.backgroundSize = `${100 * data.columns}% ${100 * data.rows}%`
    picture.style.backgroundPosition = `${at(place % data.columns, data.columns)} ${at(Math.floor(place / data.columns), data.rows)}`
  })
  arrange(host)
  press(host, wall)
}

/** Give the tiles the largest size at which all of them have room. */
function arrange(host) {
  const tiles = [...host.children]
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize)
  const isCaptioned = tiles.some((tile) => tile.textContent)
  const fits = (side) => {
    const columns = Math.floor((host.clientWidth + GAP) / (side + GAP))
    const caption = isCaptioned ? CAPTION * Math.min(0.95 * rem, 0.28 * side) : 0
    return Math.ceil(tiles.length / columns) * (side + caption + GAP) <= HEIGHT * window.innerHeight
  }
  let side = LARGEST * rem
  while (side > SMALLEST * rem && !fits(side)) side -= 1
  host.style.setProperty("--side", `${Math.floor(side)}px`)
}

function at(place, count) {
  return count > 1 ? `${(100 * place) / (count - 1)}%` : "0%"
}

function newTile(wall) {
  const [tile, picture, words] = ["button", "i", "span"].map((tag) => document.createElement(tag))
  tile.type = "button"
  tile.append(picture, words)
  tile.onclick = () => wall.pick(Number(tile.dataset.number))
  return tile
}

function press(host, wall) {
  for (const tile of host.children) tile.setAttribute("aria-pressed", String(Number(tile.dataset.number) === wall.picked))
}
