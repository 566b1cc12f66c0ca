import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { root } from './inputs.mjs'

/** Environment in which the repository's own tools (tsc, buf, vite …) are found first. */
export const toolEnv = {
  ...process.env,
  // Captured output is read as text.
  ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }),
  PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}`,
}

/**
 * Runs a program in the repository and resolves when it is over; never rejects.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ inherit?: boolean, env?: Record<string, string> }} options `inherit`: output goes to ours instead of `output`
 * @returns {Promise<{ ok: boolean, output: string, ms: number }>}
 */
export function command(program, args, { inherit = false, env = {} } = {}) {
  const startedAt = performance.now()
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...toolEnv, ...env },
      stdio: ['ignore', inherit ? 'inherit' : 'pipe', inherit ? 'inherit' : 'pipe'],
    })
    const chunks = []
    const finish = (ok) =>
      resolve({ ok, output: Buffer.concat(chunks).toString(), ms: performance.now() - startedAt })
    child.stdout?.on('data', (chunk) => chunks.push(chunk))
    child.stderr?.on('data', (chunk) => chunks.push(chunk))
    child.once('error', (error) => {
      chunks.push(Buffer.from(`${program}: ${error.message}\n`))
      finish(false)
    })
    child.once('close', (code) => finish(code === 0))
  })
}

export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`
