import { useEffect, useState } from 'react'
import { useSelector } from 'react-redux'
import { live } from '../live/live.js'
import type { Stats } from '../live/protocol.js'
import type { WallState } from '../live/store.js'

/** The last answer: a map that is opened later begins with it, so that the leader's node is not replaced under the focus. */
let known = 'leader'

/** Name of the leader that this wall is connected to; asked once a term, "leader" until the answer is here. */
export function useLeaderId(): string {
  const term = useSelector((state: WallState) =>
    state.connection.phase === 'live' ? state.connection.term : null,
  )
  const [leaderId, setLeaderId] = useState(known)
  useEffect(() => {
    if (term === null) return
    const abort = new AbortController()
    live.rest.get<Stats>('/api/stats', abort.signal).then(
      (stats) => {
        known = stats.leaderId
        setLeaderId(known)
      },
      // The map keeps the name it has.
      () => {},
    )
    return () => abort.abort()
  }, [term])
  return leaderId
}
