import { actsOn, type State, taskState, workerState } from '../live/health.js'
import type { Alert, Task, TaskAction, Template, Worker } from '../live/protocol.js'
import type { BothWords } from '../ui/both-words.js'
import type { BoundKey } from '../ui/keys.js'

/** One line of the palette. */
export interface Entry {
  readonly id: string
  readonly group: 'task' | 'acts' | 'masters' | 'templates' | 'found'
  readonly label: string
  /** What else it is found by: the other language, an id. */
  readonly also: string
  /** Beside the label, quiet. */
  readonly hint?: string
  readonly mark?: State
  readonly keys?: string
  run(): void
}

export type HoldAct = 'drain' | 'cordon' | 'uncordon'

/** What the palette chooses from, and how it acts. */
export interface PaletteFacts {
  readonly acts: readonly BoundKey[]
  /** The open or chosen task. */
  readonly task: Task | null
  /** What the worker found for the words that are no act. */
  readonly tasks: readonly Task[]
  readonly workers: readonly Worker[]
  readonly alerts: readonly Alert[]
  readonly templates: readonly Template[]
  /** False: this person may look only. */
  readonly mayAct: boolean
  readonly words: BothWords
  /** Name of an alert: that of its task, else its master. */
  nameOf(alert: Alert): string
  command(taskId: string, action: TaskAction): void
  hold(workerId: string, act: HoldAct): void
  runTemplate(templateId: string): void
  open(screen: string, params: Readonly<Record<string, string>>): void
}

/** Entries shown at once; more words find the rest. */
const entriesMax = 60
/** Found masters, agents, alerts and tasks of each kind. */
const foundMax = 6

const taskActs = ['pause', 'resume', 'cancel', 'retry'] as const satisfies readonly TaskAction[]
const holdActs = ['cordon', 'drain', 'uncordon'] as const satisfies readonly HoldAct[]

const wordsIn = (query: string): readonly string[] =>
  query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')

/** The words of a query that name no act: "pause third" looks for third. */
export function searchOf(query: string, words: BothWords): string {
  const verbs = verbsIn(words)
  return wordsIn(query)
    .filter((word) => !verbs.includes(word))
    .join(' ')
}

/** Names of what may be done with tasks and masters, in both languages. */
function verbsIn(words: BothWords): readonly string[] {
  const names = [
    ...taskActs.map((act) => words(`act.${act}`)),
    ...holdActs.map((act) => words(`hold.${act}`)),
  ]
  return names
    .flatMap(({ label, also }) => [label.toLowerCase(), also.toLowerCase()])
    .filter((verb) => verb !== '')
}

/** Everything that can be done or opened and has each word of the query in one of its names, best group first. */
export function entriesOf(facts: PaletteFacts, query: string): readonly Entry[] {
  const asked = wordsIn(query)
  const search = searchOf(query, facts.words)
  const verbs = verbsIn(facts.words)
  // A name alone opens what it names: Enter must not pause what somebody looked for.
  const isActing = asked.some((word) => verbs.some((verb) => verb.startsWith(word)))
  const chosen = facts.task !== null && (isActing || asked.length === 0) ? [facts.task] : []
  const named = isActing ? facts.tasks.slice(0, foundMax) : []
  const isFound = ({ label, also }: Entry): boolean => {
    const names = `${label} ${also}`.toLowerCase()
    return asked.every((word) => names.includes(word))
  }
  // The worker found tasks by all their words, of which the label shows only the name.
  const found = search !== '' ? [...openTasks(facts), ...openOthers(facts).filter(isFound)] : []
  const doable = [
    ...chosen.flatMap((task) => actsOnTask(facts, task)),
    ...pageActs(facts),
    ...named.flatMap((task) => actsOnTask(facts, task)),
    ...(isActing ? holds(facts) : []),
    ...templates(facts),
  ].filter(isFound)
  const seen = new Set<string>()
  return [...doable, ...found].filter(({ id }) => !seen.has(id) && seen.add(id)).slice(0, entriesMax)
}

function pageActs({ acts }: PaletteFacts): readonly Entry[] {
  return (
    acts
      // Arrows only move: from the palette there is nowhere to move from.
      .filter((act) => act.inPalette !== false && !act.keys.startsWith('Arrow'))
      .map((act) => ({
        id: `act:${act.id}`,
        group: 'acts',
        label: act.label,
        also: `${act.also ?? ''} ${act.group}`,
        ...(act.keys === '' ? {} : { keys: act.keys }),
        run: () => void act.run(),
      }))
  )
}

function actsOnTask({ mayAct, words, command }: PaletteFacts, task: Task): readonly Entry[] {
  if (!mayAct) return []
  return actsOn(task).map((action) => {
    const { name, taskId } = task
    const verb = words(`act.${action}`)
    return {
      id: `${action}:${taskId}`,
      group: 'task',
      label: words('act.on', { act: verb.label, name }).label,
      also: `${verb.also} ${taskId}`,
      hint: taskId,
      run: () => command(taskId, action),
    }
  })
}

/** What may be done with a master: one that takes work can be held, one that is held can be let go. */
export function holdsOn(worker: Worker): readonly HoldAct[] {
  if (worker.hold === null) return ['cordon', 'drain']
  return worker.hold.kind === 'cordoned' ? ['drain', 'uncordon'] : ['uncordon']
}

function holds({ mayAct, workers, words, hold }: PaletteFacts): readonly Entry[] {
  if (!mayAct) return []
  return workers.flatMap((worker) =>
    holdsOn(worker).map((act): Entry => {
      const { workerId } = worker
      const verb = words(`hold.${act}`)
      return {
        id: `${act}:${workerId}`,
        group: 'masters',
        label: words('act.on', { act: verb.label, name: workerId }).label,
        also: verb.also,
        mark: workerState(worker),
        run: () => hold(workerId, act),
      }
    }),
  )
}

function templates({ mayAct, templates: known, words, runTemplate }: PaletteFacts): readonly Entry[] {
  if (!mayAct) return []
  return known.map(({ templateId, name, project, description }) => {
    const { label, also } = words('template.run', { name })
    return {
      id: `template:${templateId}`,
      group: 'templates',
      label,
      also: `${also} ${description}`,
      hint: project,
      run: () => runTemplate(templateId),
    }
  })
}

function openTasks({ tasks, open }: PaletteFacts): readonly Entry[] {
  return tasks.slice(0, foundMax).map((task) => ({
    id: `task:${task.taskId}`,
    group: 'found',
    label: task.name,
    also: task.taskId,
    hint: task.taskId,
    mark: taskState(task),
    run: () => open('tasks', { task: task.taskId }),
  }))
}

function openOthers({ workers, alerts, nameOf, words, open }: PaletteFacts): readonly Entry[] {
  const masters = workers.map((worker): Entry => {
    const { workerId, host } = worker
    const kind = words('palette.master')
    return {
      id: `master:${workerId}`,
      group: 'found',
      label: workerId,
      also: `${host} ${kind.label} ${kind.also}`,
      hint: kind.label,
      mark: workerState(worker),
      run: () => open('masters', { worker: workerId }),
    }
  })
  const agents = workers.flatMap((worker) =>
    worker.agents.map(({ agentId }): Entry => {
      const kind = words('palette.agent')
      return {
        id: `agent:${agentId}`,
        group: 'found',
        label: agentId,
        also: `${kind.label} ${kind.also}`,
        hint: kind.label,
        run: () => open('agents', { agent: agentId }),
      }
    }),
  )
  const raised = alerts.map((alert): Entry => {
    const kind = words(`alert.${alert.kind}`)
    return {
      id: `alert:${alert.alertId}`,
      group: 'found',
      label: nameOf(alert),
      also: `${alert.alertId} ${kind.label} ${kind.also}`,
      hint: kind.label,
      mark: alert.level === 'error' ? 'failed' : 'waiting',
      run: () => open('alerts', { alert: alert.alertId }),
    }
  })
  return [...masters, ...raised, ...agents]
}
