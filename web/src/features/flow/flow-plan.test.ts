import { expect, it } from 'vitest'
import { aTask } from '../../live/fixture.js'
import { columnsOf, nodeBox } from './flow-layout.js'
import { planKey, planOf } from './flow-plan.js'

const nightly = { schedule: { scheduleId: 's1', name: 'nightly', slotMs: 1 } }
const tasks = [
  aTask('fetch', { origin: nightly }),
  aTask('build', { dependsOn: ['fetch', 'gone'] }),
  aTask('test', { dependsOn: ['build'] }),
]

it('says which task feeds which, what made it, and what it does not hold', () => {
  const plan = planOf(tasks)
  expect(plan.nodes.map((node) => [node.kind, node.id])).toEqual([
    ['task', 'fetch'],
    ['task', 'build'],
    ['task', 'test'],
    ['schedule', 's1'],
    ['unknown', 'gone'],
  ])
  expect(plan.edges.map(({ from, to }) => [from, to])).toEqual([
    ['s1', 'fetch'],
    ['fetch', 'build'],
    ['gone', 'build'],
    ['build', 'test'],
  ])
  const ran = tasks.map((task) => ({ ...task, status: 'running' as const, progress: 0.5 }))
  expect(planKey(planOf(ran))).toBe(planKey(plan))
})

it('without a layout in time it stands in columns by depth, and a circle ends', () => {
  const columns = columnsOf(planOf(tasks))
  const column = (id: string) => Math.round((columns.get(id)?.x ?? -1) / (nodeBox.width + 56))
  expect(['s1', 'fetch', 'gone', 'build', 'test'].map(column)).toEqual([0, 1, 0, 2, 3])
  const circle = planOf([aTask('a', { dependsOn: ['b'] }), aTask('b', { dependsOn: ['a'] })])
  expect(columnsOf(circle).size).toBe(2)
})
