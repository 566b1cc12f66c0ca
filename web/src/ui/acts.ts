import { useSyncExternalStore } from 'react'

type BlockedBy = 'past' | 'link' | 'role'

/** Who blocks, and why; the first of them is told. */
const reasons = new Map<BlockedBy, string>()
const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** `by` says why nothing may be done at the moment, in the reader's language; null = for its part acts are free. */
export function blockActs(by: BlockedBy, why: string | null): void {
  if ((reasons.get(by) ?? null) === why) return
  if (why === null) reasons.delete(by)
  else reasons.set(by, why)
  for (const each of listeners) each()
}

/** Why buttons that act must not be pressed now; null = they may. */
export const useActsBlocked = (): string | null =>
  useSyncExternalStore(
    subscribe,
    () => reasons.get('past') ?? reasons.get('link') ?? reasons.get('role') ?? null,
  )
