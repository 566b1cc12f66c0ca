import { describe, expect, it } from 'vitest'
import { Rules } from '../../testing/core-fixture.js'
import { nodeIdOf } from '../ids.js'
import type { Command } from '../input.js'
import type { JsonObject } from '../json.js'
import { limits } from '../limits.js'
import { type ConfigChange, configChange } from './config-change.js'
import { type ConfigEvent, configEventOf } from './config-event.js'

/** The history that these commands of a user leave, oldest first. */
function historyOf(...commands: readonly Command[]): readonly ConfigChange[] {
  const rules = new Rules()
  rules.join('master-1')
  for (const command of commands) rules.user(command)
  const known = new Map<string, JsonObject | null>()
  return rules.log.flatMap((event) => {
    const about = configEventOf(event)
    if (about === null) return []
    const { after, change } = configChange(known.get(`${about.kind} ${about.id}`) ?? null, about)
    known.set(`${about.kind} ${about.id}`, after)
    return change
  })
}

const setLimit = (runsMax: number): Command => ({
  name: 'set_limit',
  scope: 'capacity',
  value: 'api',
  runsMax,
  rate: null,
})
const changeLimit = (action: 'pause' | 'delete'): Command => ({
  name: 'change_limit',
  limitId: 'capacity:api',
  action,
})
const event = (patch: JsonObject): ConfigEvent => ({
  seq: 1,
  atMs: 1,
  kind: 'template',
  id: 'm1',
  act: 'changed',
  by: 'admin',
  via: 'rest',
  projectId: 'default',
  patch,
})

describe('a change', () => {
  it('[CH1] says who, by which way, and what was before', () => {
    const changes = historyOf(setLimit(1), setLimit(2), changeLimit('pause'), changeLimit('delete'))
    expect(changes.map(({ act, fields }) => [act, fields])).toEqual([
      [
        'changed',
        [
          { path: 'scope', before: null, after: 'capacity' },
          { path: 'value', before: null, after: 'api' },
          { path: 'runsMax', before: null, after: 1 },
        ],
      ],
      ['changed', [{ path: 'runsMax', before: 1, after: 2 }]],
      ['paused', [{ path: 'paused', before: null, after: true }]],
      [
        'removed',
        [
          { path: 'scope', before: 'capacity', after: null },
          { path: 'value', before: 'api', after: null },
          { path: 'runsMax', before: 2, after: null },
          { path: 'paused', before: true, after: null },
        ],
      ],
    ])
    expect(changes[0]).toMatchObject({ kind: 'limit', id: 'capacity:api', by: 'admin', via: 'rest' })
  })

  it('[CH1] is told of placement, alert rules and holds of masters, by what became of them', () => {
    const weights = { connections: 1, cpu: 2, memory: 1, response: 1 }
    const nodeId = nodeIdOf('master-1')
    const changes = historyOf(
      { name: 'choose_placement', strategy: 'weighted', weights },
      { name: 'set_alert_rules', rules: { cpu: { above: 0.95 } } },
      { name: 'set_alert_rules', rules: { cpu: null } },
      { name: 'control_node', nodeId, action: 'cordon', deadlineMs: null },
      { name: 'control_node', nodeId, action: 'uncordon', deadlineMs: null },
    )
    expect(changes.map(({ kind, id, act }) => `${kind} ${id} ${act}`)).toEqual([
      'placement placement changed',
      'alert_rule cpu changed',
      'alert_rule cpu reset',
      'hold master-1 changed',
      'hold master-1 removed',
    ])
    expect(changes[0]?.fields).toEqual([
      { path: 'strategy', before: 'first-fit', after: 'weighted' },
      { path: 'weights.cpu', before: 1, after: 2 },
    ])
    expect(changes[1]?.fields).toEqual([{ path: 'above', before: 0.8, after: 0.95 }])
    expect(changes[2]?.fields).toEqual([{ path: 'above', before: 0.95, after: 0.8 }])
    expect(changes[3]?.fields).toEqual([{ path: 'hold', before: null, after: 'cordoned' }])
  })

  it('[CH1] says what was built in where nothing was chosen before', () => {
    const [change] = historyOf({ name: 'set_retention', lines: 1_000 })
    expect(change?.fields).toEqual([{ path: 'lines', before: limits.linesTotalMax, after: 1_000 }])
  })

  it('[CH1] keeps a pause over a new definition, and tells fields by their path', () => {
    const before = { name: 'a', task: { command: ['x', 'y'], priority: 5 }, paused: true }
    const { after, change } = configChange(before, event({ name: 'b', task: { command: ['x'] } }))
    expect(after).toEqual({ name: 'b', task: { command: ['x'] }, paused: true })
    expect(change.name).toBe('b')
    expect(change.fields).toEqual([
      { path: 'name', before: 'a', after: 'b' },
      { path: 'task.command', before: ['x', 'y'], after: ['x'] },
      { path: 'task.priority', before: 5, after: null },
    ])
  })

  it('[CH3] tells at most so many fields and characters, and says that it is cut', () => {
    const many = Object.fromEntries(
      Array.from({ length: limits.configFieldsMax + 1 }, (_, index) => [`f${index}`, index]),
    )
    expect(configChange(null, event(many)).change).toMatchObject({ cut: true })
    expect(configChange(null, event(many)).change.fields).toHaveLength(limits.configFieldsMax)
    const { change } = configChange(null, event({ text: 'x'.repeat(limits.configValueCharsMax + 1) }))
    expect(change.cut).toBe(true)
    expect(change.fields[0]?.after).toBe(`${'x'.repeat(limits.configValueCharsMax)}…`)
  })
})

it('[CH1] what is no configuration leaves no history', () => {
  const rules = new Rules()
  rules.join('master-1')
  rules.running(rules.submit())
  expect(rules.log.flatMap((one) => configEventOf(one) ?? [])).toEqual([])
})
