import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '../../testing/silent-log.js'
import { taskHostContract } from '../../testing/task-host-contract.js'
import { createProcessHost } from './process-host.js'

const shell = (text: string) => ({ argv: null, shell: text })

taskHostContract('process-host', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'agentflow-host-'))
  const environment = { PATH: process.env.PATH ?? '' }
  const host = createProcessHost({ dataDir, dataId: `contract-${process.pid}`, environment, log: silentLog })
  return {
    host,
    programs: {
      prints: (lines, exitCode) =>
        shell(`awk 'BEGIN { for (n = 1; n <= ${lines}; n++) print "line " n }'; exit ${exitCode}`),
      waits: () => shell('echo ready; exec sleep 600'),
      ignoresTerm: () => shell(`trap '' TERM; echo ready; while :; do sleep 600; done`),
      missing: () => ({ argv: ['/no/such/program'], shell: null }),
    },
    settle: (condition) => condition,
    close: async () => {
      await host.shutdown(0)
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
})
