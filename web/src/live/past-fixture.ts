import type { ReplayLine } from '../../../src/contract/replay.js'
import type { LogEvent } from '../../../src/core/event.js'
import { limits } from '../../../src/core/limits.js'
import { ReplayFold } from '../../../src/core/replay/fold.js'
import { isShownEvent } from '../../../src/core/replay/scope.js'
import { Engine } from './engine.js'
import { FakeWorld } from './fixture.js'
import type { Frame, ToWorker } from './protocol.js'
import { RestError } from './rest.js'
import { createWallStore } from './store.js'

/** A log that goes on, as the product's own rules make it (`Rules` of src/testing). */
interface PastRules {
  readonly log: LogEvent[]
  readonly state: { lastAtMs: number }
  nowMs: number
}

/** The past of such a log, as a leader's REST tells it. */
class PastLeader {
  /** What was asked for. */
  readonly asked: string[] = []
  readonly #rules: PastRules

  constructor(rules: PastRules) {
    this.#rules = rules
    // The page's clock begins early, so the log does too.
    rules.nowMs = 1_000
    rules.state.lastAtMs = rules.nowMs
    const [first] = rules.log
    if (first !== undefined) rules.log[0] = { ...first, atMs: rules.nowMs }
  }

  answer(path: string): unknown {
    this.asked.push(path)
    const url = new URL(path, 'http://leader')
    const number = (name: string): number => Number(url.searchParams.get(name))
    switch (url.pathname) {
      case '/api/replay':
        return this.#picture(number('at'))
      case '/api/replay/events':
        return this.#events(number('afterSeq'), limits.replayEventsPage)
      case '/api/replay/next-failure': {
        const failed = this.#rules.log.find(
          (event) => event.type === 'TaskFinished' && event.atMs > number('at'),
        )
        const { seq, atMs, entity } = failed ?? {}
        return { failure: failed === undefined ? null : { seq, atMs, kind: 'task', id: entity?.id } }
      }
      default:
        return { lines: [], next: 0, nextCursor: null }
    }
  }

  #picture(atMs: number): readonly ReplayLine[] {
    const fromMs = this.#rules.log[0]?.atMs ?? 0
    const nearestMs = Math.min(this.#rules.nowMs, Math.max(fromMs, atMs))
    if (nearestMs !== atMs) throw new RestError('not_retained', 'not kept', { nearestMs })
    const seq = this.#rules.log.findLast((event) => event.atMs <= atMs)?.seq ?? 0
    const baseSeq = Math.max(0, seq - 10)
    const fold = new ReplayFold()
    for (const event of this.#rules.log.slice(0, baseSeq)) fold.apply(event)
    const range = {
      logId: 'log',
      fromMs,
      toMs: this.#rules.nowMs,
      nowMs: this.#rules.nowMs,
      lastSeq: this.#rules.log.length,
    }
    const { events, throughSeq } = this.#events(baseSeq, 20)
    return [
      { head: { logId: 'log', atMs, baseSeq, seq, tasks: fold.count('task'), range, samples: [] } },
      { entities: (['cluster', 'node', 'task'] as const).flatMap((kind) => [...fold.all(kind)]) },
      { events, throughSeq },
      { end: true },
    ]
  }

  #events(afterSeq: number, limit: number) {
    const page = this.#rules.log.slice(afterSeq, afterSeq + limit)
    const throughSeq = page.at(-1)?.seq ?? afterSeq
    return {
      events: structuredClone(page.filter(isShownEvent)),
      throughSeq,
      lastSeq: this.#rules.log.length,
      nowMs: this.#rules.nowMs,
    }
  }
}

/** The worker and the page's store without a browser, beside a leader that has a past. */
export class PastRig extends FakeWorld {
  readonly leader: PastLeader
  readonly store = createWallStore()
  readonly engine: Engine
  #frames: Frame[] = []

  constructor(rules: PastRules) {
    super()
    this.leader = new PastLeader(rules)
    const ask = async (_url: string, _token: string, path: string): Promise<unknown> =>
      this.leader.answer(path)
    this.engine = new Engine(
      Object.assign(this as FakeWorld, {
        post: (frame: Frame) => this.#frames.push(frame),
        soon: (run: () => void) => run(),
        get: ask,
        lines: ask as () => Promise<readonly unknown[]>,
        loadReplay: () => import('./replay.js'),
      }),
    )
  }

  tell(message: ToWorker): void {
    this.engine.handle(message)
  }

  /** Lets all that was asked come, and hands it to the store. */
  async rest(): Promise<void> {
    for (let round = 0; round < 20; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 0))
      for (const frame of this.#frames.splice(0)) this.store.dispatch({ type: 'frame', frame })
      this.tell({ type: 'painted' })
    }
  }

  /** Tells and waits. */
  async ask(message: ToWorker): Promise<void> {
    this.tell(message)
    await this.rest()
  }

  get state() {
    return this.store.getState()
  }

  /** Phases of the tasks on screen, by id. */
  get phases(): Readonly<Record<string, string>> {
    return Object.fromEntries(Object.values(this.state.tasks).map(({ taskId, phase }) => [taskId, phase]))
  }
}
