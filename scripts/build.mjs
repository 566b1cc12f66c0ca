#!/usr/bin/env node
/**
 * Builds dist/: protobuf code, then the programs and the wall. A step whose inputs did not change since it last
 * succeeded is skipped. Plain JavaScript, because it runs before anything is built.
 */
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { command, seconds } from './command.mjs'
import { filesOf, hashOf, readStamps, root, writeStamp } from './inputs.mjs'

const isTest = (file) => /\.test\.tsx?$/.test(file) || file.startsWith('src/testing/')
const sources = (...paths) => filesOf(paths, (file) => !isTest(file))

const steps = {
  contract: {
    inputs: () => filesOf(['proto', 'buf.yaml', 'buf.gen.yaml', 'package-lock.json']),
    output: 'src/gen/agentflow/v1/node_sync_pb.ts',
    make: () => command('buf', ['generate']),
  },
  programs: {
    inputs: () => sources('src', 'tsconfig.base.json', 'tsconfig.build.json', 'package-lock.json'),
    output: 'dist/cli/main.js',
    make: async () => {
      removeOrphans()
      const compiled = await command('tsc', ['-p', 'tsconfig.build.json'])
      if (compiled.ok) chmodSync(join(root, 'dist/cli/main.js'), 0o755)
      return compiled
    },
  },
  wall: {
    inputs: () =>
      sources(
        'web',
        'src/client',
        'src/contract',
        'src/core',
        'src/gen',
        'tsconfig.base.json',
        'package-lock.json',
      ),
    output: 'dist/wall/index.html',
    make: () =>
      command('vite', [
        'build',
        'web',
        '--outDir',
        join(root, 'dist/wall'),
        '--emptyOutDir',
        '--logLevel',
        'warn',
      ]),
  },
}

/** Deletes compiled files whose source is gone, so that dist/ holds what src/ holds. */
function removeOrphans() {
  for (const file of filesOf(['dist'], (path) => /\.(js|js\.map|d\.ts)$/.test(path))) {
    if (file.startsWith('dist/wall/')) continue
    const source = file.replace(/^dist\//, 'src/').replace(/(\.d\.ts|\.js\.map|\.js)$/, '.ts')
    if (!existsSync(join(root, source)) || isTest(source)) rmSync(join(root, file))
  }
}

/** Makes one step when it is due. Resolves false when it failed; its output went to stderr. */
async function make(name) {
  const step = steps[name]
  const stamp = hashOf(step.inputs())
  if (readStamps()[name] === stamp && existsSync(join(root, step.output))) return true
  mkdirSync(join(root, 'node_modules/.cache/tsc'), { recursive: true })
  const result = await step.make()
  process.stderr.write(
    `build: ${name} ${result.ok ? 'made' : 'failed'} in ${seconds(result.ms)}\n${result.output}`,
  )
  // The inputs as they were before: a change made meanwhile builds again next time.
  if (result.ok) writeStamp(name, stamp)
  return result.ok
}

/** Generated code only: what the type checks need. */
export const buildContract = () => make('contract')

/** Everything that changed. Resolves false when a step failed. */
export async function build() {
  if (!(await make('contract'))) return false
  const made = await Promise.all([make('programs'), make('wall')])
  return made.every(Boolean)
}

/** An installation without the development packages runs the dist/ that it came with. */
export const canBuild = () => existsSync(join(root, 'node_modules/typescript/package.json'))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!canBuild()) {
    const built = existsSync(join(root, steps.programs.output))
    if (!built)
      process.stderr.write('build: development packages are missing; run `npm ci` without --omit=dev\n')
    process.exitCode = built ? 0 : 1
  } else {
    process.exitCode = (await build()) ? 0 : 1
  }
}
