// Brings the part of a page that a step of a tour is about into view, once after the step has begun.

const PATIENCE = 10_000 // milliseconds in which the part may appear; whoever does something meanwhile is left alone
const NAMES = ':is(h1, h2, h3), [role="tab"], [role="radio"]'

export default function ({ data }) {
  if (window.mlpExplainerLanded === data.place) return
  window.mlpExplainerLanded = data.place
  const page = document.querySelector('[data-testid="stMain"]')
  const interrupted = new AbortController()
  const end = () => { watch.disconnect(); interrupted.abort() }
  const look = () => {
    const part = [...page.querySelectorAll(NAMES)].find((one) => words(one) === data.part)
    if (!part) return
    end()
    if (part.role === "tab" || part.role === "radio") part.click()
    part.scrollIntoView({ block: "start" })
  }
  const watch = new MutationObserver(look)
  watch.observe(page, { childList: true, subtree: true })
  for (const kind of ["wheel", "pointerdown", "keydown"]) window.addEventListener(kind, end, { signal: interrupted.signal })
  setTimeout(end, PATIENCE)
  look()
}

/** What is read there, without the name of an icon before it. */
function words(one) {
  const icons = [...one.querySelectorAll('[data-testid="stIconMaterial"], [role="img"]')].map((icon) => icon.textContent)
  return icons.reduce((text, icon) => text.replace(icon, ""), one.textContent).trim()
}
