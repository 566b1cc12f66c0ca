import { bounds } from '../../live/bounds.js'
import type { River } from '../../live/protocol.js'

const minuteMs = 60_000

/** A minute of the river: `x` and `width` are shares of the whole width, `height` of the tallest. */
export interface RiverBar {
  readonly atMs: number
  readonly x: number
  readonly width: number
  readonly height: number
}

export interface RiverFailure {
  readonly atMs: number
  readonly x: number
  readonly count: number
}

/** The river as it is drawn: from `fromMs` to the end of the minute that runs. */
export interface RiverDrawing {
  readonly fromMs: number
  readonly untilMs: number
  readonly bars: readonly RiverBar[]
  readonly failures: readonly RiverFailure[]
  /** Share of the width of which nothing is known. */
  readonly unknown: number
  readonly done: number
  readonly failed: number
}

export function drawRiver(river: River, nowMs: number): RiverDrawing {
  const untilMs = (Math.floor(nowMs / minuteMs) + 1) * minuteMs
  const fromMs = untilMs - bounds.riverMinutes * minuteMs
  const share = (atMs: number): number => (atMs - fromMs) / (untilMs - fromMs)
  const minutes = river.minutes.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs)
  const most = Math.max(1, ...minutes.map((minute) => minute.completed + minute.cancelled))
  return {
    fromMs,
    untilMs,
    bars: minutes.map(({ atMs, completed, cancelled }) => ({
      atMs,
      x: share(atMs),
      width: 1 / bounds.riverMinutes,
      height: (completed + cancelled) / most,
    })),
    failures: minutes
      .filter(({ failed }) => failed > 0)
      .map(({ atMs, failed }) => ({ atMs, x: share(atMs + minuteMs / 2), count: failed })),
    unknown: river.knownFromMs === null ? 0 : Math.min(1, Math.max(0, share(river.knownFromMs))),
    done: minutes.reduce((sum, minute) => sum + minute.completed, 0),
    failed: minutes.reduce((sum, minute) => sum + minute.failed, 0),
  }
}

/** The instant at a share of the width, not after now. */
export const instantAt = ({ fromMs, untilMs }: RiverDrawing, share: number, nowMs: number): number =>
  Math.min(nowMs, Math.round(fromMs + Math.min(1, Math.max(0, share)) * (untilMs - fromMs)))
