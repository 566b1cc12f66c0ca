import type { UserCommand } from '../core/input.js'
import type { CommandRequest, PlanRequest } from '../ports/control-plane.js'
import type { Random } from '../ports/random.js'

/** A request of a transport as the rules decide it: with the hash that tells a repeat from a conflict. */
export function userCommand(
  request: Exclude<CommandRequest, PlanRequest | { readonly name: 'submit_template' }>,
  projectId: string,
  random: Random,
): UserCommand {
  if (request.name === 'submit_task') {
    const bodyHash = random.sha256(JSON.stringify({ projectId, ...request.spec }))
    return { ...request, bodyHash }
  }
  if (request.name === 'start_acts') {
    const { action, filter, dryRun, idempotencyKey } = request
    const bodyHash = random.sha256(JSON.stringify({ action, filter, dryRun }))
    return { name: 'start_work', job: { kind: 'acts', action, filter, dryRun }, bodyHash, idempotencyKey }
  }
  return request
}
