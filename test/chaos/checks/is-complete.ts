import type { Entry, Line } from '../history.js'

const needed: readonly Entry['type'][] = [
  'begin',
  'submitted',
  'answered',
  'watched',
  'run',
  'fault',
  'healed',
  'listed',
]

/** A history in which nothing happened, or that breaks off, proves nothing. */
export function isComplete(lines: readonly Line[]): readonly string[] {
  const types = new Set(lines.map(({ type }) => type))
  const missing = needed.filter((type) => !types.has(type)).map((type) => `it has no line "${type}"`)
  return lines.at(-1)?.type === 'end' ? missing : [...missing, 'it breaks off before its end']
}
