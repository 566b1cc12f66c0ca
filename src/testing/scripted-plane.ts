import { ControlError } from '../core/errors.js'
import type { ControlPlane, WallOptions, WallSession, WallSink } from '../ports/control-plane.js'

/** One wall that the transport opened, with everything it was told. */
export class ScriptedWall implements WallSession {
  readonly heard: unknown[] = []
  readonly sink: WallSink
  readonly options: WallOptions
  readonly user: string
  drains = 0
  closes = 0
  readonly #onHeard: () => void

  constructor(at: { sink: WallSink; options: WallOptions; user: string; onHeard: () => void }) {
    this.sink = at.sink
    this.options = at.options
    this.user = at.user
    this.#onHeard = at.onHeard
  }

  say(message: object): void {
    this.sink.send(new TextEncoder().encode(JSON.stringify(message)))
  }

  subscribe(topics: readonly string[]): void {
    this.#hear({ subscribe: topics })
  }
  unsubscribe(topics: readonly string[]): void {
    this.#hear({ unsubscribe: topics })
  }
  ack(seq: number): void {
    this.#hear({ ack: seq })
  }
  chat(message: object): void {
    this.#hear({ chat: message })
  }
  command(message: object): void {
    this.#hear({ command: message })
  }
  drained(): void {
    this.drains += 1
  }
  closed(): void {
    this.closes += 1
    this.#onHeard()
  }

  #hear(what: object): void {
    this.heard.push(what)
    this.#onHeard()
  }
}

/** A control plane that plays a script: unlisted calls answer `internal`, so a test sees what it did not expect. */
export class ScriptedPlane {
  readonly plane: ControlPlane
  readonly calls: { readonly name: string; readonly args: readonly unknown[] }[] = []
  readonly walls: ScriptedWall[] = []
  /** Tokens that are known. */
  readonly tokens = new Map([['afp_admin', 'admin']])
  readonly #waiters = new Set<() => void>()

  constructor(script: Partial<ControlPlane> = {}) {
    const unscripted = (name: string) => async (): Promise<never> => {
      throw new ControlError('internal', `${name} is not scripted`)
    }
    const base: ControlPlane = {
      authenticate: (token) => {
        const id = this.tokens.get(token)
        return id === undefined ? null : { kind: 'user', id, role: 'admin' }
      },
      login: unscripted('login'),
      renew: unscripted('renew'),
      execute: unscripted('execute'),
      submit: (_caller, _request, done) =>
        done({ ok: false, error: new ControlError('internal', 'submit is not scripted') }),
      task: unscripted('task'),
      tasks: unscripted('tasks'),
      receipt: unscripted('receipt'),
      taskReceipts: unscripted('taskReceipts'),
      effects: unscripted('effects'),
      effect: unscripted('effect'),
      fence: unscripted('fence'),
      replayRange: unscripted('replayRange'),
      replay: unscripted('replay'),
      replayEvents: unscripted('replayEvents'),
      nextFailure: unscripted('nextFailure'),
      batchIntake: () => {
        throw new ControlError('internal', 'batchIntake is not scripted')
      },
      batch: unscripted('batch'),
      batches: unscripted('batches'),
      work: unscripted('work'),
      works: unscripted('works'),
      workers: unscripted('workers'),
      worker: unscripted('worker'),
      agents: unscripted('agents'),
      agent: unscripted('agent'),
      alerts: unscripted('alerts'),
      alert: unscripted('alert'),
      alertRules: unscripted('alertRules'),
      configHistory: unscripted('configHistory'),
      load: unscripted('load'),
      alertDelivery: unscripted('alertDelivery'),
      placement: unscripted('placement'),
      retention: unscripted('retention'),
      limits: unscripted('limits'),
      limit: unscripted('limit'),
      stats: unscripted('stats'),
      queue: unscripted('stats'),
      measures: unscripted('measures'),
      taskLines: unscripted('taskLines'),
      lines: unscripted('lines'),
      plan: unscripted('plan'),
      plans: unscripted('plans'),
      slots: unscripted('slots'),
      verdict: unscripted('verdict'),
      watchEvents: unscripted('watchEvents'),
      ready: () => ({ ready: true, reasons: [] }),
      openWall: (caller, sink, options) => {
        const user = caller.principal.kind === 'user' ? caller.principal.id : ''
        const wall = new ScriptedWall({ sink, options, user, onHeard: () => this.#changed() })
        this.walls.push(wall)
        wall.say({ type: 'AUTH_OK', logId: 'log', term: 1, seq: 1, user, role: 'admin' })
        this.#changed()
        return wall
      },
    }
    this.plane = new Proxy({ ...base, ...script }, { get: (target, name) => this.#recorded(target, name) })
  }

  /** Resolves when `condition` holds; looked at after each call and each thing that a wall heard. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiters.add(resolve))
  }

  #changed(): void {
    for (const wake of this.#waiters) wake()
    this.#waiters.clear()
  }

  #recorded(target: ControlPlane, name: string | symbol): unknown {
    const method: unknown = Reflect.get(target, name)
    if (typeof method !== 'function' || typeof name !== 'string') return method
    return (...args: unknown[]): unknown => {
      this.calls.push({ name, args })
      this.#changed()
      return Reflect.apply(method, target, args)
    }
  }
}
