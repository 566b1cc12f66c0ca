import { createMaster, type Master, type MasterOptions } from '../master/master.js'
import type { ControlSignal, NumberedCommand, TaskRequest } from '../ports/node-link.js'
import { FakeMachine } from './fake-machine.js'
import { FakeTaskHost } from './fake-task-host.js'
import { ManualClock } from './manual-clock.js'
import { MemoryOutbox } from './memory-outbox.js'
import { type ScriptedDial, ScriptedDialer } from './scripted-dialer.js'
import { silentLog } from './silent-log.js'
import { utf8Text } from './utf8-text.js'

/** A master on a machine in memory; time passes by `pass` only. */
export interface MasterFixture {
  readonly master: Master
  readonly clock: ManualClock
  readonly machine: FakeMachine
  readonly host: FakeTaskHost
  readonly outbox: MemoryOutbox
  readonly dialer: ScriptedDialer
  /** Lets `ms` pass in steps of 1 ms at most 1,000, with what is promised in between. */
  pass(ms: number): Promise<void>
}

export async function startMasterFixture(
  options: Partial<MasterOptions> & {
    readonly machine?: FakeMachine
    readonly outbox?: MemoryOutbox
    readonly clock?: ManualClock
  } = {},
): Promise<MasterFixture> {
  const clock = options.clock ?? new ManualClock()
  const machine = options.machine ?? new FakeMachine(clock)
  const host = new FakeTaskHost(machine)
  const outbox = options.outbox ?? new MemoryOutbox()
  const dialer = new ScriptedDialer()
  const master = createMaster({
    nodeId: 'master-1',
    incarnation: 100,
    slots: 4,
    labels: {},
    projectTypes: ['command'],
    leaders: ['a:1', 'b:1'],
    url: null,
    version: '0.0.0',
    dialer,
    host,
    meter: {
      sample: () => ({ cpu: 0.5, memory: 0.5, disk: 0.5, rxBytesPerS: 0, txBytesPerS: 0 }),
      room: () => ({ memoryBytes: Number.POSITIVE_INFINITY, diskBytes: Number.POSITIVE_INFINITY }),
      inventory: async () => ({ os: 'test', arch: 'x64', cpus: 2, memoryBytes: 1, gpus: [], host: 'here' }),
    },
    random: { fraction: () => 0.5, hex: () => 'ab', secret: () => 's', sha256: () => 'h' },
    text: utf8Text,
    log: silentLog,
    ...options,
    clock,
    outbox,
  })
  await master.start()
  const pass = async (ms: number): Promise<void> => {
    const stepMs = Math.max(1, ms / 1_000)
    for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
      clock.pass(Math.min(stepMs, ms - passedMs))
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
    }
  }
  return { master, clock, machine, host, outbox, dialer, pass }
}

/** A task request for a scripted program (see FakeMachine). */
export const requestOf = (
  commandSeq: number,
  fence: number,
  command: string,
  more: Partial<TaskRequest> & { readonly payload?: Readonly<Record<string, unknown>> } = {},
): NumberedCommand => {
  const { payload, ...rest } = more
  return {
    kind: 'task_request',
    commandSeq,
    taskId: `t${fence}`,
    attempt: 1,
    fence,
    agentId: 'master-1/p1',
    projectId: 'default',
    name: 'test',
    type: 'command',
    payloadJson: JSON.stringify(payload ?? { command }),
    timeoutMs: 0,
    stallAfterMs: 0,
    leaseClass: 'steady',
    onDisconnect: 'restart',
    idempotencyKey: 'key',
    traceId: 'trace',
    inputsJson: '',
    memoryBytes: 0,
    ...rest,
  }
}

export const signalOf = (
  commandSeq: number,
  fence: number,
  action: ControlSignal['action'],
  more: Partial<ControlSignal> = {},
): NumberedCommand => ({
  kind: 'control',
  commandSeq,
  commandId: `c${commandSeq}`,
  action,
  taskId: `t${fence}`,
  attempt: 1,
  fence,
  deadlineMs: 0,
  ...more,
})

/** A fixture whose first dial was welcomed, with credit. */
export async function linkedMaster(options: Parameters<typeof startMasterFixture>[0] = {}) {
  const fixture = await startMasterFixture(options)
  fixture.dialer.last.welcome()
  return { ...fixture, dial: fixture.dialer.last }
}

/** Durable updates in one word each: a run's state, a receipt's state, or the kind. */
export const kindsOf = (dial: ScriptedDial): readonly string[] =>
  dial.durable.map(({ update }) => ('state' in update ? update.state : update.kind))

export const endOf = (dial: ScriptedDial, fence = 1) =>
  dial.durable.map(({ update }) => update).find((update) => update.kind === 'ended' && update.fence === fence)

/** `state detail` of each receipt, in order. */
export const receiptsOf = (dial: ScriptedDial): readonly string[] =>
  dial.durable.flatMap(({ update }) =>
    update.kind === 'receipt' ? [`${update.state} ${update.detail}`.trim()] : [],
  )

/** Texts of the lines of a run, joined by `|`. */
export const textOf = (dial: ScriptedDial, fence = 1): string =>
  dial.lines
    .filter((update) => update.fence === fence)
    .flatMap((update) => update.lines.map((line) => line.text))
    .join('|')

/** Acks everything that the dial carried. */
export function ackAll(dial: ScriptedDial): void {
  const lines = dial.lines.map(({ fence, stream, nextOffset }) => ({ fence, stream, offset: nextOffset }))
  dial.say({ kind: 'ack', incarnation: 0, uplinkSeq: dial.durable.at(-1)?.uplinkSeq ?? 0, lines })
}
