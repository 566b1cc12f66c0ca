import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '../../testing/silent-log.js'
import { shellPrograms, taskHostContract } from '../../testing/task-host-contract.js'
import { createProcessHost } from './process-host.js'

taskHostContract('process-host', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'agentflow-host-'))
  const environment = { PATH: process.env.PATH ?? '' }
  const host = createProcessHost({ dataDir, dataId: `contract-${process.pid}`, environment, log: silentLog })
  return {
    host,
    programs: shellPrograms,
    settle: (condition) => condition,
    close: async () => {
      await host.shutdown(0)
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
})
