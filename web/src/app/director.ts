import { neededAt } from '../live/alert-groups.js'
import type { Alert } from '../live/protocol.js'
import { type ScreenName, screenOf } from './screen-names.js'

/** Screens that take turns on the big screen. */
export interface Scenes {
  readonly names: readonly ScreenName[]
  readonly everyMs: number
}

/** What is on the big screen and until when. `index`: the scene whose turn it is. */
export type Direction =
  | { readonly phase: 'turn'; readonly index: number; readonly untilMs: number }
  /** An alarm went first; its scene stays until somebody acknowledges it, at most alarmMs. */
  | {
      readonly phase: 'alarm'
      readonly index: number
      readonly untilMs: number
      readonly alertId: string
      readonly screen: ScreenName
    }
  /** Somebody uses the wall: nothing is taken from them. */
  | { readonly phase: 'held'; readonly index: number; readonly untilMs: number }

export const everyS = { standard: 30, min: 5, max: 3600 }
export const alarmMs = 60_000
const heldMs = 60_000
/** An alarm from before the page began is no news; two clocks may differ by this. */
const clocksDifferMs = 5_000

/** `scenes=overview,topology&every=30` (seconds) → the scenes; null: none are asked for. */
export function scenesIn(params: URLSearchParams): Scenes | null {
  const names = (params.get('scenes') ?? '').split(',').flatMap((name) => screenOf(name.trim() || '-') ?? [])
  if (names.length === 0) return null
  const asked = Number(params.get('every') ?? everyS.standard)
  const seconds = Number.isFinite(asked) ? Math.min(everyS.max, Math.max(everyS.min, asked)) : everyS.standard
  return { names: [...new Set(names)], everyMs: seconds * 1_000 }
}

/** The scene that shows an alarm: a lost master in its place on the map, a task with what was seen of it. */
export const sceneOf = (alert: Alert): ScreenName => (alert.taskId === null ? 'topology' : 'alerts')

/** Makes the scenes take turns and lets new alarms go first. Moves only when it is told of something. */
export class Director {
  readonly #scenes: Scenes
  readonly #startedMs: number
  /** Alarms that had their time; only those still raised are kept. */
  #shown: ReadonlySet<string> = new Set()
  #direction: Direction

  constructor(scenes: Scenes, screen: ScreenName | null, nowMs: number) {
    this.#scenes = scenes
    this.#startedMs = nowMs
    const index = Math.max(0, screen === null ? 0 : scenes.names.indexOf(screen))
    this.#direction = { phase: 'turn', index, untilMs: nowMs + scenes.everyMs }
  }

  get direction(): Direction {
    return this.#direction
  }

  /** null: whatever the person who uses the wall has opened. */
  get screen(): ScreenName | null {
    const { direction } = this
    if (direction.phase === 'held') return null
    return direction.phase === 'alarm' ? direction.screen : (this.#scenes.names[direction.index] ?? null)
  }

  /** A key or the pointer was used. */
  touched(nowMs: number): void {
    this.#direction = { phase: 'held', index: this.#direction.index, untilMs: nowMs + heldMs }
  }

  /** Time passed, or alarms changed. `raised`: those that nobody has acknowledged. */
  look(raised: readonly Alert[], nowMs: number): void {
    const direction = this.#direction
    const ids = new Set(raised.map((alert) => alert.alertId))
    this.#shown = new Set([...this.#shown].filter((alertId) => ids.has(alertId)))
    if (direction.phase === 'held' && nowMs < direction.untilMs) return
    const fresh = this.#newest(raised)
    if (fresh !== null) {
      this.#shown = new Set([...this.#shown, fresh.alertId])
      const { index } = direction
      const screen = sceneOf(fresh)
      this.#direction = { phase: 'alarm', index, untilMs: nowMs + alarmMs, alertId: fresh.alertId, screen }
      return
    }
    const isOver = nowMs >= direction.untilMs || (direction.phase === 'alarm' && !ids.has(direction.alertId))
    if (isOver) this.#turn(nowMs)
  }

  #newest(raised: readonly Alert[]): Alert | null {
    const fresh = raised.filter(
      (alert) => !this.#shown.has(alert.alertId) && neededAt(alert) >= this.#startedMs - clocksDifferMs,
    )
    return fresh.sort((a, b) => neededAt(b) - neededAt(a))[0] ?? null
  }

  /** After an alarm the scene that it interrupted comes back; else the next one's turn comes. */
  #turn(nowMs: number): void {
    const { phase, index } = this.#direction
    const next = phase === 'turn' ? (index + 1) % this.#scenes.names.length : index
    this.#direction = { phase: 'turn', index: next, untilMs: nowMs + this.#scenes.everyMs }
  }
}
