const waiting = new WeakMap()
const asked = new WeakMap() // when the browser last did

export default function ({ data, parentElement, setTriggerValue }) {
  stop(parentElement)
  if (data.step === null) {
    asked.delete(parentElement) // who plays on later begins with a whole pause
    return
  }
  const ask = () => {
    asked.set(parentElement, performance.now())
    setTriggerValue("shown", data.step)
  }
  const next = () => {
    ask()
    waiting.set(parentElement, setInterval(ask, data.patience))
  }
  const spent = performance.now() - (asked.get(parentElement) ?? performance.now())
  waiting.set(parentElement, setTimeout(next, Math.max(data.pause - spent, data.pause / 3)))
  return () => stop(parentElement)
}

function stop(element) {
  clearTimeout(waiting.get(element)) // ends an interval too
}
