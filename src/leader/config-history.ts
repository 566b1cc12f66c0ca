import { configChangeView } from '../contract/config-history.js'
import { ControlError } from '../core/errors.js'
import type { JsonBytes, Page } from '../ports/control-plane.js'
import type { ConfigFilter, Views } from '../ports/store.js'
import type { Projector } from './projector.js'

export interface ConfigHistoryParts {
  readonly views: Pick<Views, 'configChanges'>
  readonly projector: Pick<Projector, 'through'>
  /** Resolves with the seq of what is known now, once that is committed. */
  readonly committed: () => Promise<number>
}

/** [CH2] A page of changes of configuration, newest first, never older than what the caller was answered last. */
export async function configHistory(
  { views, projector, committed }: ConfigHistoryParts,
  filter: ConfigFilter,
  { limit, cursor }: Page,
): Promise<JsonBytes> {
  const beforeSeq = cursor === null ? Number.POSITIVE_INFINITY : Number(cursor)
  if (cursor !== null && !/^[1-9]\d{0,15}$/.test(cursor))
    throw new ControlError('invalid_request', 'cursor: not one that a list gave')
  await projector.through(await committed())
  const changes = await views.configChanges(filter, { beforeSeq, limit })
  const last = changes.at(-1)
  const nextCursor = changes.length === limit && last !== undefined ? String(last.seq) : null
  return JSON.stringify({ changes: changes.map(configChangeView), nextCursor })
}
