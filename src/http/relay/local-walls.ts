import type { Line } from '../../contract/line.js'
import { closeCodes, type ServerMessage } from '../../contract/socket.js'
import { limits } from '../../core/limits.js'
import type { Clock, Timer } from '../../ports/clock.js'
import type { WallSink } from '../../ports/control-plane.js'
import type { OwnNews } from '../../ports/own-news.js'
import type { KnownUser } from './known-users.js'
import type { LeaderAddress } from './leader-address.js'
import { LocalLines } from './local-lines.js'
import type { LocalPicture } from './local-picture.js'
import { LocalWall } from './local-wall.js'
import type { OwnFacts } from './own-facts.js'
import type { RelayMemory } from './relay-memory.js'

export interface LocalWallsOptions {
  readonly nodeId: string
  readonly memory: RelayMemory
  readonly facts: OwnFacts
  readonly picture: LocalPicture
  readonly leader: LeaderAddress
  readonly clock: Clock
  /** When the leader was heard last, Unix ms. */
  readonly heardAtMs: () => number
}

/**
 * The walls of this master while its leader is gone. They hear of its own runs and machine every
 * limits.wallFrameMsMax, and are closed when the leader is back, so that they come again and reach it.
 */
export class LocalWalls {
  readonly #options: LocalWallsOptions
  readonly #walls = new Set<LocalWall>()
  /** Of this absence of the leader; null while no wall looks. */
  #lines: LocalLines | null = null
  #seq = 0
  readonly #changedTasks = new Set<string>()
  #newLines: Line[] = []
  #isNodeChanged = false
  #flushTimer: Timer | null = null
  #isLooking = false

  constructor(options: LocalWallsOptions) {
    this.#options = options
  }

  open(sink: WallSink, user: KnownUser): LocalWall {
    const { nodeId, memory, facts, picture, clock } = this.#options
    this.#lines ??= new LocalLines(nodeId, memory.lines, facts.lines)
    const lines = this.#lines
    const wall = new LocalWall({
      sink,
      clock,
      // Another log than the leader's: a wall forgets all that it holds when it goes from one to the other.
      logId: `local.${nodeId}`,
      term: memory.term,
      seq: () => memory.seq + this.#seq,
      items: (topic) =>
        topic === 'logs' || topic.startsWith('logs:')
          ? lines.of(topic === 'logs' ? null : topic.slice('logs:'.length))
          : picture.items(topic),
      onClosed: () => this.#left(wall),
    })
    this.#walls.add(wall)
    wall.greet(user, { workerId: nodeId, since: this.#options.heardAtMs() })
    this.#lookSoon()
    return wall
  }

  /** After the facts have it. */
  heard(news: OwnNews): void {
    if (this.#lines === null) return
    if (news.kind === 'line') {
      this.#newLines.push(this.#lines.add(news))
      if (this.#newLines.length > limits.relayLinesMax) this.#newLines.shift()
    } else if (news.kind === 'progress') this.#changedTasks.add(news.taskId)
    else if (news.kind === 'update' && 'taskId' in news.update) {
      this.#changedTasks.add(news.update.taskId)
      this.#isNodeChanged = true
    } else this.#isNodeChanged = true
    this.#flushTimer ??= this.#options.clock.after(limits.wallFrameMsMax, () => this.#flush())
  }

  #flush(): void {
    this.#flushTimer = null
    const { picture } = this.#options
    this.#seq += 1
    const seq = this.#options.memory.seq + this.#seq
    for (const taskId of this.#changedTasks) {
      const task = picture.task(taskId)
      if (task !== null) this.#tell(['tasks', `tasks:${taskId}`], { type: 'TASK_UPDATE', task, seq })
    }
    this.#changedTasks.clear()
    const node = this.#isNodeChanged ? picture.self() : null
    this.#isNodeChanged = false
    if (node !== null) {
      this.#tell(['nodes'], { type: 'NODE_STATUS', node, seq })
      const { workerId, rttMs, metrics } = node
      if (metrics !== null)
        this.#tell(['nodes'], { type: 'METRICS', nodes: [{ workerId, rttMs, ...metrics }] })
    }
    for (const [taskId, lines] of byTask(this.#newLines))
      this.#tell(['logs', `logs:${taskId}`], { type: 'LOG', lines })
    this.#newLines = []
  }

  #tell(topics: readonly string[], message: ServerMessage): void {
    const bytes = Buffer.from(JSON.stringify(message))
    for (const wall of this.#walls) wall.offer(topics, bytes)
  }

  /** One look at a time; the last one ends when no wall is left. */
  #lookSoon(): void {
    if (this.#isLooking) return
    this.#isLooking = true
    this.#options.clock.after(limits.relayLookMs, () => {
      void this.#options.leader.answers().then((isBack) => {
        this.#isLooking = false
        if (isBack) this.#release('the leader is back')
        else if (this.#walls.size > 0) this.#lookSoon()
      })
    })
  }

  #release(reason: string): void {
    for (const wall of this.#walls) wall.end(closeCodes.leaderLeaves, reason)
  }

  #left(wall: LocalWall): void {
    this.#walls.delete(wall)
    if (this.#walls.size > 0) return
    this.#flushTimer?.cancel()
    this.#flushTimer = null
    this.#changedTasks.clear()
    this.#newLines = []
    this.#lines = null
  }
}

function byTask(lines: readonly Line[]): ReadonlyMap<string, Line[]> {
  const groups = new Map<string, Line[]>()
  for (const line of lines) {
    const group = groups.get(line.taskId)
    if (group === undefined) groups.set(line.taskId, [line])
    else group.push(line)
  }
  return groups
}
