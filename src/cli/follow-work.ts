import { type Client, ControlError, type ServerMessage, type Work } from '../client/index.js'
import { News } from './news.js'

/**
 * Waits until a batch or a bulk act is over, told by the leader and not asked again and again; goes on over a restart of
 * the leader. Rejects with the signal's reason.
 */
export async function followWork(
  client: Client,
  workId: string,
  { onProgress, signal }: { readonly onProgress?: (work: Work) => void; readonly signal?: AbortSignal } = {},
): Promise<Work> {
  let newest: Work | null = null
  const news = new News(signal)
  const live = client.live({
    topics: [`work:${workId}`],
    onMessage: (message) => {
      if (message.type === 'WORK_UPDATE') newest = message.work
      else if (message.type === 'SNAPSHOT') newest = workOf(message)
      news.wake()
    },
    onState: (state) => {
      if (state.phase === 'closed' && state.error !== null) news.fail(state.error)
      else if (state.phase === 'live') news.wake()
    },
  })
  try {
    for (;;) {
      try {
        const work: Work = newest ?? (await client.work(workId))
        onProgress?.(work)
        // With all its examples.
        if (work.state !== 'running') return await client.work(workId)
      } catch (thrown) {
        // The leader is away: the live connection says when it is back.
        if (!(thrown instanceof ControlError && thrown.kind.retryable)) throw thrown
      }
      await news.next()
    }
  } finally {
    live.close()
  }
}

function workOf(message: Extract<ServerMessage, { type: 'SNAPSHOT' }>): Work | null {
  const [item] = message.items
  return item !== undefined && 'workId' in item && 'refusedByCode' in item ? item : null
}
