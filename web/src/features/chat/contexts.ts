/** What a conversation is about: a project on a master, a whole project (`P:*`) or the fleet (`*:*`). */
export const fleetContext = '*:*'

export interface ContextGroup {
  readonly project: string
  readonly contexts: readonly string[]
}

/** Every `project:master` that can be chosen. Each project stands with the whole of itself first. */
export function contextGroups(
  projects: readonly string[],
  workerIds: readonly string[],
): readonly ContextGroup[] {
  const known = projects.length === 0 ? ['default'] : projects
  return known.map((project) => ({
    project,
    contexts: [`${project}:*`, ...workerIds.map((workerId) => `${project}:${workerId}`)],
  }))
}
