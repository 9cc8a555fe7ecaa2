export default function ({ data }) {
  const name = "mlp-explainer-news"
  let region = document.getElementById(name)
  if (region === null) {
    region = document.createElement("div")
    region.id = name
    region.role = "status"
    region.style.cssText = "position: absolute; inline-size: 1px; block-size: 1px; clip-path: inset(50%)"
    document.body.append(region)
  }
  if (data.text && region.textContent !== data.text) { region.textContent = data.text }
}
