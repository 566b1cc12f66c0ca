import { useSyncExternalStore } from 'react'

let nowMs = Date.now()
/** The instant that is shown instead of the present. */
let heldMs: number | null = null
let timer: ReturnType<typeof setInterval> | undefined
const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    nowMs = Date.now()
    if (heldMs === null) for (const each of listeners) each()
  }, 1_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

function read(): number {
  if (heldMs !== null) return heldMs
  // Nobody has looked for a while: the clock stood still meanwhile.
  if (timer === undefined && Date.now() - nowMs > 1_000) nowMs = Date.now()
  return nowMs
}

/** Lets the page's clock stand at an instant of the past, so that ages are those of then; null = it goes again. */
export function holdClock(atMs: number | null): void {
  if (atMs === heldMs) return
  heldMs = atMs
  nowMs = Date.now()
  for (const each of listeners) each()
}

/** Unix ms, one step a second, the same for everything on screen. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, read)
}

/** What `derive` makes of the time: draws anew when that changes, and not each second. It must be a plain value. */
export function useClock<T extends string | number | boolean | null>(derive: (nowMs: number) => T): T {
  return useSyncExternalStore(subscribe, () => derive(read()))
}
