import { toTaskSpec } from '../contract/catalogue.js'
import type { Receipt, Task, TaskPage } from '../contract/task.js'
import type { Worker } from '../contract/worker.js'
import { fromUnknown } from '../core/errors.js'
import { asTaskId } from '../core/ids.js'
import { limits } from '../core/limits.js'
import type { Clock } from '../ports/clock.js'
import type { Caller, ControlPlane } from '../ports/control-plane.js'
import type { Random } from '../ports/random.js'
import type { ChatRecord, Streams } from '../ports/streams.js'
import { readSlash, type Slash } from './slash.js'

export interface OperatorOptions {
  readonly plane: Pick<ControlPlane, 'execute' | 'task' | 'tasks' | 'receipt' | 'workers'>
  readonly streams: Streams
  readonly clock: Clock
  readonly random: Random
  /** Tells every wall that follows the context; called after the turn of the chat is durable. */
  readonly say: (record: ChatRecord) => void
}

/** What was asked in a chat. `targetContext`: PROJECT:MASTER, PROJECT:* or *:*. */
export interface Question {
  readonly text: string
  readonly targetContext: string
  readonly conversationId?: string | undefined
  readonly requestId?: string | undefined
}

const help = [
  '/nodes                      the masters and how they are',
  '/tasks                      what waits and runs here',
  '/run [--on MASTER] COMMAND  run a shell command',
  '/pause /resume /cancel /retry ID or NAME',
].join('\n')

const withoutClaude =
  'Claude is not connected to this leader yet, so I cannot answer plain words. Slash commands do the same acts: /help lists them.'

/**
 * Conversations and slash commands: an ordinary caller with the asking user's rights. Both turns of a chat are kept
 * before any wall hears them; an answer is final after the final receipt.
 */
export class Operator {
  readonly #options: OperatorOptions

  constructor(options: OperatorOptions) {
    this.#options = options
  }

  /** Resolves when the answer is kept and told; failures become the answer. */
  async ask(caller: Caller, question: Question): Promise<void> {
    const conversationId = question.conversationId ?? question.targetContext
    await this.#keep(caller.principal.id, 'user', question, conversationId, question.text)
    const text = await this.#answer({ ...caller, via: 'chat' }, question).catch(
      (thrown: unknown) => fromUnknown(thrown).message,
    )
    await this.#keep('agentflow', 'assistant', question, conversationId, text)
  }

  async #keep(
    author: string,
    role: ChatRecord['role'],
    question: Question,
    conversationId: string,
    text: string,
  ): Promise<void> {
    const { streams, clock, random, say } = this.#options
    const record: ChatRecord = {
      context: question.targetContext,
      conversationId,
      messageId: `m${random.hex(8)}`,
      requestId: question.requestId ?? null,
      author,
      atMs: clock.wallMs(),
      text,
      role,
    }
    await streams.appendChat(record)
    say(record)
  }

  #answer(caller: Caller, question: Question): Promise<string> {
    const slash = readSlash(question.text)
    return slash === null
      ? Promise.resolve(withoutClaude)
      : this.#do(caller, slash, contextOf(question.targetContext))
  }

  async #do(caller: Caller, slash: Slash, context: Context): Promise<string> {
    switch (slash.kind) {
      case 'help':
        return help
      case 'wrong':
        return slash.why
      case 'nodes':
        return this.#nodes(caller)
      case 'tasks':
        return this.#tasks(caller, context)
      case 'run':
        return this.#run(caller, slash.shell, slash.on ?? context.master, context.project ?? 'default')
      case 'act':
        return this.#act(caller, slash.action, slash.target, context)
    }
  }

  async #nodes(caller: Caller): Promise<string> {
    const { workers } = JSON.parse(await this.#options.plane.workers(caller)) as { workers: Worker[] }
    if (workers.length === 0)
      return 'No master has joined yet. Start one: agentflow master --leader HOST:PORT --join-file FILE'
    return workers
      .map((worker) => `${worker.workerId}  ${worker.status}  ${worker.busyAgents}/${worker.maxAgents} busy`)
      .join('\n')
  }

  async #tasks(caller: Caller, context: Context): Promise<string> {
    const [running, pending] = await Promise.all([
      this.#list(caller, 'running', context),
      this.#list(caller, 'pending', context),
    ])
    const lines = [...running, ...pending].map(
      (task) =>
        `${task.taskId}  ${task.phase}  ${task.name}${task.workerId === null ? '' : `  on ${task.workerId}`}`,
    )
    return lines.length === 0 ? 'Nothing waits or runs here.' : lines.join('\n')
  }

  async #run(caller: Caller, shell: string, on: string | null, project: string): Promise<string> {
    const body = {
      type: 'command',
      project,
      payload: { command: shell },
      ...(on === null ? {} : { requirements: { workerId: on } }),
    }
    const { spec, projectId } = toTaskSpec(body, null)
    const answer = await this.#options.plane.execute(caller, {
      command: { name: 'submit_task', spec },
      projectId,
    })
    return answer.kind === 'task' ? `${answer.taskId} is submitted: ${spec.name}` : 'It was not submitted.'
  }

  async #act(
    caller: Caller,
    action: 'pause' | 'resume' | 'cancel' | 'retry',
    target: string,
    context: Context,
  ): Promise<string> {
    const found = await this.#find(caller, target, context)
    if (typeof found === 'string') return found
    const { plane } = this.#options
    const answer = await plane.execute(caller, {
      command: { name: 'control_task', taskId: asTaskId(found.taskId), action, timeoutMs: null },
      projectId: found.project,
    })
    if (answer.kind !== 'receipt') return `${found.name} (${found.taskId}) is over already.`
    const receipt = JSON.parse(await plane.receipt(caller, answer.commandId, limits.waitMsMax)) as Receipt
    const last = receipt.steps.at(-1)
    return `${action} ${found.name} (${found.taskId}): ${receipt.state}${last?.detail ? ` — ${last.detail}` : ''}`
  }

  /** By id, or by a name that only one unfinished task of the context has; a sentence when that fails. */
  async #find(caller: Caller, target: string, context: Context): Promise<Task | string> {
    if (/^t[0-9a-v]+$/.test(target)) {
      const task = await this.#options.plane.task(caller, target).catch(() => null)
      if (task !== null) return JSON.parse(task) as Task
    }
    const lists = await Promise.all(
      (['running', 'pending', 'failed', 'cancelled'] as const).map((status) =>
        this.#list(caller, status, context, target),
      ),
    )
    const wanted = target.toLowerCase()
    for (const tasks of [
      [...(lists[0] ?? []), ...(lists[1] ?? [])],
      [...(lists[2] ?? []), ...(lists[3] ?? [])],
    ]) {
      const exact = tasks.filter((task) => task.name.toLowerCase() === wanted)
      const near = exact.length > 0 ? exact : tasks.filter((task) => task.name.toLowerCase().includes(wanted))
      if (near.length === 1 && near[0] !== undefined) return near[0]
      if (near.length > 1)
        return `"${target}" is not one task: ${near
          .slice(0, 5)
          .map((task) => `${task.taskId} ${task.name}`)
          .join(', ')}`
    }
    return `there is no task "${target}" here; /tasks lists what waits and runs`
  }

  /** The newest of a status; with `text`, of those whose name or id holds it. */
  async #list(caller: Caller, status: string, context: Context, text?: string): Promise<Task[]> {
    const filter = { status, project: context.project ?? undefined, text }
    const page = JSON.parse(
      await this.#options.plane.tasks(caller, filter, { limit: limits.pageDefault, cursor: null }),
    ) as TaskPage
    return page.tasks.filter(
      (task) => context.master === null || task.workerId === null || task.workerId === context.master,
    )
  }
}

interface Context {
  /** null = every project / master. */
  readonly project: string | null
  readonly master: string | null
}

function contextOf(targetContext: string): Context {
  const [project = '*', master = '*'] = targetContext.split(':')
  return { project: project === '*' ? null : project, master: master === '*' ? null : master }
}
