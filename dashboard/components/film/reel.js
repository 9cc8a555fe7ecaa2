// The film of a training: how it is read, and what the network of one of its moments does with an image.
// mnist_core/training/film.py says how the file is written.

const GZIP = [0x1f, 0x8b] // the first bytes of a file that nothing on the way has unpacked

/** The bytes of a file at an address relative to the page, or of the file itself in base64, unpacked. */
async function loadFile({ url, content }) {
  const page = window.location.origin + window.location.pathname.replace(/\/+$/, "")
  const answer = url ? await fetch(new URL(url, page)) : new Response(bytes(content))
  if (!answer.ok) throw new Error(`A part of the film could not be loaded: ${answer.status}.`)
  let packed = new Uint8Array(await answer.arrayBuffer())
  if (GZIP.every((byte, i) => packed[i] === byte)) {
    const unpacking = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))
    packed = new Uint8Array(await new Response(unpacking).arrayBuffer())
  }
  return packed
}

/** A film: { moments, history, sizes, … , numbers }. */
function readReel(content) {
  const end = content.length - 4
  const nHeader = new DataView(content.buffer, content.byteOffset).getUint32(end, true)
  const reel = JSON.parse(new TextDecoder().decode(content.subarray(end - nHeader, end)))
  reel.epochEnds ??= Array.from({ length: reel.epochs + 1 }, (_, epoch) => epoch * reel.stepsPerEpoch) // files of before chapters
  reel.layers = reel.sizes.slice(1).map((nOut, layer) => ({ nIn: reel.sizes[layer], nOut }))
  let at = 0
  for (const layer of reel.layers) {
    layer.weights = at
    layer.biases = at + layer.nIn * layer.nOut
    at = layer.biases + layer.nOut
  }
  reel.n = at
  reel.numbers = []
  reel.moments.forEach((moment, number) => reel.numbers.push(numbersOf(reel, content, number)))
  reel.flat = new Float32Array(reel.n)
  return reel
}

/** Epochs done after so many updates, with fractions. */
function epochsAt(reel, step) {
  const ends = reel.epochEnds
  const epoch = Math.max(1, ends.findIndex((end) => end >= step))
  return epoch - 1 + (step - ends[epoch - 1]) / (ends[epoch] - ends[epoch - 1])
}

/** The whole numbers of a moment; the file has by how much each changed, folded so that small changes are small. */
function numbersOf(reel, content, number) {
  const { n, moments, numbers } = reel
  const before = number && moments[number].bits === moments[number - 1].bits ? numbers[number - 1] : new Int16Array(n)
  const found = new Int16Array(n)
  const low = 2 * n * number
  for (let i = 0; i < n; i++) {
    const folded = content[low + i] | (content[low + n + i] << 8)
    found[i] = before[i] + ((folded >> 1) ^ -(folded & 1))
  }
  return found
}

/** Of the neurons of the first layer that are drawn, by size: the strongest colour, as where a network learns or is still. */
function largestWeight({ layers }, flat, drawn) {
  const { nIn, nOut } = layers[0]
  let largest = 0
  for (let i = 0; i < nIn; i++) for (const unit of drawn) largest = Math.max(largest, Math.abs(flat[nOut * i + unit]))
  return largest || 1
}

/** All weights and biases at a place; between two moments, on the straight way from one to the other. */
function networkAt(reel, place) {
  const first = Math.min(Math.floor(place), reel.moments.length - 1)
  const second = Math.min(first + 1, reel.moments.length - 1)
  const part = place - first
  const [a, b] = [reel.numbers[first], reel.numbers[second]]
  const fromA = (1 - part) / 2 ** reel.moments[first].bits
  const fromB = part / 2 ** reel.moments[second].bits
  for (let i = 0; i < reel.n; i++) reel.flat[i] = fromA * a[i] + fromB * b[i]
  return reel.flat
}

const BENDS = {
  relu: (z) => Math.max(0, z), tanh: Math.tanh, sigmoid: (z) => 1 / (1 + Math.exp(-z)), none: (z) => z,
}

/** What every neuron does with an image: for each layer sums, positive and negative parts, activations, the bias. */
function forward(reel, flat, inputs) {
  let arriving = inputs
  return reel.layers.map((layer, number) => {
    const isOutput = number === reel.layers.length - 1
    const positive = new Float32Array(layer.nOut)
    const negative = new Float32Array(layer.nOut)
    for (let i = 0; i < layer.nIn; i++) {
      if (!arriving[i]) continue
      for (let j = 0; j < layer.nOut; j++) {
        const product = arriving[i] * flat[layer.weights + layer.nOut * i + j]
        if (product > 0) positive[j] += product
        else negative[j] += product
      }
    }
    const biases = flat.slice(layer.biases, layer.biases + layer.nOut)
    const sums = positive.map((value, j) => value + negative[j] + biases[j])
    const activations = isOutput ? softmax(sums) : sums.map(BENDS[reel.activation])
    const found = { positive, negative, biases, sums, activations, arriving }
    arriving = activations
    return found
  })
}

function softmax(sums) {
  const largest = Math.max(...sums)
  const powers = sums.map((sum) => Math.exp(sum - largest))
  const total = powers.reduce((a, b) => a + b)
  return powers.map((power) => power / total)
}

/** The neurons that the picture has room for: those most active at the end. */
function drawnNeurons(reel, inputs, most) {
  const layers = forward(reel, networkAt(reel, reel.moments.length - 1), inputs)
  return layers.map(({ activations }, number) => {
    const units = Array.from(activations, (value, unit) => ({ unit, size: Math.abs(value) }))
    if (number < layers.length - 1 && units.length > most) units.sort((a, b) => b.size - a.size).length = most
    return units.map(({ unit }) => unit).sort((a, b) => a - b)
  })
}

/** What the picture of the network shows at a place; `look` has the image, its levels and how it is to look. */
function pictureAt(reel, place, look, drawn) {
  const flat = networkAt(reel, place)
  const layers = forward(reel, flat, look.inputs)
  const { nIn, nOut } = reel.layers[0]
  const weights = new Int8Array(nIn * drawn[0].length)
  const scale = 127 / largestWeight(reel, flat, drawn[0])
  drawn[0].forEach((unit, k) => {
    for (let i = 0; i < nIn; i++) weights[nIn * k + i] = Math.max(-127, Math.min(127, Math.round(scale * flat[nOut * i + unit])))
  })
  return { ...look, weights, layers: layers.map((layer, number) => layerOf(reel, flat, layers, number, drawn, look.names)) }
}

function layerOf(reel, flat, layers, number, drawn, names) {
  const [layer, shown] = [layers[number], drawn[number]]
  const pick = (values) => Array.from(shown, (unit) => values[unit])
  const links = new Float32Array((number ? drawn[number - 1].length : 1) * shown.length)
  shown.forEach((unit, k) => {
    if (!number) return (links[k] = layer.positive[unit] + layer.negative[unit])
    const { weights, nOut } = reel.layers[number]
    drawn[number - 1].forEach((from, j) => (links[shown.length * j + k] = layer.arriving[from] * flat[weights + nOut * from + unit]))
  })
  return {
    name: names[number], n: reel.layers[number].nOut, drawn: shown, links, biases: pick(layer.biases), positive: pick(layer.positive),
    negative: pick(layer.negative), sums: pick(layer.sums), activations: pick(layer.activations),
  }
}
