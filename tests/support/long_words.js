// Makes the words of a page about 1.8 times as long, as German ones are, and says what breaks.

const LEFT_ALONE = "code, pre, kbd, svg, canvas, script, style, textarea, option, .katex, [data-testid=stIconMaterial], [role=img], [aria-hidden=true]"

function texts(root, found = []) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.shadowRoot) texts(node.shadowRoot, found)
    if (node.nodeType === Node.TEXT_NODE && node.data.trim() && !node.parentElement.closest(LEFT_ALONE)) found.push(node)
  }
  return found
}

function lengthen(word) {
  return word + word.slice(0, Math.ceil(0.8 * word.length)).toLowerCase()
}

function parentOf(element) {
  return element.parentElement ?? element.getRootNode().host ?? null
}

/** The part of an element that nothing cuts off sideways; null where it can be scrolled to or ends in an ellipsis. */
function cutter(element, box) {
  for (let around = element; around; around = parentOf(around)) {
    const style = getComputedStyle(around)
    if (["auto", "scroll"].includes(style.overflowX) || style.textOverflow === "ellipsis") return null
    if (style.clipPath !== "none" || style.opacity === "0") return null
    if (["hidden", "clip"].includes(style.overflowX)) {
      const edge = around.getBoundingClientRect()
      if (edge.width > 1 && (box.right > edge.right + 2 || box.left < edge.left - 2)) return around
    }
    if (["hidden", "clip"].includes(style.overflowY)) {
      const edge = around.getBoundingClientRect()
      if (edge.height > 1 && (box.bottom > edge.bottom + 3 || box.top < edge.top - 3)) return around
    }
    if (style.position === "fixed") return null
  }
  return null
}

function boxesOf(node) {
  const range = document.createRange()
  range.selectNodeContents(node)
  return [...range.getClientRects()].filter((box) => box.width > 1 && box.height > 1)
}

function isShown(node) {
  const element = node.parentElement
  const isOnlyRead = element.clientWidth <= 1 || getComputedStyle(element).clipPath !== "none"
  return !isOnlyRead && element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
}

/** Whether something that scrolls by itself, such as a program, has it above or below what is seen of it. */
function isScrolledAway(node, box) {
  for (let around = node.parentElement; around; around = parentOf(around)) {
    if (around.dataset?.testid === "stMain") return false
    const edge = around.getBoundingClientRect()
    const scrolls = ["auto", "scroll"].includes(getComputedStyle(around).overflowY)
    if (scrolls && (box.top > edge.bottom - 2 || box.bottom < edge.top + 2)) return true
  }
  return false
}

/** What stays in its place while the page scrolls below it, such as the main button of a phone; null for the page. */
function layerOf(node) {
  for (let around = node.parentElement; around; around = parentOf(around)) {
    const { position, zIndex } = getComputedStyle(around)
    if (position === "fixed" || (position === "sticky" && zIndex !== "auto")) return around
  }
  return null
}

function overlaps(a, b) {
  const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left)
  const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
  return wide > 4 && high > 6
}

/** What is wrong with the page as it is: sentences. */
function problems() {
  const main = document.querySelector("[data-testid=stMain]")
  const found = []
  if (document.documentElement.scrollWidth > innerWidth + 1) found.push("the window scrolls sideways")
  if (main.scrollWidth > main.clientWidth + 1) found.push(`the page scrolls sideways: ${main.scrollWidth} of ${main.clientWidth}`)
  const shown = texts(main).filter(isShown).map((node) => ({ node, boxes: boxesOf(node) }))
  for (const { node, boxes } of shown) {
    const by = boxes.map((box) => cutter(node.parentElement, box)).find(Boolean)
    if (by) found.push(`cut off: ${short(node)} (${by.dataset.testid ?? by.className})`)
  }
  const inView = shown.flatMap(({ node, boxes }) => boxes.filter((box) => !isScrolledAway(node, box)).map((box) => ({ node, box })))
  const flat = inView.sort((a, b) => a.box.top - b.box.top)
  flat.forEach(({ node, box }, i) => {
    for (let j = i + 1; j < flat.length && flat[j].box.top < box.bottom; j++) {
      const other = flat[j]
      if (other.node === node || !overlaps(box, other.box) || layerOf(node) !== layerOf(other.node)) continue
      found.push(`one over the other: ${short(node)} | ${short(other.node)}`)
    }
  })
  return [...new Set(found)]
}

function short(node) {
  return node.data.trim().slice(0, 50)
}

/** What `problems` finds when the words are long; they are as before afterwards. */
async function problemsWithLongWords(look = () => {}) {
  const before = texts(document.body).map((node) => [node, node.data])
  for (const [node, text] of before) node.data = text.replace(/\p{L}\p{Ll}{3,}/gu, lengthen)
  await new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))
  const found = problems()
  await look()
  for (const [node, text] of before) node.data = text
  return found
}
