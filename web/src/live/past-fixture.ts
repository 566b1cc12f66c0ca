import type { ReplayLine } from '../../../src/contract/replay.js'
import { limits } from '../../../src/core/limits.js'
import { ReplayFold } from '../../../src/core/replay/fold.js'
import { isShownEvent } from '../../../src/core/replay/scope.js'
import { Rules } from '../../../src/testing/core-fixture.js'
import { Engine } from './engine.js'
import { FakeWorld } from './fixture.js'
import type { Frame, ToWorker } from './protocol.js'
import { RestError } from './rest.js'
import { createWallStore } from './store.js'

/** A leader's past, made by the product's own rules, as its REST tells it. */
export class PastLeader extends Rules {
  /** What was asked for. */
  readonly asked: string[] = []

  constructor() {
    super()
    // The page's clock begins early, so the log does too.
    this.nowMs = 1_000
    this.state.lastAtMs = this.nowMs
    const [first] = this.log
    if (first !== undefined) this.log[0] = { ...first, atMs: this.nowMs }
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
        const failed = this.log.find((event) => event.type === 'TaskFinished' && event.atMs > number('at'))
        const { seq, atMs, entity } = failed ?? {}
        return { failure: failed === undefined ? null : { seq, atMs, kind: 'task', id: entity?.id } }
      }
      default:
        return { lines: [], next: 0, nextCursor: null }
    }
  }

  #picture(atMs: number): readonly ReplayLine[] {
    const fromMs = this.log[0]?.atMs ?? 0
    const nearestMs = Math.min(this.nowMs, Math.max(fromMs, atMs))
    if (nearestMs !== atMs) throw new RestError('not_retained', 'not kept', { nearestMs })
    const seq = this.log.findLast((event) => event.atMs <= atMs)?.seq ?? 0
    const baseSeq = Math.max(0, seq - 10)
    const fold = new ReplayFold()
    for (const event of this.log.slice(0, baseSeq)) fold.apply(event)
    const range = { logId: 'log', fromMs, toMs: this.nowMs, nowMs: this.nowMs, lastSeq: this.log.length }
    const { events, throughSeq } = this.#events(baseSeq, 20)
    return [
      { head: { logId: 'log', atMs, baseSeq, seq, tasks: fold.count('task'), range, samples: [] } },
      { entities: (['cluster', 'node', 'task'] as const).flatMap((kind) => [...fold.all(kind)]) },
      { events, throughSeq },
      { end: true },
    ]
  }

  #events(afterSeq: number, limit: number) {
    const page = this.log.slice(afterSeq, afterSeq + limit)
    const throughSeq = page.at(-1)?.seq ?? afterSeq
    return {
      events: structuredClone(page.filter(isShownEvent)),
      throughSeq,
      lastSeq: this.log.length,
      nowMs: this.nowMs,
    }
  }
}

/** The worker and the page's store without a browser, beside a leader that has a past. */
export class PastRig extends FakeWorld {
  readonly leader = new PastLeader()
  readonly store = createWallStore()
  readonly engine: Engine
  #frames: Frame[] = []

  constructor() {
    super()
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
