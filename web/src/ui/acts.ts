import { useSyncExternalStore } from 'react'

let reason: string | null = null
const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Says why nothing may be done at the moment, in the reader's language; null = acts are free. */
export function blockActs(why: string | null): void {
  if (why === reason) return
  reason = why
  for (const each of listeners) each()
}

/** Why buttons that act must not be pressed now; null = they may. */
export const useActsBlocked = (): string | null => useSyncExternalStore(subscribe, () => reason)
