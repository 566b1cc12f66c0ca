import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { agentIdOf } from '../../src/core/ids.js'
import type { LeaderChannel } from '../../src/ports/node-link.js'
import { createLeaderDialer } from '../../src/rpc/leader-dialer.js'
import { registerSample } from '../../src/testing/link-samples.js'
import { Fleet } from './fleet.js'
import { poll } from './poll.js'
import { Browser, WallPage } from './wall-browser.js'
import { axeFindings } from './wall-fleet.js'

const mastersCount = 60
const agentsEach = 9
const nodes = mastersCount * (1 + agentsEach)

let fleet: Fleet
let browser: Browser
let wall: WallPage
const channels: LeaderChannel[] = []

/** A master over the product's own stream that starts nothing: only its place on the map counts. */
function join(nodeId: string, joinKey: string): Promise<void> {
  const agents = Array.from({ length: agentsEach }, (_, n) => ({
    ...{ agentId: agentIdOf(`${nodeId}/p${n + 1}`), kind: 'process' as const },
    // One of them is not well, and must be seen.
    ...{ failed: nodeId === 'sim-7' && n === 2, windowId: null, accountIdx: null, createdAtMs: 1 },
  }))
  const labels = { rack: `r${nodeId.length}` }
  const capabilities = { ...registerSample.capabilities, slots: agentsEach, labels, host: nodeId }
  return new Promise((resolve) => {
    const channel = createLeaderDialer({ joinKey, caPem: null, nodeId }).dial(fleet.ready.grpc, {
      onOpen: () => void channel.send([{ ...registerSample, takesBatches: true, capabilities, agents }]),
      onCommands: (commands) => {
        for (const command of commands) {
          if (command.kind === 'welcome') resolve()
          if (command.kind === 'ping') channel.send([{ kind: 'pong', nonce: command.nonce }])
        }
      },
      onClose: () => {},
    })
    channels.push(channel)
  })
}

beforeAll(async () => {
  fleet = await Fleet.start(['--masters', '1'])
  const { key } = JSON.parse(readFileSync(fleet.ready.joinFile, 'utf8')) as { readonly key: string }
  await Promise.all(Array.from({ length: mastersCount - 1 }, (_, n) => join(`sim-${n + 1}`, key)))
  browser = await Browser.open({ reducedMotion: true })
  wall = await WallPage.byToken(browser, fleet.ready, '/topology')
})
afterAll(async () => {
  await browser.close()
  for (const channel of channels) channel.close()
  await fleet.stop()
})

const cards = () => wall.page.locator('.react-flow__node').count()
/** The leader alone is a card. */
const hexesOnly = () => poll('hexes', async () => ((await cards()) === 1 ? true : null))
const press = async (...keys: string[]) => {
  for (const key of keys) await wall.page.keyboard.press(key)
}

it('[MA2] [MA3] draws them all as hexes, and names masters and links that are in view', async () => {
  await poll('every node on the map', async () => {
    const drawn = await wall.page.locator('[data-map-nodes]').getAttribute('data-map-nodes')
    return Number(drawn) >= nodes - agentsEach ? true : null
  })
  await hexesOnly()
  await wall.byId('node-sim-59').waitFor({ state: 'attached' })
  expect(await wall.byId('link-sim-59').getAttribute('data-health')).toMatch(/^(ok|slow)$/)
})

it('is walked by arrows: who has no element gets one while it has the focus; a click selects what is only drawn', async () => {
  await poll('the focus on the leader', async () => {
    await press('ArrowDown')
    return (await wall.focused()).startsWith('node-leader') ? true : null
  })
  await press('ArrowDown')
  const master = await wall.focused()
  expect(master).toMatch(/^node-(master|sim)-\d+$/)
  const box = await wall.page.locator(`[data-map-node="${master.slice('node-'.length)}"]`).boundingBox()
  await press('ArrowDown')
  expect(await wall.focused()).toMatch(new RegExp(`^${master}/p\\d$`))
  await wall.page.evaluate('document.activeElement.blur()')
  await wall.page.mouse.click((box?.x ?? 0) + 3, (box?.y ?? 0) + 3)
  const title = master.slice('node-'.length)
  await wall.byId('map-panel').getByRole('heading', { name: title, exact: true }).waitFor()
})

it('[MA2] comes to cards when it is near', async () => {
  await wall.go('/topology?worker=sim-7')
  await wall.byId('map-panel').waitFor()
  await hexesOnly()
  await poll('cards on the map', async () => {
    if ((await cards()) > 1) return true
    await wall.page.getByRole('button', { name: 'Zoom in' }).click()
    return null
  })
  expect(await cards()).toBeLessThanOrEqual(500)
})

it('[MA4] finds the one that is not well by its state', async () => {
  await wall.go('/topology?q=failed')
  await wall.byId('map-found').filter({ hasText: '1 found' }).waitFor()
  await wall.page.getByRole('button', { name: 'Go to the next one' }).click()
  await wall.byId('map-panel').getByRole('heading', { name: 'sim-7/p3' }).waitFor()
})

it('[MA5] the tree has thousands of lines and few in the DOM', async () => {
  await wall.go('/topology?list=1')
  const tree = wall.page.getByRole('tree')
  await tree.getByRole('treeitem').nth(5).waitFor()
  expect(await tree.getByRole('treeitem').count()).toBeLessThan(60)
  await tree.focus()
  await press('End')
  await tree.locator(`[aria-posinset="${mastersCount}"][aria-setsize="${mastersCount}"]`).waitFor()
  expect(await axeFindings(wall)).toEqual([])
})
