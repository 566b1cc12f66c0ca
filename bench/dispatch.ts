import { rmSync } from 'node:fs'
import { createClient } from '@connectrpc/connect'
import { createGrpcTransport } from '@connectrpc/connect-node'
import { ControlService } from '../src/gen/agentflow/v1/control_pb.js'
import { type Child, startChild } from './child.js'
import { alternate, type Bench, type Measurement, percentile, roundsOf, rowOf } from './harness.js'

const tasksPerRound = 200
const echoesPerRound = 500

export interface DispatchServer {
  readonly address: string
  readonly joinKey: string
  readonly token: string
  readonly dataDir: string
}

/** One append of the journal: events [firstSeq, endSeq). */
export interface Commit {
  readonly firstSeq: number
  readonly endSeq: number
  readonly doneAtMs: number
  readonly tookMs: number
}

/** When the master's command handler had the run with this fence. */
export interface Held {
  readonly fence: number
  readonly atMs: number
}

export type MasterRequest =
  | { readonly do: 'join'; readonly server: DispatchServer }
  | { readonly do: 'next' }
  | { readonly do: 'echo'; readonly address: string; readonly count: number }

interface Round {
  readonly heldMs: readonly number[]
  readonly commitMs: readonly number[]
}

/**
 * From the end of the commit that assigned a task to the master's handler, in another process, beside a round trip of
 * bare grpc-js between two processes; one task in flight, submitted by a third process through ControlService. A fence is the seq of its
 * assignment, so the journal's watch tells when that was durable. The commit is a row of its own.
 */
export const bench: Bench = async (options) => {
  const leader = startChild('dispatch-leader.js')
  const echo = startChild('dispatch-echo.js')
  const master = startChild('dispatch-master.js')
  const server = await leader.ask<DispatchServer>({ do: 'start' })
  try {
    await master.ask({ do: 'join', server } satisfies MasterRequest)
    const { address } = await echo.ask<{ address: string }>({})
    const submit = submitter(server)
    const rounds: Round[] = []
    const echoes: (readonly number[])[] = []
    const ours = async () => {
      const round = await dispatch(leader, master, submit, options.quick ? 50 : tasksPerRound)
      rounds.push(round)
      return percentile(round.heldMs, 0.5)
    }
    const reference = async () => {
      const count = options.quick ? 100 : echoesPerRound
      const taken = await master.ask<number[]>({ do: 'echo', address, count } satisfies MasterRequest)
      echoes.push(taken)
      return percentile(taken, 0.5)
    }
    // Both warm.
    await ours()
    await reference()
    rounds.length = 0
    echoes.length = 0
    const measured = await alternate(roundsOf(options), { ours, reference })
    return rowsOf(measured, rounds, echoes)
  } finally {
    for (const child of [master, echo, leader]) child.end()
    rmSync(server.dataDir, { recursive: true, force: true })
  }
}

function rowsOf(
  measured: readonly Measurement[],
  rounds: readonly Round[],
  echoes: readonly (readonly number[])[],
) {
  const note = `${tasksPerRound} tasks a round, 1 in flight`
  const held = {
    better: 'lower',
    fsync: 'none',
    note: `${note}; commit done → master's handler ÷ grpc-js echo`,
  } as const
  const p99 = rounds.map((round, index) => ({
    ours: percentile(round.heldMs, 0.99),
    reference: percentile(echoes[index] ?? [], 0.99),
  }))
  const commits = rounds.map((round) => ({ ours: percentile(round.commitMs, 0.5), reference: null }))
  return [
    rowOf({ ...held, name: 'dispatch.held', unit: 'ms p50', bar: 3 }, measured),
    rowOf({ ...held, name: 'dispatch.held.p99', unit: 'ms p99', bar: null }, p99),
    rowOf(
      {
        ...{ name: 'dispatch.commit', unit: 'ms p50', better: 'lower', bar: null, fsync: 'each-commit' },
        note: `${note}; append of the group, its fsync included`,
      },
      commits,
    ),
  ]
}

type Submit = () => Promise<unknown>

function submitter(server: DispatchServer): Submit {
  const client = createClient(ControlService, createGrpcTransport({ baseUrl: `http://${server.address}` }))
  const request = { type: 'command', payloadJson: '{"command":["true"]}' }
  const headers = { authorization: `Bearer ${server.token}` }
  return () => client.submitTask(request, { headers })
}

async function dispatch(leader: Child, master: Child, submit: Submit, tasks: number): Promise<Round> {
  await leader.ask({ do: 'commits' })
  const held: Held[] = []
  while (held.length < tasks) {
    // One in flight: the next submit follows the ack of the end.
    const over = master.ask<Held>({ do: 'next' } satisfies MasterRequest)
    await submit()
    held.push(await over)
  }
  const commits = await leader.ask<Commit[]>({ do: 'commits' })
  const heldMs = held.map(({ fence, atMs }) => {
    const commit = commits.find(({ firstSeq, endSeq }) => firstSeq <= fence && fence < endSeq)
    if (commit === undefined) throw new Error(`fence ${fence} was handed over before its commit`)
    return atMs - commit.doneAtMs
  })
  return { heldMs, commitMs: commits.map((commit) => commit.tookMs) }
}
