import type { Node } from '../nodes/node.js'
import type { Ask } from '../placement/ask.js'
import type { Decline } from '../tasks/task.js'
import type { NodeLack } from './node-lacks.js'

interface About {
  readonly node: Node
  readonly ask: Ask
  /** Masters that lack as much as this one, itself included. */
  readonly equals: number
  /** What it said, where it declined. */
  readonly decline: Pick<Decline, 'text'> | null
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 1024 ** 2)} MiB`
const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`
const listed = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '))

/** The first lack of the nearest master as a sentence that says what to do, where something can be done. */
export function lackSentence(lack: NodeLack, about: About): string {
  const { node, ask, equals, decline } = about
  const { nodeId, capabilities } = node
  const isNamed = ask.workerId !== null
  const others = equals > 1 ? `, and so are ${equals - 1} more` : ''
  switch (lack) {
    case 'capability':
      return capabilitySentence(about)
    case 'gpu':
      return `The task needs ${counted(ask.needs.gpus, 'GPU', 'GPUs')}; ${isNamed ? '' : 'the nearest, '}${nodeId}, has ${capabilities.gpus.length}.`
    case 'label':
      return labelSentence(about)
    case 'slots_ever':
      return `The task takes ${counted(ask.needs.slots, 'slot', 'slots')} at once; ${isNamed ? '' : 'no master that could run it has as many: '}${nodeId} has fewer in all.`
    case 'memory_ever':
      return `The task needs ${mebibytes(ask.needs.memoryBytes)} of memory; ${isNamed ? '' : 'no master that could run it has as much: '}${nodeId} has ${mebibytes(capabilities.memoryBytes)}.`
    case 'offline':
      return `${has(ask, nodeId)} but ${offlineWords(node)}${others}.`
    case 'cordoned':
      return `${has(ask, nodeId)} but is ${node.hold?.kind ?? 'cordoned'}: agentflow uncordon ${nodeId}`
    case 'declined':
      return `${nodeId} declined it${decline === null ? '' : `: ${decline.text}`} It is asked again in a while.`
    case 'slots':
      return slotSentence(about)
    case 'memory':
      return `The task needs ${mebibytes(ask.needs.memoryBytes)} of memory, which ${isNamed ? nodeId : 'no master that could run it'} has left beside its runs.`
  }
}

function capabilitySentence({ node, ask }: About): string {
  const known = node.capabilities.projectTypes
  const wanted = [ask.type, ...ask.needs.capabilities].filter((one) => !known.includes(one))
  if (ask.workerId !== null)
    return `${node.nodeId} cannot run ${listed(wanted)}; it can run ${listed(known)}.`
  const all = ask.needs.capabilities.length > 0 ? ' all that it needs' : ` tasks of type ${ask.type}`
  return `No master can run${all}; the nearest, ${node.nodeId}, lacks ${listed(wanted)}.`
}

function labelSentence({ node, ask }: About): string {
  const { labels } = node.capabilities
  const wanted = Object.entries(ask.needs.labels)
    .filter(([name, value]) => labels[name] !== value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
  const asked = wanted.map(([name, value]) => `${name}=${value}`)
  const its = wanted.map(([name]) => (labels[name] === undefined ? `no ${name}` : `${name}=${labels[name]}`))
  const who = ask.workerId === null ? 'No master that could run it has' : `${node.nodeId} does not have`
  return `${who} ${asked.length === 1 ? 'the label' : 'the labels'} ${listed(asked)}; ${node.nodeId} has ${listed(its)}.`
}

/** `master-2 has label zone=b`, or that it could run the task. */
function has({ needs }: Ask, nodeId: string): string {
  const labels = Object.entries(needs.labels)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
  if (labels.length === 0) return `${nodeId} could run it`
  return `${nodeId} has ${labels.length === 1 ? 'label' : 'labels'} ${labels.join(', ')}`
}

function offlineWords({ status }: Node): string {
  switch (status) {
    case 'deaf':
      return 'does not answer: its command handler is stuck'
    case 'unknown':
      return 'is silent: its link is gone'
    case 'offline':
      return 'is offline'
    case 'online':
      return 'has not come back since the leader started'
  }
}

function slotSentence({ node, ask, equals }: About): string {
  const { slots } = ask.needs
  if (slots > 1) {
    const who = ask.workerId === null ? 'no master that could run it has' : `${node.nodeId} does not have`
    return `The task takes ${slots} slots at once; ${who} so many free.`
  }
  if (equals === 1 || ask.workerId !== null) return `All slots of ${node.nodeId} are taken.`
  return `All slots of the ${equals} masters that could run it are taken.`
}
