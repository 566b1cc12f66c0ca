import { ControlError, fromUnknown } from '../core/errors.js'
import { limits } from '../core/limits.js'
import { exitCodes } from './exit-codes.js'
import { note, say, sayJson } from './print.js'

/** Flags of every process that stays: leader and master. */
export interface NodeFlags {
  readonly json?: true
  readonly allowRoot?: true
  /** Set by `up`: the ready line is JSON; stop when standard input closes, so that nothing outlives a killed supervisor. */
  readonly withParent?: true
}

export interface StartedNode {
  /** What the ready line says, beside `ready` and `pid`. */
  readonly ready: Readonly<Record<string, unknown>>
  /** The same for people. */
  readonly words: string
  stop(): Promise<void>
  /** Of a node that may be asked to restart: it leaves, and the process ends with exitCodes.restart. */
  readonly restart?: { readonly asked: Promise<void>; leave(): Promise<void> }
}

/** Tasks would run as root: only on purpose. */
export function checkRoot(flags: NodeFlags, role: string): void {
  if (process.getuid?.() !== 0 || flags.allowRoot === true) return
  throw new ControlError(
    'invalid_configuration',
    `This ${role} would run as root; start it as another user, or add --allow-root.`,
  )
}

/** Whatever keeps a node from starting is a matter of its configuration: a port, a directory, another process on it. */
export async function started<T>(start: Promise<T>): Promise<T> {
  try {
    return await start
  } catch (thrown) {
    const error = fromUnknown(thrown)
    throw error.code === 'internal'
      ? error
      : new ControlError('invalid_configuration', error.message, { details: error.details, cause: error })
  }
}

/** Says that the node is ready, keeps it until a signal or the wish for a restart comes, stops it. Ends the process. */
export async function keepRunning(node: StartedNode, flags: NodeFlags): Promise<never> {
  if (flags.json === true || flags.withParent === true)
    sayJson({ ready: true, ...node.ready, pid: process.pid })
  else say(node.words)
  const asked = node.restart?.asked.then(() => 'restart' as const) ?? new Promise<never>(() => undefined)
  const why = await Promise.race([stopAsked(flags), asked])
  const giveUp = setTimeout(() => {
    note('agentflow: It did not stop in time and is ended as it is.')
    process.exit(exitCodes.refused)
  }, limits.processStopMs)
  await (why === 'restart' ? node.restart?.leave() : node.stop())
  clearTimeout(giveUp)
  process.exit(why === 'restart' ? exitCodes.restart : exitCodes.ok)
}

function stopAsked(flags: NodeFlags): Promise<'stop'> {
  return new Promise((done) => {
    const resolve = (): void => done('stop')
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve)
    if (flags.withParent !== true) return
    process.stdin.once('end', resolve).once('error', resolve).resume()
  })
}
