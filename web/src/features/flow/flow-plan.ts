import type { Task } from '../../live/protocol.js'

/** What feeds tasks without being one. */
export type SourceKind = 'schedule' | 'trigger' | 'template'

export type FlowNode =
  | { readonly kind: 'task'; readonly id: string }
  /** A task that others name and this wall does not hold. */
  | { readonly kind: 'unknown'; readonly id: string }
  | { readonly kind: SourceKind; readonly id: string; readonly name: string }

export interface FlowEdge {
  readonly id: string
  readonly from: string
  readonly to: string
}

/** Which task is fed by which, and by what else. The same plan as long as no task joins or leaves. */
export interface FlowPlan {
  readonly nodes: readonly FlowNode[]
  readonly edges: readonly FlowEdge[]
}

export function planOf(tasks: readonly Task[]): FlowPlan {
  const nodes = new Map<string, FlowNode>()
  const edges: FlowEdge[] = []
  const link = (from: string, to: string) => edges.push({ id: `${from}→${to}`, from, to })
  for (const { taskId } of tasks) nodes.set(taskId, { kind: 'task', id: taskId })
  for (const { taskId, dependsOn, origin } of tasks) {
    for (const source of dependsOn) {
      if (!nodes.has(source)) nodes.set(source, { kind: 'unknown', id: source })
      link(source, taskId)
    }
    const plan = sourceIn(origin)
    if (plan === null) continue
    nodes.set(plan.id, plan)
    link(plan.id, taskId)
  }
  return { nodes: [...nodes.values()], edges }
}

/** The nearest thing that made it: a template is what a schedule or trigger fills in. */
function sourceIn(origin: Task['origin']): Extract<FlowNode, { name: string }> | null {
  if (origin?.schedule !== undefined)
    return { kind: 'schedule', id: origin.schedule.scheduleId, name: origin.schedule.name }
  if (origin?.trigger !== undefined)
    return { kind: 'trigger', id: origin.trigger.triggerId, name: origin.trigger.name }
  if (origin?.template !== undefined)
    return { kind: 'template', id: origin.template.templateId, name: origin.template.name }
  return null
}

export const planKey = ({ nodes, edges }: FlowPlan): string =>
  [...nodes.map((node) => `${node.kind} ${node.id}`), ...edges.map((edge) => edge.id)].join('\n')
