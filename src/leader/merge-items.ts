import type { BatchItem } from '../core/work/batch.js'

/**
 * [WI15] The items with a key for each that has none, the same for equal ones: so they are one task by the rules of
 * keys, however many steps and leaders the batch takes. `batchId`: no other batch's.
 */
export const mergeable = (items: readonly BatchItem[], batchId: string): readonly BatchItem[] =>
  items.map((item) => {
    if (item.kind === 'refused' || item.spec.idempotencyKey !== null) return item
    return { ...item, spec: { ...item.spec, idempotencyKey: `merged-${batchId}-${item.bodyHash}` } }
  })
