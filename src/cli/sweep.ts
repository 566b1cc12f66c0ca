import { readdirSync, readFileSync } from 'node:fs'

/** Looks at most so often: a process may start another while we look. */
const roundsMax = 20

/**
 * Kills every process that carries one of these ids in AGENTFLOW_DATA_ID, however it hid from its parent. Linux only;
 * elsewhere it does nothing. Returns how many it had to kill.
 */
export function sweepDescendants(dataIds: readonly string[]): number {
  let killed = 0
  for (let round = 0; round < roundsMax; round++) {
    const left = carriersOf(dataIds)
    if (left.length === 0) break
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL')
        killed += 1
      } catch {
        // It ended by itself meanwhile.
      }
    }
  }
  return killed
}

function carriersOf(dataIds: readonly string[]): readonly number[] {
  const marks = dataIds.map((id) => `AGENTFLOW_DATA_ID=${id}`)
  return processIds().filter((pid) => {
    const variables = environmentOf(pid)
    return pid !== process.pid && marks.some((mark) => variables.includes(mark))
  })
}

function processIds(): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return []
  }
}

/** Empty for what has ended, is a zombie, or belongs to another user. */
function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0')
  } catch {
    return []
  }
}
