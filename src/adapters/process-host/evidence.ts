import type { ProcessEvidence, StallEvidence } from '../../core/alerts/alert.js'
import { limits } from '../../core/limits.js'
import {
  hasProc,
  type ProcessStat,
  readCommand,
  readDescriptor,
  readSystemCall,
  readWaitChannel,
} from './proc.js'

const commandLengthMax = 200

/** Number of the `read` system call per architecture; elsewhere nothing is said of input. */
const readCalls: Readonly<Record<string, number>> = {
  x64: 0,
  arm64: 63,
  riscv64: 63,
  loong64: 63,
  ia32: 3,
  arm: 3,
  ppc64: 3,
  s390x: 3,
}

/** Where the kernel lets a process sleep, in words. */
const waits: readonly (readonly [RegExp, string])[] = [
  [/^(do_wait|kernel_wait)/, 'the end of a child process'],
  [/nanosleep|^do_sys_poll$|hrtimer/, 'a timer'],
  [
    /^(poll_schedule|do_sys_poll|do_select|do_poll|ep_poll|do_epoll|schedule_hrtimeout)/,
    'an event on its files or sockets',
  ],
  [/^futex/, 'another of its threads'],
  [/pipe_read|^pipe_wait/, 'data from a pipe'],
  [/pipe_write/, 'a reader of its pipe'],
  [/^unix_(stream|dgram)/, 'data from a local socket'],
  [/^(tcp|inet|sk_wait|wait_woken|udp|__skb_wait)/, 'the network'],
  [/^n_tty/, 'a terminal'],
  [/signal_stop|ptrace_stop/, 'being continued'],
  [/^(io_schedule|folio_wait|wait_on_page|rq_qos|blk|jbd2|ext4|xfs|btrfs)/, 'the disk'],
  [/^(nfs|rpc_wait|fuse|request_wait|cifs)/, 'a network file system'],
]

/**
 * What a person would look at first: the processes, and what the one at the end of the chain waits for. `stdin` is what
 * the run's standard input is open on, null when it has none that could be waited for.
 */
export function evidenceOf(
  members: readonly ProcessStat[],
  cpuCores: number,
  stdin: string | null,
): Omit<StallEvidence, 'lines'> & { readonly waitsForInput: boolean } {
  if (!hasProc) {
    return {
      processes: [],
      cpuCores,
      waitingFor: 'unknown: this system does not show it',
      waitsForInput: false,
    }
  }
  const stats = [...members].sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid)
  const reader = stdin === null ? undefined : stats.find(({ pid }) => waitsForInput(pid, stdin))
  return {
    processes: stats.slice(0, limits.stallEvidenceProcesses).map(toEvidence),
    cpuCores,
    waitingFor:
      reader === undefined ? waitingFor(stats) : `input: ${nameOf(reader)} reads its standard input`,
    waitsForInput: reader !== undefined,
  }
}

const toEvidence = (stat: ProcessStat): ProcessEvidence => ({
  pid: stat.pid,
  parentPid: stat.parentPid,
  command: readCommand(stat.pid, commandLengthMax) || stat.name,
  state: stat.state,
  cpuMs: Math.round(stat.cpuMs),
  memoryBytes: stat.memoryBytes,
})

/** It sleeps in read(0), and its descriptor 0 is the run's own input, not a pipe between two of its processes. */
function waitsForInput(pid: number, stdin: string): boolean {
  const current = readSystemCall(pid)
  return (
    current !== null &&
    current.call === readCalls[process.arch] &&
    current.argument === 0 &&
    readDescriptor(pid, 0) === stdin
  )
}

/** Parents mostly wait for children: the youngest without children says more. `stats` begin with the oldest. */
function waitingFor(stats: readonly ProcessStat[]): string {
  const parents = new Set(stats.map(({ parentPid }) => parentPid))
  const leaf = stats.findLast(({ pid }) => !parents.has(pid))
  if (leaf === undefined) return 'nothing: no process is left'
  if (leaf.state === 'R') return `nothing: ${nameOf(leaf)} runs`
  const channel = readWaitChannel(leaf.pid)
  if (channel === null)
    return `something that the kernel does not tell: ${nameOf(leaf)} is in state ${leaf.state}`
  const words = waits.find(([pattern]) => pattern.test(channel))?.[1]
  return words === undefined
    ? `the kernel (${channel}): ${nameOf(leaf)}`
    : `${words}: ${nameOf(leaf)} (${channel})`
}

const nameOf = ({ name, pid }: ProcessStat): string => `${name} (${pid})`
