import { describe, expect, it } from 'vitest'
import {
  cardsOf,
  floodAbove,
  floodMs,
  groupAlerts,
  isReturned,
  latelyOver,
  returnedMs,
} from './alert-groups.js'
import { selectAlertViews, selectNeedsHuman } from './alert-selectors.js'
import { anAlert } from './fixture.js'
import type { Alert } from './protocol.js'
import { emptyWall, reduceWall } from './store.js'

const nowMs = 1_000_000_000
const offline = (change: Partial<Alert> = {}): Alert =>
  anAlert('dead', { kind: 'offline', level: 'error', priority: 1, taskId: null, nodeId: 'm1', ...change })
const stall = (id: string, nodeId: string, change: Partial<Alert> = {}): Alert =>
  anAlert(id, { kind: 'stall', taskId: `t${id}`, nodeId, ...change })
const many = (count: number, raisedAt: number): readonly Alert[] =>
  Array.from({ length: count }, (_, index) => stall(`s${index}`, `m${index + 10}`, { raisedAt }))
const ids = (alerts: readonly Alert[]): readonly string[] => alerts.map(({ alertId }) => alertId)

describe('groups', () => {
  it('[AL10] one dead master with forty stalls is one alarm', () => {
    const stalls = Array.from({ length: 40 }, (_, index) => stall(`s${index}`, 'm1'))
    const [group, ...others] = groupAlerts([...stalls, offline()])
    expect(group?.root.alertId).toBe('dead')
    expect(group?.under).toHaveLength(40)
    expect(others).toEqual([])
  })

  it('[AL10] stalls elsewhere stand for themselves, and those of before do when the master is back', () => {
    const alerts = [offline(), stall('a', 'm1'), stall('b', 'm2')]
    expect(groupAlerts(alerts).map(({ root }) => root.alertId)).toEqual(['dead', 'b'])
    const back = [offline({ state: 'cleared' }), stall('a', 'm1'), stall('b', 'm2')]
    expect(groupAlerts(back).map(({ root }) => root.alertId)).toEqual(['a', 'b'])
  })

  it('[AL10] a master that is deaf and then offline has one root, the older one', () => {
    const deaf = anAlert('deaf', { kind: 'deaf', priority: 1, nodeId: 'm1', taskId: null, raisedAt: 1 })
    const [group, ...others] = groupAlerts([offline({ raisedAt: 5 }), deaf])
    expect([group?.root.alertId, ids(group?.under ?? [])]).toEqual(['deaf', ['dead']])
    expect(others).toEqual([])
  })

  it('[AL1] the most urgent come first, then the oldest', () => {
    const alerts = [
      stall('young', 'm2', { raisedAt: 9 }),
      stall('old', 'm3', { raisedAt: 1 }),
      anAlert('cpu', { kind: 'cpu', priority: 3, nodeId: 'm4', taskId: null, raisedAt: 0 }),
      offline({ raisedAt: 99 }),
    ]
    expect(groupAlerts(alerts).map(({ root }) => root.alertId)).toEqual(['dead', 'old', 'young', 'cpu'])
  })
})

describe('a flood', () => {
  it('[AL11] of more than ten within ten minutes is one card, the first', () => {
    const old = stall('old', 'm1', { raisedAt: nowMs - floodMs })
    const cards = cardsOf(groupAlerts([old, ...many(floodAbove + 1, nowMs - 1_000)]), nowMs)
    expect(cards.map(({ kind }) => kind)).toEqual(['flood', 'group'])
    expect(cards[0]).toMatchObject({ sinceMs: nowMs - 1_000 })
    expect(cards[0]?.kind === 'flood' ? cards[0].groups : []).toHaveLength(floodAbove + 1)
  })

  it('[AL11] is none at ten, nor when they came slowly, nor when they hang under one master', () => {
    expect(cardsOf(groupAlerts(many(floodAbove, nowMs)), nowMs)).toHaveLength(floodAbove)
    const slow = many(floodAbove + 1, 0).map((alert, index) => ({
      ...alert,
      raisedAt: nowMs - index * 61_000,
    }))
    expect(cardsOf(groupAlerts(slow), nowMs).map(({ kind }) => kind)).not.toContain('flood')
    const under = Array.from({ length: 40 }, (_, index) => stall(`s${index}`, 'm1', { raisedAt: nowMs }))
    expect(cardsOf(groupAlerts([offline({ raisedAt: nowMs }), ...under]), nowMs)).toHaveLength(1)
  })

  it('[AL11] counts from the return of what was put aside', () => {
    const back = many(floodAbove + 1, 0).map((alert) => ({ ...alert, returnedAt: nowMs }))
    expect(cardsOf(groupAlerts(back), nowMs).map(({ kind }) => kind)).toEqual(['flood'])
  })
})

it('[AL12] needs a human only what nobody took on or put aside', () => {
  const alerts = [
    stall('raised', 'm2'),
    stall('acked', 'm3', { state: 'acked' }),
    stall('shelved', 'm4', { state: 'shelved' }),
    stall('over', 'm5', { state: 'cleared' }),
    offline({ state: 'acked' }),
    stall('under', 'm1'),
  ]
  const frame = { type: 'frame', frame: { alerts: { upsert: alerts, remove: [] } } } as const
  const state = reduceWall(emptyWall, frame)
  expect(selectNeedsHuman(state).map(({ root }) => root.alertId)).toEqual(['raised'])
  const { acked, shelved, cleared } = selectAlertViews(state)
  expect([acked, shelved, cleared].map((groups) => groups.map(({ root }) => root.alertId))).toEqual([
    ['dead', 'acked'],
    ['shelved'],
    ['over'],
  ])
})

it('[AL12] marks an alert that came back for five minutes', () => {
  const back = stall('a', 'm1', { returnedAt: nowMs })
  expect(isReturned(back, nowMs + returnedMs - 1)).toBe(true)
  expect(isReturned(back, nowMs + returnedMs)).toBe(false)
  expect(isReturned({ ...back, state: 'acked' }, nowMs)).toBe(false)
})

it('[AL12] keeps an alert that is over in sight for five minutes', () => {
  const over = { root: stall('a', 'm1', { state: 'cleared', changedAt: nowMs }), under: [] }
  expect(latelyOver([over], nowMs + returnedMs - 1)).toEqual([over])
  expect(latelyOver([over], nowMs + returnedMs)).toEqual([])
})
