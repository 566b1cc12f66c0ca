import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Placement } from '../../src/contract/placement.js'
import type { Fleet } from './fleet.js'
import { poll } from './poll.js'
import type { WallPage } from './wall-browser.js'
import { openWallFleet, type WallFleet } from './wall-fleet.js'

let fleet: Fleet
let wall: WallPage
let close: WallFleet['close'] | undefined

beforeAll(async () => {
  ;({ fleet, wall, close } = await openWallFleet())
})
afterAll(() => close?.())

const placement = () => fleet.json<Placement>('/api/settings/placement')
const strategy = (name: string) => wall.page.getByRole('radio', { name })

it('the strategy is shown with what each one does, and changed', async () => {
  await wall.go('/settings')
  const group = wall.page.getByRole('group', { name: 'Placement' })
  await group.getByRole('radio').first().waitFor()
  const { strategies, strategy: first } = await placement()
  expect(await group.getByRole('radio').count()).toBe(strategies.length)
  expect(first).toBe('first-fit')
  expect(await strategy('First fit').isChecked()).toBe(true)
  await group.getByText('The master with the fewest runs.').click()
  await poll('the choice', async () => ((await placement()).strategy === 'least-connections' ? true : null))
  await wall.go('/settings')
  await wall.page.getByRole('radio', { name: 'Least busy', checked: true }).waitFor()
})

it('the weights of the weighted one are set, with the keyboard too', async () => {
  await strategy('Weighted').focus()
  await wall.page.keyboard.press('Space')
  await wall.page.getByLabel('Run time', { exact: true }).fill('0')
  await wall.page.getByLabel('CPU', { exact: true }).fill('2.5')
  await wall.page.getByLabel('CPU', { exact: true }).press('Enter')
  await poll('the weights', async () => {
    const { strategy: name, weights } = await placement()
    return name === 'weighted' && weights.cpu === 2.5 && weights.response === 0 ? true : null
  })
})
