// The network: its numbers, and what it computes from an image. There is nothing more to a network than this.

const ACTIVATIONS = {
  relu: (z) => Math.max(0, z),
  tanh: Math.tanh,
  sigmoid: (z) => 1 / (1 + Math.exp(-z)),
  none: (z) => z,
}

/** Bytes that were written as text. */
function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
}

/** Numbers that were written with three bytes each: of the four of a 32-bit number, all but the one that counts least. */
function floatsOf(text) {
  const written = bytesOf(text)
  const whole = new Uint8Array((written.length / 3) * 4)
  written.forEach((byte, i) => (whole[4 * Math.floor(i / 3) + (i % 3) + 1] = byte))
  return new Float32Array(whole.buffer)
}

/** The layers of neurons, the output layer last: { n, weights, biases }; the n weights of input i begin at n · i. */
function layersOf({ sizes, numbers }) {
  const floats = floatsOf(numbers)
  let place = 0
  const taken = (n) => floats.subarray(place, (place += n))
  return sizes.slice(1).map((n, layer) => ({ n, weights: taken(sizes[layer] * n), biases: taken(n) }))
}

/** An image as the network is given it, in the way in which its training images were prepared. */
function inputsOf(image, { preparation, order }) {
  const levels = order ? Array.from(order, (pixel) => image[pixel]) : Array.from(image)
  return preparation === "undivided" ? levels : levels.map((level) => level / 255)
}

/** The outputs of every layer for one image, the ten probabilities last. */
function forward(layers, inputs, activation) {
  const outputs = []
  for (const layer of layers) {
    const isLast = outputs.length === layers.length - 1
    const sums = weightedSums(layer, outputs.at(-1) ?? inputs)
    outputs.push(isLast ? softmax(sums) : sums.map(ACTIVATIONS[activation]))
  }
  return outputs
}

/** z = Σ weight × input + bias, for each neuron. */
function weightedSums({ n, weights, biases }, inputs) {
  const sums = Array.from(biases)
  inputs.forEach((input, i) => {
    if (input) for (let neuron = 0; neuron < n; neuron++) sums[neuron] += weights[n * i + neuron] * input
  })
  return sums
}

/** e to the power of each logit, divided by their sum; the largest is subtracted first, so that no power overflows. */
function softmax(logits) {
  const largest = Math.max(...logits)
  const powers = logits.map((logit) => Math.exp(logit - largest))
  const sum = powers.reduce((a, b) => a + b)
  return powers.map((power) => power / sum)
}
