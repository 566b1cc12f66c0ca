import type { z } from 'zod'

type Issue = z.core.$ZodIssue

/** Where and why a value was refused, in one sentence: `task.payload.cwd: expected string, received number`. */
export function sentenceOf(issues: readonly Issue[], what: string): string {
  const [first] = issues.flatMap(flatten)
  if (first === undefined) return `${what}: is not valid`
  const where = [what, ...first.path.map(String)].join('.')
  if (first.code === 'unrecognized_keys') {
    return `${where}: unknown ${first.keys.length === 1 ? 'key' : 'keys'} ${first.keys.map((key) => `"${key}"`).join(', ')}`
  }
  if (first.code === 'invalid_key') return `${where}: ${first.issues[0]?.message ?? 'is not a valid key'}`
  return `${where}: ${first.message.replace(/^Invalid input: /, '').replace(/expected (.+), received undefined$/, 'is missing ($1)')}`
}

/** A union fails in every branch; the one with the fewest complaints is the one that was meant. */
function flatten(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue]
  const branches = issue.errors.map((branch) => branch.flatMap(flatten))
  const wanted = branches.flatMap((branch) => wantedTypes(branch))
  if (wanted.length === branches.length) {
    return [{ ...issue, errors: [], message: `expected ${[...new Set(wanted)].join(' or ')}` }]
  }
  const best = branches.reduce((a, b) => (b.length < a.length ? b : a))
  return best.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
}

/** The type that a branch asked for, when that is all it complained about. */
const wantedTypes = ([only, ...more]: readonly Issue[]): readonly string[] =>
  only?.code === 'invalid_type' && only.path.length === 0 && more.length === 0 ? [only.expected] : []
