import { execFileSync } from 'node:child_process'

/** The tests drive dist/: build what changed first. */
export function setup(): void {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' })
}
