import { type Decision, done } from '../decision.js'
import { ControlError } from '../errors.js'
import { born, draft, type EventDraft } from '../event.js'
import { asWorkId, type ProjectId, projectIdOf, seqOf } from '../ids.js'
import { idempotencyIndexKey } from '../index/indexes.js'
import type { Command, Input } from '../input.js'
import { limits } from '../limits.js'
import type { State } from '../state.js'
import { type Step, stepActs } from './acts.js'
import { type BatchItem, ItemDecider } from './batch.js'
import { StepTally } from './step.js'
import type { Work, WorkJob } from './work.js'

type SubmitBatch = Extract<Command, { name: 'submit_batch' }>
type StartWork = Extract<Command, { name: 'start_work' }>
type Advance = Extract<Command, { name: 'advance_work' }>

const about = (work: Work) => ({ kind: 'work' as const, id: work.workId, projectId: work.projectId })
const clientOf = (input: Input): string => input.onBehalfOf ?? input.principal.id

/** [WI2] All items in one group, or none and a refusal that names the first that cannot be. */
export function decideBatch(state: State, input: Input, command: SubmitBatch, nowMs: number): Decision {
  const { items, bodyHash, idempotencyKey } = command
  const known = keyHolder(state, input, bodyHash, idempotencyKey)
  if (known !== null) return known
  if (items.length > limits.batchAtomicItemsMax) throw tooMany(items.length, limits.batchAtomicItemsMax)
  const started = start(input, command, { kind: 'batch', atomic: true, bodyId: null, total: items.length })
  // Before the items' drafts: the start, and the step that holds what they became.
  const decider = new ItemDecider(state, input, { nowMs, draftsBefore: 2, takesPlaces: true })
  const outcomes = items.map((item) => decider.next(item))
  const refused = outcomes.flatMap((outcome, index) =>
    outcome.kind === 'refused' ? [{ index, ...outcome }] : [],
  )
  const [first] = refused
  if (first !== undefined) {
    const rest = refused.length === 1 ? '' : `; ${refused.length} of ${items.length} items cannot be taken`
    throw new ControlError(first.code, `item ${first.index}: ${first.message}${rest}`, {
      details: {
        index: first.index,
        items: refused
          .slice(0, limits.workExamplesKept)
          .map(({ index, code, message }) => ({ index, code, message })),
      },
    })
  }
  const results = outcomes.flatMap((outcome) =>
    outcome.kind === 'task' ? [{ taskId: outcome.taskId, created: outcome.created }] : [],
  )
  const created = decider.drafts.length === 0 ? 0 : results.filter((result) => result.created).length
  const workId = asWorkId(`w${(state.headSeq + 1).toString(32)}`)
  const ref = { kind: 'work' as const, id: workId, projectId: input.projectId }
  const total = items.length
  const advanced = draft('WorkAdvanced', ref, {
    cursor: total,
    seen: total,
    counts: { matched: total, done: created, unchanged: total - created, refused: {} },
    refusals: [],
    results,
  })
  const finished = draft('WorkFinished', ref, { state: 'done', detail: null })
  return {
    drafts: [started, advanced, ...decider.drafts, finished],
    answer: () => ({ kind: 'work', workId, created: true }),
  }
}

/** [WI1] A large job is taken: durable, and gone on with step by step. */
export function decideStartWork(state: State, input: Input, command: StartWork): Decision {
  const known = keyHolder(state, input, command.bodyHash, command.idempotencyKey)
  if (known !== null) return known
  if (state.index.runningWork.size >= limits.workRunningMax) {
    throw new ControlError(
      'resource_exhausted',
      `${limits.workRunningMax} batches and bulk acts are under way; try again when one is done`,
    )
  }
  return {
    drafts: [start(input, command, jobOf(state, command))],
    answer: (events) => ({ kind: 'work', workId: asWorkId(events[0]?.entity.id ?? ''), created: true }),
  }
}

/** [WI6] What is done stays; nothing more is begun. */
export function decideCancelWork(state: State, workId: string): Decision {
  const work = state.work(workId)
  if (work === undefined) throw new ControlError('work_not_found', `there is no work ${workId}`)
  const answer = () => ({ kind: 'work' as const, workId: work.workId, created: false })
  if (work.state !== 'running') return { drafts: [], answer }
  return { drafts: [draft('WorkFinished', about(work), { state: 'cancelled', detail: null })], answer }
}

/** What was asked for cannot be gone on with, for instance because its items are lost. */
export function decideFailWork(state: State, workId: string, detail: string): Decision {
  const work = state.work(workId)
  if (work?.state !== 'running') return done([])
  return done([draft('WorkFinished', about(work), { state: 'failed', detail })])
}

/** [WI3] The next step, decided with its cursor: one that was made for another cursor does nothing. */
export function decideAdvance(state: State, input: Input, command: Advance, nowMs: number): Decision {
  const work = state.work(command.workId)
  if (work?.state !== 'running' || work.cursor !== command.fromCursor) return done([])
  const { job } = work
  const step =
    job.kind === 'batch'
      ? stepBatch(state, input, { work, items: command.items ?? [], nowMs })
      : stepActs(state, input, work, job, nowMs)
  if (step === null) return done([])
  const advanced = draft('WorkAdvanced', about(work), {
    cursor: step.cursor,
    seen: step.seen,
    counts: step.tally.counts,
    refusals: step.tally.refusals,
  })
  const end = step.isLast ? [draft('WorkFinished', about(work), { state: 'done', detail: null })] : []
  return done([advanced, ...step.drafts, ...end])
}

/** [WI4] An item that meets `resource_exhausted` waits with all behind it; any other refusal is its own. Null: no step. */
function stepBatch(
  state: State,
  input: Input,
  {
    work,
    items,
    nowMs,
  }: { readonly work: Work; readonly items: readonly BatchItem[]; readonly nowMs: number },
): Step | null {
  const tally = new StepTally(work)
  const decider = new ItemDecider(state, input, { nowMs, draftsBefore: 1, takesPlaces: false })
  let { cursor } = work
  for (const item of items) {
    const outcome = decider.next(item)
    if (outcome.kind === 'refused') {
      if (outcome.code === 'resource_exhausted') break
      tally.refused(outcome, { index: cursor, taskId: null })
    } else if (outcome.created) tally.done()
    else tally.unchanged()
    cursor += 1
  }
  const seen = cursor - work.cursor
  if (seen === 0) return null
  return { cursor, seen, tally, drafts: decider.drafts, isLast: cursor === work.job.total }
}

function keyHolder(state: State, input: Input, bodyHash: string, key: string | null): Decision | null {
  if (key === null) return null
  const workId = state.index.workByKey.get(idempotencyIndexKey(clientOf(input), key))
  const known = workId === undefined ? undefined : state.work(workId)
  if (known === undefined) return null
  if (known.bodyHash === bodyHash)
    return { drafts: [], answer: () => ({ kind: 'work', workId: known.workId, created: false }) }
  throw new ControlError(
    'idempotency_conflict',
    `the idempotency key belongs to ${known.workId}, submitted with another body`,
    { details: { workId: known.workId } },
  )
}

function jobOf(state: State, { job }: StartWork): WorkJob {
  if (job.kind === 'batch') {
    if (job.total > limits.batchItemsMax) throw tooMany(job.total, limits.batchItemsMax)
    return { ...job, atomic: false }
  }
  const { action, filter, dryRun } = job
  return {
    kind: 'acts',
    action,
    filter,
    dryRun,
    horizonSeq: seqOf(state.headSeq),
    total: state.index.births.size,
  }
}

const start = (input: Input, command: SubmitBatch | StartWork, job: WorkJob): EventDraft =>
  draft(
    'WorkStarted',
    { kind: 'work', id: born, projectId: projectOf(input) },
    { job, clientId: clientOf(input), idempotencyKey: command.idempotencyKey, bodyHash: command.bodyHash },
  )

const projectOf = (input: Input): ProjectId | null =>
  input.projectId === null ? null : projectIdOf(input.projectId)

const tooMany = (count: number, most: number): ControlError =>
  new ControlError('too_large', `the batch has ${count} items; at most ${most} are taken`)
