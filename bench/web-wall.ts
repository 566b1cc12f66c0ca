import { type Browser, chromium, type Page } from 'playwright-core'

export interface PageSize {
  readonly width: number
  readonly height: number
}
export const fullHd: PageSize = { width: 1920, height: 1080 }
export const ultraHd: PageSize = { width: 3840, height: 2160 }

/** Chromium without a GPU: what is measured is the same on every machine, and the hardest. */
export function openBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--js-flags=--expose-gc', '--enable-precise-memory-info'],
  })
}

/** A page of the built wall, signed in and live, that counts what it is told and what it costs. */
export async function openWall(
  browser: Browser,
  options: {
    readonly origin: string
    readonly path: string
    readonly size: PageSize
    readonly token?: string
    /** What the page is told of its session's end; default: it has none. */
    readonly expiresAt?: number
  },
): Promise<Page> {
  const page = await browser.newPage({ viewport: options.size })
  const credential = JSON.stringify({ token: options.token ?? 'bench', expiresAt: options.expiresAt ?? null })
  await page.addInitScript(`sessionStorage.setItem('agentflow.session', ${JSON.stringify(credential)})`)
  await page.addInitScript(probes)
  await page.goto(`${options.origin}${options.path}`)
  await page.locator('[data-testid=connection][data-state=live]').waitFor()
  return page
}

/** A page with one canvas that is cleared at each move of the pointer, and nothing else. */
export async function openEmptyCanvas(browser: Browser, size: PageSize): Promise<Page> {
  const page = await browser.newPage({ viewport: size })
  await page.setContent(emptyCanvas)
  await page.evaluate(probes)
  return page
}

/** What the page counted since the last call. */
export interface Counted {
  /** Frames that the worker handed over: each is one action of the store. */
  readonly storeUpdates: number
  readonly longTasks: number
  /** Ms of the longest task; 0 without a long one. */
  readonly longestTaskMs: number
  readonly elapsedMs: number
  /** Lines handed to the page's streams. */
  readonly lines: number
  /** Lines that the page was told it does not get. */
  readonly linesCounted: number
  /** Highest number of a line so far. */
  readonly lastLine: number
}

export const counted = (page: Page): Promise<Counted> => page.evaluate<Counted>('counted()')

/** Frames a second while a script drags what `selector` finds in circles for `ms`. */
export const pan = (page: Page, selector: string, ms: number): Promise<number> =>
  page.evaluate<number>(`panned(${JSON.stringify(selector)}, ${ms})`)

/** Resolves at the frame in which an expression of the page is true. Not by waitForFunction: the page lets nobody eval. */
export const until = (page: Page, expression: string): Promise<void> =>
  page.evaluate<void>(
    `new Promise((done) => { const look = () => (${expression}) ? done() : requestAnimationFrame(look); look() })`,
  )

const emptyCanvas = `<!doctype html><body style="margin:0;background:#1d2025"><canvas style="display:block"></canvas><script>
  const canvas = document.querySelector('canvas')
  canvas.width = innerWidth
  canvas.height = innerHeight
  const context = canvas.getContext('2d')
  addEventListener('mousemove', () => {
    context.fillStyle = '#1d2025'
    context.fillRect(0, 0, canvas.width, canvas.height)
  })
</script>`

/** Runs in the page, before it. A frame counts when the browser asks for it: it asks for none that it cannot show. */
const probes = `
  let updates = 0, tasks = [], sinceMs = performance.now(), lines = 0, linesCounted = 0
  window.lastLineTold = 0
  const take = (frame) => {
    updates += 1
    for (const { newer, skipped } of Object.values(frame.lines ?? {})) {
      linesCounted += skipped
      for (const { n, gap } of newer) {
        if (gap === undefined) lines += 1
        else linesCounted += gap.to - gap.from
        lastLineTold = Math.max(lastLineTold, n)
      }
    }
  }
  const Plain = window.Worker
  window.Worker = class extends Plain {
    constructor(...args) {
      super(...args)
      this.addEventListener('message', (event) => { if (event.data?.type === 'frame') take(event.data.frame) })
    }
  }
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration)))
    .observe({ type: 'longtask', buffered: true })
  window.counted = () => {
    const nowMs = performance.now()
    const answer = { storeUpdates: updates, longTasks: tasks.length, longestTaskMs: Math.max(0, ...tasks), elapsedMs: nowMs - sinceMs, lines, linesCounted, lastLine: lastLineTold }
    updates = lines = linesCounted = 0
    tasks = []
    sinceMs = nowMs
    return answer
  }
  window.filtered = (text, total) => new Promise((done) => {
    const field = document.querySelector('main input[type=search], main input')
    const startMs = performance.now()
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, text)
    field.dispatchEvent(new Event('input', { bubbles: true }))
    const look = () => {
      const table = document.querySelector('[role=table]')
      const rows = table?.querySelectorAll('[data-testid^=task-]').length ?? 0
      if (table?.getAttribute('aria-rowcount') !== String(total) || rows === 0) return requestAnimationFrame(look)
      requestAnimationFrame(() => requestAnimationFrame(() => done({ ms: performance.now() - startMs, rows })))
    }
    look()
  })
  window.panned = (selector, ms) => new Promise((done) => {
    const area = document.querySelector(selector)
    const { left, top, width, height } = area.getBoundingClientRect()
    const [x, y] = [left + width / 2, top + height / 2]
    const fire = (type, atX, atY, target) => target.dispatchEvent(new MouseEvent(type,
      { bubbles: true, cancelable: true, view: window, clientX: atX, clientY: atY, button: 0, buttons: 1 }))
    fire('mousedown', x, y, area)
    let startMs, frames = 0
    const step = (nowMs) => {
      startMs ??= nowMs
      const elapsedMs = nowMs - startMs
      if (elapsedMs >= ms) {
        fire('mouseup', x, y, window)
        return done(frames / (elapsedMs / 1000))
      }
      frames += 1
      const angle = elapsedMs / 1000 * Math.PI
      fire('mousemove', x + width / 4 * Math.sin(angle), y + height / 4 * Math.sin(2 * angle), window)
      requestAnimationFrame(step)
    }
    requestAnimationFrame(step)
  })
`
