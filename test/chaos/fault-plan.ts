import type { ProxyMode } from '../../src/testing/fault-proxy.js'
import type { Seeded } from '../../src/testing/simulator/seeded.js'

/**
 * `kill`: SIGKILL, started again after `forMs`; `leave`: the same with SIGTERM. `pause`: SIGSTOP, SIGCONT after `forMs`. The rest is what a proxy does
 * to a link.
 */
export type FaultKind = 'kill' | 'leave' | 'pause' | Exclude<ProxyMode, 'pass'>

export interface Fault {
  /** Quiet in this lane before it. */
  readonly afterMs: number
  readonly on: 'leader' | 'master' | 'warden' | 'link'
  readonly kind: FaultKind
  readonly forMs: number
}

interface Choice {
  readonly on: Fault['on']
  readonly kind: FaultKind
  readonly forMsMax: number
  /** Quiet that it needs before it. */
  readonly afterMsMin?: number
}
type Choices = readonly [Choice, ...Choice[]]

const leaderFaults: Choices = [
  { on: 'leader', kind: 'kill', forMsMax: 3_000 },
  { on: 'leader', kind: 'pause', forMsMax: 6_000 },
  { on: 'leader', kind: 'leave', forMsMax: 1_000 },
]

/**
 * Longer than a strict lease (5 and 7.5 s) at the longest. A warden is stopped for less than the second within which it
 * must get the CPU, and killed only when the lease was renewed not long ago: until its successor is there, nobody
 * enforces it.
 */
const masterFaults: Choices = [
  { on: 'master', kind: 'kill', forMsMax: 9_000 },
  { on: 'master', kind: 'pause', forMsMax: 10_000 },
  { on: 'warden', kind: 'kill', forMsMax: 0, afterMsMin: 3_000 },
  { on: 'warden', kind: 'pause', forMsMax: 700 },
  { on: 'link', kind: 'cut', forMsMax: 9_000 },
  { on: 'link', kind: 'stall', forMsMax: 10_000 },
  { on: 'link', kind: 'stall_up', forMsMax: 10_000 },
  { on: 'link', kind: 'stall_down', forMsMax: 10_000 },
  { on: 'link', kind: 'delay', forMsMax: 6_000 },
  { on: 'link', kind: 'half_open', forMsMax: 10_000 },
]

const quietMsMin = 200
/** A new leader counts leases anew: only one that stays for longer than they hold gives a run up. */
const quietMsMax = { leader: 16_000, master: 3_000 } as const
/** Most faults are short, some are long: the share of the longest is this power of a fraction. */
const shortness = 2

export interface FaultPlan {
  readonly leader: readonly Fault[]
  /** One lane for each master with its warden and its link: one fault at a time. */
  readonly masters: readonly (readonly Fault[])[]
}

/** What will go wrong, and when: depends on the seed alone. All of it is over after `forMs`. */
export function planFaults(
  random: Seeded,
  { masters, forMs }: { masters: number; forMs: number },
): FaultPlan {
  return {
    leader: lane(random.fork(), leaderFaults, quietMsMax.leader, forMs),
    masters: Array.from({ length: masters }, () =>
      lane(random.fork(), masterFaults, quietMsMax.master, forMs),
    ),
  }
}

function lane(random: Seeded, choices: Choices, quietMs: number, untilMs: number): readonly Fault[] {
  const faults: Fault[] = []
  for (let nowMs = 0; ; ) {
    const { on, kind, forMsMax, afterMsMin = quietMsMin } = random.pick(choices)
    const afterMs = Math.round(random.between(afterMsMin, Math.max(quietMs, afterMsMin)))
    const forMs = Math.round(forMsMax * random.fraction() ** shortness)
    nowMs += afterMs + forMs
    if (nowMs > untilMs) return faults
    faults.push({ afterMs, on, kind, forMs })
  }
}
