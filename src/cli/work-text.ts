import type { Work } from '../client/index.js'
import { age, plain } from './print.js'

const refusalsShown = 5

/** What came of it, with the first refusals. */
export function workText(work: Work): string {
  const lines = [`${headline(work)}${work.detail === null ? '' : `: ${work.detail}`}`]
  if (work.refused > 0) {
    const codes = Object.entries(work.refusedByCode).map(([code, count]) => `${count} ${code}`)
    lines.push(`${work.refused} refused (${codes.join(', ')}):`)
    for (const { index, taskId, error } of work.refusals.slice(0, refusalsShown)) {
      lines.push(`  ${taskId ?? `item ${index}`}: ${plain(error.message)}`)
    }
    if (work.refused > refusalsShown)
      lines.push(`  … all kept ones: agentflow batch status ${work.workId} --json`)
  }
  return lines.join('\n')
}

const pastOf = {
  cancel: 'cancelled',
  pause: 'paused',
  resume: 'resumed',
  retry: 'queued again',
  requeue: 'queued again',
} as const

function headline(work: Work): string {
  if (work.kind === 'batch') {
    const known = work.unchanged === 0 ? '' : `, ${work.unchanged} known already`
    return `Batch ${work.workId} is ${work.state}: ${work.done} of ${work.total} tasks made${known}`
  }
  const done = work.action === null ? 'done' : pastOf[work.action]
  const same = work.unchanged === 0 ? '' : `, ${work.unchanged} were so already`
  if (work.dryRun) return `${work.matched} tasks match: ${work.done} would be ${done}${same}`
  const end = work.state === 'done' ? '' : ` (${work.state})`
  return `${work.matched} tasks matched: ${work.done} ${done}${same}${end}`
}

export const workRow = (work: Work, nowMs: number): readonly string[] => [
  work.workId,
  work.kind === 'batch'
    ? work.atomic
      ? 'batch, atomic'
      : 'batch'
    : `${work.action}${work.dryRun ? ', dry run' : ''}`,
  work.state,
  `${work.seen} of ${work.total}`,
  String(work.done),
  String(work.refused),
  age(nowMs - work.createdAt),
]
