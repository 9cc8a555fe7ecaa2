// Words and numbers for one neuron.

const VOTES = 3 // named for and against

function signed(value, digits = 2) {
  if (!Number.isFinite(value)) return "not a finite number"
  return (value < 0 ? "−" : "+") + Math.abs(value).toFixed(digits)
}

function plain(value, digits = 2) {
  return Number.isFinite(value) ? value.toFixed(digits).replace("-", "−") : "not a finite number"
}

function nameOf(data, layer, i) {
  const { drawn } = data.layers[layer]
  const isOutput = layer === data.layers.length - 1
  if (isOutput) return `Output ${drawn[i]}`
  const where = data.layers.length > 2 ? `Hidden layer ${layer + 1}, neuron` : "Hidden neuron"
  return `${where} ${drawn[i]}`
}

/** Whether dropout has left out a neuron; data.dropout is { leftOut, factor } then, with a list for each hidden layer. */
function isLeftOut(data, layer, i) {
  return Boolean(data.dropout?.leftOut[layer]?.[i])
}

/** What becomes of a hidden neuron's activation in an update with dropout; nothing without. */
function afterDropout(data, layer, i) {
  if (!data.dropout) return ""
  if (isLeftOut(data, layer, i)) return " Left out of this update: its output is 0."
  const { factor } = data.dropout
  return ` Not left out: ${plain(data.layers[layer].activations[i])} × ${plain(factor)} = ${plain(factor * data.layers[layer].activations[i])}.`
}

/** "Products +3.21 and −1.02, bias +0.11: weighted sum 2.30. ReLU: activation 2.30." */
function calculation(data, layer, i) {
  const of = data.layers[layer]
  const isOutput = layer === data.layers.length - 1
  const sum = `Products ${signed(of.positive[i])} and ${signed(of.negative[i])}, bias ${signed(of.biases[i])}: `
  return isOutput
    ? `${sum}logit ${plain(of.sums[i])}. Softmax: probability ${percent(of.activations[i])}.`
    : `${sum}weighted sum ${plain(of.sums[i])}. ${data.activation} activation ${plain(of.activations[i])}.${afterDropout(data, layer, i)}`
}

/** What a neuron adds to the drawn neurons of the next layer: [{ unit, value }], largest first. */
function votes(data, layer, i) {
  const next = data.layers[layer + 1]
  const n = next.drawn.length
  const values = Array.from({ length: n }, (_, k) => ({ unit: next.drawn[k], value: next.links[n * i + k] }))
  return values.sort((a, b) => b.value - a.value)
}

/** What the drawn neurons of the previous layer add to one: [{ unit, value }], largest first. */
function contributions(data, layer, i) {
  const before = data.layers[layer - 1]
  const n = data.layers[layer].drawn.length
  const values = before.drawn.map((unit, j) => ({ unit, value: data.layers[layer].links[n * j + i] }))
  return values.sort((a, b) => b.value - a.value)
}

function strongest(found) {
  const list = (some) => some.map(({ unit, value }) => `${unit} (${signed(value)})`).join(", ")
  const lifts = list(found.filter(({ value }) => value > 0).slice(0, VOTES))
  const lowers = list(found.filter(({ value }) => value < 0).slice(-VOTES).reverse())
  return { lifts, lowers }
}

/** "Lifts 7 (+2.10), 9 (+0.30). Lowers 4 (−1.20)." */
function verdict(data, layer, i) {
  const isOutput = layer === data.layers.length - 1
  const isBeforeOutput = layer === data.layers.length - 2
  const { lifts, lowers } = strongest(isOutput ? contributions(data, layer, i) : votes(data, layer, i))
  if (!lifts && !lowers) return isOutput ? "Nothing arrives here." : "Its output is 0, so it adds nothing."
  if (isOutput) return [lifts && `Lifted by neurons ${lifts}.`, lowers && `Lowered by neurons ${lowers}.`].filter(Boolean).join(" ")
  const what = isBeforeOutput ? "the logit of" : "neurons"
  return [lifts && `Lifts ${what} ${lifts}.`, lowers && `Lowers ${what} ${lowers}.`].filter(Boolean).join(" ")
}

function percent(share) {
  if (!Number.isFinite(share)) return "not a finite number"
  const text = (100 * share).toFixed(1)
  return text === "100.0" ? ">99.9%" : `${text}%` // also a 1 in the numbers of a computer is no certainty
}

function article(digit) {
  return digit === 8 ? "an" : "a"
}

/** The whole picture in words, for who cannot see it. */
function alternative(data) {
  const output = data.layers.at(-1)
  const best = output.activations.indexOf(Math.max(...output.activations))
  const hidden = data.layers.slice(0, -1).map((of, layer) => {
    const order = of.drawn.map((unit, i) => ({ unit, value: of.activations[i] }))
    order.sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    const list = order.slice(0, VOTES).map(({ unit, value }) => `${unit} with ${plain(value)}`).join(", ")
    return `Most active of ${of.n} in ${of.name.toLowerCase()}: ${list}.`
  })
  data.dropout?.leftOut.forEach((isOut, layer) => {
    const units = data.layers[layer].drawn.filter((_, i) => isOut[i])
    hidden.push(`Left out in ${data.layers[layer].name.toLowerCase()}: ${units.join(", ") || "none"}.`)
  })
  const truth = data.label === null ? "" : ` The image is ${article(data.label)} ${data.label}.`
  return `The network reads ${article(best)} ${best} with ${percent(output.activations[best])}.${truth} ${hidden.join(" ")}`
}
