import type { Alert } from '../client/index.js'
import { age, plain, styled, table } from './print.js'
import { timeText } from './time-text.js'

const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

export function alertTable(alerts: readonly Alert[], nowMs: number): string {
  const rows = alerts.map((alert) => [
    alert.alertId,
    `P${alert.priority}`,
    stateText(alert),
    alert.kind,
    alert.taskId ?? alert.nodeId ?? 'fleet',
    age(nowMs - alert.raisedAt),
    plain(alert.handling?.by ?? '–'),
    plain(alert.message),
  ])
  return table(['ALERT', 'PRIO', 'STATE', 'KIND', 'WHERE', 'AGE', 'OWNER', 'WHAT'], rows)
}

/** One alert, a fact a line. */
export function alertSheet(alert: Alert, nowMs: number): string {
  const { handling, evidence } = alert
  const facts: (readonly [string, string])[] = [
    ['State', stateText(alert)],
    ['Priority', `${alert.priority} (${alert.level})`],
    ['Kind', alert.kind],
    ['What', plain(alert.message)],
    ['Task', alert.taskId ?? '–'],
    ['Master', alert.nodeId ?? '–'],
    ['Raised', `${timeText(alert.raisedAt, zone())}, ${age(nowMs - alert.raisedAt)} ago`],
  ]
  if (handling !== null) {
    facts.push(['Owner', `${plain(handling.by)} since ${timeText(handling.at, zone())}`])
    facts.push(['Reason', plain(handling.reason ?? '–')])
    facts.push(['Returns', handling.until === null ? 'not by itself' : timeText(handling.until, zone())])
  }
  if (alert.returnedAt !== null) facts.push(['Returned', timeText(alert.returnedAt, zone())])
  if (evidence !== null && evidence.waitingFor !== '') facts.push(['Waits for', plain(evidence.waitingFor)])
  const lines = (evidence?.lines ?? []).map((line) => `  ${plain(line)}`)
  const sheet = facts.map(([name, value]) => `${name.padEnd(10)}${value}`)
  return [...sheet, ...(lines.length === 0 ? [] : ['Last lines', ...lines])].join('\n')
}

const colors = { raised: 'red', acked: 'yellow', shelved: 'dim', cleared: 'dim' } as const

const stateText = ({ state }: Alert): string => styled(colors[state], state)
