export default function ({ data, setStateValue }) {
  const name = "mlp-explainer-visit"
  let kept = null
  try { kept = window.sessionStorage.getItem(name) } catch { return }
  if (data.reloaded && kept && kept !== data.visit) { setStateValue("visit", kept) }
  else if (kept !== data.visit) { window.sessionStorage.setItem(name, data.visit) }
}
