import type { Seq } from '../ids.js'

/** What runs share a limit by. Names are the fleet's: a key or capacity of one project is the same in every other. */
export type LimitScope = 'key' | 'project' | 'agentKind' | 'capacity'

/** At most `count` starts at once, then one each `perMs` ÷ `count`: a token bucket. */
export interface Rate {
  /** 1 to limits.rateCountMax. */
  readonly count: number
  /** 1 to limits.ratePerMsMax. */
  readonly perMs: number
}

/** How many runs of one key, project, kind of agent or capacity there may be, and how fast they may start. */
export interface Limit {
  readonly kind: 'limit'
  readonly limitId: string
  readonly scope: LimitScope
  readonly value: string
  /** Runs at the same time, 0 = none may start; null = as many as there is room for. */
  readonly runsMax: number | null
  readonly rate: Rate | null
  /** Nothing of this capacity starts anywhere; what runs goes on. Capacities only. */
  readonly paused: boolean
  /** It is gone, and forgotten soon. */
  readonly removed: boolean
  /** Seq of its last change. */
  readonly seq: Seq
}
