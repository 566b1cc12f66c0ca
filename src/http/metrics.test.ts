import { afterEach, describe, expect, it } from 'vitest'
import { limits } from '../core/limits.js'
import { seriesIn, typesIn } from '../testing/exposition-text.js'
import { httpCalls, refusalOf } from '../testing/http-calls.js'
import { measuresSample, workerMeasures } from '../testing/measures-sample.js'
import { ScriptedPlane } from '../testing/scripted-plane.js'
import { silentLog } from '../testing/silent-log.js'
import type { HttpServer } from './listen.js'
import { createHttpServer } from './server.js'

let server: HttpServer
let port: number
const { call } = httpCalls(() => port)

async function start(measures = measuresSample()) {
  server = createHttpServer({
    plane: new ScriptedPlane({ measures: async () => measures, agents: async () => '{"agents":[]}' }).plane,
    log: silentLog,
    wallDir: null,
    allowedHosts: [],
    corsOrigins: [],
    tls: null,
  })
  port = await server.listen('127.0.0.1', 0)
}
afterEach(() => server.close())

const scrape = async (path = '/metrics') => (await call(path)).text()

describe('metrics', () => {
  it('[MT1] have the names and types of the contract, under both paths', async () => {
    await start()
    const response = await call('/api/metrics')
    const text = await response.text()
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(Object.fromEntries(typesIn(text))).toMatchObject({
      workers_total: 'gauge',
      agents_total: 'gauge',
      tasks_total: 'counter',
      tasks_duration_seconds: 'histogram',
      worker_cpu_usage: 'gauge',
      worker_memory_usage: 'gauge',
      tasks_pending: 'gauge',
      http_request_duration_seconds: 'histogram',
      process_cpu_seconds_total: 'counter',
    })
    expect(typesIn(await scrape('/metrics'))).toEqual(typesIn(text))
  })

  it('[MT1] say what the leader measured', async () => {
    await start()
    expect(Object.fromEntries(seriesIn(await scrape()))).toMatchObject({
      'workers_total{status="online"}': 1,
      'workers_total{status="offline"}': 1,
      'agents_total{status="busy"}': 2,
      tasks_pending: 4,
      'tasks_total{status="completed"}': 7,
      'tasks_total{status="failed"}': 1,
      'tasks_duration_seconds_bucket{status="completed",le="0.01"}': 3,
      'tasks_duration_seconds_bucket{status="completed",le="0.05"}': 3,
      'tasks_duration_seconds_bucket{status="completed",le="0.1"}': 7,
      'tasks_duration_seconds_bucket{status="completed",le="+Inf"}': 7,
      'tasks_duration_seconds_sum{status="completed"}': 0.4,
      'tasks_duration_seconds_count{status="completed"}': 7,
      'worker_cpu_usage{worker_id="master-1"}': 0.42,
      'worker_memory_usage{worker_id="master-1"}': 0.31,
      'worker_network_receive_bytes_per_second{worker_id="master-1"}': 100,
      'worker_up{worker_id="master-1"}': 1,
      'worker_up{worker_id="master-2"}': 0,
      'worker_ping_seconds{worker_id="master-1"}': 0.004,
    })
  })

  it('[MT3] tell no load of a master that is away, and none of a fleet without masters', async () => {
    await start()
    expect([...seriesIn(await scrape()).keys()]).not.toContain('worker_cpu_usage{worker_id="master-2"}')
    await server.close()
    await start(measuresSample({ workers: [] }))
    const series = [...seriesIn(await scrape()).keys()]
    expect(series.filter((name) => name.startsWith('worker_'))).toEqual([])
  })

  it('[MT2] make series of routes and statuses, never of what a caller wrote', async () => {
    await start()
    for (const path of ['/api/agents', '/api/agents', '/api/nothing-1', '/api/nothing-2', '/api/tasks/t99'])
      await call(path)
    const series = seriesIn(await scrape())
    const count = (route: string, status: number) =>
      series.get(`http_request_duration_seconds_count{method="GET",route="${route}",status="${status}"}`)
    expect([count('/api/agents', 200), count('unknown', 404), count('/api/tasks/:taskId', 500)]).toEqual([
      2, 2, 1,
    ])
    expect([...series.keys()].filter((name) => /nothing|t99/.test(name))).toEqual([])
  })

  it('[MT2] list metricsWorkersMax masters and say how many more there are', async () => {
    const workers = Array.from({ length: limits.metricsWorkersMax + 2 }, (_, n) => workerMeasures(`m${n}`))
    await start(measuresSample({ workers }))
    const series = seriesIn(await scrape())
    expect(series.get('workers_unlisted')).toBe(2)
    expect([...series.keys()].filter((name) => name.startsWith('worker_up{'))).toHaveLength(
      limits.metricsWorkersMax,
    )
  })

  it('[AC1] need a token', async () => {
    await start()
    for (const path of ['/metrics', '/api/metrics'])
      expect((await refusalOf(await call(path, { token: null }))).slice(0, 2)).toEqual([
        401,
        'not_authenticated',
      ])
  })
})
