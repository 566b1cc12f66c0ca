import type { TaskAction, TaskQuery } from '../../live/protocol.js'
import { BulkAll, useBulkAsk } from './bulk-all.js'

/** Buttons for all that a list's filter matches, with their dialog: for lists of other screens. */
export function BulkTools({ query, acts }: { query: TaskQuery; acts: readonly TaskAction[] }) {
  const bulk = useBulkAsk()
  return (
    <>
      <BulkAll query={query} acts={acts} bulk={bulk} />
      {bulk.dialog}
    </>
  )
}
