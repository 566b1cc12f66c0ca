import type { LogEvent } from '../../core/event.js'
import { TaskChecker } from './task-checker.js'

const finalReceipts = new Set(['stopped', 'killed', 'done', 'refused', 'expired'])

/** Reports a broken guarantee; the first one ends the simulation. */
export type Fail = (guarantee: string, what: string) => void

/** Reads the durable log event by event and holds it to the guarantees that a log alone can show. */
export class LogChecker {
  readonly tasks: TaskChecker
  readonly #fail: Fail
  readonly #origins = new Map<string, number>()
  readonly #receipts = new Map<string, 'open' | 'final'>()
  readonly #openAlerts = new Map<string, string>()
  readonly #alertRoots = new Map<string, string>()
  #seq = 0
  #term = 0
  #atMs = 0
  #lastOrigin = ''

  constructor(fail: Fail) {
    this.#fail = fail
    this.tasks = new TaskChecker(fail)
  }

  get seq(): number {
    return this.#seq
  }

  get term(): number {
    return this.#term
  }

  get openReceipts(): string[] {
    return [...this.#receipts].filter(([, state]) => state === 'open').map(([id]) => id)
  }

  /** Highest durable update of a master's incarnation that is in the log. */
  uplinkSeq(nodeId: string, incarnation: number): number {
    return this.#origins.get(`${nodeId}.${incarnation}`) ?? 0
  }

  knowsCommand(commandId: string): boolean {
    return this.#receipts.has(commandId)
  }

  take(event: LogEvent): void {
    this.#takeEnvelope(event)
    this.#takeOrigin(event)
    this.tasks.take(event)
    if (event.type === 'CommandIssued') this.#receipts.set(event.entity.id, 'open')
    else if (event.type === 'CommandStepped') this.#takeStep(event.entity.id, event.body.state)
    else if (event.type === 'AlertRaised') {
      const { alertKind, taskId, nodeId } = event.body
      this.#raise(event.entity.id, `${alertKind} ${taskId ?? nodeId ?? ''}`)
    } else if (event.type === 'AlertCleared') this.#clear(event.entity.id)
  }

  #takeEnvelope(event: LogEvent): void {
    if (event.seq !== this.#seq + 1) this.#fail('JN1', `seq ${event.seq} follows ${this.#seq}`)
    if (event.atMs < this.#atMs) this.#fail('TU10', `time went back at seq ${event.seq}`)
    if (event.type === 'TermStarted') {
      if (event.term <= this.#term) this.#fail('G3', `term ${event.term} was started after ${this.#term}`)
      this.#term = event.term
    } else if (event.term !== this.#term) {
      this.#fail('G4', `seq ${event.seq} is of term ${event.term} while ${this.#term} leads`)
    }
    this.#seq = event.seq
    this.#atMs = event.atMs
  }

  /** All events of one update stand together, updates of one incarnation follow each other by one. */
  #takeOrigin(event: LogEvent): void {
    const { origin } = event
    const place = origin === undefined ? '' : `${origin.nodeId}.${origin.incarnation}.${origin.uplinkSeq}`
    if (origin !== undefined && place !== this.#lastOrigin) {
      const key = `${origin.nodeId}.${origin.incarnation}`
      const last = this.#origins.get(key) ?? 0
      if (origin.uplinkSeq <= last) this.#fail('G8', `update ${place} is folded twice, at seq ${event.seq}`)
      if (origin.uplinkSeq > last + 1) this.#fail('G8', `update ${place} follows ${last}: a hole`)
      this.#origins.set(key, origin.uplinkSeq)
    }
    this.#lastOrigin = place
  }

  #takeStep(commandId: string, state: string): void {
    if (this.#receipts.get(commandId) !== 'open') {
      this.#fail('RC1', `receipt ${commandId} got ${state} after its final state`)
    }
    if (finalReceipts.has(state)) this.#receipts.set(commandId, 'final')
  }

  #raise(alertId: string, root: string): void {
    if (this.#openAlerts.has(root)) this.#fail('LV3', `two open alerts of ${root}`)
    this.#openAlerts.set(root, alertId)
    this.#alertRoots.set(alertId, root)
  }

  #clear(alertId: string): void {
    const root = this.#alertRoots.get(alertId) ?? ''
    if (this.#openAlerts.get(root) !== alertId) this.#fail('LV4', `alert ${alertId} is cleared twice`)
    this.#openAlerts.delete(root)
  }
}
