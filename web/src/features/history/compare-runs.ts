import { diffArrays } from 'diff'
import type { Task } from '../../live/protocol.js'

/** One fact of two runs; '' = it has none. */
export interface FactPair {
  readonly path: string
  readonly values: readonly [string, string]
  readonly same: boolean
}

/** What was asked for and what came of it: every leaf of these fields is a fact. */
const asked = [
  'name',
  'type',
  'project',
  'priority',
  'payload',
  'requirements',
  'retry',
  'stallAfterMs',
  'leaseClass',
  'onDisconnect',
  'dependsOn',
  'tags',
  'concurrencyKey',
  'capacity',
  'origin',
] as const
const came = ['status', 'phase', 'workerId', 'agentId', 'attempt', 'result', 'error'] as const

/** Facts of both, those that differ first. Times differ always: how long they took stands apart. */
export function comparePairs(a: Task, b: Task): readonly FactPair[] {
  const [left, right] = [factsOf(a), factsOf(b)]
  const paths = [...new Set([...left.keys(), ...right.keys()])]
  const pairs = paths.map((path): FactPair => {
    const values = [left.get(path) ?? '', right.get(path) ?? ''] as const
    return { path, values, same: values[0] === values[1] }
  })
  return [...pairs.filter((pair) => !pair.same), ...pairs.filter((pair) => pair.same)]
}

function factsOf(task: Task): ReadonlyMap<string, string> {
  const facts = new Map<string, string>()
  // The tail is compared with the rest of the output.
  const { tail: _, ...result } = task.result ?? { tail: '' }
  for (const name of asked) leaves(task[name], name, facts)
  for (const name of came) leaves(name === 'result' ? result : task[name], name, facts)
  return facts
}

function leaves(value: unknown, path: string, facts: Map<string, string>): void {
  if (value === null || value === undefined) return
  if (typeof value !== 'object') facts.set(path, String(value))
  else if (Array.isArray(value)) {
    if (value.length > 0)
      facts.set(path, value.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))).join(' '))
  } else for (const [key, inner] of Object.entries(value)) leaves(inner, `${path}.${key}`, facts)
}

export type DiffRow =
  | { readonly kind: 'left' | 'right' | 'both'; readonly text: string }
  /** So many lines that both have. */
  | { readonly kind: 'equal'; readonly count: number }

/** Equal lines that stay around a difference. */
const contextLines = 2
/** Differences that are looked for at most: two outputs with nothing in common are told as such. */
const editsMax = 2_000

/** What the outputs have apart, with some lines around; null: they have too little in common to be compared. */
export function compareLines(a: readonly string[], b: readonly string[]): readonly DiffRow[] | null {
  const changes = diffArrays([...a], [...b], { maxEditLength: editsMax })
  if (changes === undefined) return null
  return changes.flatMap((change, index): DiffRow[] => {
    if (change.removed) return change.value.map((text) => ({ kind: 'left', text }))
    if (change.added) return change.value.map((text) => ({ kind: 'right', text }))
    const after = index === 0 ? 0 : contextLines
    const before = index === changes.length - 1 ? 0 : contextLines
    return folded(change.value, after, before)
  })
}

function folded(lines: readonly string[], first: number, last: number): DiffRow[] {
  const rows = (texts: readonly string[]): DiffRow[] => texts.map((text) => ({ kind: 'both', text }))
  const hidden = lines.length - first - last
  if (hidden <= 1) return rows(lines)
  return [
    ...rows(lines.slice(0, first)),
    { kind: 'equal', count: hidden },
    ...rows(last === 0 ? [] : lines.slice(-last)),
  ]
}
