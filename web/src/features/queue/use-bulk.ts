import { useState } from 'react'
import { useSelector } from 'react-redux'
import type { ActsRequest, TaskFilterWords } from '../../../../src/contract/work.js'
import { live } from '../../live/live.js'
import type { TaskAction, Work } from '../../live/protocol.js'
import type { WallState } from '../../live/store.js'
import { type Act, useAct } from '../../ui/use-act.js'

/** A bulk act on its way: what it would do is counted, a person says yes, it goes on. */
export interface Bulk {
  readonly act: Act
  /** The dry run. null: not begun. */
  readonly counted: Work | null
  /** The act itself. null: not begun. */
  readonly given: Work | null
  readonly count: () => void
  readonly give: () => void
  readonly stop: () => void
}

export function useBulk(action: TaskAction, filter: TaskFilterWords): Bulk {
  const act = useAct()
  const [dryRun, setDryRun] = useState<Work | null>(null)
  const [real, setReal] = useState<Work | null>(null)
  const counted = useNewest(dryRun)
  const given = useNewest(real)
  const post = async (body: ActsRequest, set: (work: Work) => void) => {
    await act.run(async () => set(await live.rest.post<Work>('/api/tasks/acts', body)))
  }
  return {
    act,
    counted,
    given,
    count: () => void post({ action, filter, dryRun: true }, setDryRun),
    give: () => {
      if (counted === null) return
      // Those that were counted: what was submitted meanwhile is none of a person's yes.
      const createdBefore = Math.min(counted.createdAt + 1, filter.createdBefore ?? Number.POSITIVE_INFINITY)
      void post({ action, filter: { ...filter, createdBefore } }, setReal)
    },
    stop: () => {
      const work = given ?? counted
      if (work?.state !== 'running') return
      void act.run(() => live.rest.delete(`/api/work/${encodeURIComponent(work.workId)}`))
    },
  }
}

/** As the socket has it, which may be older or newer than the answer of a call. */
function useNewest(answered: Work | null): Work | null {
  const pushed = useSelector((state: WallState) =>
    answered === null ? undefined : state.work?.[answered.workId],
  )
  return pushed !== undefined && answered !== null && pushed.seq >= answered.seq ? pushed : answered
}
