import type { Caller, CommandRequest, ControlPlane, JsonBytes } from '../ports/control-plane.js'
import { answerJson } from './answer.js'

/** A command about a plan; answers the plan, the task that was submitted, or `{}` when the plan is gone. */
export async function planAct(
  plane: ControlPlane,
  caller: Caller,
  asked: { readonly command: CommandRequest; readonly projectId: string },
): Promise<JsonBytes> {
  const answer = await plane.execute(caller, asked)
  const isGone = asked.command.name.startsWith('delete_')
  return isGone ? '{}' : answerJson(plane, caller, answer, 0)
}
