import { join } from 'node:path'
import { systemClock } from '../adapters/clock/system-clock.js'
import { createPinoLog } from '../adapters/log/pino-log.js'
import { createProcessHost } from '../adapters/process-host/process-host.js'
import { LockFile } from '../adapters/store-sqlite/lock-file.js'
import { ControlError } from '../core/errors.js'
import { limits } from '../core/limits.js'
import { wardenSocketPath } from '../warden/protocol.js'
import { serveWarden } from '../warden/serve.js'
import { Warden } from '../warden/warden.js'
import { dataIdOf } from './data-dir.js'
import type { LogLevel } from './settings.js'

/** What `startWarden` needs. */
export interface WardenConfig {
  /** The folder of its master. */
  readonly dataDir: string
  readonly name: string
  readonly logLevel: LogLevel
  readonly logJson: boolean
}

/** What `startWarden` gives. */
export interface RunningWarden {
  /** Resolves when it ended, by `stop`, by its master's wish, or because there is nothing left to do. */
  readonly ended: Promise<void>
  /** Ends every run; no descendant is left when `ended` resolves. */
  stop(): void
}

/**
 * Starts the warden of a master's folder: ends what a dead predecessor left running, then lets the master come. Rejects
 * with `invalid_configuration` when no master ever ran on the folder, or when it has a warden.
 */
export async function startWarden(config: WardenConfig): Promise<RunningWarden> {
  const { dataDir } = config
  const dataId = dataIdOf(dataDir)
  if (dataId === null)
    throw new ControlError('invalid_configuration', `${dataDir} is not the data directory of a master.`)
  const log = createPinoLog({ name: config.name, level: config.logLevel, json: config.logJson })
  const lock = lockOf(dataDir)
  let onEnd: () => void = () => undefined
  const asked = new Promise<void>((resolve) => {
    onEnd = resolve
  })
  const warden = new Warden({
    // The master of the hour says what tasks inherit.
    host: createProcessHost({ dataDir, dataId, environment: {}, log }),
    dataId,
    pid: process.pid,
    clock: systemClock,
    log,
    onEnd,
  })
  await warden.start()
  const server = await serveWarden(wardenSocketPath(dataDir, dataId), warden)
  return {
    ended: asked.then(() => server.close()).then(() => lock.release()),
    stop: () => void warden.end(limits.shutdownGraceMs).then(onEnd),
  }
}

function lockOf(dataDir: string): LockFile {
  try {
    return new LockFile(join(dataDir, 'warden.db'))
  } catch (cause) {
    throw new ControlError('invalid_configuration', `The data directory ${dataDir} has a warden already.`, {
      cause,
    })
  }
}
