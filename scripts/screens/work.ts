import { resolve } from 'node:path'
import type { Fleet } from '../../test/e2e/fleet.js'
import { poll } from '../../test/e2e/poll.js'

const progress = `'${process.execPath}' '${resolve('dist/cli/main.js')}' progress`
const steps = `i=0; while :; do i=$((i+1)); echo "step $i of many"; [ $((i%9)) = 0 ] && echo "warning: step $i took long" >&2; sleep 1; done`

/** Ids of the tasks that screens are opened on. */
export interface Work {
  readonly running: string
  readonly failed: string
  readonly stalled: string
  /** It never ran: what it depends on failed. */
  readonly blocked: string
  /** When all of this stood so. Unix ms. */
  readonly atMs: number
}

/** Work in every state that a screen can show. Resolves when the states are reached. */
export async function submitWork(fleet: Fleet): Promise<Work> {
  const done = [
    'check the licence headers',
    'index the archive',
    'pack the release',
    'scan for secrets',
    '构建中文文档',
  ]
  for (const name of done) await fleet.submit(`echo "${name}: done"`, { name, project: 'shop' })
  const failed = await fleet.submit('echo "error: 3 links lead nowhere" >&2; sleep 1; exit 2', {
    name: 'lint the documents',
  })
  const running = await fleet.submit(`${progress} 0.42 --text "half way"; ${steps}`, {
    name: 'type-check the repository',
    requirements: { timeout: 0 },
  })
  await fleet.submit(`${progress} 0.8; sleep 1000`, {
    name: 'build the wall into a temporary folder that has a rather long name, longer than any column',
    requirements: { timeout: 0 },
    stallAfterMs: 0,
  })
  const paused = await fleet.submit(steps, { name: 'follow a log', project: 'shop' })
  const stalled = await fleet.submit('echo "Checking 3 packages"; printf "Proceed? [y/N]\\n"; read answer', {
    name: 'ask before it goes on',
    payload: { command: 'echo "Checking 3 packages"; echo "Proceed? [y/N]"; read answer', stdinOpen: true },
    stallAfterMs: 1_000,
  })
  await fleet.submit('sleep 1; exit 1', {
    name: 'fetch the registry, again in a while',
    retry: { attemptsMax: 4, on: ['exit'], backoffMs: 100_000 },
  })
  const fetched = await fleet.submit('sleep 1', { name: 'fetch the sources' })
  const built = await fleet.submit(steps, { name: 'build the sources', dependsOn: [fetched] })
  const blocked = await fleet.submit('true', { name: 'publish', dependsOn: [built, failed] })
  await fleet.post('/api/templates', {
    name: 'report',
    description: 'What was done in a month, for one shop',
    parameters: {
      shop: { type: 'string', required: true },
      month: { type: 'number', default: 7, description: '1 to 12' },
      draft: { type: 'boolean' },
      language: { type: 'string', enum: ['en', 'zh'], default: 'en' },
    },
    task: { type: 'command', payload: { command: ['make', 'report'] } },
  })
  // Nobody runs this type, so they wait until the act that follows.
  const items = Array.from({ length: 30 }, (_, index) => ({
    type: 'report',
    name: `report ${index}`,
    payload: {},
  }))
  await fleet.post('/api/batches?wait=20000', { items: [...items, { payload: {} }] })
  const acts = { action: 'cancel', filter: { status: 'pending', words: 'report' } }
  await fleet.post('/api/tasks/acts?wait=20000', acts)
  const phaseOf = async (taskId: string) =>
    (await fleet.json<{ phase: string }>(`/api/tasks/${taskId}`)).phase
  await poll('the running tasks', async () => ((await phaseOf(paused)) === 'running' ? true : null))
  await fleet.post(`/api/tasks/${paused}/pause`)
  await poll('the paused task', async () => ((await phaseOf(paused)) === 'paused' ? true : null))
  await poll('the failed task', async () => ((await phaseOf(failed)) === 'exit' ? true : null))
  await poll('the stall', async () => {
    const { alerts } = await fleet.json<{ alerts: { taskId: string }[] }>('/api/alerts')
    return alerts.some((alert) => alert.taskId === stalled) ? true : null
  })
  return { running, failed, stalled, blocked, atMs: Date.now() }
}
