import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const program = resolve('dist/cli/main.js')

/** First line of `agentflow up --json`. */
export interface Ready {
  readonly ready: true
  readonly url: string
  readonly api: string
  readonly ws: string
  readonly grpc: string
  readonly token: string
  readonly joinFile: string
  readonly dataDir: string
  readonly walls: Readonly<Record<string, string>>
  readonly pids: Readonly<Record<string, number>>
}
interface ProcessEvent {
  readonly event: 'process'
  readonly name: string
  readonly pid: number
  readonly state: string
}
interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The built program with these arguments, until it ends. */
export function agentflow(
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {},
): Promise<Outcome> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...options.env }
  return new Promise((done) => {
    const child = execFile(process.execPath, [program, ...args], { env }, (_error, stdout, stderr) => {
      done({ code: child.exitCode ?? -1, stdout, stderr })
    })
    child.stdin?.end(options.input)
  })
}

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'agentflow-e2e-'))

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

/** One process of ours whose stdout is JSON lines. */
export class JsonProcess {
  readonly child: ChildProcess
  readonly lines: Readonly<Record<string, unknown>>[] = []
  readonly exited: Promise<number | null>
  stderr = ''
  readonly #waiting = new Set<() => void>()

  /** `main`: the program, when it is not the built one. */
  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}, main = program) {
    this.child = spawn(process.execPath, [main, ...args], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.exited = once(this.child, 'exit').then(([code]) => code as number | null)
    this.child.stderr?.on('data', (chunk) => {
      this.stderr += String(chunk)
    })
    if (this.child.stdout === null) throw new Error('no stdout')
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      this.lines.push(JSON.parse(line) as Record<string, unknown>)
      for (const look of this.#waiting) look()
    })
  }

  /** The first line that is this one, said already or still to come. */
  line(
    what: string,
    is: (line: Readonly<Record<string, unknown>>) => boolean,
  ): Promise<Record<string, unknown>> {
    return new Promise((done, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(limit)
        this.#waiting.delete(look)
        settle()
      }
      const look = (): void => {
        const found = this.lines.find(is)
        if (found !== undefined) end(() => done(found))
      }
      const fail = (why: string): void => end(() => reject(new Error(`${why}: ${what}\n${this.stderr}`)))
      const limit = setTimeout(() => fail('waited too long for'), 30_000)
      this.#waiting.add(look)
      void this.exited.then(() => {
        if (this.#waiting.has(look)) fail('it ended before')
      })
      look()
    })
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal)
    return this.exited
  }
}

/** `agentflow up --json` on a folder of its own. */
export class Fleet {
  readonly process: JsonProcess
  readonly folder: string
  readonly #ownsFolder: boolean
  #ready: Ready | null = null

  constructor(
    args: readonly string[] = [],
    folder?: string,
    env: Readonly<Record<string, string>> = {},
    main?: string,
  ) {
    this.#ownsFolder = folder === undefined
    this.folder = folder ?? temporaryFolder()
    const ports = args.includes('--port') ? [] : ['--port', '0']
    this.process = new JsonProcess(
      ['up', '--json', '--no-sample', ...ports, '--data', this.folder, ...args],
      env,
      main,
    )
  }

  static async start(
    args: readonly string[] = [],
    folder?: string,
    env: Readonly<Record<string, string>> = {},
    main?: string,
  ): Promise<Fleet> {
    const fleet = new Fleet(args, folder, env, main)
    fleet.#ready = (await fleet.process.line('READY', () => true)) as unknown as Ready
    return fleet
  }

  get ready(): Ready {
    if (this.#ready === null) throw new Error('not started')
    return this.#ready
  }

  /** The next event of this process after `count` earlier ones. */
  async event(name: string, state: string): Promise<ProcessEvent> {
    const line = await this.process.line(
      `${name} ${state}`,
      (event) => event.event === 'process' && event.name === name && event.state === state,
    )
    return line as unknown as ProcessEvent
  }

  /** Pid of the process that was started in the place of this one, which ended. */
  async successor(name: string, pid: number): Promise<number> {
    const { lines } = this.process
    const isEnd = (line: object): boolean =>
      'pid' in line && line.pid === pid && 'state' in line && line.state === 'exited'
    const line = await this.process.line(`the successor of ${name} ${pid}`, (event) => {
      const end = lines.findIndex(isEnd)
      return event.name === name && event.state === 'started' && end !== -1 && lines.indexOf(event) > end
    })
    return Number(line.pid)
  }

  call(path: string, init: RequestInit & { readonly token?: string | null } = {}): Promise<Response> {
    const { token = this.ready.token, headers, ...rest } = init
    return fetch(`${this.ready.api}${path}`, {
      redirect: 'manual',
      ...rest,
      headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
    })
  }

  post(path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.call(path, {
      method: 'POST',
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    })
  }

  async json<T = Record<string, unknown>>(path: string): Promise<T> {
    const response = await this.call(path)
    if (!response.ok) throw new Error(`${path} → ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }

  /** Submits a command and gives the task's id. */
  async submit(command: readonly string[] | string, more: object = {}): Promise<string> {
    const response = await this.post('/api/tasks', { type: 'command', payload: { command }, ...more })
    const body = (await response.json()) as { taskId?: string }
    if (body.taskId === undefined) throw new Error(`submit → ${response.status} ${JSON.stringify(body)}`)
    return body.taskId
  }

  /** The command line against this fleet. */
  cli(args: readonly string[], input?: string): Promise<Outcome> {
    return agentflow(args, {
      env: { AGENTFLOW_DATA: this.folder },
      ...(input === undefined ? {} : { input }),
    })
  }

  async stop(): Promise<number | null> {
    const code = await this.process.stop()
    if (this.#ownsFolder) rmSync(this.folder, { recursive: true, force: true })
    return code
  }
}
