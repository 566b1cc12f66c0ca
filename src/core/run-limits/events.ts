import type { LimitScope, Rate } from './limit.js'

export interface LimitEventBodies {
  /** A limit is new, or has other figures; a pause stays as it was. */
  LimitSet: {
    readonly scope: LimitScope
    readonly value: string
    readonly runsMax: number | null
    readonly rate: Rate | null
  }
  LimitPaused: Record<string, never>
  LimitResumed: Record<string, never>
  LimitRemoved: Record<string, never>
}
