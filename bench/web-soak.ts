import type { Browser, Page } from 'playwright-core'
import { call, type Ready, startCluster } from './cluster.js'
import { type Row, rounded, rowOf } from './harness.js'
import { type Heap, openHeap } from './web-heap.js'
import { fullHd, openWall } from './web-wall.js'

/** A wall of an ordinary day sees a task a second; here it sees twenty, each with ten lines. */
const tasksPerS = 20
const quickMinutes = 2
/** The page is told that its session ends so soon that it renews it in the first minutes; the leader's lasts longer. */
const sessionMs = 90_000
const samples = 40
const barPercent = 5

/**
 * A wall that stays open over the real program while tasks run at twenty times an ordinary rate: its leader is killed
 * and comes back, its session is renewed, and its heap, with garbage collected, is looked at again and again.
 */
export async function soakRows(
  browser: Browser,
  { quick, soakMinutes }: { readonly quick: boolean; readonly soakMinutes: number | null },
): Promise<Row[]> {
  const minutes = soakMinutes ?? (quick ? quickMinutes : null)
  if (minutes === null) return []
  const cluster = await startCluster({ masters: 2 })
  try {
    const { ready } = cluster
    const code = new URL(ready.url).hash.replace('#login=', '')
    const { token } = (await call(ready, '/api/login', { code })) as { readonly token: string }
    const page = await openWall(browser, {
      ...{ origin: ready.api, path: '/overview?wall=1', size: fullHd, token },
      expiresAt: Date.now() + sessionMs,
    })
    await page.evaluate('window.soak = 1')
    const load = startLoad(ready)
    const renewed = countRenewals(page)
    try {
      const heaps = await watch(page, await openHeap(page), minutes * 60_000, () =>
        process.kill(ready.pids.leader ?? 0, 'SIGKILL'),
      )
      if ((await page.evaluate('window.soak')) !== 1) throw new Error('the page was loaded anew')
      if (renewed() === 0) throw new Error('the session was not renewed')
      return [
        heapRow(
          heaps,
          `${minutes} min, ${load.done()} tasks taken, leader killed once, session renewed ${renewed()} times, no reload`,
        ),
      ]
    } finally {
      load.stop()
      await page.close()
    }
  } finally {
    await cluster.stop()
  }
}

function heapRow(heaps: readonly HeapSample[], what: string): Row {
  const settled = heaps.slice(Math.floor(heaps.length / 2))
  const { start, growth } = lineThrough(settled)
  const note = `${what}; least squares over the second half of ${heaps.length} heaps after a collection, of the page and its worker: ${rounded(start / 2 ** 20)} MiB at its start`
  const ours = (growth / start) * 100
  const description = { name: 'web.soak.heap', unit: '% growth', better: 'lower', bar: barPercent } as const
  return rowOf({ ...description, fsync: 'each-commit', note }, [{ ours, reference: null }])
}

interface HeapSample {
  readonly atMs: number
  readonly bytes: number
}

/** Heaps at equal times; `kill` at a third of the time, after which the wall must be live again by itself. */
async function watch(page: Page, heap: Heap, forMs: number, kill: () => void): Promise<HeapSample[]> {
  const heaps: HeapSample[] = []
  const startMs = performance.now()
  for (let n = 1; n <= samples; n += 1) {
    await page.waitForTimeout(Math.max(0, startMs + (n * forMs) / samples - performance.now()))
    if (n === Math.ceil(samples / 3)) {
      kill()
      await page.locator('[data-testid=connection]:not([data-state=live])').waitFor()
      await page.locator('[data-testid=connection][data-state=live]').waitFor()
    }
    heaps.push({ atMs: performance.now() - startMs, bytes: await heap.bytes() })
  }
  return heaps
}

/** The line of least squares: its value at the first sample, and how much it rises until the last. */
export function lineThrough(heaps: readonly HeapSample[]): {
  readonly start: number
  readonly growth: number
} {
  const count = heaps.length
  const [meanAt, meanBytes] = [
    heaps.reduce((sum, { atMs }) => sum + atMs, 0) / count,
    heaps.reduce((sum, { bytes }) => sum + bytes, 0) / count,
  ]
  const spread = heaps.reduce((sum, { atMs }) => sum + (atMs - meanAt) ** 2, 0)
  const slope =
    heaps.reduce((sum, { atMs, bytes }) => sum + (atMs - meanAt) * (bytes - meanBytes), 0) / spread
  const [first, last] = [heaps[0]?.atMs ?? 0, heaps.at(-1)?.atMs ?? 0]
  return { start: meanBytes + slope * (first - meanAt), growth: slope * (last - first) }
}

function countRenewals(page: Page): () => number {
  let renewals = 0
  page.on('response', (response) => {
    if (response.ok() && response.url().endsWith('/api/login/renew')) renewals += 1
  })
  return () => renewals
}

/** Tasks at the rate, whatever comes of them: while the leader is away they are refused, as anybody's are. */
function startLoad(ready: Ready): { readonly stop: () => void; readonly done: () => number } {
  let taken = 0
  const body = {
    type: 'command',
    payload: { command: ['sh', '-c', 'for n in 1 2 3 4 5 6 7 8 9 10; do echo line $n; done'] },
  }
  const timer = setInterval(() => {
    call(ready, '/api/tasks', body).then(
      () => {
        taken += 1
      },
      () => {},
    )
  }, 1_000 / tasksPerS)
  return { stop: () => clearInterval(timer), done: () => taken }
}
