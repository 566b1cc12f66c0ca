import { limits } from '../core/limits.js'

const firstWindowMs = 60_000

/**
 * The newest `max` slots in [fromMs, throughMs], oldest first, of which `fromMs` is the first. Looks back further and
 * further, so that a schedule of every second costs no more after a month than after a minute.
 */
export function newestSlots(
  next: (afterMs: number) => number | null,
  range: { readonly fromMs: number; readonly throughMs: number; readonly max: number },
): readonly number[] {
  const { fromMs, throughMs, max } = range
  for (let windowMs = firstWindowMs; ; windowMs *= 4) {
    const isWhole = throughMs - windowMs < fromMs
    const slots = isWhole ? [fromMs] : []
    let slotMs = next(isWhole ? fromMs : throughMs - windowMs)
    while (slotMs !== null && slotMs <= throughMs) {
      slots.push(slotMs)
      // Only the newest are wanted, and a window may hold many.
      if (slots.length > 2 * limits.scheduleCatchUpMax) slots.splice(0, limits.scheduleCatchUpMax)
      slotMs = next(slotMs)
    }
    if (isWhole || slots.length >= max) return slots.slice(-max)
  }
}
