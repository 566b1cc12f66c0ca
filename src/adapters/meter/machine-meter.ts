import { readFileSync, statfsSync } from 'node:fs'
import { arch, cpus, freemem, hostname, release, totalmem, type } from 'node:os'
import type { Meter } from '../../ports/meter.js'
import type { Metrics } from '../../ports/node-link.js'
import { readGpus } from './gpus.js'

interface Counters {
  readonly atMs: number
  readonly busyMs: number
  readonly totalMs: number
  readonly rxBytes: number
  readonly txBytes: number
}

/** Meters of this machine. `folder` names the file system whose fullness counts. On Linux from /proc, at a cost of four reads. */
export function createMachineMeter(options: { readonly folder: string }): Meter {
  let before = readCounters()
  return {
    sample() {
      const now = readCounters()
      const spanS = Math.max(0.001, (now.atMs - before.atMs) / 1000)
      const totalMs = now.totalMs - before.totalMs
      const metrics: Metrics = {
        cpu: fraction(totalMs <= 0 ? 0 : (now.busyMs - before.busyMs) / totalMs),
        memory: fraction(memoryUsed()),
        disk: fraction(diskUsed(options.folder)),
        rxBytesPerS: rate(now.rxBytes - before.rxBytes, spanS),
        txBytesPerS: rate(now.txBytes - before.txBytes, spanS),
      }
      before = now
      return metrics
    },
    room: () => ({ memoryBytes: memoryAvailable() ?? freemem(), diskBytes: diskAvailable(options.folder) }),
    async inventory() {
      return {
        os: `${type()} ${release()}`,
        arch: arch(),
        cpus: cpus().length,
        memoryBytes: totalmem(),
        gpus: await readGpus(),
        host: hostname(),
      }
    },
  }
}

const fraction = (value: number): number => (Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 0)
/** A counter that started anew (an interface that went) counts as 0. */
const rate = (bytes: number, spanS: number): number => Math.max(0, Math.round(bytes / spanS))

function readCounters(): Counters {
  const atMs = performance.now()
  return { atMs, ...cpuTimes(), ...networkBytes() }
}

function cpuTimes(): Pick<Counters, 'busyMs' | 'totalMs'> {
  const line = /^cpu +(.*)$/m.exec(readKernel('/proc/stat'))?.[1]
  if (line !== undefined) {
    // user nice system idle iowait irq softirq steal; guest time is in user already.
    const ticks = line.split(' ').slice(0, 8).map(Number)
    const totalMs = ticks.reduce((sum, one) => sum + one, 0)
    return { totalMs, busyMs: totalMs - (ticks[3] ?? 0) - (ticks[4] ?? 0) }
  }
  const times = cpus().map((cpu) => cpu.times)
  const idleMs = times.reduce((sum, one) => sum + one.idle, 0)
  const totalMs = times.reduce((sum, one) => sum + one.user + one.nice + one.sys + one.idle + one.irq, 0)
  return { totalMs, busyMs: totalMs - idleMs }
}

/** What could not be given to a new program without swapping; caches can. */
function memoryUsed(): number {
  const info = readKernel('/proc/meminfo')
  const total = Number(/^MemTotal: +(\d+)/m.exec(info)?.[1])
  const available = Number(/^MemAvailable: +(\d+)/m.exec(info)?.[1])
  return Number.isFinite(total / available) ? 1 - available / total : 1 - freemem() / totalmem()
}

/** null where the system has no /proc. */
function memoryAvailable(): number | null {
  const kilobytes = Number(/^MemAvailable: +(\d+)/m.exec(readKernel('/proc/meminfo'))?.[1])
  return Number.isFinite(kilobytes) ? kilobytes * 1024 : null
}

function diskAvailable(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

/** Of what this user may use, as df counts. */
function diskUsed(folder: string): number {
  try {
    const { blocks, bfree, bavail } = statfsSync(folder)
    const used = blocks - bfree
    return used / (used + bavail)
  } catch {
    return 0
  }
}

/** All interfaces but loopback; 0 where the system has no /proc. */
function networkBytes(): Pick<Counters, 'rxBytes' | 'txBytes'> {
  let rxBytes = 0
  let txBytes = 0
  for (const line of readKernel('/proc/net/dev').split('\n')) {
    const [name, counters] = line.split(':')
    if (counters === undefined || name?.trim() === 'lo') continue
    const fields = counters.trim().split(/ +/).map(Number)
    rxBytes += fields[0] ?? 0
    txBytes += fields[8] ?? 0
  }
  return { rxBytes, txBytes }
}

function readKernel(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
