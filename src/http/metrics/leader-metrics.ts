import { limits } from '../../core/limits.js'
import { durationBoundsS, endings, type Measures, type WorkerMeasures } from '../../ports/measures.js'
import type { Exposition, Samples } from './exposition.js'

/** The fleet as its leader knows it; the names are part of the contract (docs/metrics.md). */
export function leaderMetrics(to: Exposition, measures: Measures): void {
  const { workersByStatus, agentsByStatus, tasksByStatus, ended, durations } = measures
  to.gauge('workers_total', 'Masters, by status.', byLabel('status', workersByStatus))
  to.gauge('agents_total', 'Agents, by status.', byLabel('status', agentsByStatus))
  to.gauge('tasks_pending', 'Tasks that wait.', tasksByStatus.pending ?? 0)
  to.gauge('tasks_running', 'Tasks that run.', tasksByStatus.running ?? 0)
  to.gauge('tasks_known', 'Tasks that the log holds, by status.', byLabel('status', tasksByStatus))
  to.counter('tasks_submitted_total', 'Tasks submitted since the leader started.', measures.submitted)
  to.counter('tasks_total', 'Tasks that ended since the leader started, by status.', byLabel('status', ended))
  to.histogram('tasks_duration_seconds', 'Run time of the last attempt of tasks that ended, in seconds.', {
    bounds: durationBoundsS,
    series: endings.map((status) => [{ status }, durations[status].counts, durations[status].sumS]),
  })
  to.gauge(
    'alerts_open',
    'Alerts that are not cleared, by level.',
    byLabel('level', measures.openAlertsByLevel),
  )
  to.gauge('walls_connected', 'Live sockets of walls and watchers.', measures.walls)
  to.gauge('leader_term', 'Number of this leadership.', measures.term)
  to.counter('journal_events_total', 'Events of the log, over all leaders.', measures.seq)
  workerMetrics(to, measures.workers)
}

function workerMetrics(to: Exposition, all: readonly WorkerMeasures[]): void {
  const shown = all.slice(0, limits.metricsWorkersMax)
  const each = (measureOf: (worker: WorkerMeasures) => number | null | undefined): Samples =>
    shown.flatMap((worker) => {
      const value = measureOf(worker)
      return value == null ? [] : [[{ worker_id: worker.workerId }, value] as const]
    })
  const unlisted = all.length - shown.length
  to.gauge('workers_unlisted', 'Masters without series of their own: there are too many.', unlisted)
  to.gauge(
    'worker_up',
    '1 = its stream to the leader is open.',
    each(({ isUp }) => (isUp ? 1 : 0)),
  )
  to.gauge(
    'worker_cpu_usage',
    'CPU in use, 0 to 1.',
    each(({ load }) => load?.cpu),
  )
  to.gauge(
    'worker_memory_usage',
    'Memory in use, 0 to 1.',
    each(({ load }) => load?.memory),
  )
  to.gauge(
    'worker_disk_usage',
    'Disk in use, 0 to 1.',
    each(({ load }) => load?.disk),
  )
  to.gauge(
    'worker_network_receive_bytes_per_second',
    'Bytes received in a second.',
    each(({ load }) => load?.rxBytesPerS),
  )
  to.gauge(
    'worker_network_transmit_bytes_per_second',
    'Bytes sent in a second.',
    each(({ load }) => load?.txBytesPerS),
  )
  to.gauge(
    'worker_agents',
    'Its agents.',
    each(({ agents }) => agents),
  )
  to.gauge(
    'worker_agents_busy',
    'Its agents that run a task.',
    each(({ busyAgents }) => busyAgents),
  )
  to.gauge(
    'worker_ping_seconds',
    'Time that its command handler took to answer, in seconds.',
    each(({ rttMs }) => (rttMs === null ? null : rttMs / 1000)),
  )
}

const byLabel = (label: string, counts: Readonly<Record<string, number>>): Samples =>
  Object.entries(counts).map(([value, count]) => [{ [label]: value }, count])
