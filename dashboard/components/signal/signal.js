// The network at work on one image, as the server sends it, and the signal played through it layer by layer.

const signals = new WeakMap()
const PACES_FORWARD = [2, 5, 10] // seconds
const PACES_WITH_SENTENCES = [15, 30, 60]

export default function ({ data, parentElement, setStateValue }) {
  const host = parentElement.querySelector(".signal")
  if (!signals.has(host)) signals.set(host, newSignal(host, Boolean(data.backward)))
  const { stage, player } = signals.get(host)
  onSelect(stage, (selected) => setStateValue("selected", selected))
  player.root.hidden = data.height > 0 && !data.isBesideChart
  if (data.backward && player.isAtEnd && !stage.data) player.place = data.layers.length // from here the error goes back
  receive(stage, unpacked(data))
  player.draw()
  return () => {
    player.discard()
    discard(stage)
    signals.delete(host)
  }
}

function newSignal(host, hasSentences) {
  const stage = newStage(host.querySelector(".network"))
  const paces = hasSentences ? PACES_WITH_SENTENCES : PACES_FORWARD
  host.querySelector(".told").hidden = true
  const player = new Player(host, {
    name: "The signal through the network", step: "Step", paces, pace: paces[1],
    last: () => stage.moves.length,
    show: (place) => {
      stage.t = place
      show(stage)
      return hasSentences ? "" : `Step ${Math.floor(place)} of ${stage.moves.length}`
    },
  })
  return { stage, player }
}
