import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type PlantedBug, plant, readBug } from './patch.js'
import { run } from './run.js'

/** What became of one bug. */
export interface Hunt {
  readonly bug: string
  readonly guarantee: string
  readonly caught: boolean
  /** Simulated until it was caught, or in vain. */
  readonly seeds: number
  /** What the simulator said; null when all seeds passed. */
  readonly invariant: string | null
}

const folder = fileURLToPath(new URL('.', import.meta.url))
const tsx = import.meta.resolve('tsx')
const huntMsMax = 600_000
const lanesMax = 2

/** Every bug of this folder, by file name. */
export const allBugs = (): readonly PlantedBug[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.patch'))
    .sort()
    .map((name) => readBug(`${folder}${name}`))

/** Runs the unchanged simulator on a copy of the code with the bug in it, until it is seen or the seeds are over. */
async function hunt(bug: PlantedBug, seedsMax: number): Promise<Hunt> {
  const planted = await plant(bug)
  try {
    const args = [
      '--import',
      tsx,
      'scripts/sim.ts',
      '--seeds',
      `${seedsMax}`,
      '--from',
      '1',
      '--first',
      '--json',
    ]
    const ran = await run(process.execPath, args, { cwd: planted.folder, timeoutMs: huntMsMax })
    const line = ran.stdout.trim().split('\n').at(-1) ?? ''
    if (!line.startsWith('{')) throw new Error(`the simulator did not end with ${bug.file}:\n${ran.stderr}`)
    const { seeds, failures } = JSON.parse(line) as { seeds: number; failures: { failure: string }[] }
    const invariant = failures[0]?.failure.split('\n')[0] ?? null
    const caught = invariant !== null && bug.seenAs.some((prefix) => invariant.startsWith(prefix))
    return { bug: bug.bug, guarantee: bug.guarantee, caught, seeds, invariant }
  } finally {
    planted.remove()
  }
}

/** Two at a time, in order of their results; each is told once. */
export async function huntAll(
  bugs: readonly PlantedBug[],
  seedsMax: number,
  tell: (bug: PlantedBug, hunted: Promise<Hunt>) => void,
): Promise<void> {
  const waiting = [...bugs]
  const lane = async (): Promise<void> => {
    for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) {
      const hunted = hunt(bug, seedsMax)
      tell(bug, hunted)
      await hunted.catch(() => undefined)
    }
  }
  await Promise.all(Array.from({ length: lanesMax }, lane))
}
