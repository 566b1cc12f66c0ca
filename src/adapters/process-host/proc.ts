import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs'

/** One process as /proc/PID/stat shows it. Times are ms since it was born; sizes bytes. */
export interface ProcessStat {
  readonly pid: number
  readonly parentPid: number
  readonly name: string
  /** The kernel's letter: R, S, D, T, t, Z, X, I. */
  readonly state: string
  /** Clock ticks after boot at which it was born: with the pid it names one process for the life of the machine. */
  readonly startTicks: number
  readonly cpuMs: number
  /** CPU time of its children that ended and were waited for, theirs included. */
  readonly reapedCpuMs: number
  readonly memoryBytes: number
}

/** USER_HZ: what /proc counts in, whatever the kernel's own rate. */
const ticksPerS = 100
const statBytesMax = 4 * 1024

const statBuffer = Buffer.allocUnsafe(statBytesMax)

/** The processes' file system is there: this is Linux. */
export const hasProc: boolean = process.platform === 'linux' && readText('/proc/self/stat') !== null

/** Number of this boot, so that pids of an earlier one are not taken for ours; null without /proc. */
export const bootId: string | null = readText('/proc/sys/kernel/random/boot_id')?.trim() ?? null

const pageBytes: number =
  Number(/KernelPageSize:\s+(\d+) kB/.exec(readText('/proc/self/smaps') ?? '')?.[1] ?? 4) * 1024

/** Every process of this machine (of this container) that can be seen. */
export function listPids(): readonly number[] {
  const pids: number[] = []
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (Number.isInteger(pid)) pids.push(pid)
  }
  return pids
}

/** null when there is no such process. */
export function readStat(pid: number): ProcessStat | null {
  const length = readInto(`/proc/${pid}/stat`, statBuffer)
  if (length === 0) return null
  const text = statBuffer.toString('latin1', 0, length)
  // The name stands in brackets and may hold brackets and spaces itself.
  const nameEnd = text.lastIndexOf(')')
  const fields = text.slice(nameEnd + 2).split(' ')
  const field = (index: number): number => Number(fields[index - 3])
  return {
    pid,
    parentPid: field(4),
    name: text.slice(text.indexOf('(') + 1, nameEnd),
    state: fields[0] ?? 'X',
    startTicks: field(22),
    cpuMs: ((field(14) + field(15)) * 1000) / ticksPerS,
    reapedCpuMs: ((field(16) + field(17)) * 1000) / ticksPerS,
    memoryBytes: field(24) * pageBytes,
  }
}

/** Environment that the process was started with; empty between fork and exec and while it dies, null when it is not ours to read. */
export const readEnvironment = (pid: number): Buffer | null => readBytes(`/proc/${pid}/environ`)

/** Value of a variable in what `readEnvironment` gave. */
export function variableOf(environment: Buffer, name: string): string | null {
  const key = Buffer.from(`${name}=`)
  for (let at = environment.indexOf(key); at >= 0; at = environment.indexOf(key, at + 1)) {
    if (at > 0 && environment[at - 1] !== 0) continue
    const end = environment.indexOf(0, at)
    return environment.toString('utf8', at + key.length, end < 0 ? environment.length : end)
  }
  return null
}

/** Arguments joined by spaces; empty for kernel threads and the dead. */
export function readCommand(pid: number, lengthMax: number): string {
  const text = readBytes(`/proc/${pid}/cmdline`)?.toString('utf8') ?? ''
  return text.replaceAll('\0', ' ').trimEnd().slice(0, lengthMax)
}

/** Function of the kernel that the process sleeps in; null when it does not sleep or the kernel does not tell. */
export function readWaitChannel(pid: number): string | null {
  const name = readText(`/proc/${pid}/wchan`)
  return name === null || name === '' || name === '0' ? null : name
}

/** System call that the process is in and its first argument; null while it runs or when we may not see it. */
export function readSystemCall(pid: number): { readonly call: number; readonly argument: number } | null {
  const [call, argument] = (readText(`/proc/${pid}/syscall`) ?? '').split(' ')
  if (call === undefined || argument === undefined || !/^\d+$/.test(call)) return null
  return { call: Number(call), argument: Number(argument) }
}

/** What a descriptor of a process is open on, for example `pipe:[4711]`; null when we may not see it. */
export function readDescriptor(pid: number, fd: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`)
  } catch {
    return null
  }
}

/** A small text file of the kernel; null when it is not there or not ours to read. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return null
  }
}

function readBytes(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch {
    return null
  }
}

function readInto(path: string, buffer: Buffer): number {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch {
    return 0
  }
  try {
    return readSync(fd, buffer, 0, buffer.length, 0)
  } catch {
    return 0
  } finally {
    closeSync(fd)
  }
}
