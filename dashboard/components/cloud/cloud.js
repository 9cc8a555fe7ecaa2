export default function ({ data, parentElement }) {
  parentElement.querySelector(".cloud").replaceChildren(...data.words.map(({ word, count, size }) => {
    const item = document.createElement("li")
    item.textContent = word
    item.style.fontSize = `${size}rem`
    item.ariaLabel = item.title = `${word}: ${count === 1 ? "1 answer" : `${count} answers`}`
    return item
  }))
}
