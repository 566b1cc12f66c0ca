import type { Task } from './task.js'

/** The task as the entity of an event. */
export const aboutTask = ({ taskId, projectId }: Pick<Task, 'taskId' | 'projectId'>) => ({
  kind: 'task' as const,
  id: taskId,
  projectId,
})
