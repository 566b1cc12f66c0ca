import { setTimeout as pause } from 'node:timers/promises'
import type { Client, Task } from '../../src/client/index.js'
import { isFinal } from './checks/phases.js'
import type { History } from './history.js'
import { seen } from './seen.js'

const lookMs = 250

/** Waits until every task is over, at most `limitMs`. */
export async function rest(client: Client, history: History, limitMs: number): Promise<void> {
  const deadline = performance.now() + limitMs
  while (performance.now() < deadline) {
    const tasks = await everyTask(client).catch(() => null)
    if (tasks?.every(isFinal) === true) {
      history.write({ type: 'rested' })
      return
    }
    await pause(lookMs)
  }
}

/** What there is at the end. */
export async function list(client: Client, history: History): Promise<void> {
  for (const task of await everyTask(client)) history.write({ type: 'listed', task: seen(task) })
}

async function everyTask(client: Client): Promise<readonly Task[]> {
  const tasks: Task[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await client.tasks({ limit: 500, cursor })
    tasks.push(...page.tasks)
    if (page.nextCursor === null) return tasks
    cursor = page.nextCursor
  }
}
