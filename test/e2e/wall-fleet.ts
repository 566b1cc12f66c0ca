import { AxeBuilder } from '@axe-core/playwright'
import { Fleet } from './fleet.js'
import { Browser, WallPage } from './wall-browser.js'

/** A fleet of one master with a wall that is signed in and still. */
export interface WallFleet {
  readonly fleet: Fleet
  readonly wall: WallPage
  close(): Promise<void>
}

export async function openWallFleet(): Promise<WallFleet> {
  const fleet = await Fleet.start(['--masters', '1'])
  const browser = await Browser.open({ reducedMotion: true })
  const wall = await WallPage.byToken(browser, fleet.ready)
  return {
    fleet,
    wall,
    close: async () => {
      await browser.close()
      await fleet.stop()
    },
  }
}

/** What axe finds wrong by WCAG 2.2 AA. */
export async function axeFindings({ page }: WallPage): Promise<string[]> {
  const found = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze()
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
}
