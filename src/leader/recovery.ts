import { assert } from '../core/assert.js'
import { type ConfigEvent, configEventOf } from '../core/config/config-event.js'
import { ControlError } from '../core/errors.js'
import type { LogEvent } from '../core/event.js'
import { limits } from '../core/limits.js'
import { apply, type Entity, install, newestOf, State } from '../core/state.js'
import { type Made, runInput } from '../core/turn.js'
import type { Clock } from '../ports/clock.js'
import type { Log } from '../ports/log.js'
import type { Head, Journal, Views } from '../ports/store.js'
import { encodeEvent, systemInput } from './turn-loop.js'

export interface Recovered {
  readonly state: State
  readonly head: Head
  readonly projectedSeq: number
  /** Entity versions after projectedSeq, which the views still lack. */
  readonly unprojected: readonly Entity[]
  /** Changes of configuration after projectedSeq. */
  readonly unprojectedConfig: readonly ConfigEvent[]
}

/**
 * Views, then the journal's tail: the state as it was; then the term is raised by compare-and-set. Nothing of the
 * new term is released before its TermStarted is committed, which it is when this resolves.
 */
export async function recover(options: {
  journal: Journal
  views: Views
  clock: Clock
  log: Log
  leaderId: string
}): Promise<Recovered> {
  const { journal, views, log } = options
  const head = await journal.head()
  const projectedSeq = await views.projectedSeq()
  if (projectedSeq > head.lastSeq) {
    throw new ControlError(
      'unprocessable',
      `the views are ahead of the journal (${projectedSeq} > ${head.lastSeq}): they belong to another log`,
    )
  }
  const firstSeq = await journal.firstSeq()
  if (projectedSeq + 1 < firstSeq) {
    throw new ControlError(
      'unprocessable',
      `the views end at event ${projectedSeq} and the journal begins at ${firstSeq}: restore views.db from a backup`,
    )
  }
  const state = new State()
  // What has not retired belongs into memory, however much it is: the first quiet turn retires the rest.
  const entities = await views.load({ finishedMax: Number.POSITIVE_INFINITY })
  const [last] = projectedSeq === 0 ? [] : await journal.read(projectedSeq - 1, 1)
  install(state, entities, projectedSeq, last?.atMs ?? 0)
  const { changed: unprojected, configEvents } = await foldTail(state, options)
  assert(
    state.headSeq === head.lastSeq,
    `the journal ends at ${state.headSeq}, its head says ${head.lastSeq}`,
  )
  log.info('the log is read', {
    seq: state.headSeq,
    tasks: state.tables.task.size,
    nodes: state.tables.node.size,
  })
  unprojected.push(...(await takeOver(state, head, options)))
  return { state, head, projectedSeq, unprojected, unprojectedConfig: configEvents }
}

interface Tail {
  readonly changed: Entity[]
  readonly configEvents: ConfigEvent[]
}

async function foldTail(state: State, { journal }: { readonly journal: Journal }): Promise<Tail> {
  const changed: Entity[] = []
  const configEvents: ConfigEvent[] = []
  let reading = journal.read(state.headSeq, limits.pageMax)
  for (;;) {
    const page = await reading
    const last = page.at(-1)
    if (last === undefined) return { changed: [...newestOf(state, changed)], configEvents }
    // The next page is read while this one is folded.
    reading = journal.read(last.seq, limits.pageMax)
    for (const { json } of page) {
      const event = JSON.parse(json) as LogEvent
      for (const entity of apply(state, event)) changed.push(entity)
      const configEvent = configEventOf(event)
      if (configEvent !== null) configEvents.push(configEvent)
    }
  }
}

async function takeOver(
  state: State,
  head: Head,
  options: { journal: Journal; clock: Clock; leaderId: string },
): Promise<Entity[]> {
  const { journal, clock, leaderId } = options
  const made: Made = { events: [], changed: [] }
  runInput(
    state,
    systemInput({ name: 'start_term', leaderId }),
    Math.max(state.lastAtMs, clock.wallMs()),
    made,
  )
  const events = made.events.map(encodeEvent)
  const outcome = await journal.takeOver({ term: state.term, firstSeq: head.lastSeq + 1, events }, head.term)
  if (outcome.kind === 'committed') return made.changed
  if (outcome.kind === 'full')
    throw new ControlError(
      'unavailable',
      'the disk of the data directory is full; free some space and start again',
    )
  throw new ControlError('unavailable', 'another process took over this log at the same time')
}
