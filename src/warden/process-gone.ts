import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { limits } from '../core/limits.js'

/** Resolves when the process has ended, or after limits.wardenHandOverMs. A warden may be part of this very process. */
export async function processGone(pid: number): Promise<void> {
  const deadlineMs = performance.now() + limits.wardenHandOverMs
  while (pid !== process.pid && isAlive(pid) && performance.now() < deadlineMs) await wait(5)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    // Ended, and not yet buried by whoever adopted it.
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return true
  }
}
