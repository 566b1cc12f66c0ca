import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { poll } from './poll.js'
import { axeFindings, openWallFleet, type WallFleet } from './wall-fleet.js'

let open: WallFleet
let taskId: string

beforeAll(async () => {
  open = await openWallFleet()
  taskId = await open.fleet.submit(
    ['sh', '-c', 'for n in $(seq 1 1200); do echo "line $n"; done; echo ERROR end'],
    { name: 'talkative' },
  )
})
afterAll(() => open?.close())

const log = () => open.wall.page.getByTestId('log')
const line = (text: string) => log().getByText(text, { exact: true })

it('pages back to the first line over all tasks', async () => {
  const { page } = open.wall
  await open.wall.go('/logs')
  await line('ERROR end').waitFor()
  const older = page.getByRole('button', { name: 'Load older lines' })
  const start = page.getByText('The beginning of what is kept.')
  const height = () => log().evaluate((element) => element.scrollHeight)
  for (;;) {
    await older.or(start).first().waitFor()
    if (await start.isVisible()) break
    const before = await height()
    await older.click()
    await poll('older lines', async () => ((await height()) > before ? true : null))
  }
  await log().evaluate((element) => element.scrollTo(0, 0))
  await line('line 1').waitFor()
})

it('is filtered by time in the address, from the leader’s store and as lines come', async () => {
  const { page } = open.wall
  const nowMs = Date.now()
  await open.wall.go(`/logs?until=${nowMs}`)
  await line('ERROR end').waitFor()
  await open.wall.go(`/logs?since=${nowMs}`)
  await page.getByText('No line matches').waitFor()
  await open.fleet.submit(['echo', 'after it'])
  await line('after it').waitFor()
  expect(await line('ERROR end').count()).toBe(0)
  await page.getByLabel('Filter by time').selectOption('')
  await line('ERROR end').waitFor()
  expect(new URL(page.url()).searchParams.has('since')).toBe(false)
})

it('stands still for reading, says how many lines came, and follows again', async () => {
  const { page } = open.wall
  await open.wall.go('/logs')
  await line('ERROR end').waitFor()
  await page.keyboard.press('Space')
  await open.fleet.submit(['sh', '-c', 'echo one; echo two'])
  await page.getByText('2 new lines').waitFor()
  expect(await line('two').count()).toBe(0)
  await page.getByRole('button', { name: 'Follow' }).click()
  await line('two').waitFor()
})

it('exports every line that matches, not only those on screen, as text and as NDJSON', async () => {
  const { page } = open.wall
  await open.wall.go(`/logs?task=${taskId}`)
  await line('ERROR end').waitFor()
  await page.keyboard.press('e')
  const saved = async (format: 'text' | 'ndjson') => {
    await page.getByLabel('Format').selectOption(format)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as a file' }).click(),
    ])
    return readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\n')
  }
  const text = await saved('text')
  expect(text).toHaveLength(1201)
  expect(text[0]).toMatch(new RegExp(`^20\\d\\d-.*Z master-1 ${taskId} info line 1$`))
  await page.getByText('1,201 lines saved.').waitFor()
  const lines = (await saved('ndjson')).map((each) => JSON.parse(each) as { n: number })
  expect(lines.map(({ n }) => n)).toEqual(Array.from({ length: 1201 }, (_, index) => index + 1))
})

it('has nothing that axe finds, with its dialog too', async () => {
  const { page } = open.wall
  expect(await axeFindings(open.wall)).toEqual([])
  await page.keyboard.press('Escape')
  expect(await axeFindings(open.wall)).toEqual([])
})
