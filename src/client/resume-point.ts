/**
 * From where a connection may be taken up. A point counts only when every followed topic has had its picture: before
 * that, a resumed connection would miss what the pictures still owed.
 */
export class ResumePoint {
  readonly #owed = new Set<string>()
  #logId: string | null = null
  #seq: number | null = null
  #lowest = Number.POSITIVE_INFINITY

  get value(): { readonly logId: string; readonly seq: number } | null {
    return this.#logId === null || this.#seq === null ? null : { logId: this.#logId, seq: this.#seq }
  }

  /** Another log (the leader was restored) has no place in common with the one before. */
  of(logId: string): void {
    if (this.#logId !== logId) this.#seq = null
    this.#logId = logId
  }

  /** Pictures of these topics are on their way; none named = those of a connection that follows all. */
  expect(topics: Iterable<string>): void {
    const named = [...topics]
    for (const topic of named.length > 0 ? named : everyTopic) this.#owed.add(topic)
    this.#lowest = this.#seq ?? Number.POSITIVE_INFINITY
    this.#seq = null
  }

  forget(topics: Iterable<string>): void {
    for (const topic of topics) this.#owed.delete(topic)
    this.#settle()
  }

  pictured(topic: string, seq: number): void {
    this.#owed.delete(topic)
    this.#lowest = Math.min(this.#lowest, seq)
    this.#settle()
  }

  /** A frame covered everything up to seq. */
  reached(seq: number): void {
    if (this.#seq !== null) this.#seq = Math.max(this.#seq, seq)
  }

  #settle(): void {
    if (this.#owed.size === 0 && this.#seq === null && Number.isFinite(this.#lowest)) this.#seq = this.#lowest
  }
}

const everyTopic = ['nodes', 'tasks', 'alerts', 'limits', 'logs'] as const
