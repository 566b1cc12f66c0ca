import { createConnection } from 'node:net'
import { createInterface } from 'node:readline'
import type { z } from 'zod'
import { parseOrRefuse } from '../contract/catalogue.js'
import { parseJson } from '../contract/json.js'
import { type ProgressAnswer, progressAnswerSchema, type progressReportSchema } from '../contract/progress.js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'

/** Longer than a master waits for its leader. */
const answerTimeoutMs = limits.runAskMs + 2_000

/** One report to the socket of a running task, and its answer. Rejects `unavailable` when nobody answers in 7 s. */
export function askMaster(
  path: string,
  report: z.input<typeof progressReportSchema>,
): Promise<ProgressAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void =>
      reject(new ControlError('unavailable', 'The master of this task does not answer.', { cause }))
    const socket = createConnection(path, () => socket.write(`${JSON.stringify(report)}\n`))
    socket.setTimeout(answerTimeoutMs, () => socket.destroy(new Error('timed out')))
    socket.once('error', fail)
    socket.once('close', fail)
    const lines = createInterface({ input: socket })
    // It tells the socket's error once more.
    lines.on('error', fail)
    lines.once('line', (text) => {
      try {
        resolve(parseOrRefuse(progressAnswerSchema, parseJson(text, 'The answer'), 'answer'))
      } catch (thrown) {
        fail(thrown)
      }
      socket.end()
    })
  })
}
