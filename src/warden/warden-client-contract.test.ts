import { join } from 'node:path'
import { systemClock } from '../adapters/clock/system-clock.js'
import { createProcessHost } from '../adapters/process-host/process-host.js'
import { temporaryFolder } from '../testing/host-fixture.js'
import { silentLog } from '../testing/silent-log.js'
import { shellPrograms, taskHostContract } from '../testing/task-host-contract.js'
import { serveWarden, type WardenServer } from './serve.js'
import { Warden } from './warden.js'
import { createWardenClient } from './warden-client.js'

taskHostContract('warden-client', async () => {
  const folder = temporaryFolder('warden')
  const socketPath = join(folder.path, 'warden.sock')
  const dataId = `warden-contract-${process.pid}`
  let server: WardenServer | null = null
  const launch = async (): Promise<void> => {
    const warden = new Warden({
      host: createProcessHost({ dataDir: folder.path, dataId, environment: {}, log: silentLog }),
      dataId,
      pid: process.pid,
      clock: systemClock,
      log: silentLog,
      onEnd: () => void server?.close(),
    })
    await warden.start()
    server = await serveWarden(socketPath, warden)
  }
  const host = createWardenClient({
    socketPath,
    dataId,
    environment: { PATH: process.env.PATH ?? '' },
    launch: () => void launch(),
    log: silentLog,
  })
  return {
    host,
    programs: shellPrograms,
    settle: (condition) => condition,
    close: async () => {
      await host.shutdown(0)
      folder.close()
    },
  }
})
