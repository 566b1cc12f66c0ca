import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Task } from '../../src/contract/task.js'
import type { Fleet } from './fleet.js'
import type { WallPage } from './wall-browser.js'
import { openWallFleet, type WallFleet } from './wall-fleet.js'

let fleet: Fleet
let wall: WallPage
let close: WallFleet['close'] | undefined

beforeAll(async () => {
  ;({ fleet, wall, close } = await openWallFleet())
})
afterAll(() => close?.())

async function submit(name: string, more: object): Promise<string> {
  const body = { type: 'command', name, payload: { command: 'true' }, ...more }
  return ((await (await fleet.post('/api/tasks', body)).json()) as Task).taskId
}
const said = (taskId: string, text: string | RegExp) => wall.byId(`task-${taskId}`).getByText(text).waitFor()

it('why each task waits is said in Chinese, with the facts; the leader’s own sentence is its title', async () => {
  await fleet.post('/api/limits', { scope: 'key', value: 'repo', runsMax: 1 })
  const runs = await submit('runs', { payload: { command: 'sleep 300' }, concurrencyKey: 'repo' })
  const strange = await submit('strange', { type: 'email', payload: {} })
  const zone = await submit('zone', { requirements: { labels: { zone: 'b' } } })
  const keyed = await submit('keyed', { concurrencyKey: 'repo' })
  const after = await submit('after', { dependsOn: [runs] })
  const later = await submit('later', { delayMs: 3_600_000 })
  await wall.go('/queue?lang=zh')
  await said(strange, '没有主控能运行它；最接近的 master-1 缺少 email。')
  await said(zone, '最接近的 master-1 没有标签 zone=b。')
  await said(keyed, '键 repo 的运行数已到上限；其中一个结束后再启动下一个。')
  await said(after, `等待 ${runs}：必须全部成功。`)
  await said(later, /^推迟到 .*。$/)
  await fleet.post('/api/workers/master-1/cordon')
  const held = await submit('held', {})
  await said(held, 'master-1 可以运行它，但已停止接收任务。恢复：agentflow uncordon master-1')
  const titles = await wall.page
    .locator('tbody span[title]')
    .evaluateAll((all) => all.map(({ title }) => title))
  expect(titles.some((title) => title.includes('agentflow uncordon master-1'))).toBe(true)
  await wall.byId(`task-${strange}`).getByRole('link').first().click()
  await wall.page
    .getByRole('region', { name: '任务' })
    .getByText('没有主控能运行它；最接近的 master-1 缺少 email。')
    .waitFor()
})

it('a refusal is said in Chinese by its code, with the leader’s own sentence behind it', async () => {
  await wall.go('/queue?view=schedules&lang=zh')
  await wall.page.getByRole('button', { name: '新建计划' }).click()
  const dialog = wall.page.getByRole('dialog')
  await dialog.getByLabel('名称').fill('sometimes')
  await dialog.getByLabel('命令').fill('true')
  await dialog.getByLabel('分 时 日 月 星期').fill('sometimes')
  await dialog.getByRole('button', { name: '创建' }).click()
  const text = await dialog.getByRole('alert').textContent()
  expect(text).toMatch(/^(无法执行|内容无效)：.*five fields/)
})

it('a master whose agents were all deleted is not shown as one that leaves', async () => {
  await fleet.post('/api/workers/master-1/uncordon')
  const { agents } = await fleet.json<{ agents: { agentId: string }[] }>('/api/agents')
  for (const { agentId } of agents)
    await fleet.call(`/api/agents/${encodeURIComponent(agentId)}?force=true`, { method: 'DELETE' })
  await wall.go('/masters?worker=master-1')
  await wall.page.getByText('takes no new tasks').first().waitFor()
  expect(await wall.page.getByText('draining').count()).toBe(0)
})
