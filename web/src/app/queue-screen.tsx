import { QueueScreen as Sides } from '../features/queue/queue-screen.js'
import { TaskDetail } from '../features/tasks/task-detail.js'

/** The queue's lists, with the chosen task beside them. */
export function QueueScreen() {
  return <Sides detail={(taskId, onClose) => <TaskDetail taskId={taskId} onClose={onClose} />} />
}
