// Saves a drawing as a file: SVG as it is, or PNG.

const SCALE = 2 // pixels of a PNG for each of the screen's

async function save(drawn, ground, { name, kind }) {
  const { width, height } = drawn.viewBox.baseVal
  const copy = drawn.cloneNode(true)
  const paper = document.createElementNS(copy.namespaceURI, "rect")
  for (const [key, value] of Object.entries({ width: "100%", height: "100%", fill: ground })) paper.setAttribute(key, value)
  copy.prepend(paper)
  copy.setAttribute("width", width)
  copy.setAttribute("height", height)
  const text = new XMLSerializer().serializeToString(copy)
  const svg = new Blob([text], { type: "image/svg+xml" })
  download(kind === "svg" ? svg : await pictureOf(svg, width, height), `${name}.${kind}`)
}

async function pictureOf(svg, width, height) {
  const picture = new Image()
  const address = URL.createObjectURL(svg)
  picture.src = address
  await picture.decode()
  URL.revokeObjectURL(address)
  const canvas = document.createElement("canvas")
  canvas.width = SCALE * width
  canvas.height = SCALE * height
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height)
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"))
}

function download(file, name) {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
