import type { Line, LineOf } from '../history.js'

type CallLine = LineOf<'submit'> | LineOf<'control'> | LineOf<'read'>
type EndLine =
  | LineOf<'submitted'>
  | LineOf<'controlled'>
  | LineOf<'answered'>
  | LineOf<'refused'>
  | LineOf<'unknown'>

/** A client's call and its end, with their places in the history; a call without an end may still act. */
export interface Call {
  readonly call: CallLine
  readonly from: number
  end: EndLine | null
  /** Infinity as long as it may act. */
  to: number
}

/** Every call, in the order in which they began. */
export function callsOf(lines: readonly Line[]): readonly Call[] {
  const calls = new Map<number, Call>()
  for (const [index, line] of lines.entries()) {
    switch (line.type) {
      case 'submit':
      case 'control':
      case 'read':
        calls.set(line.op, { call: line, from: index, end: null, to: Number.POSITIVE_INFINITY })
        break
      case 'submitted':
      case 'controlled':
      case 'answered':
      case 'refused':
      case 'unknown': {
        const call = calls.get(line.op)
        if (call === undefined)
          throw new Error(`line ${index + 1} ends the call ${line.op}, which nobody made`)
        call.end = line
        if (line.type !== 'unknown') call.to = index
        break
      }
    }
  }
  return [...calls.values()]
}

/** A time between two places of the history. */
interface Span {
  readonly from: number
  readonly to: number
}

/** When retries that were not refused may have acted, by task. */
export function retriesOf(calls: readonly Call[]): ReadonlyMap<string, readonly Span[]> {
  const retries = new Map<string, Span[]>()
  for (const { call, from, to, end } of calls) {
    if (call.type !== 'control' || call.act !== 'retry' || end?.type === 'refused') continue
    retries.set(call.taskId, [...(retries.get(call.taskId) ?? []), { from, to }])
  }
  return retries
}

/** True when a retry may have acted after the first place and before the second. */
export const mayHaveRetried = (spans: readonly Span[] | undefined, after: number, before: number): boolean =>
  spans?.some(({ from, to }) => to > after && from < before) ?? false
