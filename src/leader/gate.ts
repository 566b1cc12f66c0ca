/**
 * Holds back whatever was computed from state until the log has caught up with it.
 * Duty: nothing of the leader reaches a peer but through here or after a commit (G1).
 */
export class Gate {
  #committedSeq = 0
  /** In order of their stamp, because the state only moves forward. */
  #waiting: { readonly stamp: number; readonly release: () => void }[] = []

  get committedSeq(): number {
    return this.#committedSeq
  }

  /** Runs `release` once everything up to `stamp` is committed; at once when it is. */
  when(stamp: number, release: () => void): void {
    if (stamp <= this.#committedSeq) release()
    else this.#waiting.push({ stamp, release })
  }

  open(committedSeq: number): void {
    this.#committedSeq = committedSeq
    const ready = this.#waiting.filter((entry) => entry.stamp <= committedSeq)
    if (ready.length === 0) return
    this.#waiting = this.#waiting.filter((entry) => entry.stamp > committedSeq)
    for (const { release } of ready) release()
  }
}
