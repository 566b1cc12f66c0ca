import { setTimeout as pause } from 'node:timers/promises'

/**
 * Asks again and again until `ask` gives something, at most `limitMs`. For other processes only: what happens in this
 * one has an event.
 */
export async function poll<T>(
  what: string,
  ask: () => T | null | Promise<T | null>,
  { everyMs = 100, limitMs = 30_000 } = {},
): Promise<T> {
  const deadline = performance.now() + limitMs
  for (;;) {
    const found = await ask()
    if (found !== null) return found
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms for ${what}`)
    await pause(everyMs)
  }
}

/** Lets a seeded time pass before a fault strikes: there, time itself is what the test varies. */
export const faultDelay = (ms: number): Promise<void> => pause(ms)
