import { BulkTools } from '../features/queue/bulk-tools.js'
import { TasksScreen as Screen } from '../features/tasks/tasks-screen.js'

/** All tasks, with the acts on all that a filter matches. */
export function TasksScreen() {
  return <Screen bulk={(query, acts) => <BulkTools query={query} acts={acts} />} />
}
