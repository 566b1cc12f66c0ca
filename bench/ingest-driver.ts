import { setImmediate as nextTick, setTimeout as wait } from 'node:timers/promises'
import type { TaskPage } from '../src/contract/task.js'
import type { Worker } from '../src/contract/worker.js'
import { type DriverRequest, type IngestServer, streams, updatesPerMessage } from './ingest.js'
import { IngestNode } from './ingest-node.js'
import { IngestWall } from './ingest-wall.js'

/** A hundred masters in one process, and one wall of the leader that hears everything. */
let nodes: readonly IngestNode[] = []
let server: IngestServer | null = null
let wall: IngestWall | null = null
let malformed: { readonly node: IngestNode; readonly messages: number } | null = null
let rounds = 0

type Http = NonNullable<IngestServer['http']>

async function join(at: IngestServer): Promise<void> {
  server = at
  nodes = Array.from({ length: streams }, (_, n) => new IngestNode(at, `master-${n + 1}`))
  await Promise.all(nodes.map((node) => node.join()))
  if (at.http === null) {
    for (const node of nodes) node.inventTasks()
    return
  }
  for (const node of nodes) node.expectAcks()
  wall = new IngestWall(at.http)
  await wall.connected()
  await submitAll(at.http)
  await Promise.all(nodes.map((node) => node.hasTasks()))
}

/** One task for every slot of every node. */
async function submitAll(http: Http): Promise<void> {
  let left = streams * updatesPerMessage
  const submit = async () => {
    while (left > 0) {
      left -= 1
      await call(http, '/api/tasks', { type: 'command', payload: { command: ['true'] } })
    }
  }
  await Promise.all(Array.from({ length: 20 }, submit))
}

async function encode(request: Extract<DriverRequest, { do: 'encode' }>): Promise<void> {
  const { kind, messages, seed } = request
  for (const node of nodes) {
    node.encode(kind, messages, null)
    // Connections must be answered for meanwhile, or their keepalive gives them up.
    await nextTick()
  }
  if (server === null || server.http === null) return
  rounds += 1
  const node = new IngestNode(server, `malformed-${rounds}`)
  await node.join()
  // A place that follows from the seed alone.
  node.encode('samples', messages, (Math.imul(seed + 1, 0x9e3779b1) >>> 0) % messages)
  malformed = { node, messages }
}

async function send(): Promise<void> {
  const reported = malformed?.node.sendMalformed()
  await Promise.all(nodes.map((node) => node.send()))
  if (reported === undefined) return
  const { status, code } = await reported
  malformed?.node.close()
  if (status !== '3' || code !== 'invalid_request') {
    throw new Error(`a malformed update was ended with ${status} ${code}`)
  }
}

/** Every last value has reached the wall, and stands in what the leader answers. */
async function verify(): Promise<void> {
  const http = server?.http ?? null
  if (http === null) return
  const measured = nodes.filter(({ last }) => last.metricsAtMs > 0)
  const metricsAtMs = new Map(measured.map(({ nodeId, last }) => [nodeId, last.metricsAtMs]))
  const wanted = new Map(nodes.flatMap((node) => [...node.last.phases]))
  await wall?.shows({ metricsAtMs, phases: wanted })
  const { workers } = await call<{ readonly workers: readonly Worker[] }>(http, '/api/workers')
  for (const [nodeId, atMs] of metricsAtMs) {
    const at = workers.find(({ workerId }) => workerId === nodeId)?.metrics?.at
    if (at !== atMs) throw new Error(`${nodeId} has metrics of ${at}, the last were of ${atMs}`)
  }
  if (wanted.size === 0) return
  for (let cursor = ''; ; ) {
    const page = await call<TaskPage>(http, `/api/tasks?limit=500${cursor}`)
    for (const { taskId, phase } of page.tasks) {
      if (wanted.get(taskId) !== phase) throw new Error(`${taskId} is ${phase}, not ${wanted.get(taskId)}`)
      wanted.delete(taskId)
    }
    if (page.nextCursor === null) break
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`
  }
  if (wanted.size > 0) throw new Error(`${wanted.size} tasks are not listed`)
}

async function call<T>(http: Http, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${http.api}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${http.token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as T
}

async function handle(request: DriverRequest): Promise<void> {
  switch (request.do) {
    case 'join':
      return join(request.server)
    case 'encode':
      return encode(request)
    case 'send':
      return Promise.race([send(), late()])
    case 'verify':
      return Promise.race([verify(), late()])
  }
}

async function late(): Promise<never> {
  await wait(60_000, undefined, { ref: false })
  throw new Error('a round was not answered for, or not shown, within 60 s')
}

process.on('message', (request: DriverRequest) => {
  handle(request).then(
    () => process.send?.({ error: null }),
    (thrown: unknown) => process.send?.({ error: String(thrown) }),
  )
})
