import type { Seen } from '../history.js'

const final: readonly string[] = [
  'succeeded',
  'exit',
  'spawn_failed',
  'timeout',
  'lost',
  'dependency_failed',
  'dead_letter',
  'cancelled',
]

/** No run follows unless a person wants one. */
export const isFinal = ({ phase }: Pick<Seen, 'phase'>): boolean => final.includes(phase)
