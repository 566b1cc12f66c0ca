import { createInterface } from 'node:readline/promises'

/** Whether somebody is there to be asked. */
export const isAskable = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true

/** Asks on the terminal. */
export async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim())
  } finally {
    terminal.close()
  }
}
