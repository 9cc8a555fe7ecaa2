// What is read, and one row a digit, made once; after that only lengths and words change.

export default function ({ data, parentElement }) {
  const host = parentElement.querySelector(".bars")
  const rows = host.querySelector(".rows")
  if (!rows.children.length) rows.append(...data.shares.map((_, digit) => newRow(digit)))
  host.classList.toggle("worded", data.words !== "")
  host.classList.add(data.place)
  host.classList.toggle("unsure", data.unsure)
  host.querySelector(".said").textContent = data.said
  host.querySelector(".verdict b").textContent = data.top ?? ""
  host.querySelector(".verdict em").textContent = data.texts[data.top] ?? ""
  host.querySelector(".verdict i").textContent = data.words
  host.style.setProperty("--true", data.colors.true)
  data.shares.forEach((share, digit) => {
    const row = rows.children[digit]
    const isTop = digit === data.top
    row.classList.toggle("top", isTop)
    row.classList.toggle("true", digit === data.label)
    row.querySelector("small").textContent = digit === data.label ? " ◂ true" : ""
    row.querySelector("span").textContent = data.texts[digit]
    const bar = row.querySelector("i")
    bar.style.setProperty("--share", share)
    bar.style.setProperty("--bar", isTop ? data.colors.top : data.colors.other)
  })
}

function newRow(digit) {
  const [row, name, mark, track, bar, words] = ["div", "b", "small", "div", "i", "span"].map((tag) => document.createElement(tag))
  row.className = "row"
  row.setAttribute("role", "listitem")
  name.append(digit, mark)
  track.className = "track"
  track.append(bar)
  row.append(name, track, words)
  return row
}
