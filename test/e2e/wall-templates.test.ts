import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Task } from '../../src/contract/task.js'
import type { Template } from '../../src/contract/template.js'
import type { Fleet } from './fleet.js'
import { poll } from './poll.js'
import type { WallPage } from './wall-browser.js'
import { axeFindings, openWallFleet, type WallFleet } from './wall-fleet.js'

let fleet: Fleet
let wall: WallPage
let close: WallFleet['close'] | undefined
let templateId: string

beforeAll(async () => {
  ;({ fleet, wall, close } = await openWallFleet())
})
afterAll(() => close?.())

const row = () => wall.byId(`template-${templateId}`)

it('a template that is made elsewhere comes to the wall with what it asks for', async () => {
  await wall.go('/queue?view=templates')
  await wall.page.getByText('No templates').waitFor()
  const made = await fleet.post('/api/templates', {
    name: 'deploy',
    description: 'Puts a service on its machines',
    parameters: {
      service: { type: 'string', required: true, description: 'Its name' },
      replicas: { type: 'number', default: 3 },
      urgent: { type: 'boolean' },
      zone: { type: 'string', enum: ['a', 'b'], default: 'a' },
    },
    task: {
      type: 'command',
      name: 'deploy ${service}',
      payload: { command: ['echo', '${service} ${replicas} ${urgent} ${zone}'] },
    },
  })
  templateId = ((await made.json()) as Template).templateId
  await row().getByText('Puts a service on its machines').waitFor()
  expect(await row().getByRole('listitem').allTextContents()).toEqual([
    'service text, must be given',
    'replicas number, 3 unless given',
    'urgent yes or no',
    'zone text, a | b, a unless given',
  ])
})

it('it is run with values of their own types, and the task that it became stands beside the list', async () => {
  await row().getByRole('button', { name: 'Run deploy' }).click()
  const dialog = wall.page.getByRole('dialog', { name: 'Run deploy' })
  await dialog.getByLabel('service').fill('billing')
  await dialog.getByLabel('replicas').fill('2')
  await dialog.getByLabel('urgent').selectOption({ label: 'yes' })
  await dialog.getByLabel('zone').selectOption('b')
  await dialog.getByRole('button', { name: 'Run it' }).click()
  const detail = wall.page.getByRole('region', { name: 'Task' })
  await detail.getByRole('heading', { name: 'deploy billing' }).waitFor()
  await detail.getByRole('log').getByText('billing 2 true b', { exact: true }).waitFor()
  await row().waitFor()
})

it('what must be given is asked for; what is not given is the default', async () => {
  await wall.page.keyboard.press('Escape')
  await row().getByRole('button', { name: 'Run deploy' }).click()
  const dialog = wall.page.getByRole('dialog', { name: 'Run deploy' })
  await dialog.getByRole('button', { name: 'Run it' }).click()
  expect(await dialog.locator('input:invalid').count()).toBe(1)
  await dialog.getByLabel('service').fill('mail')
  await dialog.getByLabel('service').press('Enter')
  const task = await poll('the task of the defaults', async () => {
    const { tasks } = await fleet.json<{ tasks: Task[] }>('/api/tasks?status=completed')
    return tasks.find(({ name }) => name === 'deploy mail') ?? null
  })
  expect(task.result?.tail).toContain('mail 3 false a')
})

it('nothing that axe finds, with the form open too, and nothing out of reach at 200 %', async () => {
  for (const theme of ['dark', 'light']) {
    await wall.go(`/queue?view=templates&theme=${theme}`)
    await row().getByRole('button', { name: 'Run deploy' }).click()
    await wall.page.getByRole('dialog').waitFor()
    expect(await axeFindings(wall)).toEqual([])
  }
  await wall.page.setViewportSize({ width: 683, height: 384 })
  await wall.go('/queue?view=templates')
  await row().waitFor()
  expect(await wall.page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
  await wall.page.setViewportSize({ width: 1366, height: 768 })
})

it('it is deleted after a question, and its tasks stay', async () => {
  await row().getByRole('button', { name: 'Delete deploy' }).click()
  const question = wall.page.getByRole('dialog', { name: 'Delete deploy' })
  await question.getByText('Tasks that were made from it stay').waitFor()
  await question.getByRole('button', { name: 'Cancel' }).click()
  await question.waitFor({ state: 'detached' })
  await row().getByRole('button', { name: 'Delete deploy' }).click()
  await question.getByRole('button', { name: 'Delete' }).click()
  await row().waitFor({ state: 'detached' })
  await wall.page.getByText('No templates').waitFor()
  const { tasks } = await fleet.json<{ tasks: Task[] }>('/api/tasks?status=completed')
  expect(tasks.map(({ name }) => name).sort()).toEqual(['deploy billing', 'deploy mail'])
})
