import { ControlError } from '../core/errors.js'
import type { Caller, ControlPlane, JsonBytes } from '../ports/control-plane.js'
import type { Random } from '../ports/random.js'
import type { AnswerToolCall, ToolCall } from '../ports/tool-calls.js'
import type { Logins } from './logins.js'

/** Runs a tool by its name. */
export type RunTool = (plane: ControlPlane, caller: Caller, call: ToolCall) => Promise<JsonBytes>

/** What a master may ask by itself, for a run that it holds. */
const ofRuns: readonly string[] = ['note_effect', 'check_fence']

/** [MH2] A master may speak for whoever gave it a token, for its own runs [EF6], and for nobody else. */
export const answerCalls =
  (parts: {
    readonly logins: () => Logins
    readonly plane: () => ControlPlane
    readonly random: Random
    readonly runTool: RunTool | undefined
  }): AnswerToolCall =>
  async (nodeId, call, signal) => {
    const principal =
      call.token === '' && ofRuns.includes(call.tool)
        ? ({ kind: 'node', id: nodeId } as const)
        : parts.logins().authenticate(call.token)
    if (principal === null) {
      throw new ControlError('not_authenticated', 'The token is unknown, expired or withdrawn.')
    }
    if (parts.runTool === undefined)
      throw new ControlError('tool_not_found', `There is no tool ${call.tool} here.`)
    const traceId = parts.random.hex(16)
    const via = principal.kind === 'node' ? 'node' : 'rest'
    return parts.runTool(parts.plane(), { principal, via, traceId, signal }, call)
  }
