import { Fleet } from './fleet.js'
import { Browser, WallPage } from './wall-browser.js'
import { submitWork } from '../../scripts/screens/work.js'
const fleet = await Fleet.start(['--masters', '2'])
try {
  await submitWork(fleet)
  for (const view of [{ width: 3840, height: 2160 }, { width: 1366, height: 768 }]) {
    const big = view.width > 2000
    const browser = await Browser.open({ reducedMotion: true, view })
    const wall = await WallPage.byToken(browser, fleet.ready)
    const page = wall.page
    if (big) {
      for (const lang of ['en', 'zh']) {
        await wall.go(`/overview?wall=1&lang=${lang}&theme=${lang === 'en' ? 'dark' : 'light'}`)
        await wall.byId('node-master-1').waitFor()
        await page.waitForTimeout(2500)
        await page.screenshot({ path: `/tmp/w/shot-wall-${lang}.png` })
      }
      await wall.go(`/overview?wall=1&scenes=overview,topology&every=60`)
      await page.waitForTimeout(2500)
      await page.screenshot({ path: `/tmp/w/shot-wall-scenes.png` })
      await wall.go(`/queue?wall=1`)
      await page.waitForTimeout(1500)
      await page.screenshot({ path: `/tmp/w/shot-wall-queue.png` })
      await wall.go(`/alerts?wall=1`)
      await page.waitForTimeout(1500)
      await page.screenshot({ path: `/tmp/w/shot-wall-alerts.png` })
    } else {
      await wall.go('/settings?setup=1')
      await page.waitForTimeout(800)
      await page.screenshot({ path: '/tmp/w/shot-setup.png' })
      await wall.go('/settings?lang=zh&theme=light')
      await page.waitForTimeout(800)
      await page.screenshot({ path: '/tmp/w/shot-settings.png' })
    }
    await wall.go(big ? '/overview?wall=1' : '/overview')
    await page.waitForTimeout(6000)
    process.kill(fleet.ready.pids.leader ?? 0, 'SIGSTOP')
    await page.locator('[data-testid=connection][data-state=stale]').waitFor({ timeout: 40000 })
    await page.waitForTimeout(1500)
    await page.screenshot({ path: `/tmp/w/shot-stale-${big ? 'wall' : 'desk'}.png` })
    process.kill(fleet.ready.pids.leader ?? 0, 'SIGCONT')
    await wall.live()
    await browser.close()
  }
} finally {
  await fleet.stop()
}
