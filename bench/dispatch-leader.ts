import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CronerCalendar } from '../src/adapters/calendar/croner-calendar.js'
import { systemClock } from '../src/adapters/clock/system-clock.js'
import { CelConditions } from '../src/adapters/conditions/cel-conditions.js'
import { nodeRandom } from '../src/adapters/random/node-random.js'
import { openSqliteStore } from '../src/adapters/store-sqlite/open-store.js'
import { utf8Text } from '../src/adapters/text/utf8-text.js'
import { createLeader } from '../src/leader/leader.js'
import type { Group, Journal } from '../src/ports/store.js'
import { createGrpcServer } from '../src/rpc/grpc-server.js'
import { MemoryCrashNotes } from '../src/testing/memory-crash-notes.js'
import { silentLog } from '../src/testing/silent-log.js'
import { nowMs } from './clock.js'
import type { Commit, DispatchServer } from './dispatch.js'

/** The leader's own parts without HTTP, with a watch on the journal: when was each event's commit done, how long did it take. */
const joinKey = 'afj_bench'
const token = 'afp_bench'
let commits: Commit[] = []

function watched(journal: Journal): Journal {
  const note = (group: Group, startedAtMs: number): void => {
    const doneAtMs = nowMs()
    const { firstSeq, events } = group
    commits.push({ firstSeq, endSeq: firstSeq + events.length, doneAtMs, tookMs: doneAtMs - startedAtMs })
  }
  return new Proxy(journal, {
    get: (target, name) => {
      const value = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      if (name !== 'append') return value.bind(target)
      return async (group: Group) => {
        const startedAtMs = nowMs()
        const outcome = await target.append(group)
        note(group, startedAtMs)
        return outcome
      }
    },
  })
}

async function start(): Promise<DispatchServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'agentflow-dispatch-'))
  const store = await openSqliteStore({ dataDir, log: silentLog })
  const leader = await createLeader({
    leaderId: 'leader-1',
    version: 'bench',
    journal: watched(store.journal),
    views: store.views,
    streams: store.streams,
    workBodies: store.workBodies,
    clock: systemClock,
    calendar: new CronerCalendar(),
    conditions: new CelConditions(),
    random: nodeRandom,
    text: utf8Text,
    log: silentLog,
    crashNotes: new MemoryCrashNotes(),
    grpcAddress: () => '',
    joinFile: '/join.json',
    ask: () => undefined,
    onFatal: (reason) => {
      throw new Error(reason)
    },
  })
  await leader.logins.ensureAdmin(token)
  const grpc = createGrpcServer({
    gateway: leader.gateway,
    plane: leader.plane,
    authenticateNode: (key) => key === joinKey,
    tls: null,
    log: silentLog,
  })
  const port = await grpc.listen('127.0.0.1', 0)
  return { address: `127.0.0.1:${port}`, joinKey, token, dataDir }
}

const started = start()
process.on('message', async (message: { readonly do: 'start' | 'commits' }) => {
  const server = await started
  if (message.do === 'start') return process.send?.(server)
  const taken = commits
  commits = []
  return process.send?.(taken)
})
