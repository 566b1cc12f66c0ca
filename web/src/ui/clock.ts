import { useSyncExternalStore } from 'react'

let nowMs = Date.now()
let timer: ReturnType<typeof setInterval> | undefined
const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    nowMs = Date.now()
    for (const each of listeners) each()
  }, 1_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

function read(): number {
  // Nobody has looked for a while: the clock stood still meanwhile.
  if (timer === undefined && Date.now() - nowMs > 1_000) nowMs = Date.now()
  return nowMs
}

/** Unix ms, one step a second, the same for everything on screen. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, read)
}
