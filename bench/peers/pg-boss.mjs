import { Pool } from 'pg'
import PgBoss from 'pg-boss'
import { settingsOf } from './postgres-settings.mjs'

const queue = 'bench'
const connections = 20
/** Loops that fetch, each up to so many jobs, and at once again after jobs; an empty queue is asked at pg-boss's shortest interval. */
const loops = 4
const batchSize = 100
const pollingIntervalSeconds = 0.5

async function started(connectionString) {
  const boss = new PgBoss({ connectionString, max: connections })
  boss.on('error', (error) => {
    throw error
  })
  await boss.start()
  await boss.createQueue(queue)
  return boss
}

export async function openSubmitter(connectionString) {
  const boss = await started(connectionString)
  const pool = new Pool({ connectionString, max: 1 })
  return {
    submit: async (payload) => void (await boss.send(queue, payload)),
    stored: async () => {
      const { rows } = await pool.query(
        `SELECT count(*)::int AS count FROM pgboss.job WHERE name = $1 AND state = 'completed'`,
        [queue],
      )
      return rows[0].count
    },
    settings: async () =>
      `${await settingsOf(pool)}; pg-boss: ${loops} loops, batchSize=${batchSize} pollingIntervalSeconds=${pollingIntervalSeconds} connections=${connections}`,
  }
}

export async function startWorker(connectionString, _concurrency, ran) {
  const boss = await started(connectionString)
  for (let loop = 0; loop < loops; loop += 1) {
    const id = await boss.work(queue, { batchSize, pollingIntervalSeconds }, async (jobs) => {
      for (const job of jobs) ran(job.data)
      boss.notifyWorker(id)
    })
  }
  return { stop: () => boss.stop({ graceful: true, wait: true }) }
}
