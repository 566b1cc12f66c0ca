import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './run.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A bug as a patch of `src`, and what must be seen to break when it is in place. */
export interface PlantedBug {
  /** Name of its file. */
  readonly file: string
  readonly path: string
  /** One sentence. */
  readonly bug: string
  /** The one of the simulator's guarantees, G1 to G8, or the rule of docs/spec.md, that it breaks. */
  readonly guarantee: string
  /** How a failure of the simulator must begin to count as this bug's; the guarantee itself always does. */
  readonly seenAs: readonly string[]
}

/** Reads the header lines before the diff: `Bug:`, `Guarantee:` and, where it shows in another way too, `Seen as:`. */
export function readBug(path: string): PlantedBug {
  const text = readFileSync(path, 'utf8')
  const file = basename(path)
  const header = (name: string): string | null =>
    new RegExp(`^${name}: (.+)$`, 'm').exec(text.slice(0, text.indexOf('\n--- ')))?.[1]?.trim() ?? null
  const [bug, guarantee] = [header('Bug'), header('Guarantee')]
  if (bug === null || guarantee === null || !/^[A-Z]{1,2}\d+$/.test(guarantee)) {
    throw new Error(`${file} needs the header lines "Bug: …" and "Guarantee: G1" before its diff`)
  }
  const outside = [...text.matchAll(/^\+\+\+ b\/(\S+)$/gm)].filter(
    ([, touched]) => !touched?.startsWith('src/') || touched.startsWith('src/testing/'),
  )
  if (outside.length > 0) throw new Error(`${file} may change src alone, and nothing in src/testing`)
  const also = header('Seen as')?.split(';') ?? []
  return { file, path, bug, guarantee, seenAs: [guarantee, ...also.map((one) => one.trim())] }
}

/** A copy of what the simulator needs, with the bug in it. `remove` deletes it. */
export async function plant(bug: PlantedBug): Promise<{ readonly folder: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'agentflow-bug-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    for (const name of ['package.json', 'tsconfig.base.json', 'tsconfig.json', 'scripts/sim.ts']) {
      cpSync(join(root, name), join(folder, name))
    }
    const isNeeded = (path: string): boolean => !/\.test\.ts$|\/src\/(gen|cli|compose|http|rpc)$/.test(path)
    cpSync(join(root, 'src'), join(folder, 'src'), { recursive: true, filter: isNeeded })
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    // Not a part of whatever repository the temporary folder may lie in.
    const applied = await run('git', ['apply', '--whitespace=nowarn', bug.path], {
      cwd: folder,
      env: { GIT_CEILING_DIRECTORIES: tmpdir() },
      timeoutMs: 60_000,
    })
    if (applied.exitCode !== 0) {
      throw new Error(
        `${bug.file} no longer applies to src: make it again for the code of now.\n${applied.stderr.trim()}`,
      )
    }
    return { folder, remove }
  } catch (failure) {
    remove()
    throw failure
  }
}
