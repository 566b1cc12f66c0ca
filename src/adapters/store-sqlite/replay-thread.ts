import Database from 'better-sqlite3'
import { ControlError } from '../../core/errors.js'
import { limits } from '../../core/limits.js'
import { failureOf, failureTypes } from '../../core/replay/failure.js'
import { isShownEvent } from '../../core/replay/scope.js'
import type { ReplayEvents, ReplayFailure, ReplayPicture, ReplayRange } from '../../ports/replays.js'
import { keyframeReads } from './replay-keyframes.js'
import { eventsBetween, lookEnd, replayLog } from './replay-log.js'
import { stoodAt, touchedBy } from './replay-picture.js'

/** What the thread of replays does. JSON goes over as text. */
export interface ReplayCalls {
  range(args: { readonly headSeq: number }): ReplayRange
  picture(args: { readonly atMs: number; readonly headSeq: number }): ReplayPicture
  page(args: { readonly id: number; readonly page: number }): readonly string[]
  events(args: { readonly afterSeq: number; readonly limit: number; readonly headSeq: number }): ReplayEvents
  nextFailure(args: { readonly afterSeq: number; readonly headSeq: number }): {
    readonly failure: ReplayFailure | null
    readonly throughSeq: number
  }
  seqAt(args: { readonly atMs: number; readonly headSeq: number }): number
  close(): void
}

/** Opens both files for reading only: nothing here stands before a commit or a projection. */
export function openReplayThread(paths: { readonly journal: string; readonly views: string }): ReplayCalls {
  const journal = new Database(paths.journal, { readonly: true })
  const views = new Database(paths.views, { readonly: true })
  const log = replayLog(journal)
  const keyframes = keyframeReads(views)
  const pictures = new Map<number, readonly (readonly string[])[]>()
  let lastId = 0

  /** The oldest keyframe that the journal goes on from; seq 0 = the journal has everything. */
  const oldestBase = (): { readonly seq: number; readonly atMs: number } | null => {
    const first = log.first()
    if (first === null) return null
    if (first.seq === 1) return { seq: 0, atMs: first.atMs }
    return keyframes.from(first.seq - 1)
  }
  const keptAfter = (afterSeq: number): void => {
    const first = log.first()
    if (first !== null && afterSeq + 1 < first.seq) throw notRetained('These events are kept no more.')
  }

  return {
    range: ({ headSeq }) => ({
      fromMs: oldestBase()?.atMs ?? null,
      toMs: log.timeOf(headSeq) ?? 0,
      lastSeq: headSeq,
    }),
    picture({ atMs, headSeq }) {
      const oldest = oldestBase()
      if (oldest === null || atMs < oldest.atMs)
        throw notRetained('The log does not reach back to this instant.')
      const seq = log.seqAt(atMs, headSeq)
      const baseSeq = Math.max(oldest.seq, seq - limits.replayBehindEvents)
      const keyframe = keyframes.at(baseSeq)
      const keyframeSeq = keyframe === null || keyframe.seq < oldest.seq ? oldest.seq : keyframe.seq
      const led = [...eventsBetween(log, { afterSeq: baseSeq, toSeq: seq })].map(({ event }) => event)
      const { entities, tasks } = stoodAt(log, keyframes, {
        keyframeSeq,
        toSeq: baseSeq,
        touched: touchedBy(led),
      })
      lastId += 1
      const pages = pagesOf(entities)
      if (pages.length > 0) pictures.set(lastId, pages)
      for (const id of pictures.keys()) if (pictures.size > limits.replayPicturesOpen) pictures.delete(id)
      return { id: lastId, baseSeq, seq, tasks, samples: keyframes.samples(atMs), pages: pages.length }
    },
    page({ id, page }) {
      const pages = pictures.get(id)
      const found = pages?.[page]
      if (pages === undefined || found === undefined)
        throw new ControlError(
          'resource_exhausted',
          'Others look at the past too; ask for this instant again.',
        )
      if (page === pages.length - 1) pictures.delete(id)
      return found
    },
    events({ afterSeq, limit, headSeq }) {
      keptAfter(afterSeq)
      const toSeq = lookEnd(afterSeq, headSeq)
      const events: string[] = []
      for (const { event, json } of eventsBetween(log, { afterSeq, toSeq })) {
        if (!isShownEvent(event)) continue
        events.push(json)
        if (events.length === limit) return { events, throughSeq: event.seq }
      }
      return { events, throughSeq: Math.max(afterSeq, toSeq) }
    },
    nextFailure({ afterSeq, headSeq }) {
      const toSeq = Math.min(headSeq, afterSeq + failureLookMax)
      const mayBe = (json: string): boolean => failureTypes.some((type) => json.includes(`"${type}"`))
      for (const { event } of eventsBetween(log, { afterSeq, toSeq }, mayBe)) {
        const failure = failureOf(event)
        if (failure !== null)
          return { failure: { seq: event.seq, atMs: event.atMs, ...failure }, throughSeq: event.seq }
      }
      return { failure: null, throughSeq: Math.max(afterSeq, toSeq) }
    },
    seqAt: ({ atMs, headSeq }) => log.seqAt(atMs, headSeq),
    close() {
      journal.close()
      views.close()
    },
  }
}

/** Events that a look for a failure passes at once: their text is searched, most are never parsed. */
const failureLookMax = 50_000

function pagesOf(entities: readonly unknown[]): readonly (readonly string[])[] {
  const pages: string[][] = []
  for (let start = 0; start < entities.length; start += limits.readerRowsMax)
    pages.push(entities.slice(start, start + limits.readerRowsMax).map((entity) => JSON.stringify(entity)))
  return pages
}

const notRetained = (message: string): ControlError => new ControlError('not_retained', message)
