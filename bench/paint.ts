import { type Browser, chromium, type Page } from 'playwright-core'
import { type Child, startChild } from './child.js'
import { call, type Ready, startCluster } from './cluster.js'
import { alternate, type Bench, percentile, roundsOf, rowOf } from './harness.js'

const tasksPerRound = 60

/** A page of the wall, and when it painted what. */
interface Wall {
  readonly page: Page
  /** Unix ms at the second frame after the task's row first said `completed`. */
  painted(taskId: string): Promise<number>
}

/**
 * From the stamp of a task's end to the second frame after the wall changed its row, beside the same page fed by a bare
 * `ws` server that stamps and sends at once.
 */
export const bench: Bench = async (options) => {
  const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  const cluster = await startCluster({ masters: 1 })
  const bare = startChild('paint-server.js')
  try {
    const { api, token } = cluster.ready
    const real = realTasks(cluster.ready)
    const template = await real.show(await real.run())
    const { port } = await bare.ask<{ port: number }>({ do: 'listen', template })
    const [ours, reference] = [
      await openWall(browser, api, token),
      await openWall(browser, `http://127.0.0.1:${port}`, token),
    ]
    const p50s: { ours: number[]; reference: number[] } = { ours: [], reference: [] }
    const side = (name: 'ours' | 'reference', wall: Wall, tasks: Tasks) => async () => {
      await wall.page.bringToFront()
      const taken: number[] = []
      for (let n = 0; n < tasksPerRound; n += 1) {
        const taskId = await tasks.run()
        const paintedAt = await wall.painted(taskId)
        taken.push(paintedAt - (await tasks.endOf(taskId)))
      }
      p50s[name].push(percentile(taken, 0.5))
      return percentile(taken, 0.99)
    }
    const measured = await alternate(roundsOf(options), {
      ours: side('ours', ours, real),
      reference: side('reference', reference, bareTasks(bare)),
    })
    const note = `task's end → second frame after its row changed, ${tasksPerRound} a round, 1 in flight`
    const description = { better: 'lower', fsync: 'each-commit', note } as const
    const medians = p50s.ours.map((value, index) => ({
      ours: value,
      reference: p50s.reference[index] ?? null,
    }))
    return [
      rowOf({ ...description, name: 'paint', unit: 'ms p99', bar: 2 }, measured),
      rowOf({ ...description, name: 'paint.p50', unit: 'ms p50', bar: null }, medians),
    ]
  } finally {
    await browser.close()
    bare.end()
    await cluster.stop()
  }
}

/** Tasks that run 50 ms, so that a row says `running` before it says `completed`. */
interface Tasks {
  run(): Promise<string>
  /** Unix ms of the stamp on its end. */
  endOf(taskId: string): Promise<number>
}

function realTasks(ready: Ready): Tasks & { show(taskId: string): Promise<object> } {
  const body = { type: 'command', payload: { command: ['sleep', '0.05'] } }
  const show = (taskId: string) =>
    call(ready, `/api/tasks/${taskId}`) as Promise<{ readonly completedAt: number }>
  return {
    run: async () => ((await call(ready, '/api/tasks', body)) as { readonly taskId: string }).taskId,
    endOf: async (taskId) => (await show(taskId)).completedAt,
    show,
  }
}

function bareTasks(bare: Child): Tasks {
  const ends = new Map<string, number>()
  return {
    run: async () => {
      const { taskId, completedAt } = await bare.ask<{ taskId: string; completedAt: number }>({
        do: 'finish',
      })
      ends.set(taskId, completedAt)
      return taskId
    },
    endOf: async (taskId) => ends.get(taskId) ?? Number.NaN,
  }
}

async function openWall(browser: Browser, origin: string, token: string): Promise<Wall> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  const seen = new Map<string, number>()
  const waiting = new Map<string, (atMs: number) => void>()
  await page.exposeFunction('rowPainted', (taskId: string, atMs: number) => {
    seen.set(taskId, atMs)
    waiting.get(taskId)?.(atMs)
  })
  await page.addInitScript(
    `sessionStorage.setItem('agentflow.session', ${JSON.stringify(JSON.stringify({ token, expiresAt: null }))})`,
  )
  await page.addInitScript(watchRows)
  await page.goto(`${origin}/tasks`)
  await page.locator('[data-testid=connection][data-state=live]').waitFor()
  return {
    page,
    painted: (taskId) =>
      new Promise((resolve, reject) => {
        const atMs = seen.get(taskId)
        if (atMs !== undefined) return resolve(atMs)
        const limit = setTimeout(() => reject(new Error(`${taskId} was not painted`)), 10_000)
        waiting.set(taskId, (at) => {
          clearTimeout(limit)
          resolve(at)
        })
      }),
  }
}

/** Runs in the page: reports each row that turns `completed`, at the second frame after the change. */
const watchRows = `
  const told = new Set()
  const look = (row) => {
    const id = row.dataset?.testid
    if (!id?.startsWith('task-') || row.dataset.status !== 'completed' || told.has(id)) return
    told.add(id)
    requestAnimationFrame(() => requestAnimationFrame(() =>
      rowPainted(id.slice('task-'.length), performance.timeOrigin + performance.now())))
  }
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      if (target instanceof Element) look(target)
      for (const node of addedNodes)
        if (node instanceof Element) for (const row of [node, ...node.querySelectorAll('[data-testid^=task-]')]) look(row)
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-status'] })
`
