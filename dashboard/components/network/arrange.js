// Where everything stands, in pixels of the stage; nothing is drawn here. Lengths are multiples of the root, as all type is.

const WIDE = 37.6 // from this width on the layers stand side by side, in multiples of the root
const HEIGHT = 24.7 // of the layers then
const MOST = 0.48 // of the window's height, so that what stands above and below it is seen too
const ROW = 8 // neurons in a row otherwise
const HEAD = 1.8 // for the name of a layer
const TILE = 3.5 // is enough for 28 × 28 weights
const FULL = 1.2 // how much more full rows are worth
const LEAST = 9 // height of the layers on a low screen
const USUAL = 0.55 // of the layers' height is the image at most
const LITTLE = 0.32 // where they are low, and a neuron's numbers stand below it
const TINY = 27 // below this width there is no room for numbers beside the layers

/**
 * Places for a stage of this width in pixels: { height, isWide, isTiny, image, detail, layers }; a place is { x, y, w, h }.
 * `most` is the height of the layers in pixels where they must stand side by side, 0 where they need not;
 * `mayStack` lets them stand one below the other where there is no room for numbers beside them.
 */
function arrange(width, sizes, most = 0, mayStack = false) {
  const unit = parseFloat(getComputedStyle(document.documentElement).fontSize)
  if (width < (mayStack ? TINY : most ? 0 : WIDE) * unit) return oneBelowTheOther(width, sizes, unit)
  const height = most ? Math.max(LEAST * unit, most - HEAD * unit) : Math.min(HEIGHT * unit, MOST * window.innerHeight)
  return sideBySide(width, sizes, unit, height, mayStack ? LITTLE : USUAL)
}

function sideBySide(width, sizes, unit, layersHeight, imageShare) {
  const head = HEAD * unit
  const height = head + layersHeight
  const middle = head + layersHeight / 2
  const side = Math.min(8.8 * unit, 0.2 * width, imageShare * layersHeight)
  const image = square(0, head + side / 2, side)
  const outputsWidth = Math.min(9.9 * unit, 0.27 * width)
  const outputs = { left: width - outputsWidth, width: outputsWidth }
  const hidden = sizes.slice(0, -1)
  const gap = Math.min(3 * unit, 0.06 * width)
  const left = image.w + gap
  const share = (outputs.left - gap - left) / hidden.length
  const layers = hidden.map((size, number) => {
    const { columns, pitch } = widestTiles(size, 0.8 * share, layersHeight, TILE * unit)
    const rows = Math.ceil(size / columns)
    const centre = left + share * (number + 0.5)
    const places = Array.from({ length: size }, (_, i) => {
      const row = Math.floor(i / columns)
      const inRow = Math.min(columns, size - columns * row)
      const x = centre + pitch * ((i % columns) - inRow / 2)
      return square(x + 0.05 * pitch, middle + pitch * (row - (rows - 1) / 2), 0.9 * pitch)
    })
    return { head: { x: centre - share / 2, y: 0, w: share }, places }
  })
  const pitch = layersHeight / 10
  const places = Array.from({ length: 10 }, (_, digit) => ({
    x: outputs.left, y: head + pitch * digit + 0.06 * pitch, w: outputs.width, h: 0.88 * pitch,
  }))
  layers.push({ head: { x: outputs.left, y: 0, w: outputs.width }, places })
  const detail = { y: image.y + image.h, w: Math.min(...layers[0].places.map(({ x }) => x)) - 0.5 * gap, hint: 1.35 * image.w }
  return { height, isWide: true, isTiny: width < TINY * unit, image, detail, layers }
}

/** As many columns as make the squares of a layer largest, up to a size; a little smaller where that fills all rows. */
function widestTiles(size, width, height, most) {
  let best = { columns: 1, pitch: 0, worth: 0 }
  for (let columns = 1; columns <= size; columns++) {
    const pitch = Math.min(most, width / columns, height / Math.ceil(size / columns))
    const worth = size % columns ? pitch : FULL * pitch
    if (worth > best.worth) best = { columns, pitch, worth }
  }
  return best
}

function oneBelowTheOther(width, sizes, unit) {
  const head = HEAD * unit
  const side = 4.5 * unit
  const between = 1.6 * unit
  const image = { x: (width - side) / 2, y: 0, w: side, h: side }
  const pitch = Math.min(2.4 * unit, width / ROW)
  let y = image.y + side + between
  const layers = sizes.slice(0, -1).map((size) => {
    const columns = Math.min(ROW, size)
    const start = (width - pitch * columns) / 2
    const top = y
    const places = Array.from({ length: size }, (_, i) => ({
      x: start + pitch * (i % columns) + 2, y: top + head + pitch * Math.floor(i / columns), w: pitch - 5, h: pitch - 5,
    }))
    y += head + pitch * Math.ceil(size / columns) + between
    return { head: { x: 0, y: top - 4, w: width }, places }
  })
  const w = width / 10
  const h = 4.6 * unit
  const places = Array.from({ length: 10 }, (_, digit) => ({ x: w * digit + 1, y: y + head, w: w - 2, h }))
  layers.push({ head: { x: 0, y: y - 4, w: width }, places })
  return { height: y + head + h + 4, isWide: false, isTiny: false, image, layers }
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
