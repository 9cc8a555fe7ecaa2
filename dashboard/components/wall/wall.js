// One button a drawing. The picture with all drawings is decoded before it is shown, and buttons are only added,
// changed or taken away where something changed: nothing flickers while the wall grows.

const walls = new WeakMap()

export default function ({ data, parentElement, setStateValue }) {
  const host = parentElement.querySelector(".wall")
  if (!walls.has(host)) walls.set(host, { picked: null, latest: null })
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
  press(host, wall)
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
