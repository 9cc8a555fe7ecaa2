// Where everything stands, in pixels of the stage; nothing is drawn here.

const WIDE = 640 // from this width on the layers stand side by side
const HEIGHT = 420 // of the layers then
const ROW = 8 // neurons in a row otherwise
const HEAD = 30 // for the name of a layer

/** Places for a stage of this width: { height, isWide, image, layers }; a place is { x, y, w, h }. */
function arrange(width, sizes) {
  return width >= WIDE ? sideBySide(width, sizes) : oneBelowTheOther(width, sizes)
}

function sideBySide(width, sizes) {
  const height = HEAD + HEIGHT
  const middle = HEAD + HEIGHT / 2
  const image = square(0, middle, Math.min(150, 0.18 * width))
  const outputs = { left: width - 168, width: 168 }
  const hidden = sizes.slice(0, -1)
  const left = image.w + 50
  const share = (outputs.left - 60 - left) / hidden.length
  const layers = hidden.map((size, number) => {
    const { columns, pitch } = widestTiles(size, 0.5 * share)
    const rows = Math.ceil(size / columns)
    const centre = left + share * (number + 0.5)
    const places = Array.from({ length: size }, (_, i) => {
      const row = Math.floor(i / columns)
      const inRow = Math.min(columns, size - columns * row)
      const x = centre + pitch * ((i % columns) - inRow / 2)
      return square(x + 3, middle + pitch * (row - (rows - 1) / 2), pitch - 6)
    })
    return { head: { x: centre - share / 2, y: 0, w: share }, places }
  })
  const pitch = HEIGHT / 10
  const places = Array.from({ length: 10 }, (_, digit) => ({
    x: outputs.left, y: HEAD + pitch * digit + 3, w: outputs.width, h: pitch - 6,
  }))
  layers.push({ head: { x: outputs.left, y: 0, w: outputs.width }, places })
  return { height, isWide: true, image, layers }
}

/** As many columns as make the squares of a layer largest; 60 pixels are enough for 28 × 28 weights. */
function widestTiles(size, width) {
  let best = { columns: 1, pitch: 0 }
  for (let columns = 1; columns <= size; columns++) {
    const pitch = Math.min(60, width / columns, HEIGHT / Math.ceil(size / columns))
    if (pitch > best.pitch) best = { columns, pitch }
  }
  return best
}

function oneBelowTheOther(width, sizes) {
  const image = { x: (width - 112) / 2, y: HEAD, w: 112, h: 112 }
  const pitch = Math.min(40, width / ROW)
  let y = image.y + image.h + 56
  const layers = sizes.slice(0, -1).map((size) => {
    const columns = Math.min(ROW, size)
    const head = { x: 0, y: y - 4, w: width }
    const start = (width - pitch * columns) / 2
    const places = Array.from({ length: size }, (_, i) => ({
      x: start + pitch * (i % columns) + 2, y: y + HEAD + pitch * Math.floor(i / columns), w: pitch - 5, h: pitch - 5,
    }))
    y += HEAD + pitch * Math.ceil(size / columns) + 56
    return { head, places }
  })
  const w = width / 10
  const places = Array.from({ length: 10 }, (_, digit) => ({ x: w * digit + 1, y: y + HEAD, w: w - 2, h: 104 }))
  layers.push({ head: { x: 0, y: y - 4, w: width }, places })
  return { height: y + HEAD + 108, isWide: false, image, layers }
}

function square(x, middle, size) {
  return { x, y: middle - size / 2, w: size, h: size }
}

/** Where connections leave and arrive: beside a place, or below and above it. */
function exit(place, isWide) {
  return isWide ? [place.x + place.w, place.y + place.h / 2] : [place.x + place.w / 2, place.y + place.h]
}

function entry(place, isWide) {
  return isWide ? [place.x, place.y + place.h / 2] : [place.x + place.w / 2, place.y]
}
