// A drawing with links; a click goes to the page as the browser's own history does, so that nothing is loaded anew.

const NARROW = 640 // pixels

export default function ({ data, parentElement }) {
  const host = parentElement.querySelector(".course")
  let shown = ""
  const fit = () => {
    const svg = host.clientWidth < NARROW ? data.tall : data.wide
    if (svg !== shown) host.innerHTML = shown = svg // made by the server from its own numbers and titles, escaped there
  }
  const observer = new ResizeObserver(fit)
  observer.observe(host)
  fit()
  host.onclick = (event) => follow(event, data.here)
  return () => observer.disconnect()
}

function follow(event, here) {
  const link = event.target.closest("a")
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
  event.preventDefault()
  const url = new URL(window.location)
  const path = url.pathname.replace(/\/$/, "")
  const base = path.endsWith(`/${here}`) ? path.slice(0, -here.length - 1) : path
  url.pathname = `${base}/${link.getAttribute("href")}`
  url.searchParams.delete("section")
  url.hash = ""
  window.history.pushState({}, "", url)
  window.dispatchEvent(new PopStateEvent("popstate"))
}
