import type { TaskQuery } from './protocol.js'

/** Every task, the newest first: what a list asks for that narrows nothing. */
export const anyTask: TaskQuery = {
  statuses: [],
  phases: [],
  band: null,
  reason: null,
  workerId: null,
  agentId: null,
  project: null,
  taskId: null,
  relatedTo: null,
  connected: false,
  text: '',
  order: 'newest',
  from: 0,
  limit: 100,
}
