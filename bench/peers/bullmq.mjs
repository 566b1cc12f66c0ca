import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'

const name = 'bench'
/** What BullMQ asks of a connection that waits. */
const connectionOf = (url) => ({ url, maxRetriesPerRequest: null })

export async function openSubmitter(url) {
  const queue = new Queue(name, { connection: connectionOf(url) })
  await queue.waitUntilReady()
  return {
    submit: async (payload) => void (await queue.add('bench', payload)),
    stored: () => queue.getCompletedCount(),
    settings: async () => {
      const redis = new Redis(url)
      const read = await Promise.all(
        ['appendonly', 'appendfsync', 'save'].map((key) => redis.config('GET', key)),
      )
      const version = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1]
      await redis.quit()
      return `Redis ${version}: ${read.map(([key, value]) => `${key}=${value || '(none)'}`).join(' ')}`
    },
  }
}

export async function startWorker(url, concurrency, ran) {
  const worker = new Worker(name, async (job) => ran(job.data), {
    connection: connectionOf(url),
    concurrency,
  })
  worker.on('error', (error) => {
    throw error
  })
  await worker.waitUntilReady()
  return { stop: () => worker.close() }
}
