import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Locator, type Page } from 'playwright-core'

const installed = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Path of the browser: CHROMIUM_PATH, else where systems put it. */
function chromiumPath(): string {
  const path = process.env.CHROMIUM_PATH ?? installed.find((each) => existsSync(each))
  if (path === undefined)
    throw new Error('Chromium is missing: apt-get install chromium, or set CHROMIUM_PATH')
  return path
}

export interface View {
  readonly width: number
  readonly height: number
}
export const laptop: View = { width: 1366, height: 768 }

/** A real browser with a profile of its own, closed and removed at the end. */
export class Browser {
  readonly context: BrowserContext
  /** What the pages complained about: a test may look that nothing did. */
  readonly complaints: string[] = []
  readonly #profile: string

  private constructor(context: BrowserContext, profile: string) {
    this.context = context
    this.#profile = profile
    context.on('weberror', (error) => this.complaints.push(error.error().message))
    context.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text())
    })
  }

  static async open(
    options: { readonly view?: View; readonly reducedMotion?: boolean } = {},
  ): Promise<Browser> {
    const profile = mkdtempSync(join(tmpdir(), 'agentflow-browser-'))
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: chromiumPath(),
      headless: true,
      viewport: options.view ?? laptop,
      locale: 'en-GB',
      colorScheme: 'dark',
      reducedMotion: options.reducedMotion === true ? 'reduce' : 'no-preference',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    })
    context.setDefaultTimeout(20_000)
    return new Browser(context, profile)
  }

  async close(): Promise<void> {
    await this.context.close()
    rmSync(this.#profile, { recursive: true, force: true })
  }
}

/** A page of the wall that is signed in and live. */
export class WallPage {
  readonly page: Page
  readonly #api: string

  private constructor(page: Page, api: string) {
    this.page = page
    this.#api = api
  }

  /** Signs in with a one-time link, as a person does. */
  static async byLink(
    browser: Browser,
    ready: { readonly url: string; readonly api: string },
  ): Promise<WallPage> {
    const page = await browser.context.newPage()
    await page.goto(ready.url)
    const wall = new WallPage(page, ready.api)
    await wall.live()
    return wall
  }

  /** Signs in with a token in the page's own form: a link works only once. */
  static async byToken(
    browser: Browser,
    ready: { readonly token: string; readonly api: string },
    path = '/overview',
  ): Promise<WallPage> {
    const page = await browser.context.newPage()
    await page.goto(`${ready.api}${path}`)
    await page.locator('input[name=token]').fill(ready.token)
    await page.locator('button[type=submit]').click()
    const wall = new WallPage(page, ready.api)
    await wall.live()
    return wall
  }

  /** Loads an address of the wall anew. */
  async go(path: string): Promise<void> {
    await this.page.goto(`${this.#api}${path}`)
    await this.live()
  }

  async live(): Promise<void> {
    await this.page.locator('[data-testid=connection][data-state=live]').waitFor()
  }

  byId(testId: string): Locator {
    return this.page.getByTestId(testId)
  }

  /** Waits until a task's row is in this phase. */
  async phase(taskId: string, phase: string): Promise<void> {
    await this.page.locator(`[data-testid="task-${taskId}"][data-phase="${phase}"]`).waitFor()
  }

  /** Types a message and sends it; answers come in the chat log. */
  async say(text: string): Promise<void> {
    await this.byId('chat-input').fill(text)
    await this.byId('chat-input').press('Enter')
  }

  /** Test id of what has the focus, or its own text. */
  focused(): Promise<string> {
    return this.page.evaluate<string>(
      `document.activeElement?.getAttribute('data-testid') ?? document.activeElement?.textContent ?? ''`,
    )
  }
}
