import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { ReplayEvents, ReplayRange } from '../src/contract/replay.js'
import { startChild } from './child.js'
import { call, type ProbedLeader, startProbedLeader } from './cluster.js'
import { type Bench, type Measurement, percentile, type Row, rowOf } from './harness.js'
import type { Filled, FillRequest } from './recovery-fill.js'

/** About four events a task. */
const full = { tasks: 25_000, open: 1_000, tailEvents: 2_000, seeks: 40, rounds: 7 }
const quick = { tasks: 2_000, open: 100, tailEvents: 200, seeks: 5, rounds: 1 }

/** A leader's round of tidying may move the beginning of what is kept while the wall is on its way. */
const settleMs = 1_000

interface Seeks {
  readonly wallMs: readonly number[]
  readonly leaderMs: readonly number[]
  readonly loopMaxMs: number
}

/**
 * Seeks to random instants of a log of 100,000 events: of the wall from the change of the address to the second frame
 * after the bar said that it is shown, and of the leader alone from the request to the last byte. The log's keyframes are
 * 20,000 events apart, twice as far as a leader's own.
 */
export const bench: Bench = async (options) => {
  const size = options.quick ? quick : full
  const folder = mkdtempSync(join(tmpdir(), 'agentflow-replay-'))
  const dataDir = join(folder, 'data')
  const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
  let browser: Browser | null = null
  let leader: ProbedLeader | null = null
  try {
    const { tasks, open, tailEvents } = size
    const { lastSeq } = await fill({ dataDir, tasks, open, tailEvents })
    leader = await startProbedLeader(dataDir)
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
    const page = await openWall(browser, leader)
    const firstMs = await seek(page, await someInstant(leader, lastSeq))
    const rounds: Seeks[] = []
    for (let round = 0; round < size.rounds; round += 1)
      rounds.push(await measure({ leader, page, lastSeq }, size.seeks))
    return rowsOf({ rounds, firstMs, lastSeq })
  } finally {
    await browser?.close()
    await leader?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function fill(request: FillRequest): Promise<Filled> {
  const filler = startChild('recovery-fill.js')
  try {
    return await filler.ask<Filled>(request)
  } finally {
    filler.end()
  }
}

async function openWall(browser: Browser, leader: ProbedLeader): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1366, height: 768 } })
  await page.goto(`${leader.ready.api}/tasks`)
  await page.locator('input[name=token]').fill(leader.ready.token)
  await page.locator('button[type=submit]').click()
  await page.locator('[data-testid=connection][data-state=live]').waitFor()
  return page
}

async function measure(
  {
    leader,
    page,
    lastSeq,
  }: {
    readonly leader: ProbedLeader
    readonly page: Page
    readonly lastSeq: number
  },
  seeks: number,
): Promise<Seeks> {
  const wallMs: number[] = []
  const leaderMs: number[] = []
  await leader.loopDelay()
  let shownMs = Number(await page.getByTestId('replay').getAttribute('data-at'))
  while (wallMs.length < seeks) {
    const atMs = await someInstant(leader, lastSeq)
    // Many events share an instant; where the wall stands already there is nothing to wait for.
    if (atMs === shownMs || atMs < (await keptFromMs(leader))) continue
    shownMs = atMs
    wallMs.push(await seek(page, atMs))
    leaderMs.push(await read(leader, atMs))
  }
  return { wallMs, leaderMs, loopMaxMs: (await leader.loopDelay()).maxMs }
}

/** When an event somewhere in the log happened: its events are not spread evenly over the time. */
async function someInstant({ ready }: ProbedLeader, lastSeq: number): Promise<number> {
  const afterSeq = Math.floor(Math.random() * (lastSeq - 500))
  const page = (await call(ready, `/api/replay/events?afterSeq=${afterSeq}&limit=1`)) as ReplayEvents
  const [event] = page.events as readonly { readonly atMs: number }[]
  if (event === undefined) throw new Error(`nothing follows event ${afterSeq}`)
  return event.atMs
}

/** The log's first event bears the time of a clock that stands still, so that a leader drops it within a minute. */
async function keptFromMs({ ready }: ProbedLeader): Promise<number> {
  const { fromMs } = (await call(ready, '/api/replay/range')) as ReplayRange
  return (fromMs ?? Number.POSITIVE_INFINITY) + settleMs
}

async function read({ ready }: ProbedLeader, atMs: number): Promise<number> {
  const startedAt = performance.now()
  const answer = await fetch(`${ready.api}/api/replay?at=${atMs}`, {
    headers: { authorization: `Bearer ${ready.token}` },
  })
  await answer.arrayBuffer()
  return performance.now() - startedAt
}

/** As a link or the Back button does it. */
const seek = (page: Page, atMs: number): Promise<number> =>
  page.evaluate(
    `new Promise((resolve) => {
      const startedAt = performance.now()
      const isShown = () => document.querySelector('[data-testid=replay][data-phase=shown][data-at="${atMs}"]') !== null
      const painted = () => requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - startedAt)))
      const observer = new MutationObserver(() => {
        if (!isShown()) return
        observer.disconnect()
        painted()
      })
      observer.observe(document.body, { subtree: true, childList: true, attributes: true })
      history.pushState(null, '', '/tasks?at=${atMs}')
      dispatchEvent(new PopStateEvent('popstate'))
    })`,
  )

function rowsOf(measured: {
  readonly rounds: readonly Seeks[]
  readonly firstMs: number
  readonly lastSeq: number
}): readonly Row[] {
  const { rounds, firstMs, lastSeq } = measured
  const base = { better: 'lower', fsync: 'none', unit: 'ms' } as const
  const each = (value: (seeks: Seeks) => number): readonly Measurement[] =>
    rounds.map((seeks) => ({ ours: value(seeks), reference: null }))
  const log = `random instants of a log of ${lastSeq} events, keyframes 20,000 apart`
  const painted = `${log}: address changed → second frame after the wall showed it`
  const answered = `${log}: GET /api/replay → last byte`
  return [
    rowOf(
      { ...base, name: 'replay.seek.p99', bar: 500, note: painted },
      each(({ wallMs }) => percentile(wallMs, 0.99)),
    ),
    rowOf(
      { ...base, name: 'replay.seek.p50', bar: null, note: painted },
      each(({ wallMs }) => percentile(wallMs, 0.5)),
    ),
    rowOf(
      {
        ...base,
        name: 'replay.seek.first',
        bar: null,
        note: `the first one of a page and a leader: ${painted}`,
      },
      [{ ours: firstMs, reference: null }],
    ),
    rowOf(
      { ...base, name: 'replay.leader.p99', bar: null, note: answered },
      each(({ leaderMs }) => percentile(leaderMs, 0.99)),
    ),
    rowOf(
      { ...base, name: 'replay.leader.p50', bar: null, note: answered },
      each(({ leaderMs }) => percentile(leaderMs, 0.5)),
    ),
    rowOf(
      { ...base, name: 'replay.loop.max', bar: null, note: 'event loop of the leader meanwhile' },
      each(({ loopMaxMs }) => loopMaxMs),
    ),
  ]
}
