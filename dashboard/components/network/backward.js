// The backward pass on the picture of a network: its moves, and what the neurons show and say after each.

/** What the server sends of a backward pass, with its arrays as arrays. */
function unpackedBackward(back) {
  return {
    ...back, sent: back.sent.map(floats), gradients: back.gradients.map(floats),
    images: new Int8Array(bytes(back.images).buffer),
  }
}

/**
 * The moves after the forward pass: the errors at the outputs, for each hidden layer what arrives there and what its
 * slopes leave of it, then the gradients of the weights, layer after layer; `wires` makes lines of numbers.
 */
function backwardMoves(back, wires) {
  const last = back.errors.length - 1
  const moves = [{ layer: last, kind: "errors", wires: [], isTurn: true, clears: true }]
  for (let layer = last - 1; layer >= 0; layer--) {
    moves.push({ layer, kind: "arriving", wires: wires(back.sent[layer], layer + 1, true) })
    moves.push({ layer, kind: "errors", wires: [] })
  }
  for (let layer = last; layer > 0; layer--) moves.push({ wires: wires(back.gradients[layer - 1], layer, true), clears: layer === last })
  return [...moves, { wires: [], isOfPixels: true }]
}

/** Put the numbers of the moment into the elements, as far as they are others than before, and say the sentence. */
function fillBackward(stage, before) {
  const { data, state } = stage
  const { whole, part } = momentOf(stage)
  const sentence = data.backward.told[part ? whole + 1 : whole]
  if (stage.sentence.textContent !== sentence) stage.sentence.textContent = sentence
  data.layers.forEach((layer, number) => {
    const [kind, kindBefore] = [state, before].map(({ kinds }) => kinds[number] ?? "activation")
    if (kind === kindBefore && state.hasGradients === before.hasGradients) return
    fillLayer(stage, layer, number)
    if (kind !== "activation") fillErrors(stage, kind, number)
  })
  if (!state.hasGradients) return
  const { head, buttons } = stage.layers[0]
  head.firstChild.textContent = `${data.layers[0].name}: gradients`
  buttons.forEach((button, i) => paintWeights(button.firstChild, tileOf(stage, i), data.colors))
}

/** What a neuron's picture shows: its weights, or their gradients. */
function tileOf({ data, state }, i) {
  return imageOf(state.hasGradients ? data.backward.images : data.weights, i)
}

function fillErrors(stage, kind, number) {
  const { data } = stage
  const { head, buttons } = stage.layers[number]
  const isOutput = number === data.layers.length - 1
  const values = data.backward[kind][number]
  const largest = Math.max(...values.map(Math.abs)) || 1
  head.firstChild.textContent = isOutput ? "Errors p − y" : `${data.layers[number].name}: ${kind === "errors" ? "errors" : "what arrives"}`
  buttons.forEach((button, i) => {
    const value = values[i]
    button.setAttribute("aria-label", `${nameOf(data, number, i)}: ${kind === "errors" ? "error" : "arriving"} ${exact(value)}`)
    if (!isOutput) {
      button.classList.toggle("silent", value === 0)
      return glow(button, value, largest, data.colors)
    }
    button.style.setProperty("--share", Math.abs(value))
    button.style.setProperty("--bar", value < 0 ? data.colors.negative : data.colors.positive)
    button.classList.remove("top")
    button.lastChild.textContent = signed(value)
  })
}

/** "Ten products add up to +0.213. Times slope 1: error +0.213." */
function backCalculation(data, layer, i) {
  const { errors, arriving, slopes } = data.backward
  const error = exact(errors[layer][i])
  if (layer === data.layers.length - 1) {
    const truth = data.layers[layer].drawn[i] === data.label ? 1 : 0
    return `Probability ${plain(data.layers[layer].activations[i], 3)} − ${truth}: error ${error}.`
  }
  const n = data.layers[layer + 1].n
  return `${n} products, weight × error, add up to ${exact(arriving[layer][i])}. Times slope ${plain(slopes[layer][i])}: error ${error}.`
}

/** "Most comes from 3 (+0.210), 5 (−0.112)."; of an output, to which neurons it sends most. */
function backVerdict(data, layer, i) {
  const isOutput = layer === data.layers.length - 1
  const other = data.layers[isOutput ? layer - 1 : layer + 1].drawn
  const sent = data.backward.sent[isOutput ? layer - 1 : layer]
  const n = data.layers[isOutput ? layer : layer + 1].drawn.length
  const values = other.map((unit, j) => ({ unit, value: sent[isOutput ? n * j + i : n * i + j] }))
  values.sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
  const list = values.filter(({ value }) => value).slice(0, VOTES).map(({ unit, value }) => `${unit} (${exact(value)})`).join(", ")
  if (!list) return isOutput ? "It sends nothing back." : "Nothing arrives here."
  return isOutput ? `Sends most to neurons ${list}.` : `Most comes from ${list}.`
}

/** A number with its sign, to three decimals, or to two figures where that would be 0. */
function exact(value) {
  const size = Math.abs(value)
  if (size < 1e-6) return "0"
  return size >= 0.0005 ? signed(value, 3) : (value < 0 ? "−" : "+") + Number(size.toPrecision(2))
}
