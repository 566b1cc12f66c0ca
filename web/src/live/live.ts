import type { LoginResult } from '../../../src/contract/session.js'
import { type Credential, credentialOf, keepCredential, readCredential, renewInMs } from './login.js'
import type { FromWorker, LineQuery, TaskAction, TaskQuery, ToWorker } from './protocol.js'
import { Rest } from './rest.js'
import { LineRings, SampleRings } from './rings.js'
import { createWallStore } from './store.js'

/** Told when the session begins or ends. */
type SessionListener = (signedIn: boolean) => void

/**
 * The page's one connection to the fleet. Makes no call until `resume`, `login` or `signInWith`; then a worker holds
 * the socket and all entities, and the store gets one action an animation frame with what is on screen.
 */
class Live {
  readonly store = createWallStore()
  readonly lines = new LineRings()
  readonly samples = new SampleRings()
  readonly rest = new Rest(
    () => this.#credential?.token ?? null,
    () => this.logout(),
    () => this.store.getState().replay !== null,
  )
  #credential: Credential | null = null
  #worker: Worker | null = null
  #renewal: ReturnType<typeof setTimeout> | undefined
  #requests = 0
  readonly #sessionListeners = new Set<SessionListener>()

  get signedIn(): boolean {
    return this.#credential !== null
  }

  get expiresAt(): number | null {
    return this.#credential?.expiresAt ?? null
  }

  onSession(listener: SessionListener): () => void {
    this.#sessionListeners.add(listener)
    return () => this.#sessionListeners.delete(listener)
  }

  /** Takes up the session of this tab; false when there is none. */
  resume(): boolean {
    const credential = readCredential(sessionStorage, Date.now())
    if (credential === null) return false
    this.#signIn(credential)
    return true
  }

  /** Exchanges a one-time code. Rejects with RestError. */
  async login(code: string): Promise<void> {
    this.#signIn(credentialOf(await this.rest.post<LoginResult>('/api/login', { code })))
  }

  /** A token that the user pasted. Rejects with RestError when the leader does not take it. */
  async signInWith(token: string): Promise<void> {
    this.#credential = { token, expiresAt: null }
    try {
      await this.rest.get('/api/stats')
    } catch (cause) {
      this.#credential = null
      throw cause
    }
    this.#signIn({ token, expiresAt: null })
  }

  logout(): void {
    if (this.#credential === null) return
    clearTimeout(this.#renewal)
    this.#credential = null
    keepCredential(sessionStorage, null)
    this.#worker?.terminate()
    this.#worker = null
    this.store.dispatch({ type: 'cleared' })
    this.samples.clear()
    for (const listener of this.#sessionListeners) listener(false)
  }

  /** Tries to connect now instead of at the planned time. */
  retryNow(): void {
    this.#tell({ type: 'retry' })
  }

  /** Keeps a list of tasks in the store under `key` until `unwatchTasks`; asking again changes its query. */
  watchTasks(key: string, query: TaskQuery): void {
    this.#tell({ type: 'watch_tasks', key, query })
  }

  unwatchTasks(key: string): void {
    this.#tell({ type: 'unwatch_tasks', key })
  }

  /** Keeps a stream of lines in `lines` under `key` until `unwatchLines`; asking again changes its query. */
  watchLines(key: string, query: LineQuery): void {
    this.#tell({ type: 'watch_lines', key, query })
  }

  unwatchLines(key: string): void {
    this.#tell({ type: 'unwatch_lines', key })
    this.lines.drop(key)
  }

  olderLines(key: string): void {
    this.#tell({ type: 'older_lines', key })
  }

  /** Brings the earlier receipts of a task into the store; newer ones come by themselves. */
  loadReceipts(taskId: string): void {
    this.#tell({ type: 'load_receipts', taskId })
  }

  watchChat(context: string): () => void {
    this.#tell({ type: 'watch_chat', context })
    return () => this.#tell({ type: 'unwatch_chat', context })
  }

  /** Gives a command; its progress appears in the store's `commands` under the id that this answers. */
  command(taskId: string, action: TaskAction): string {
    const requestId = this.#requestId()
    this.#tell({ type: 'command', requestId, taskId, action })
    return requestId
  }

  say(context: string, text: string): void {
    this.#tell({ type: 'chat', requestId: this.#requestId(), context, text })
  }

  /** Shows the fleet as it stood at an instant (Unix ms) instead of the present. */
  replayAt(atMs: number): void {
    this.#tell({ type: 'replay_at', atMs })
  }

  /** To the next event, or the one before; from the present, to the last one. */
  replayStep(by: 1 | -1): void {
    this.#tell({ type: 'replay_step', by })
  }

  /** Moves on by itself, so many times as fast as it was; null = stands still. */
  replayPlay(speed: number | null): void {
    this.#tell({ type: 'replay_play', speed })
  }

  replayNextFailure(): void {
    this.#tell({ type: 'replay_next_failure' })
  }

  /** Shows the present again. */
  replayEnd(): void {
    this.#tell({ type: 'replay_end' })
  }

  #requestId(): string {
    this.#requests += 1
    return `w${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}-${this.#requests}`
  }

  #signIn(credential: Credential): void {
    this.#keep(credential)
    this.#worker?.terminate()
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = (event: MessageEvent<FromWorker>) => this.#paint(worker, event.data)
    this.#worker = worker
    const { origin } = location
    const socketUrl = `${origin.replace(/^http/, 'ws')}/ws`
    this.#tell({ type: 'start', socketUrl, apiUrl: origin, token: credential.token })
    for (const listener of this.#sessionListeners) listener(true)
  }

  /** One action an animation frame: the worker sends the next frame only when this one is in the store. */
  #paint(worker: Worker, message: FromWorker): void {
    requestAnimationFrame(() => {
      if (worker !== this.#worker) return
      const { samples, lines, replay } = message.frame
      const past = replay === undefined ? this.store.getState().replay : replay
      // Of the past there is one sample each, and it is of another time than those before.
      if (replay === null || (past !== null && samples !== undefined)) this.samples.clear()
      if (samples !== undefined) this.samples.take(samples)
      if (lines !== undefined) this.lines.take(lines)
      this.store.dispatch({ type: 'frame', frame: message.frame })
      worker.postMessage({ type: 'painted' } satisfies ToWorker)
    })
  }

  #keep(credential: Credential): void {
    this.#credential = credential
    keepCredential(sessionStorage, credential)
    clearTimeout(this.#renewal)
    const inMs = renewInMs(credential, Date.now())
    if (inMs !== null) this.#renewal = setTimeout(() => void this.#renew(), inMs)
  }

  /** A failed renewal is tried again by the same rule, as long as the session lasts; a refused one ends it. */
  async #renew(): Promise<void> {
    const { token } = this.#credential ?? {}
    try {
      const renewed = credentialOf(await this.rest.post<LoginResult>('/api/login/renew', {}))
      this.#keep(renewed)
      this.#tell({ type: 'token', token: renewed.token })
    } catch {
      // A 401 has signed out already; anything else (the leader restarts) is worth another try.
      if (this.#credential !== null && this.#credential.token === token) this.#keep(this.#credential)
    }
  }

  #tell(message: ToWorker): void {
    this.#worker?.postMessage(message)
  }
}

/** The page's connection; inert until somebody signs in. */
export const live = new Live()
