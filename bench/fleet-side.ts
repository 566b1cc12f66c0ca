import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { type Child, startChild } from './child.js'
import { type ProbedLeader, startProbedLeader } from './cluster.js'
import type { MastersAnswer, MastersRequest } from './fleet-masters.js'
import type { PaceRequest } from './fleet-submitter.js'
import { cpuMs } from './machine.js'

/** Streams in one process. */
const mastersPerProcess = 250
const settleMs = 1_000

/** A leader with its masters, and a process that submits. */
export class FleetSide {
  readonly leader: ProbedLeader
  readonly #submitter: Child
  readonly #masters: readonly Child[]

  static async start(masters: number, submitter: Child): Promise<FleetSide> {
    const leader = await startProbedLeader()
    const { key } = JSON.parse(readFileSync(leader.ready.joinFile, 'utf8')) as { readonly key: string }
    const children: Child[] = []
    const side = new FleetSide(leader, submitter, children)
    for (let from = 0; from < masters; from += mastersPerProcess) {
      const child = startChild('fleet-masters.js')
      children.push(child)
      const address = { grpc: leader.ready.grpc, joinKey: key }
      const count = Math.min(mastersPerProcess, masters - from)
      const join: MastersRequest = { do: 'join', leader: address, from, count }
      await child.ask(join)
    }
    return side
  }

  private constructor(leader: ProbedLeader, submitter: Child, masters: readonly Child[]) {
    this.leader = leader
    this.#submitter = submitter
    this.#masters = masters
  }

  beat(): Promise<number> {
    return this.#ask('beat')
  }

  rest(): Promise<number> {
    return this.#ask('rest')
  }

  /** CPU of the leader in ms per second, meters and pings alone. */
  async quietCpu(forMs: number): Promise<number> {
    const before = { cpu: cpuMs(this.leader.ready.pid), at: performance.now() }
    await wait(forMs)
    return ((cpuMs(this.leader.ready.pid) - before.cpu) * 1_000) / (performance.now() - before.at)
  }

  /** Submits at this pace, until all of it has ended. */
  async load(
    tasksPerS: number,
    forMs: number,
  ): Promise<{ readonly tasks: number; readonly cpuMsPerS: number; readonly s: number }> {
    const { grpc, token, pid } = this.leader.ready
    const before = { ended: await this.#ask('ended'), cpu: cpuMs(pid), at: performance.now() }
    const pace: PaceRequest = { leader: grpc, token, tasksPerS, forMs }
    const { tasks } = await this.#submitter.ask<{ readonly tasks: number }>(pace)
    const givenUpAt = performance.now() + 30_000
    while ((await this.#ask('ended')) < before.ended + tasks) {
      if (performance.now() > givenUpAt) throw new Error('not every task has ended after 30 s')
      await wait(5)
    }
    const s = (performance.now() - before.at) / 1_000
    return { tasks, cpuMsPerS: (cpuMs(pid) - before.cpu) / s, s }
  }

  async settle(): Promise<void> {
    await wait(settleMs)
  }

  async stop(): Promise<void> {
    for (const child of this.#masters) child.end()
    await this.leader.stop()
  }

  async #ask(what: 'beat' | 'rest' | 'ended'): Promise<number> {
    const answers = this.#masters.map((child) => child.ask<MastersAnswer>({ do: what }))
    return (await Promise.all(answers)).reduce((sum, { ended }) => sum + ended, 0)
  }
}
