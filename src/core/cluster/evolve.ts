import type { LogEvent } from '../event.js'
import type { Cluster } from './events.js'

const none = { completed: 0, failed: 0, cancelled: 0 }

export function evolveCluster(cluster: Cluster | undefined, event: LogEvent): Cluster | undefined {
  switch (event.type) {
    case 'TermStarted':
      return {
        kind: 'cluster',
        leaderId: event.body.leaderId,
        term: event.term,
        retiredThroughSeq: cluster?.retiredThroughSeq ?? 0,
        retired: cluster?.retired ?? none,
        ...(cluster?.placement === undefined ? {} : { placement: cluster.placement }),
        ...(cluster?.retention === undefined ? {} : { retention: cluster.retention }),
        ...(cluster?.alertRules === undefined ? {} : { alertRules: cluster.alertRules }),
        ...(cluster?.triggersSeenSeq === undefined ? {} : { triggersSeenSeq: cluster.triggersSeenSeq }),
        seq: event.seq,
      }
    case 'TasksRetired': {
      if (cluster === undefined) return undefined
      const { counts, throughSeq } = event.body
      return {
        ...cluster,
        retiredThroughSeq: throughSeq,
        retired: {
          completed: cluster.retired.completed + counts.completed,
          failed: cluster.retired.failed + counts.failed,
          cancelled: cluster.retired.cancelled + counts.cancelled,
        },
        seq: event.seq,
      }
    }
    case 'PlacementChosen': {
      if (cluster === undefined) return undefined
      const { strategy, weights } = event.body
      return { ...cluster, placement: { strategy, weights: { ...weights } }, seq: event.seq }
    }
    case 'RetentionChosen': {
      if (cluster === undefined) return undefined
      const { journalMs, journalBytes, lines } = event.body
      return { ...cluster, retention: { journalMs, journalBytes, lines }, seq: event.seq }
    }
    case 'AlertRuleSet': {
      if (cluster === undefined) return undefined
      const { ruleKind, rule } = event.body
      const { on, above, forMs } = rule
      const alertRules = { ...cluster.alertRules, [ruleKind]: { on, above, forMs } }
      return { ...cluster, alertRules, seq: event.seq }
    }
    case 'AlertRuleReset': {
      if (cluster === undefined) return undefined
      const { [event.body.ruleKind]: _old, ...alertRules } = cluster.alertRules ?? {}
      return { ...cluster, alertRules, seq: event.seq }
    }
    case 'TriggersSeen':
      return cluster === undefined
        ? undefined
        : { ...cluster, triggersSeenSeq: event.body.throughSeq, seq: event.seq }
    default:
      return cluster
  }
}
