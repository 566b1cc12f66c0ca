import { toTaskSpec } from '../../contract/catalogue.js'
import { fromUnknown } from '../../core/errors.js'
import { asTaskId, bornAt, nodeIdOf } from '../../core/ids.js'
import type { Answer, NodeAction } from '../../core/input.js'
import type { ReceiptAction } from '../../core/receipts/receipt.js'
import type { Caller, CommandRequest } from '../../ports/control-plane.js'
import type { Fail, LogChecker } from './log-checker.js'
import type { Seeded } from './seeded.js'
import type { SimClock } from './sim-clock.js'
import { simCapacity } from './sim-limits.js'
import type { WallServer } from './sim-wall.js'

type Reply =
  | { readonly kind: 'ok'; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  /** No answer: it may or may not have been done. */
  | { readonly kind: 'unknown' }

interface Wanted {
  readonly user: string
  readonly key: string
  readonly body: Record<string, unknown>
  taskId: string | null
}

/** Refusals that may be over later; the named master may not have come yet. */
const retryLater: ReadonlySet<string> = new Set(['resource_exhausted', 'unavailable', 'unprocessable'])

const scripts = [
  'sim:lines=2:after=50',
  'sim:lines=1:every=40:after=300',
  'sim:every=100:after=2000',
  'sim:after=4000',
  'sim:every=900:after=25000',
  'sim:exit=3:lines=1:after=30',
  'sim:forever:lines=1',
  'sim:deaf:forever',
  'sim:missing',
  'true',
] as const

const longScripts = ['sim:forever:lines=1', 'sim:deaf:forever', 'sim:every=900:after=25000'] as const

export interface SimClientsOptions {
  readonly clock: SimClock
  readonly random: Seeded
  readonly log: LogChecker
  readonly fail: Fail
  readonly server: () => WallServer | null
  readonly nodeIds: readonly string[]
  /** They submit what runs long and goes on elsewhere when its master is away. */
  readonly isLong: boolean
  /** Draws the keys and capacities of tasks; null = they have none. */
  readonly terms: Seeded | null
}

/** Users who submit tasks with idempotency keys, again and again until they are told, and who press buttons. */
export class SimClients {
  readonly wanted: Wanted[] = []
  readonly #options: SimClientsOptions
  /** Acts on masters that are not known to be done. */
  #nodeActs = 0

  constructor(options: SimClientsOptions) {
    this.#options = options
  }

  /** Every submit was answered, and every act on a master. */
  get isAnswered(): boolean {
    return this.#nodeActs === 0 && this.wanted.every((wanted) => wanted.taskId !== null)
  }

  /** Spreads the work over the next `withinMs`. */
  begin(tasks: number, withinMs: number): void {
    const { clock, random } = this.#options
    for (let count = 1; count <= tasks; count += 1) {
      const wanted = this.#want(`k${count}`, random.pick(['ann', 'bob']))
      clock.after(random.between(0, withinMs), () => this.#submit(wanted))
      if (random.chance(0.4)) clock.after(random.between(0, 2 * withinMs), () => this.#submit(wanted))
      if (random.chance(0.2)) {
        // A key is its user's own.
        const namesake = this.#want(wanted.key, wanted.user === 'ann' ? 'bob' : 'ann')
        clock.after(random.between(0, withinMs), () => this.#submit(namesake))
      }
      if (random.chance(0.3)) clock.after(random.between(0, withinMs), () => this.#conflict(wanted))
      if (random.chance(0.15)) clock.after(random.between(0, 2 * withinMs), () => this.#pressNode())
      const presses = random.int(0, 2)
      for (let press = 0; press < presses; press += 1) {
        clock.after(random.between(0, 2 * withinMs), () => this.#press(wanted, this.#action()))
      }
    }
  }

  /** Cancels whatever still has no end. */
  cancelRest(): void {
    for (const wanted of this.wanted) {
      const task = this.#options.log.tasks.byId.get(wanted.taskId ?? '')
      if (task !== undefined && task.phase !== 'final') this.#press(wanted, 'cancel')
    }
  }

  /** Every master may work again. */
  uncordonAll(): void {
    for (const nodeId of this.#options.nodeIds) this.#control(nodeId, 'uncordon', null)
  }

  #pressNode(): void {
    const { random, nodeIds } = this.#options
    const nodeId = nodeIds[random.int(0, nodeIds.length - 1)] ?? ''
    const action = random.pick(['cordon', 'uncordon', 'drain', 'drain'] as const)
    const deadlineMs = action === 'drain' && random.chance(0.7) ? random.pick([0, 500, 5_000]) : null
    this.#control(nodeId, action, deadlineMs)
  }

  /** Again until it is known to be done. */
  #control(nodeId: string, action: NodeAction, deadlineMs: number | null): void {
    this.#nodeActs += 1
    const command = { name: 'control_node' as const, nodeId: nodeIdOf(nodeId), action, deadlineMs }
    this.#call('ann', { command, projectId: 'default' }, (reply) => {
      // A master that never came is not known.
      const isOver = reply.kind === 'ok' || (reply.kind === 'refused' && !retryLater.has(reply.code))
      const again = (): void => {
        this.#nodeActs -= 1
        if (!isOver) this.#control(nodeId, action, deadlineMs)
      }
      if (isOver) again()
      else this.#options.clock.after(300, again)
    })
  }

  #want(key: string, user: string): Wanted {
    const { random, nodeIds, isLong } = this.#options
    const isLasting = isLong && random.chance(0.7)
    const stallAfterMs = random.chance(0.2) ? 1_000 : 0
    const wanted: Wanted = {
      user,
      key,
      taskId: null,
      body: {
        type: 'command',
        name: key,
        priority: random.int(1, 10),
        payload: { command: random.pick(isLasting ? longScripts : scripts) },
        stallAfterMs,
        requirements: {
          timeout: !isLasting && random.chance(0.3) ? 1_500 : 0,
          workerId: random.chance(0.2) ? nodeIds[random.int(0, nodeIds.length - 1)] : null,
        },
        retry: { attemptsMax: random.pick([1, 2, 3, 3]), on: ['exit', 'lost', 'timeout'], backoffMs: 100 },
        leaseClass: random.pick(['steady', 'strict']),
        onDisconnect: isLasting ? 'restart' : random.pick(['restart', 'restart', 'restart', 'wait', 'keep']),
      },
    }
    this.wanted.push(wanted)
    return wanted
  }

  #action(): ReceiptAction {
    return this.#options.random.pick(['cancel', 'pause', 'resume', 'retry', 'pause', 'resume'])
  }

  /** Decided with the first try, when the ids of others are known; every further one says the same. */
  #addTerms(wanted: Wanted): void {
    if ('dependsOn' in wanted.body) return
    const { random } = this.#options
    const known = this.wanted.flatMap(({ taskId }) => (taskId === null || !random.chance(0.15) ? [] : taskId))
    wanted.body.dependsOn = random.chance(0.3) ? known.slice(0, 3) : []
    wanted.body.dependsMode = random.pick(['succeeded', 'done', 'any'])
    wanted.body.delayMs = random.chance(0.15) ? random.int(1, 5_000) : 0
    wanted.body.queueTimeoutMs = random.chance(0.1) ? 20_000 : 0
    wanted.body.totalTimeoutMs = random.chance(0.1) ? random.int(1_000, 20_000) : 0
    const { terms } = this.#options
    if (terms?.chance(0.5) === true) wanted.body.concurrencyKey = terms.pick(['a', 'b'])
    if (terms?.chance(0.3) === true) wanted.body.capacity = simCapacity
  }

  #submit(wanted: Wanted): void {
    this.#addTerms(wanted)
    const { spec, projectId } = toTaskSpec(wanted.body, wanted.key)
    this.#call(wanted.user, { command: { name: 'submit_task', spec }, projectId }, (reply) => {
      if (reply.kind === 'ok') this.#submitted(wanted, reply.answer)
      else if (reply.kind === 'unknown' || retryLater.has(reply.code)) {
        this.#options.clock.after(300, () => this.#submit(wanted))
      } else this.#options.fail('ID1', `submit of ${wanted.key} is refused: ${reply.message}`)
    })
  }

  /** G2: the same key and body is the same task, whenever it is asked. */
  #submitted(wanted: Wanted, answer: Answer): void {
    const taskId = answer.kind === 'task' ? answer.taskId : ''
    if (wanted.taskId !== null && wanted.taskId !== taskId) {
      this.#options.fail('G2', `${wanted.key} was ${wanted.taskId} and is now ${taskId}`)
    }
    wanted.taskId = taskId
    this.#readBack(wanted.user, taskId)
  }

  /** The same key with another body. */
  #conflict(wanted: Wanted): void {
    if (wanted.taskId === null) return
    const { spec, projectId } = toTaskSpec({ ...wanted.body, name: 'another' }, wanted.key)
    this.#call(wanted.user, { command: { name: 'submit_task', spec }, projectId }, (reply) => {
      if (reply.kind === 'ok') this.#options.fail('G2', `${wanted.key} was taken with another body`)
      else if (
        reply.kind === 'refused' &&
        reply.code !== 'idempotency_conflict' &&
        !retryLater.has(reply.code)
      ) {
        this.#options.fail('G2', `a conflict on ${wanted.key} is answered with ${reply.code}`)
      }
    })
  }

  #press(wanted: Wanted, action: ReceiptAction): void {
    if (wanted.taskId === null) return
    const timeoutMs = this.#options.random.chance(0.2) ? 2_000 : null
    const command = { name: 'control_task' as const, taskId: asTaskId(wanted.taskId), action, timeoutMs }
    this.#call(wanted.user, { command, projectId: 'default' }, (reply) => {
      if (reply.kind === 'refused' && reply.code !== 'wrong_phase' && !retryLater.has(reply.code)) {
        this.#options.fail('RC7', `${action} of ${wanted.taskId} is answered with ${reply.code}`)
      }
    })
  }

  /** G1: what was acked is there for whoever asks next. */
  #readBack(user: string, taskId: string): void {
    const server = this.#options.server()
    if (server === null) return
    server.process.run(() => {
      server.leader.plane.task(callerOf(user), taskId).catch((thrown: unknown) => {
        if (server.process.isDead) return
        this.#options.fail('G1', `${taskId} was acked and cannot be read: ${fromUnknown(thrown).code}`)
      })
    })
  }

  #call(
    user: string,
    request: { readonly command: CommandRequest; readonly projectId: string },
    then: (reply: Reply) => void,
  ): void {
    const { clock, random, server } = this.#options
    let isOver = false
    const finish = (reply: Reply): void => {
      if (isOver) return
      isOver = true
      then(reply)
    }
    const send = (reply: Reply): void => {
      if (!random.chance(0.05)) clock.after(random.between(0.1, 5), () => finish(reply))
    }
    clock.after(random.between(1_500, 4_000), () => finish({ kind: 'unknown' }))
    clock.after(random.between(0.1, 5), () => {
      const at = server()
      if (at === null) return
      at.process.run(() => {
        at.leader.plane.execute(callerOf(user), request).then(
          (answer) =>
            at.process.run(() => {
              this.#checkReleased(answer)
              send({ kind: 'ok', answer })
            }),
          (thrown: unknown) =>
            at.process.run(() => {
              const { code, message } = fromUnknown(thrown)
              send({ kind: 'refused', code, message })
            }),
        )
      })
    })
  }

  /** G1: an answer leaves when what it says is durable. */
  #checkReleased(answer: Answer): void {
    const { log, fail } = this.#options
    if (answer.kind === 'task' && !log.tasks.byId.has(answer.taskId)) {
      fail('G1', `${answer.taskId} is acked and not durable (${bornAt(answer.taskId)} > ${log.seq})`)
    }
    if (answer.kind === 'receipt' && !log.knowsCommand(answer.commandId)) {
      fail('G1', `command ${answer.commandId} is acked and not durable`)
    }
  }
}

const callerOf = (user: string): Caller => ({
  principal: { kind: 'user', id: user, role: 'admin' },
  via: 'rest',
  traceId: `${user}'s call`,
})
