export default function ({ data, parentElement }) {
  const host = parentElement.querySelector(".tally")
  const bar = host.querySelector("i")
  bar.style.width = `${100 * data.share}%`
  bar.style.background = data.color
  host.querySelector("span").textContent = data.text
}
