import type { Client, Live, Task } from '../../src/client/index.js'
import type { History } from './history.js'
import { seen } from './seen.js'

/** A wall that writes down every task that it is shown. */
export function watch(client: Client, history: History): Live {
  const note = (task: Task, seq: number): void => history.write({ type: 'watched', seq, task: seen(task) })
  return client.live({
    topics: ['tasks'],
    onMessage: (message) => {
      if (message.type === 'TASK_UPDATE') note(message.task, message.seq)
      if (message.type === 'SNAPSHOT' && message.topic === 'tasks')
        for (const task of message.items as readonly Task[]) note(task, message.seq)
    },
  })
}
