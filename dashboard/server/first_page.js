(() => {
  const { innerWidth, innerHeight, screen } = window  // a phone does not know its page yet, and says 980 pixels
  const width = Math.min(innerWidth, screen.width), height = Math.min(innerHeight, screen.height)
  document.cookie = `mlp-explainer-screen=${width}x${height}; path=/; SameSite=Lax`
  const key = "mlp-explainer-visit", Plain = window.WebSocket
  let name
  try {
    name = window.sessionStorage.getItem(key)
    if (!/^[0-9a-f]{32}$/.test(name)) {
      const bytes = window.crypto.getRandomValues(new Uint8Array(16))
      name = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
      window.sessionStorage.setItem(key, name)
    }
  } catch { return }  // a browser that keeps nothing: the page asks it again
  window.WebSocket = class extends Plain {
    constructor(url, protocols) {
      const isOurs = Array.isArray(protocols) && protocols[0] === "streamlit"
      super(url, isOurs ? [...protocols, "visit-" + name] : protocols)
    }
  }
})()
