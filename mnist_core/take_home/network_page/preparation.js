// From the strokes of the pen to the 28 × 28 gray levels that the network is given.
//
// MNIST's digits were cropped to their ink, made smaller until the longer side took 20 pixels, and moved until
// the ink's centre of mass lay in the middle of 28 × 28 pixels. The network has seen nothing else, so what you
// draw goes the same way. A picture here is { width, height, levels }: 0 is paper, 255 is ink, row after row.

const CANVAS = 280 // units from edge to edge of the square that is drawn in
const DETAIL = 2 // pixels for each unit, so that edges are smooth once the picture is made smaller
const SIDE = 28
const BOX = 20 // pixels of the longer side of the ink
const INK = 255
const ONE = 2 ** 22 // what a share of 1 is written as
const MIDDLE = 14 // row and column of the ink's centre of mass

/**
 * The strokes as a picture. A stroke is { width, points: [[x, y], …] }, in units. Places are rounded, and lines and dots
 * filled, as the dashboard does it with the library Pillow, so that both make the same image of the same strokes.
 */
function render(strokes) {
  const picture = newPicture(CANVAS * DETAIL, CANVAS * DETAIL)
  for (const { width, points } of strokes) {
    const places = points.map((point) => point.map((at) => Math.trunc(at * DETAIL - 0.5)))
    places.slice(1).forEach((end, i) => fillLine(picture, places[i], end, width * DETAIL))
    for (const point of points) {
      const [left, top] = point.map((at) => Math.trunc(at * DETAIL - width))
      const [right, bottom] = point.map((at) => Math.trunc(at * DETAIL + width - 1))
      fillDisc(picture, left, top, right - left, bottom - top)
    }
  }
  return picture
}

/** Ink in one row, from one column to another, as far as they are in the picture. */
function fillRow(picture, row, from, to) {
  if (row < 0 || row >= picture.height || to < 0) return
  picture.levels.fill(INK, row * picture.width + Math.max(0, from), row * picture.width + Math.min(picture.width - 1, to) + 1)
}

/**
 * A round dot, two rows at a time from its middle outwards. x and y count half pixels from the middle, so that they
 * are whole numbers; of the next points along the edge the one is taken that is nearest to the circle.
 */
function fillDisc(picture, left, top, width, height) {
  const miss = ([x, y]) => Math.abs((width * y) ** 2 + (height * x) ** 2 - (width * height) ** 2)
  let [x, y] = [width, height % 2]
  while (y <= height) {
    for (const row of [height - y, height + y]) fillRow(picture, top + row / 2, left + (width - x) / 2, left + (width + x) / 2)
    for (const row = y; y === row; ) {
      const next = x > 1 ? [[x, y + 2], [x - 2, y + 2], [x - 2, y]] : [[x, y + 2]]
      ;[x, y] = next.reduce((best, point) => (miss(point) < miss(best) ? point : best))
    }
  }
}

/** A straight piece of a stroke: the rectangle with the line in its middle, without round ends. */
function fillLine(picture, [x0, y0], [x1, y1], width) {
  const length = Math.hypot(x1 - x0, y1 - y0)
  if (!length) return
  const across = (by, reach) => roundDown((reach / length) * by) // from the line to the rectangle's edge
  const near = roundDown((width - 1) / 2)
  const far = Math.round((width - 1) / 2)
  const corners = [
    [x0 - across(y1 - y0, near), y0 + across(x1 - x0, far)],
    [x1 - across(y1 - y0, near), y1 + across(x1 - x0, far)],
    [x1 + across(y1 - y0, far), y1 - across(x1 - x0, near)],
    [x0 + across(y1 - y0, far), y0 - across(x1 - x0, near)],
  ]
  const rows = corners.map(([, y]) => y)
  for (let y = Math.min(...rows); y <= Math.max(...rows); y++) {
    const columns = corners.flatMap((corner, i) => crossings(corner, corners[(i + 1) % 4], y))
    fillRow(picture, y, Math.round(Math.min(...columns)), roundDown(Math.max(...columns)))
  }
}

/** The columns at which an edge of the rectangle meets a row. */
function crossings([x0, y0], [x1, y1], y) {
  if (y0 === y1) return y === y0 ? [x0, x1] : []
  return y < Math.min(y0, y1) || y > Math.max(y0, y1) ? [] : [x0 + ((y - y0) * (x1 - x0)) / (y1 - y0)]
}

/** To the nearest whole number, and from the middle between two towards 0. */
function roundDown(value) {
  return Math.sign(value) * Math.ceil(Math.abs(value) - 0.5)
}

/** What MNIST's preparation makes of a picture: 28 × 28 levels; null where there is no ink. */
function prepareLikeMnist(picture) {
  if (!picture.levels.includes(INK)) return null
  const crop = cropped(picture)
  const scale = BOX / Math.max(crop.width, crop.height)
  const sides = [crop.width, crop.height].map((side) => Math.max(1, Math.floor(side * scale + 0.5)))
  const order = crop.height > 2 * crop.width ? [1, 0] : [0, 1] // as in the dashboard, because levels are rounded in between
  const box = order.reduce((made, axis) => squeezed(made, axis, sides[axis]), crop)
  const [left, top] = massOf(box).map((mass, axis) => {
    return Math.min(Math.max(0, MIDDLE - mass), SIDE - sides[axis]) // no ink goes over the edge
  })
  return placed(box, left, top)
}

/** 28 × 28 levels with the box at a place: between two pixels each has the share of the ink that lies on it. */
function placed(box, left, top) {
  const levels = new Float64Array(SIDE * SIDE)
  const [column, row] = [Math.floor(left), Math.floor(top)]
  const shares = (at) => [1 - (at - Math.floor(at)), at - Math.floor(at)]
  shares(top).forEach((down, y) => shares(left).forEach((right, x) => {
    if (!down || !right) return
    box.levels.forEach((level, i) => {
      const [rowOfBox, columnOfBox] = [Math.floor(i / box.width), i % box.width]
      levels[(row + y + rowOfBox) * SIDE + column + x + columnOfBox] += down * right * level
    })
  }))
  return Uint8Array.from(levels, (level) => Math.floor(level + 0.5))
}

function newPicture(width, height) {
  return { width, height, levels: new Uint8Array(width * height) }
}

function rowOf({ width, levels }, row) {
  return levels.subarray(row * width, (row + 1) * width)
}

/** The smallest rectangle with all ink in it. */
function cropped(picture) {
  const top = Math.floor(picture.levels.indexOf(INK) / picture.width)
  const bottom = Math.floor(picture.levels.lastIndexOf(INK) / picture.width)
  const rows = Array.from({ length: bottom - top + 1 }, (_, i) => rowOf(picture, top + i))
  const left = Math.min(...rows.map((row) => row.indexOf(INK)).filter((column) => column >= 0))
  const right = Math.max(...rows.map((row) => row.lastIndexOf(INK)))
  const crop = newPicture(right - left + 1, rows.length)
  rows.forEach((row, i) => crop.levels.set(row.subarray(left, right + 1), i * crop.width))
  return crop
}

/** Rows (axis 0) or columns (axis 1) of another length: each new pixel is the mean of those that it covers. */
function squeezed(picture, axis, length) {
  const sides = [picture.width, picture.height]
  const before = sides[axis]
  const made = axis ? newPicture(picture.width, length) : newPicture(length, picture.height)
  const size = before / length // of a new pixel
  const reach = Math.max(1, size) / 2
  const at = ({ width, levels }, along, across) => (axis ? along * width + across : across * width + along)
  for (let along = 0; along < length; along++) {
    const middle = (along + 0.5) * size
    const from = Math.floor(middle - reach + 0.5)
    let to = Math.min(before, Math.floor(middle + reach + 0.5))
    if ((to - 0.5 - middle) * (0.5 / reach) > 0.5) to-- // a pixel whose middle lies a hair outside
    const share = Math.round(ONE / (to - from)) // whole numbers, so that every computer rounds the same way
    for (let across = 0; across < sides[1 - axis]; across++) {
      let sum = 0
      for (let one = from; one < to; one++) sum += picture.levels[at(picture, one, across)]
      made.levels[at(made, along, across)] = Math.floor((sum * share) / ONE + 0.5)
    }
  }
  return made
}

/** The centre of mass [column, row] of the ink: the mean place, each pixel weighted by its level. */
function massOf({ width, levels }) {
  let [column, row, ink] = [0, 0, 0]
  levels.forEach((level, i) => {
    column += level * (i % width)
    row += level * Math.floor(i / width)
    ink += level
  })
  return [column / ink, row / ink]
}
