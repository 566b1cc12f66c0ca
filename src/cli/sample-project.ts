import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Client, ControlError, type SubmitTask } from '../client/index.js'

/** What came of submitting the sample. */
export interface SampleOutcome {
  /** Names of the tasks that are new. */
  readonly submitted: readonly string[]
  /** How many were there from an earlier start. */
  readonly known: number
  /** What a person should know of the choice; null = nothing. */
  readonly remark: string | null
}

interface Sample {
  /** Part of the idempotency key: a second start on the same data submits nothing again. */
  readonly key: string
  readonly name: string
  readonly command: readonly string[] | string
  readonly timeoutMs: number
  readonly stallAfterMs?: number
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const minute = 60_000
const noLimit = 0

/** Submits real work in project `sample`. */
export async function submitSample(client: Client): Promise<SampleOutcome> {
  const hasSources =
    existsSync(join(root, 'src/cli/main.ts')) && existsSync(join(root, 'node_modules/vitest'))
  const submitted: string[] = []
  let known = 0
  for (const sample of [...(hasSources ? repositoryWork : installationWork), ...programs]) {
    const created = await submit(client, sample)
    if (created) submitted.push(sample.name)
    else known += 1
  }
  const remark = hasSources
    ? null
    : 'This installation has no sources, so the sample checks the installation instead of building it.'
  return { submitted, known, remark }
}

async function submit(client: Client, sample: Sample): Promise<boolean> {
  try {
    const { created } = await client.submit(taskOf(sample), { idempotencyKey: `sample:${sample.key}` })
    return created
  } catch (thrown) {
    // The key is there with another body: the sample of an earlier version, or the repository has moved.
    if (thrown instanceof ControlError && thrown.code === 'idempotency_conflict') return false
    throw thrown
  }
}

const taskOf = ({ name, command, timeoutMs, stallAfterMs }: Sample): SubmitTask => ({
  type: 'command',
  name,
  project: 'sample',
  payload: { command: typeof command === 'string' ? command : [...command], cwd: root },
  requirements: { timeout: timeoutMs },
  ...(stallAfterMs === undefined ? {} : { stallAfterMs }),
})

const tool = (path: string, ...args: readonly string[]): readonly string[] => [
  process.execPath,
  join(root, 'node_modules', path),
  ...args,
]

const repositoryWork: readonly Sample[] = [
  {
    key: 'type-check',
    name: 'type-check this repository',
    command: tool('typescript/bin/tsc', '-p', 'tsconfig.json', '--incremental', 'false', '--pretty', 'false'),
    timeoutMs: 10 * minute,
  },
  {
    key: 'unit-tests',
    name: 'run the unit tests',
    command: tool('vitest/vitest.mjs', 'run', '--project', 'unit', '--reporter', 'verbose'),
    timeoutMs: 20 * minute,
  },
  {
    key: 'web-build',
    name: 'build the wall into a temporary folder',
    command: `folder="$(mktemp -d)" && '${process.execPath}' node_modules/vite/bin/vite.js build web --outDir "$folder" --emptyOutDir; code=$?; rm -rf "$folder"; exit $code`,
    timeoutMs: 10 * minute,
  },
]

const installationWork: readonly Sample[] = [
  {
    key: 'check-files',
    name: 'check every program file of this installation',
    command: `find dist -name '*.js' -not -path 'dist/wall/*' -print -exec '${process.execPath}' --check {} ';'`,
    timeoutMs: 10 * minute,
  },
]

/** Prints what this machine does, every two seconds, for as long as it is let. */
const machineLog = `
const os = require('node:os')
let beat = 0
const say = () => {
  const load = os.loadavg()[0]
  const level = load > 2 * os.cpus().length ? 'WARN' : 'INFO'
  const free = Math.round(os.freemem() / 1048576)
  console.log(new Date().toISOString(), level, 'beat ' + ++beat + ': load ' + load.toFixed(2) + ', ' + free + ' MiB free')
}
say()
setInterval(say, 2000)`

const programs: readonly Sample[] = [
  {
    key: 'machine-log',
    name: "follow this machine's log",
    command: [process.execPath, '-e', machineLog],
    timeoutMs: noLimit,
  },
  {
    key: 'goes-silent',
    name: 'a program that goes silent',
    command: 'echo "copying the first part"; echo "copying the second part"; exec sleep 86400',
    timeoutMs: noLimit,
    stallAfterMs: 20_000,
  },
]
