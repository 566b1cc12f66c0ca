import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { typesIn } from '../../testing/exposition-text.js'
import { measuresSample } from '../../testing/measures-sample.js'
import { Exposition } from './exposition.js'
import { leaderMetrics } from './leader-metrics.js'
import { processMetrics } from './process-metrics.js'
import { RequestMetrics } from './request-metrics.js'

interface Rule {
  readonly record?: string
  readonly alert?: string
  readonly expr: string
  readonly for?: string
}
const rules = (
  parse(readFileSync('deploy/prometheus-rules.yml', 'utf8')) as { groups: { rules: Rule[] }[] }
).groups.flatMap((group) => group.rules)
const dashboard = JSON.parse(readFileSync('deploy/grafana-dashboard.json', 'utf8')) as {
  panels: { title: string; targets: { expr: string }[] }[]
}

/** Words of PromQL in our expressions that are no metrics. */
const words = new Set(['sum', 'rate', 'by', 'or', 'histogram_quantile', 'le', 'status', 'job', 'up'])
const metricsIn = (expr: string): string[] =>
  (expr.replace(/"[^"]*"|\[\w+\]/g, '').match(/[a-z][a-z_]*/g) ?? []).filter((word) => !words.has(word))

async function existing(): Promise<ReadonlySet<string>> {
  const exposition = new Exposition()
  leaderMetrics(exposition, measuresSample())
  processMetrics(exposition)
  const types = typesIn((await exposition.text()) + (await new RequestMetrics().text()))
  return new Set(
    [...types].flatMap(([name, type]) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => name + part) : [name],
    ),
  )
}

describe('deploy/', () => {
  it('[MT5] names only metrics that exist', async () => {
    const known = await existing()
    const expressions = [...rules, ...dashboard.panels.flatMap(({ targets }) => targets)].map(
      ({ expr }) => expr,
    )
    expect(expressions.length).toBeGreaterThan(20)
    const unknown = expressions.flatMap(metricsIn).filter((name) => !known.has(name))
    expect(unknown).toEqual([])
  })

  it('has the rules of the contract', () => {
    const alerts = rules.flatMap(({ alert, expr, for: wait }) =>
      alert === undefined ? [] : [[alert, expr, wait]],
    )
    expect(alerts).toEqual(
      expect.arrayContaining([
        ['WorkerDown', expect.stringMatching(/worker_up == 0 or up\{.*\} == 0/), '1m'],
        ['HighCPUUsage', 'worker_cpu_usage > 0.8', '5m'],
        ['TaskQueueBacklog', 'tasks_pending > 100', '10m'],
      ]),
    )
  })

  it('shows what the contract asks for', () => {
    const titles = dashboard.panels.map(({ title }) => title)
    for (const title of [
      'Masters',
      'Agents by status',
      'Tasks ended a second',
      'CPU of masters',
      'Failed share of tasks',
    ])
      expect(titles).toContain(title)
  })
})
