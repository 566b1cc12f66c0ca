import type { TaskRequest } from '../ports/node-link.js'
import type { FunctionCall, RunTerms, StartRun, TaskInput } from '../ports/task-host.js'

/** A start, or the sentence that says why there can be none. */
export type Prepared =
  | { readonly ok: true; readonly start: StartRun }
  | { readonly ok: false; readonly message: string }

/** Reads a task's payload as a program to run. */
export function prepareRun(request: TaskRequest): Prepared {
  const payload = parse(request.payloadJson)
  if (payload === null) return refused('The payload of the task is not a JSON object.')
  const { command, cwd, env, stdin, stdinOpen } = payload
  if (command === undefined) return refused(`This master cannot run tasks of type "${request.type}".`)
  const isArgv = isTexts(command) && command.length > 0
  if (!isArgv && (typeof command !== 'string' || command === '')) {
    return refused('The command of the task must be a text or a list of texts that is not empty.')
  }
  if (!isTextOrAbsent(cwd) || !isTextOrAbsent(stdin) || !isVariables(env ?? {})) {
    return refused('The payload of the task has a field of the wrong type.')
  }
  return {
    ok: true,
    start: {
      taskId: request.taskId,
      attempt: request.attempt,
      fence: request.fence,
      argv: isArgv ? command : null,
      shell: isArgv ? null : String(command),
      cwd: cwd ?? null,
      env: { ...variablesOf(env), AGENTFLOW_IDEMPOTENCY_KEY: request.idempotencyKey },
      stdin: stdin ?? null,
      stdinOpen: stdinOpen === true,
      ...(request.inputsJson === '' ? {} : { inputsJson: request.inputsJson }),
      terms: termsOf(request),
    },
  }
}

/** Reads a task's payload as what a function is called with. */
export function prepareCall(request: TaskRequest): Prepared {
  const payload = parse(request.payloadJson)
  if (payload === null) return refused('The payload of the task is not a JSON object.')
  const { taskId, attempt, fence, type, name, traceId } = request
  return {
    ok: true,
    start: {
      taskId,
      attempt,
      fence,
      argv: null,
      shell: null,
      cwd: null,
      env: {},
      stdin: null,
      stdinOpen: false,
      terms: termsOf(request),
      call: { type, name, payload, traceId, ...inputsOf(request) },
    },
  }
}

/** What of a request outlives this master. */
export function termsOf(request: TaskRequest): RunTerms {
  const { agentId, timeoutMs, stallAfterMs, leaseClass, onDisconnect } = request
  return { agentId, timeoutMs, stallAfterMs, leaseClass, onDisconnect }
}

/** Made by the leader, so its shape is known. */
const inputsOf = ({ inputsJson }: TaskRequest): Pick<FunctionCall, 'inputs'> =>
  inputsJson === '' ? {} : { inputs: JSON.parse(inputsJson) as Record<string, TaskInput> }

const refused = (message: string): Prepared => ({ ok: false, message })

function parse(json: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(json)
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((part) => typeof part === 'string')

const isTextOrAbsent = (value: unknown): value is string | undefined =>
  value === undefined || typeof value === 'string'

const isVariables = (value: unknown): value is Readonly<Record<string, string>> =>
  isRecord(value) && Object.values(value).every((one) => typeof one === 'string')

const variablesOf = (value: unknown): Readonly<Record<string, string>> => (isVariables(value) ? value : {})
