import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Batch, type BatchItem, type Client, createClient, type Task } from '../../src/client/index.js'
import { limits } from '../../src/core/limits.js'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'

let fleet: Fleet
let client: Client
let leaderPid: number
beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '1'])
  leaderPid = fleet.ready.pids.leader ?? 0
  client = createClient({ url: fleet.ready.api, token: fleet.ready.token })
})
afterAll(async () => {
  await fleet.stop()
})

async function killLeader(): Promise<void> {
  const killed = leaderPid
  process.kill(killed, 'SIGKILL')
  leaderPid = await fleet.successor('leader', killed)
}

/** Of a type that no master knows, so that it waits. */
const waiting = (project: string, place: number): BatchItem => ({
  type: 'nobody-has-it',
  project,
  name: `${project} ${place}`,
  payload: { place },
})
const many = (project: string, count: number): BatchItem[] =>
  Array.from({ length: count }, (_, place) => waiting(project, place))

async function tasksOf(project: string): Promise<Task[]> {
  const tasks: Task[] = []
  let cursor: string | undefined
  do {
    const page = await client.tasks({ project, limit: limits.pageMax, cursor })
    tasks.push(...page.tasks)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return tasks
}

/** The leader may be between two lives. */
async function untilOver(batchId: string): Promise<Batch> {
  return poll('the batch is over', async () => {
    const batch = await client.batch(batchId, { waitMs: 1_000 }).catch(() => null)
    return batch !== null && batch.state !== 'running' ? batch : null
  })
}

describe('batches', () => {
  it('[WI2] takes 1,000 items at once or not at all, and the same key again is the same answer', async () => {
    const items = many('atomic', limits.batchAtomicItemsMax)
    const [first, second] = [items[0], items[1]]
    if (first === undefined || second === undefined) throw new Error('no items')
    const bad = { ...first, requirements: { workerId: 'nobody' } }
    await expect(client.submitBatch({ atomic: true, items: [second, bad] })).rejects.toMatchObject({
      code: 'unprocessable',
      details: { index: 1 },
    })
    expect((await client.tasks({ project: 'atomic' })).total).toBe(0)
    const { batch, isNew } = await client.submitBatch({ atomic: true, items }, { idempotencyKey: 'all' })
    expect([isNew, batch.items?.length, batch.created]).toEqual([true, items.length, items.length])
    const again = await client.submitBatch({ atomic: true, items }, { idempotencyKey: 'all' })
    expect(again).toEqual({ batch, isNew: false })
    expect((await client.tasks({ project: 'atomic' })).total).toBe(items.length)
    expect((await client.task(batch.items?.[7]?.taskId ?? '')).name).toBe('atomic 7')
  })

  it('[WI15] makes one task of equal items', async () => {
    const items = [waiting('merged', 1), waiting('merged', 2), waiting('merged', 1)]
    const { batch } = await client.submitBatch({ atomic: true, merge: true, items })
    expect(batch).toMatchObject({ created: 2, existing: 1 })
    expect(batch.items?.[2]).toMatchObject({ taskId: batch.items?.[0]?.taskId, created: false })
    expect((await client.tasks({ project: 'merged' })).total).toBe(2)
  })

  it('[WI3] makes 10,000 items, none lost and none twice, over kills of the leader', async () => {
    const items = many('stored', limits.batchItemsMax)
    items[17] = { ...waiting('stored', 17), requirements: { workerId: 'nobody' } }
    const { batch } = await client.submitBatch({ items })
    expect(batch).toMatchObject({ state: 'running', total: items.length })
    let seen = 0
    for (let kill = 0; kill < 3; kill += 1) {
      seen = await poll('it goes on', async () => {
        const now = await client.batch(batch.batchId).catch(() => null)
        return now !== null && (now.seen > seen || now.state !== 'running') ? now.seen : null
      })
      await killLeader()
    }
    const done = await untilOver(batch.batchId)
    expect(done).toMatchObject({
      state: 'done',
      seen: items.length,
      created: items.length - 1,
      failedCount: 1,
      failed: [{ index: 17, error: { code: 'unprocessable' } }],
    })
    const names = (await tasksOf('stored')).map((task) => task.name)
    const wanted = items.flatMap((item, place) => (place === 17 ? [] : (item.name ?? '')))
    expect(names.reverse()).toEqual(wanted)
  })
})

describe('acts by filter', () => {
  it('[WI7] cancels thousands over a kill of the leader, each with its receipt, and nothing else', async () => {
    const before = await client.act(
      { action: 'cancel', filter: { project: 'stored' }, dryRun: true },
      { waitMs: 30_000 },
    )
    expect(before).toMatchObject({ state: 'done', dryRun: true, matched: limits.batchItemsMax - 1 })
    expect((await client.tasks({ project: 'stored', status: 'pending' })).total).toBe(before.matched)
    const work = await client.act({ action: 'cancel', filter: { project: 'stored', status: 'pending' } })
    await killLeader()
    const done = await poll('the acts are over', async () => {
      const now = await client.work(work.workId, { waitMs: 1_000 }).catch(() => null)
      return now !== null && now.state !== 'running' ? now : null
    })
    expect(done).toMatchObject({ state: 'done', matched: before.matched, done: before.matched, refused: 0 })
    expect((await client.tasks({ project: 'stored', status: 'cancelled' })).total).toBe(before.matched)
    expect((await client.tasks({ project: 'atomic', status: 'pending' })).total).toBe(
      limits.batchAtomicItemsMax,
    )
    const [one] = (await client.tasks({ project: 'stored', limit: 1 })).tasks
    expect(await client.receipts(one?.taskId ?? '')).toMatchObject([{ action: 'cancel', state: 'stopped' }])
  })
})

describe('items as lines', () => {
  const rssOf = (pid: number): number =>
    Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

  /** Sends broken lines, which leave nothing behind in the leader, as fast as it takes them; reads nothing. */
  it('[WI12] a reader that reads nothing stops the sender, and the leader holds next to nothing for it', async () => {
    const open = async () => {
      const sending = request(`${fleet.ready.api}/api/batches`, {
        method: 'POST',
        headers: { authorization: `Bearer ${fleet.ready.token}`, 'content-type': 'application/x-ndjson' },
      })
      sending.on('error', () => undefined)
      const response = new Promise<import('node:http').IncomingMessage>((resolve) =>
        sending.once('response', resolve),
      )
      sending.flushHeaders()
      return { outgoing: sending, incoming: await response }
    }
    const heldBytesMax = 32 * 1024 * 1024
    const line = Buffer.from(`{"type":"${'x'.repeat(60)}"}\n`.repeat(500))
    /** Sends until the leader takes no more, then reads until all is answered; what the leader held meanwhile. */
    const round = async (): Promise<{ readonly written: number; readonly heldBytes: number }> => {
      const { outgoing, incoming } = await open()
      incoming.pause()
      let written = 0
      const writeUntilBlocked = async (): Promise<void> => {
        // Beyond what the sockets between them hold.
        while (written < 1_000_000) {
          written += 500
          if (outgoing.write(line)) continue
          // That nothing moves any more has no event of its own.
          const isTaken = await Promise.race([
            new Promise<true>((resolve) => outgoing.once('drain', () => resolve(true))),
            new Promise<false>((resolve) => setTimeout(() => resolve(false), 1_000)),
          ])
          if (!isTaken) return
        }
      }
      await writeUntilBlocked()
      const heldBytes = rssOf(leaderPid)
      let answered = 0
      incoming.on('data', (chunk: Buffer) => {
        for (const byte of chunk) if (byte === 0x0a) answered += 1
      })
      outgoing.end()
      incoming.resume()
      await new Promise((resolve) => incoming.once('end', resolve))
      expect(answered).toBe(written)
      return { written, heldBytes }
    }
    // What the collector has not taken yet is not held, and a heap that has just begun still grows: the least of some rounds.
    const roundsMax = 6
    let leastBytes = Number.POSITIVE_INFINITY
    for (let n = 0; n < roundsMax && leastBytes >= heldBytesMax; n += 1) {
      const before = rssOf(leaderPid)
      const { written, heldBytes } = await round()
      expect(written).toBeLessThan(1_000_000)
      leastBytes = Math.min(leastBytes, heldBytes - before)
    }
    expect(leastBytes).toBeLessThan(heldBytesMax)
  })

  it('[WI11] [WI9] from the command line: lines with one that is broken, a dry run, and the act', async () => {
    const lines = `${many('cli', 3)
      .map((item) => JSON.stringify(item))
      .join('\n')}\noops\n`
    const submitted = await fleet.cli(['batch', 'submit', '-'], lines)
    expect([submitted.code, submitted.stderr]).toEqual([
      1,
      expect.stringContaining('3 tasks made, 1 refused'),
    ])
    expect(submitted.stderr).toContain('line 4: the line is not valid JSON')
    const dry = await fleet.cli(['task', 'cancel', '--project', 'cli', '--dry-run'])
    expect([dry.code, dry.stdout]).toEqual([0, '3 tasks match: 3 would be cancelled\n'])
    const acted = await fleet.cli(['task', 'cancel', '--project', 'cli', '--yes', '--json'])
    expect(JSON.parse(acted.stdout)).toMatchObject({ state: 'done', matched: 3, done: 3 })
    const neither = await fleet.cli(['task', 'cancel', '--json'])
    expect([neither.code, neither.stderr]).toEqual([2, expect.stringContaining('invalid_configuration')])
    const listed = JSON.parse((await fleet.cli(['batch', 'list', '--json'])).stdout) as { work: unknown[] }
    expect(listed.work[0]).toMatchObject({ kind: 'acts', action: 'cancel', dryRun: false, done: 3 })
  })

  it('[WI11] submits, and tells each as it is committed', async () => {
    const results: string[] = []
    for await (const result of client.submitLines(many('lines', 2_000))) {
      results.push('taskId' in result ? 'task' : result.error.code)
    }
    expect(results).toHaveLength(2_000)
    expect(new Set(results)).toEqual(new Set(['task']))
    expect((await client.tasks({ project: 'lines' })).total).toBe(2_000)
  })
})
