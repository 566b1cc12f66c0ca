import { ControlError, fromUnknown } from '../core/errors.js'
import { projectIdOf } from '../core/ids.js'
import type { Answer, Input, UserCommand } from '../core/input.js'
import type { TaskSpec } from '../core/tasks/task.js'
import type { Outcome } from '../core/turn.js'
import type { Caller, CommandRequest, SubmitOutcome } from '../ports/control-plane.js'
import type { Random } from '../ports/random.js'
import { type ColdSources, factsFor } from './facts.js'
import { userCommand } from './user-command.js'

export interface CallsOptions extends ColdSources {
  readonly random: Random
  /** Adds to a request what the rules may not find out themselves; throws what can never work as asked. */
  readonly complete: (request: CommandRequest, projectId: string) => UserCommand
  readonly offer: (input: Input, done: (outcome: Outcome) => void) => void
}

interface Request {
  readonly command: CommandRequest
  readonly projectId: string
}

/** Users' commands on their way to the turn: with what the rules need beside the words, in the order of the calls. */
export class Calls {
  readonly #options: CallsOptions

  constructor(options: CallsOptions) {
    this.#options = options
  }

  async execute(caller: Caller, { command, projectId }: Request): Promise<Answer> {
    return this.decide(caller, this.#options.complete(command, projectId), projectId)
  }

  decide(caller: Caller, command: UserCommand, projectId: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#offer(caller, command, projectId, (outcome) => {
        if (outcome.ok) resolve(outcome.answer)
        else reject(outcome.error)
      })
    })
  }

  /** The way of submits that come in numbers: no promise, and an answer of two words. */
  submit(
    caller: Caller,
    { spec, projectId }: { readonly spec: TaskSpec; readonly projectId: string },
    done: (outcome: SubmitOutcome) => void,
  ): void {
    const command = userCommand({ name: 'submit_task', spec }, projectId, this.#options.random)
    this.#offer(caller, command, projectId, (outcome) => {
      if (!outcome.ok) done(outcome)
      else if (outcome.answer.kind === 'task')
        done({ ok: true, taskId: outcome.answer.taskId, created: outcome.answer.created })
      else
        done({ ok: false, error: new ControlError('internal', 'A submit was answered with something else.') })
    })
  }

  /** `done` is called exactly once. Never throws. */
  #offer(caller: Caller, command: UserCommand, projectId: string, done: (outcome: Outcome) => void): void {
    const { principal, via, traceId } = caller
    const input: Input = {
      command,
      principal,
      via,
      projectId: projectIdOf(projectId),
      traceId,
      deadlineMs: null,
    }
    const facts = factsFor(command, principal.id, this.#options)
    if (facts === null) {
      this.#options.offer(input, done)
      return
    }
    facts.then(
      (found) => this.#options.offer(found === null ? input : { ...input, facts: found }, done),
      (failure: unknown) => done({ ok: false, error: fromUnknown(failure) }),
    )
  }
}
