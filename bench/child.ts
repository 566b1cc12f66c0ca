import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Another process of a bench that answers messages in order. */
export interface Child {
  readonly pid: number
  /** Sends a message; resolves with the next one that comes back, rejects when the process ends first. */
  ask<T>(message: object): Promise<T>
  end(): void
}

/** Starts a compiled file of bench/ as a process of its own. */
export function startChild(file: string, args: readonly string[] = []): Child {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, { stdio: 'inherit' })
  return {
    pid: child.pid ?? 0,
    ask: (message) => answerOf(child, message),
    end: () => void child.kill('SIGKILL'),
  }
}

/** Sends a message; resolves with the next one that comes back, rejects when the process ends first. */
export function answerOf<T>(child: ChildProcess, message: object): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`a process of the bench ended with ${code}`))
    child.once('exit', ended)
    child.once('message', (answer) => {
      child.off('exit', ended)
      resolve(answer as T)
    })
    child.send(message)
  })
}
