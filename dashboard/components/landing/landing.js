// Brings the part of a page that a step of a tour is about into view, once after the step has begun.

const PATIENCE = 10_000 // milliseconds for which it is kept in view; whoever does something meanwhile is left alone
const LOOK = 250 // milliseconds between two looks: what is drawn above the part later moves it
const NAMES = ':is(h1, h2, h3), [role="tab"], [role="radio"]'

export default function ({ data }) {
  if (window.mlpExplainerLanded === data.place) return
  window.mlpExplainerLanded = data.place
  const page = document.querySelector('[data-testid="stMain"]')
  const interrupted = new AbortController()
  const end = () => { clearInterval(watch); interrupted.abort() }
  const isNamed = (one) => {
    const words = one.textContent.trim() // a choice begins with the name of its icon
    return one.role === "radio" ? words.endsWith(data.part) : words === data.part
  }
  let isFound = false
  const look = () => {
    if (window.mlpExplainerLanded !== data.place) return end() // another step has begun
    const part = [...page.querySelectorAll(NAMES)].find(isNamed)
    if (!part) return
    if (!isFound) {
      isFound = true
      const isChosen = part.ariaChecked === "true" || part.ariaSelected === "true"
      if (!isChosen && (part.role === "tab" || part.role === "radio")) part.click()
    }
    const { top } = part.getBoundingClientRect()
    if (top < 0 || top > innerHeight * data.lowest) part.scrollIntoView({ block: "start" })
  }
  const watch = setInterval(look, LOOK)
  for (const kind of ["wheel", "pointerdown", "keydown"]) window.addEventListener(kind, end, { signal: interrupted.signal })
  setTimeout(end, PATIENCE)
  look()
}
