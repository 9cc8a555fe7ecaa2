// The network at work on one image, as the server sends it.

const stages = new WeakMap()

export default function ({ data, parentElement, setStateValue }) {
  const host = parentElement.querySelector(".network")
  if (!stages.has(host)) {
    stages.set(host, newStage(host))
    window.addEventListener("keydown", stages.get(host).onKey)
  }
  const stage = stages.get(host)
  onSelect(stage, (selected) => setStateValue("selected", selected))
  receive(stage, unpacked(data))
  return () => {
    discard(stage)
    window.removeEventListener("keydown", stage.onKey)
    stages.delete(host)
  }
}
