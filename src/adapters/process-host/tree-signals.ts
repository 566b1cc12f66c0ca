import { setTimeout as wait } from 'node:timers/promises'
import { isStopped, type Member, type ProcessTree } from './process-tree.js'

/** How long a pause may take until every process reads `T`, ms. */
const stopWaitMs = 2_000
/** How long a freeze before a kill waits for the same; then it kills anyway, ms. */
const freezeWaitMs = 100
/** How long the dead may take to go: one in an uninterruptible sleep stays until its call ends, ms. */
const killWaitMs = 5_000
/** Pause between two looks, growing to the second figure, ms. */
const lookMs = [1, 25] as const

/**
 * Stops every process of the tree, those that are born meanwhile too. Resolves with the members once all read `T`;
 * null when one did not in time.
 */
export async function stopAll(tree: ProcessTree, waitMs = stopWaitMs): Promise<readonly Member[] | null> {
  const deadline = performance.now() + waitMs
  for (let pauseMs: number = lookMs[0]; ; pauseMs = Math.min(lookMs[1], pauseMs * 2)) {
    const members = tree.members()
    const running = members.filter((member) => !isStopped(member))
    // Where states are not shown, being told is all that can be known.
    const unseen = members.filter((member) => member.state === null)
    if (running.length === 0 && unseen.length === 0) return members
    tree.signal([...running, ...unseen], 'SIGSTOP')
    tree.signal(vforkChildren(members), 'SIGCONT')
    if (running.length === 0) return members
    if (performance.now() > deadline) return null
    await wait(pauseMs)
  }
}

/**
 * A parent in vfork sleeps in `D` until its child has started its program, and cannot stop before; a child that was
 * stopped first never gets there. Such a child goes on, and is stopped at a later look.
 */
function vforkChildren(members: readonly Member[]): readonly Member[] {
  const sleepers = new Set(members.filter(({ state }) => state === 'D').map(({ pid }) => pid))
  return members.filter((member) => isStopped(member) && sleepers.has(member.parentPid))
}

/** Lets every process of the tree go on. */
export function continueAll(tree: ProcessTree): readonly Member[] {
  const members = tree.members()
  tree.signal(members, 'SIGCONT')
  return members
}

/** TERM to everyone; who is stopped goes on to receive it. Returns how many there were. */
export function terminateAll(tree: ProcessTree): number {
  const members = tree.members()
  tree.signal(members, 'SIGTERM')
  tree.signal(members.filter(isStopped), 'SIGCONT')
  return members.length
}

/**
 * Ends everyone. They are stopped first, so that none forks away while the others die. Resolves with who is left: only
 * a process that the kernel itself holds.
 */
export async function killAll(tree: ProcessTree): Promise<readonly Member[]> {
  if (tree.members().length === 0) return []
  await stopAll(tree, freezeWaitMs)
  const deadline = performance.now() + killWaitMs
  for (let pauseMs: number = lookMs[0]; ; pauseMs = Math.min(lookMs[1], pauseMs * 2)) {
    const members = tree.members()
    if (members.length === 0 || performance.now() > deadline) return members
    tree.killGroup()
    tree.signal(members, 'SIGKILL')
    await wait(pauseMs)
  }
}

/** Resolves true when nobody was left a moment ago, false at the deadline (performance.now). */
export async function allGone(tree: ProcessTree, deadlineMs: () => number): Promise<boolean> {
  for (
    let pauseMs: number = lookMs[0];
    tree.membersLately().length > 0;
    pauseMs = Math.min(lookMs[1], pauseMs * 2)
  ) {
    if (performance.now() >= deadlineMs()) return false
    await wait(pauseMs)
  }
  return true
}
