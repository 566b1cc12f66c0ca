import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import { Pool } from 'pg'
import { settingsOf } from './postgres-settings.mjs'

/** As its page on performance tunes it. */
const tuned = {
  concurrentJobs: 24,
  maxPoolSize: 25,
  localQueue: { size: 500 },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
}
const connections = 20
const logger = new Logger(() => (level, message) => {
  if (level === 'error') console.error(message)
})

export async function openSubmitter(connectionString) {
  const pool = new Pool({ connectionString, max: connections })
  const fail = (error) => {
    throw error
  }
  pool.on('error', fail)
  pool.on('connect', (client) => client.on('error', fail))
  const utils = await makeWorkerUtils({ pgPool: pool, logger })
  await utils.migrate()
  let submitted = 0
  return {
    submit: async (payload) => {
      await utils.addJob('bench', payload)
      submitted += 1
    },
    // What is completed is deleted.
    stored: async () => {
      const { rows } = await pool.query('SELECT count(*)::int AS count FROM graphile_worker.jobs')
      return submitted - rows[0].count
    },
    settings: async () =>
      `${await settingsOf(pool)}; graphile-worker: ${JSON.stringify(tuned)} connections=${connections}`,
  }
}

export async function startWorker(connectionString, _concurrency, ran) {
  const runner = await run({
    preset: { worker: { connectionString, logger, ...tuned } },
    noHandleSignals: true,
    taskList: { bench: async (payload) => ran(payload) },
  })
  return { stop: () => runner.stop() }
}
