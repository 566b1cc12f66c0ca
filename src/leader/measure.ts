import type { Worker } from '../contract/worker.js'
import type { State } from '../core/state.js'
import type { Measures, WorkerMeasures } from '../ports/measures.js'
import { countFleet, countTasks } from './fleet-counts.js'
import type { Samples } from './samples.js'
import type { TaskTally } from './task-tally.js'

/** The numbers of this state as it stands; they leave through the gate, as every answer. */
export function measure(parts: {
  readonly state: State
  readonly samples: Samples
  readonly tally: TaskTally
  readonly walls: number
}): Measures {
  const { state, samples, tally, walls } = parts
  const { workers, agents, views } = countFleet(state, samples)
  const { total: _workers, ...workersByStatus } = workers
  const { total: _agents, ...agentsByStatus } = agents
  const openAlertsByLevel = { error: 0, warning: 0 }
  for (const alertId of state.index.openAlert.values()) {
    const alert = state.alert(alertId)
    if (alert !== undefined) openAlertsByLevel[alert.level] += 1
  }
  return {
    term: state.term,
    seq: state.headSeq,
    workersByStatus,
    agentsByStatus,
    tasksByStatus: countTasks(state),
    ...tally.view(),
    openAlertsByLevel,
    walls,
    workers: views.map(measureWorker).sort((a, b) => (a.workerId < b.workerId ? -1 : 1)),
  }
}

/** A master that is away has no load: what it last said is not how it is. */
function measureWorker({ workerId, status, agents, busyAgents, rttMs, metrics }: Worker): WorkerMeasures {
  const isUp = status !== 'offline' && status !== 'unknown'
  const load =
    metrics === null || !isUp
      ? null
      : {
          cpu: metrics.cpu,
          memory: metrics.memory,
          disk: metrics.disk,
          rxBytesPerS: metrics.networkRxBytesPerS,
          txBytesPerS: metrics.networkTxBytesPerS,
        }
  return { workerId, isUp, agents: agents.length, busyAgents, rttMs: isUp ? rttMs : null, load }
}
