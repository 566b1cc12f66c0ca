import type { ReplaySample } from '../../../src/contract/replay.js'
import type { ServerMessage } from '../../../src/contract/socket.js'
import { limits } from '../../../src/core/limits.js'
import { bounds } from './bounds.js'
import { ChatBook } from './chat-book.js'
import { CommandBook } from './command-book.js'
import { EntityBook, entityTopics } from './entity-book.js'
import { pauseMsAfter } from './frame-pause.js'
import { LineFeed } from './line-feed.js'
import { type PastPorts, PastView } from './past-view.js'
import type { ChatResponse, Connection, Frame, Line, Receipt, Task, ToWorker, Worker } from './protocol.js'
import { SampleBook } from './sample-book.js'
import { Session, type SessionPorts } from './session.js'
import { assertShape } from './shape.js'
import { TaskFeed } from './task-feed.js'

/** What the engine needs from outside. */
export interface EnginePorts extends SessionPorts, Pick<PastPorts, 'loadReplay'> {
  /** Hands a frame to the page; the next one waits for `painted`. */
  post(frame: Frame): void
  /** GET of the leader's REST with the session's token; rejects when it did not answer 200. */
  get(apiUrl: string, token: string, path: string): Promise<unknown>
  /** The same of an answer that is lines of JSON. */
  lines(apiUrl: string, token: string, path: string): Promise<readonly unknown[]>
  /** Runs after the current message, before anything else. */
  soon(run: () => void): void
}

/**
 * The worker's heart: holds every entity, takes what the socket brings, and hands the page one frame at a time with
 * what changed of what is on screen. A page that does not paint (a hidden tab) costs nothing: changes conflate here.
 */
export class Engine {
  readonly #ports: EnginePorts
  readonly #session: Session
  readonly #entities = new EntityBook()
  readonly #tasks: TaskFeed
  readonly #lines: LineFeed
  readonly #chats = new ChatBook()
  readonly #chatsWatched = new Map<string, number>()
  readonly #commands = new CommandBook()
  readonly #samples = new SampleBook()
  readonly #past: PastView
  #api = { url: '', token: '' }
  #connection: Connection | null = null
  #connectionDirty = false
  #mayPost = true
  #planned = false
  #pausedUntilMs = 0
  #cancelPause: (() => void) | null = null
  #numbersAtMs = 0
  #cancelNumbers: (() => void) | null = null

  constructor(ports: EnginePorts) {
    this.#ports = ports
    this.#session = new Session(ports, {
      changed: (connection) => this.#connectionChanged(connection),
      received: (message) => this.#receive(message),
      forget: () => this.#forget(),
    })
    const get = (path: string) => ports.get(this.#api.url, this.#api.token, path)
    const changed = () => this.#plan()
    this.#tasks = new TaskFeed((path) => this.#ofPresent(() => get(path)), changed)
    this.#lines = new LineFeed(get, changed)
    this.#past = new PastView(
      {
        get,
        lines: (path) => ports.lines(this.#api.url, this.#api.token, path),
        loadReplay: () => ports.loadReplay(),
        nowMs: () => ports.nowMs(),
        after: (ms, run) => ports.after(ms, run),
      },
      {
        changed,
        begin: () => this.#forgetFleet(),
        picture: (snapshot) => this.#snapshot(snapshot),
        samples: (samples) => this.#pastSamples(samples),
        moved: () => this.#chats.touchAll(),
        linesUntil: (atMs) => this.#lines.showUntil(atMs),
      },
    )
  }

  handle(message: ToWorker): void {
    switch (message.type) {
      case 'start':
        this.#api = { url: message.apiUrl, token: message.token }
        this.#session.start(message.socketUrl, message.token)
        break
      case 'stop':
        this.#session.stop()
        this.#past.end({ isLive: false })
        this.#forget()
        break
      case 'token':
        this.#api = { ...this.#api, token: message.token }
        this.#session.takeToken(message.token)
        break
      case 'retry':
        this.#session.retryNow()
        break
      case 'painted':
        this.#mayPost = true
        break
      case 'watch_tasks':
        this.#tasks.watch(message.key, message.query)
        break
      case 'unwatch_tasks':
        this.#tasks.unwatch(message.key)
        break
      case 'watch_lines':
        this.#lines.watch(message.key, message.query)
        break
      case 'older_lines':
        this.#lines.askOlder(message.key)
        break
      case 'unwatch_lines':
        this.#lines.unwatch(message.key)
        break
      case 'load_receipts':
        this.#loadReceipts(message.taskId)
        break
      case 'watch_chat':
        this.#chatsWatched.set(message.context, (this.#chatsWatched.get(message.context) ?? 0) + 1)
        this.#chats.touch(message.context)
        break
      case 'unwatch_chat':
        this.#unwatchChat(message.context)
        break
      case 'command':
        this.#command(message)
        break
      case 'chat':
        this.#chat(message)
        break
      case 'replay_at':
      case 'replay_step':
      case 'replay_play':
      case 'replay_next_failure':
        this.#past.handle(message)
        break
      case 'replay_end':
        this.#endReplay()
        break
    }
    this.#session.setTopics(this.#topics())
    this.#plan()
  }

  /** REST tells of a task as it is now: while the past is shown that is no answer. */
  async #ofPresent<T>(ask: () => Promise<T>): Promise<T> {
    const answer = this.#past.isShown ? null : await ask()
    if (answer === null || this.#past.isShown) throw new Error('the past is shown')
    return answer
  }

  #topics(): ReadonlySet<string> {
    const chats = [...this.#chatsWatched.keys()].map((context) => `chat:${context}`)
    // The present rests while the past is shown. A socket that names no topic would hear everything.
    if (this.#past.isShown) return new Set([restTopic, ...chats])
    return new Set(['tasks', ...entityTopics, ...this.#lines.topics(), ...chats])
  }

  #unwatchChat(context: string): void {
    const left = (this.#chatsWatched.get(context) ?? 0) - 1
    if (left > 0) this.#chatsWatched.set(context, left)
    else this.#chatsWatched.delete(context)
  }

  #command(message: Extract<ToWorker, { type: 'command' }>): void {
    const { requestId, taskId, action } = message
    const timeoutMs = bounds.commandStartMs
    if (this.#past.isShown) {
      this.#commands.ask({ requestId, taskId, action, atMs: this.#ports.nowMs(), sent: true })
      this.#commands.refuse(requestId, 'replay', 'The past cannot be changed.')
      return
    }
    const sent = this.#session.send({ type: 'COMMAND', requestId, action, taskId, timeoutMs })
    this.#commands.ask({ requestId, taskId, action, atMs: this.#ports.nowMs(), sent })
    this.#ports.after(bounds.commandAnswerMs, () => {
      this.#commands.doubt(requestId)
      this.#plan()
    })
  }

  #loadReceipts(taskId: string): void {
    if (this.#past.isShown) {
      for (const receipt of [...this.#past.receipts(taskId)].reverse())
        this.#commands.receive(receipt, undefined)
      return
    }
    this.#ports.get(this.#api.url, this.#api.token, `/api/tasks/${encodeURIComponent(taskId)}/receipts`).then(
      (answer) => {
        const { receipts } = answer as { readonly receipts: readonly Receipt[] }
        for (const receipt of [...receipts].reverse()) this.#commands.receive(receipt, undefined)
        this.#plan()
      },
      // A task that is gone has none to show.
      () => {},
    )
  }

  #chat(message: Extract<ToWorker, { type: 'chat' }>): void {
    const { requestId, context, text } = message
    const sent =
      !this.#past.isShown && this.#session.send({ type: 'CHAT', text, targetContext: context, requestId })
    this.#chats.say(context, requestId, text, sent, this.#ports.nowMs())
  }

  #connectionChanged(connection: Connection): void {
    this.#connection = connection
    this.#connectionDirty = true
    if (connection.phase === 'live') this.#resumed()
    if (connection.phase === 'offline') this.#commands.doubtAll()
    if (connection.phase !== 'live' && this.#past.lostPresent()) this.#forgetFleet()
    this.#plan()
  }

  /** Steps of a receipt may have passed while the link was down. */
  #resumed(): void {
    this.#tasks.retryMissing()
    for (const commandId of this.#commands.unfinished()) {
      const path = `/api/receipts/${encodeURIComponent(commandId)}?wait=${limits.waitMsMax}`
      this.#ports.get(this.#api.url, this.#api.token, path).then(
        (receipt) => {
          this.#commands.receive(receipt as Parameters<CommandBook['receive']>[0], undefined)
          this.#plan()
        },
        // A receipt that is gone stays as it was last seen.
        () => {},
      )
    }
  }

  /** Throws on garbage: the session then leaves that link. */
  #receive(message: ServerMessage): void {
    assertShape(message)
    if (!this.#past.lets(message)) return
    switch (message.type) {
      case 'SNAPSHOT':
        this.#snapshot(message)
        break
      case 'METRICS':
        this.#samples.put(message.nodes)
        break
      case 'TASK_UPDATE':
        this.#tasks.put(message.task, message.seq)
        break
      case 'LOG':
        this.#lines.put(message.lines)
        break
      case 'RECEIPT':
        this.#commands.receive(message.receipt, message.requestId)
        break
      case 'CHAT_RESPONSE':
        this.#chats.receive(message)
        break
      case 'ERROR':
        this.#refused(message)
        break
      case 'AUTH_OK':
      case 'FRAME':
        break
      default:
        this.#entities.receive(message)
        break
    }
    this.#plan()
  }

  #refused(message: Extract<ServerMessage, { type: 'ERROR' }>): void {
    if (message.requestId === undefined) return
    const { code, message: text } = message.error
    if (!this.#commands.refuse(message.requestId, code, text)) this.#chats.refuse(message.requestId, text)
  }

  #snapshot(snapshot: Extract<ServerMessage, { type: 'SNAPSHOT' }>): void {
    const { topic, items, seq, resumed = false, total = items.length } = snapshot
    const [kind = '', ...rest] = topic.split(':')
    const name = rest.join(':')
    if (kind === 'nodes') this.#sampled(items as readonly Worker[])
    if (this.#entities.picture(topic, items, seq, resumed)) return
    if (kind === 'tasks') {
      this.#tasks.picture(items as readonly Task[], seq, { resumed: resumed || name !== '', total })
    } else if (kind === 'logs') this.#lines.restart(name === '' ? null : name, items as readonly Line[])
    else if (kind === 'chat') this.#chats.replace(name, items as readonly ChatResponse[])
  }

  /** A picture of masters carries their newest samples. */
  #sampled(workers: readonly Worker[]): void {
    this.#samples.put(
      workers.flatMap(({ workerId, rttMs, metrics }) =>
        metrics === null ? [] : { workerId, rttMs, ...metrics },
      ),
    )
  }

  /** Another log leads: what is held of it, the past too, holds no more. */
  #forget(): void {
    this.#chats.clear()
    this.#forgetFleet()
    this.#past.anew()
  }

  #forgetFleet(): void {
    this.#entities.clear()
    this.#tasks.clear()
    this.#lines.clear()
  }

  #pastSamples(samples: readonly ReplaySample[]): void {
    this.#samples.clear()
    this.#samples.put(samples.map((sample) => ({ ...sample, rttMs: null })))
  }

  /** What is on screen stays until the pictures of the present have come. */
  #endReplay(): void {
    const isLive = this.#connection?.phase === 'live'
    if (!this.#past.isShown) return
    this.#past.end({ isLive })
    this.#samples.clear()
    this.#lines.showUntil(null)
    if (!isLive) this.#forgetFleet()
  }

  /** Many messages of one socket frame make one frame of the page. */
  #plan(): void {
    if (this.#planned) return
    this.#planned = true
    this.#ports.soon(() => {
      this.#planned = false
      this.#flush()
    })
  }

  #flush(): void {
    if (!this.#mayPost || this.#isPaused()) return
    const withNumbers = this.#numbersDue()
    const frame = this.#frame(withNumbers)
    if (Object.keys(frame).length === 0) return
    if (withNumbers) this.#numbersAtMs = this.#ports.nowMs()
    this.#mayPost = false
    this.#pausedUntilMs = this.#ports.nowMs() + pauseMsAfter(frame)
    this.#ports.post(frame)
  }

  /** After a frame of many changes the page gets a rest; what comes meanwhile conflates, and a timer brings it. */
  #isPaused(): boolean {
    const waitMs = this.#pausedUntilMs - this.#ports.nowMs()
    if (waitMs <= 0) return false
    this.#cancelPause ??= this.#ports.after(waitMs, () => {
      this.#cancelPause = null
      this.#plan()
    })
    return true
  }

  /** Numbers change at most once a second, but for the first ones; a timer brings the last. */
  #numbersDue(): boolean {
    if (this.#tasks.isFirst || this.#samples.isFirst || this.#past.isTurning) return true
    if (!this.#tasks.numbersDirty && !this.#samples.dirty) return false
    const waitMs = this.#numbersAtMs + bounds.numberIntervalMs - this.#ports.nowMs()
    if (waitMs <= 0) return true
    this.#cancelNumbers ??= this.#ports.after(waitMs, () => {
      this.#cancelNumbers = null
      this.#plan()
    })
    return false
  }

  #frame(withNumbers: boolean): Frame {
    const tasks = this.#tasks.take(withNumbers)
    const lines = this.#lines.take()
    const slow = this.#samples.takeSlow()
    const connection =
      this.#connectionDirty && this.#connection !== null ? { connection: this.#connection } : {}
    this.#connectionDirty = false
    return {
      ...connection,
      ...this.#past.take(),
      ...tasks,
      ...this.#entities.take(),
      ...(this.#commands.dirty ? this.#commands.take() : {}),
      ...(this.#chats.dirty ? { chats: this.#chats.take(this.#past.cursorMs) } : {}),
      ...(withNumbers && this.#samples.dirty ? { samples: this.#samples.take() } : {}),
      ...(slow === null ? {} : { slow }),
      ...(lines === null ? {} : { lines }),
    }
  }
}

/** Topic of a task that there is not: nothing comes on it. */
const restTopic = 'logs:wall-rest'
