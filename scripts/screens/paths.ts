import type { Page } from 'playwright-core'
import type { Work } from './work.js'

/** Every screen, and every view of one that looks its own way, by the name of its picture. */
export const pathsOf = (work: Work): Readonly<Record<string, string>> => ({
  overview: '/overview',
  dashboard: '/dashboard',
  topology: '/topology',
  'topology-node': '/topology?list=1&worker=master-1',
  'topology-found': '/topology?q=master-1&hide=nodata&group=pool',
  masters: '/masters?worker=master-1',
  agents: '/agents',
  agent: '/agents?agent=master-1%2Fp1',
  tasks: '/tasks',
  'task-running': `/tasks?task=${work.running}`,
  'task-failed': `/tasks?task=${work.failed}`,
  'task-page': `/tasks?task=${work.failed}&full=1`,
  queue: '/queue',
  'queue-schedules': '/queue?view=schedules',
  'queue-triggers': '/queue?view=triggers',
  'queue-templates': '/queue?view=templates',
  'queue-limits': '/queue?view=limits',
  'queue-work': '/queue?view=work',
  'queue-dead': '/queue?view=dead',
  flow: '/flow',
  'flow-trace': `/flow?task=${work.blocked}&view=trace`,
  logs: '/logs',
  history: '/history',
  compare: `/history?compare=${work.failed},${work.running}`,
  alerts: '/alerts',
  alertsOver: '/alerts?view=cleared',
  configHistory: '/history?view=config',
  past: `/overview?at=${work.atMs}`,
  settings: '/settings',
  'set-up': '/settings?setup=1',
  'task-new': '/tasks?new=1',
})

/** Goes to an address without a load, as a link of the page does. */
export async function turnTo(
  page: Page,
  path: string,
  params: Readonly<Record<string, string>>,
): Promise<void> {
  const url = new URL(path, 'http://wall')
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value)
  const address = JSON.stringify(`${url.pathname}${url.search}`)
  await page.evaluate(`history.pushState(null, '', ${address}); dispatchEvent(new PopStateEvent('popstate'))`)
}
