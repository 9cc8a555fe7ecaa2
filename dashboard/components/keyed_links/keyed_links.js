// Buttons, and keys beside them, that go to another address of the dashboard as the browser's own history does.

const GRACE = 2000 // milliseconds
const STREAMLITS = ["r", "c"] // its own keys: run the page again, and with a developer's menu empty the caches
const TEXT_FREE = ["range", "checkbox", "radio", "button", "submit", "reset", "color", "file"]

// Of the whole window, because each group of buttons may load this file anew: the groups, the latest last. One that has
// left the page is kept for a moment. Until the page has others, the key that enters present mode or leaves it would be
// lost; the keys that go on and back would go where one is already.
const groups = (window.mlpExplainerLinks ??= listening(new Map()))

export default function ({ data, parentElement }) {
  const host = parentElement.querySelector(".links")
  groups.set(host, data)
  window.mlpExplainerHasKeys = data.has_keys // which all that plays asks, too
  host.replaceChildren(...data.links.map((link) => newButton(link, data)))
  return () => setTimeout(() => host.isConnected || groups.delete(host), GRACE)
}

function listening(map) {
  // Before the page's own elements see it: a slider that was moved last would take a clicker's key for itself.
  window.addEventListener("keydown", (event) => pressed(map, event), true)
  return map
}

function newButton(link, { here, has_keys }) {
  const [button, words, sign] = ["button", "span", "kbd"].map((tag) => document.createElement(tag))
  button.type = "button"
  words.textContent = link.label
  button.append(words)
  button.disabled = !link.is_possible
  button.className = link.is_quiet ? "quiet" : ""
  button.onclick = () => follow(link, here)
  const hasKey = has_keys && link.keys.length > 0
  button.title = button.ariaLabel = hasKey ? `${link.help} (key ${link.keys[0].toUpperCase()})` : link.help
  if (hasKey) {
    sign.textContent = link.keys[0].toUpperCase()
    button.append(sign)
  }
  return button
}

function pressed(map, event) {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || isTyping(event)) return
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key
  if (!window.mlpExplainerHasKeys) return STREAMLITS.includes(name) && event.stopImmediatePropagation()
  for (const [host, data] of [...map].reverse()) {
    const link = data.links.find((one) => one.keys.includes(name) && (host.isConnected || one.switches_embedding))
    if (!link) continue
    event.preventDefault()
    event.stopPropagation()
    if (link.is_possible) follow(link, data.here)
    return
  }
}

function isTyping(event) {
  const target = event.composedPath()[0]
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement) return !TEXT_FREE.includes(target.type)
  return target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName)
}

/** Go there as the back button would: Streamlit then shows the page that the address names. */
function follow(link, here) {
  const url = new URL(window.location)
  if (link.page !== null) {
    const path = url.pathname.replace(/\/$/, "")
    const base = here && path.endsWith(`/${here}`) ? path.slice(0, -here.length - 1) : path
    url.pathname = `${base}/${link.page}`
  }
  if (link.query !== null) {
    const kept = ["embed", "embed_options"].flatMap((name) => url.searchParams.getAll(name).map((value) => [name, value]))
    url.search = new URLSearchParams([...new URLSearchParams(link.query), ...kept])
  }
  if (link.switches_embedding) url.searchParams.has("embed") ? url.searchParams.delete("embed") : url.searchParams.set("embed", "true")
  url.hash = ""
  window.history.pushState({}, "", url)
  window.dispatchEvent(new PopStateEvent("popstate"))
}
