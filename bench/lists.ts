import { type Child, startChild } from './child.js'
import { call, type ProbedLeader, startProbedLeader } from './cluster.js'
import { type Bench, type Measurement, percentile, type Row, roundsOf, rowOf } from './harness.js'
import type { ReaderAnswer, ReaderRequest } from './lists-reader.js'
import type { LoopDelay } from './loop-probe.js'

const full = { tasks: 100_000, answers: 40, fills: 3 }
const quick = { tasks: 5_000, answers: 5, fills: 1 }
const batchItems = 5_000
const projects = 10

/** What people ask for: no filter, a filter that much or little matches, a text, a page far behind. */
const queries = {
  page: '/api/tasks?limit=100',
  project: '/api/tasks?limit=100&project=p3',
  none: '/api/tasks?limit=100&project=nobody',
  tag: '/api/tasks?limit=100&tag=t3',
  phase: '/api/tasks?limit=100&phase=cancelled',
  text: '/api/history?limit=100&text=number-4711',
} as const
type Query = keyof typeof queries
const names = Object.keys(queries) as Query[]

interface Round {
  readonly ours: ReaderAnswer
  readonly reference: ReaderAnswer
  /** Of the leader while it answered. */
  readonly loop: LoopDelay
}

interface Cancelled {
  readonly ms: number
  readonly loop: LoopDelay
}

/**
 * REST lists at 100,000 open tasks, and at as many that are over (most of them left memory), beside a bare Fastify that
 * answers the same bytes; and the bulk act between the two, which cancels them all by a filter.
 */
export const bench: Bench = async (options) => {
  const size = options.quick ? quick : full
  const rounds = { open: [] as Round[], over: [] as Round[] }
  const cancelled: Cancelled[] = []
  const leader = await startProbedLeader()
  const reference = startChild('lists-reference.js')
  const reader = startChild('lists-reader.js')
  try {
    for (let fill = 0; fill < size.fills; fill += 1) {
      await submitAll(leader, size.tasks)
      if (fill === 0)
        rounds.open.push(...(await measure({ leader, reference, reader }, options, size.answers)))
      cancelled.push(await cancelAll(leader, size.tasks))
      if (fill === 0)
        rounds.over.push(...(await measure({ leader, reference, reader }, options, size.answers)))
    }
    return [
      ...listRows('open', rounds.open, size.tasks),
      ...listRows('over', rounds.over, size.tasks),
      ...cancelRows(cancelled, size.tasks),
    ]
  } finally {
    reader.end()
    reference.end()
    await leader.stop()
  }
}

async function submitAll(leader: ProbedLeader, tasks: number): Promise<void> {
  for (let from = 0; from < tasks; from += batchItems) {
    const items = Array.from({ length: Math.min(batchItems, tasks - from) }, (_, n) => ({
      type: 'command',
      name: `task number-${from + n}`,
      project: `p${(from + n) % projects}`,
      tags: ['all', `t${(from + n) % 7}`],
      payload: { command: ['true'] },
    }))
    const { batchId } = (await call(leader.ready, '/api/batches', { items })) as { readonly batchId: string }
    await finished(leader, `/api/batches/${batchId}`)
  }
}

/** Waits for a batch or a bulk act; a call answers within a minute, as far as it is. */
async function finished(leader: ProbedLeader, path: string): Promise<void> {
  for (;;) {
    const work = (await call(leader.ready, `${path}?wait=30000`)) as { state: string; failedCount?: number }
    if (work.state === 'done' && (work.failedCount ?? 0) === 0) return
    if (work.state !== 'running') throw new Error(`${path} is ${work.state}: ${JSON.stringify(work)}`)
  }
}

interface Sides {
  readonly leader: ProbedLeader
  readonly reference: Child
  readonly reader: Child
}

async function measure(
  { leader, reference, reader }: Sides,
  options: { readonly quick: boolean },
  answers: number,
): Promise<readonly Round[]> {
  const { api, token } = leader.ready
  const paths = Object.values(queries)
  const bodies: Record<string, string> = {}
  for (const path of paths) bodies[path] = JSON.stringify(await call(leader.ready, path))
  const { port } = await reference.ask<{ readonly port: number }>({ bodies })
  const bare = `http://127.0.0.1:${port}`
  const read = (from: string, count: number): Promise<ReaderAnswer> =>
    reader.ask<ReaderAnswer>({ api: from, token, paths, count } satisfies ReaderRequest)
  // Both warm.
  for (const from of [api, bare]) await read(from, 10)
  const rounds: Round[] = []
  for (let round = 0; round < roundsOf(options); round += 1) {
    const early = round % 2 === 0 ? null : await read(bare, answers)
    await leader.loopDelay()
    const ours = await read(api, answers)
    const loop = await leader.loopDelay()
    rounds.push({ ours, loop, reference: early ?? (await read(bare, answers)) })
  }
  const last = rounds.at(-1)
  for (const path of paths) {
    const [one, other] = [last?.ours[path]?.bytes ?? 0, last?.reference[path]?.bytes ?? 0]
    // What a task says of its own age may be longer or shorter.
    if (Math.abs(one - other) > 0.02 * one) throw new Error(`${path}: ${one} bytes beside ${other}`)
  }
  return rounds
}

async function cancelAll(leader: ProbedLeader, tasks: number): Promise<Cancelled> {
  await leader.loopDelay()
  const startedAt = performance.now()
  const filter = { tag: 'all', status: 'pending' }
  const acts = { action: 'cancel', filter }
  const { workId } = (await call(leader.ready, '/api/tasks/acts', acts)) as { readonly workId: string }
  await finished(leader, `/api/work/${workId}`)
  const ms = performance.now() - startedAt
  const loop = await leader.loopDelay()
  const { done } = (await call(leader.ready, `/api/work/${workId}`)) as { readonly done: number }
  if (done !== tasks) throw new Error(`${done} of ${tasks} tasks were cancelled`)
  return { ms, loop }
}

const listNote = (phase: string, tasks: number): string =>
  `${tasks} tasks that are ${phase}, a page of at most 100, one request in flight ÷ bare Fastify with the same bytes`

function listRows(phase: 'open' | 'over', rounds: readonly Round[], tasks: number): readonly Row[] {
  const description = { better: 'lower', fsync: 'none', unit: 'ms', bar: null } as const
  const note = listNote(phase, tasks)
  const lists = names.flatMap((name) =>
    ([0.5, 0.99] as const).map((fraction) => {
      const ofSide = (answer: ReaderAnswer): number => percentile(answer[queries[name]]?.ms ?? [], fraction)
      const measured = rounds.map(({ ours, reference }) => ({
        ours: ofSide(ours),
        reference: ofSide(reference),
      }))
      const rowName = `lists.${phase}.${name}.p${fraction * 100}`
      return rowOf({ ...description, name: rowName, note }, measured)
    }),
  )
  const loop = rounds.map((round) => ({ ours: round.loop.maxMs, reference: null }))
  return [
    ...lists,
    rowOf(
      { ...description, name: `lists.${phase}.loop.max`, note: 'event loop of the leader meanwhile' },
      loop,
    ),
  ]
}

function cancelRows(cancelled: readonly Cancelled[], tasks: number): readonly Row[] {
  const description = { better: 'lower', fsync: 'each-commit', unit: 'ms', bar: null } as const
  const each = (value: (one: Cancelled) => number): readonly Measurement[] =>
    cancelled.map((one) => ({ ours: value(one), reference: null }))
  const note = `one act by filter on ${tasks} queued tasks`
  return [
    rowOf(
      { ...description, name: 'lists.cancel', note },
      each(({ ms }) => ms),
    ),
    rowOf(
      { ...description, name: 'lists.cancel.loop.p99', note },
      each(({ loop }) => loop.p99Ms),
    ),
    rowOf(
      { ...description, name: 'lists.cancel.loop.max', note, bar: 250 },
      each(({ loop }) => loop.maxMs),
    ),
  ]
}
