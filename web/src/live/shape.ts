import type { ServerMessage } from '../../../src/contract/socket.js'

/**
 * Throws when a message lacks what the books and the screens are built on, so that a leader that sends garbage is left
 * instead of believed. Kinds that a newer leader has are no garbage: they are passed over.
 */
export function assertShape(message: ServerMessage): void {
  switch (message.type) {
    case 'NODE_STATUS':
      assertEntity(message.node, 'workerId', ['agents', 'gpus', 'projectTypes'])
      break
    case 'TASK_UPDATE':
      assertEntity(message.task, 'taskId', ['attempts', 'dependsOn', 'tags'])
      break
    case 'ALERT':
      assertEntity(message, 'alertId', [])
      break
    case 'LOG':
      assertList(message.lines, 'lines')
      break
    case 'METRICS':
      assertList(message.nodes, 'nodes')
      break
    case 'SNAPSHOT':
      assertSnapshot(message)
      break
    default:
      break
  }
}

function assertSnapshot({ topic, items }: Extract<ServerMessage, { type: 'SNAPSHOT' }>): void {
  if (typeof topic !== 'string') throw new Error('a snapshot without a topic')
  assertList(items, topic)
  for (const item of items) {
    if (topic === 'nodes') assertEntity(item, 'workerId', ['agents', 'gpus', 'projectTypes'])
    if (topic === 'tasks') assertEntity(item, 'taskId', ['attempts', 'dependsOn', 'tags'])
    if (topic === 'alerts') assertEntity(item, 'alertId', [])
  }
}

function assertEntity(value: unknown, id: string, lists: readonly string[]): void {
  if (typeof value !== 'object' || value === null) throw new Error(`no ${id}`)
  const fields = value as Readonly<Record<string, unknown>>
  if (typeof fields[id] !== 'string') throw new Error(`no ${id}`)
  for (const list of lists) assertList(fields[list], list)
}

function assertList(value: unknown, name: string): void {
  if (!Array.isArray(value)) throw new Error(`${name} is no list`)
}
