// One row a digit, made once; after that only widths and words change.

export default function ({ data, parentElement }) {
  const host = parentElement.querySelector(".bars")
  if (!host.children.length) host.append(...data.shares.map((_, digit) => newRow(digit)))
  data.shares.forEach((share, digit) => {
    const row = host.children[digit]
    const isTop = digit === data.top
    row.classList.toggle("top", isTop)
    row.querySelector("span").textContent = data.texts[digit]
    const bar = row.querySelector("i")
    bar.style.width = `${100 * share}%`
    bar.style.setProperty("--bar", isTop ? data.colors.top : data.colors.other)
  })
}

function newRow(digit) {
  const [row, name, track, bar, words] = ["div", "b", "div", "i", "span"].map((tag) => document.createElement(tag))
  row.className = "row"
  row.setAttribute("role", "listitem")
  name.textContent = digit
  track.className = "track"
  track.append(bar)
  row.append(name, track, words)
  return row
}
