import type { DurableUpdate, Metrics, ProgressUpdate, RunRef } from './node-link.js'

/** What a master learns of its own runs and its machine as it happens, leader or not. */
export type OwnNews =
  | { readonly kind: 'update'; readonly atMs: number; readonly update: DurableUpdate }
  | ProgressUpdate
  | ({ readonly kind: 'metrics'; readonly atMs: number } & Metrics)
  | ({
      readonly kind: 'line'
      readonly atMs: number
      readonly stream: 'out' | 'err'
      readonly level: 'debug' | 'info' | 'warning' | 'error'
      readonly text: string
    } & RunRef)

/** Called in the master's turn: never throws, never waits. */
export type TellOwnNews = (news: OwnNews) => void
