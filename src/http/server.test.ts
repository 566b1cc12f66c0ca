import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { httpCalls, refusalOf } from '../testing/http-calls.js'
import { createRememberingLog } from '../testing/remembering-log.js'
import { ScriptedPlane } from '../testing/scripted-plane.js'
import type { HttpServer } from './listen.js'
import { createHttpServer, type HttpServerOptions } from './server.js'

let server: HttpServer
let port: number
let log: ReturnType<typeof createRememberingLog>
let wallDir: string
const { call, raw } = httpCalls(() => port)

const make = (options: Partial<HttpServerOptions> = {}): HttpServer =>
  createHttpServer({
    plane: new ScriptedPlane().plane,
    log,
    wallDir,
    allowedHosts: [],
    corsOrigins: [],
    tls: null,
    ...options,
  })
async function start(options: Partial<HttpServerOptions> = {}) {
  server = make(options)
  port = await server.listen('127.0.0.1', 0)
}

beforeEach(() => {
  log = createRememberingLog()
  wallDir = mkdtempSync(join(tmpdir(), 'agentflow-wall-'))
  writeFileSync(join(wallDir, 'index.html'), '<!doctype html><title>AgentFlow</title>')
  mkdirSync(join(wallDir, 'assets'))
  writeFileSync(join(wallDir, 'assets', 'app-a1b2c3.js'), 'export {}')
})
afterEach(async () => {
  await server.close()
  rmSync(wallDir, { recursive: true, force: true })
})

describe('Host and Origin', () => {
  const get = (headers: string) => raw(`GET /healthz HTTP/1.1\r\n${headers}connection: close\r\n\r\n`)

  it('answers under its own names only', async () => {
    await start({ allowedHosts: ['leader', 'wall.example:443'] })
    for (const host of [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      `LOCALHOST:${port}`,
      `[::1]:${port}`,
      `leader:${port}`,
      'wall.example:443',
    ]) {
      expect(await get(`host: ${host}\r\n`)).toContain('200 OK')
    }
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1',
      `127.0.0.1:${port + 1}`,
      'localhost',
      'leader',
    ]) {
      expect(await get(`host: ${host}\r\n`)).toContain('"code":"origin_refused"')
    }
  })

  it('takes its own origin and listed ones, by scheme and port', async () => {
    await start({ corsOrigins: ['https://wall.example'] })
    const origin = (value: string) => get(`host: 127.0.0.1:${port}\r\norigin: ${value}\r\n`)
    expect(await origin(`http://127.0.0.1:${port}`)).toContain('200 OK')
    expect(await origin('https://wall.example')).toContain(
      'access-control-allow-origin: https://wall.example',
    )
    for (const value of [
      `https://127.0.0.1:${port}`,
      'http://127.0.0.1:1',
      'http://wall.example',
      'null',
      'http://evil.example',
    ]) {
      const answer = await origin(value)
      expect(answer).toContain('"code":"origin_refused"')
      expect(answer).not.toContain('access-control-allow-origin')
    }
  })

  it('answers the preflight of a listed origin', async () => {
    await start({ corsOrigins: ['https://wall.example'] })
    const response = await call('/api/tasks', {
      method: 'OPTIONS',
      token: null,
      headers: {
        origin: 'https://wall.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-headers')).toBe('authorization,content-type')
  })
})

describe('the wall', () => {
  it.each(['/', '/overview', '/topology', '/tasks?task=t1', '/settings/'])(
    'is one page at %s',
    async (path) => {
      await start()
      const response = await call(path, { token: null })
      expect([response.status, await response.text()]).toEqual([
        200,
        '<!doctype html><title>AgentFlow</title>',
      ])
      expect(response.headers.get('cache-control')).toBe('no-cache')
      const policy = response.headers.get('content-security-policy') ?? ''
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${port} wss://127.0.0.1:${port}`)
      expect(policy).not.toMatch(/unsafe|\*/)
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    },
  )

  it('has assets that are kept for ever', async () => {
    await start()
    const response = await call('/assets/app-a1b2c3.js', { token: null })
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(response.headers.get('content-type')).toContain('javascript')
  })

  it('opens at the old address too', async () => {
    await start()
    const response = await call('/agent-hub', { token: null })
    expect([response.status, response.headers.get('location')]).toEqual([302, '/overview'])
  })

  it('gives no file outside and answers what is missing as ERROR', async () => {
    await start()
    expect(
      await raw(`GET /../../etc/passwd HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: close\r\n\r\n`),
    ).toContain('"code":"')
    expect((await refusalOf(await call('/assets/none.js', { token: null })))[1]).toBe('not_found')
  })

  it('says so when it was not built', async () => {
    await start({ wallDir: null })
    expect((await refusalOf(await call('/overview', { token: null })))[2]).toContain('has no wall')
  })
})

describe('the server', () => {
  it('describes its API from the schemas that it checks with', async () => {
    await start({
      connectPlugin: async (app) => {
        app.post('/agentflow.v1.ControlService/GetTask', async () => ({}))
      },
    })
    const document = (await (await call('/api/openapi.json', { token: null })).json()) as {
      openapi: string
      paths: Record<string, Record<string, { requestBody?: unknown }>>
    }
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/api/tasks',
        '/api/tasks/{taskId}',
        '/api/tasks/{taskId}/pause',
        '/api/stats',
        '/api/login',
        '/healthz',
      ]),
    )
    expect(JSON.stringify(document.paths['/api/tasks']?.post?.requestBody)).toContain('stallAfterMs')
    expect(
      Object.keys(document.paths).filter((path) => !/^\/(api\/|healthz|readyz|metrics|rpc)/.test(path)),
    ).toEqual([])
  })

  it('says how it is', async () => {
    await start()
    expect(await (await call('/healthz', { token: null })).json()).toEqual({ ok: true })
    expect(await (await call('/readyz', { token: null })).json()).toEqual({ ready: true, reasons: [] })
    await server.close()
    await start({
      plane: new ScriptedPlane({ ready: () => ({ ready: false, reasons: ['starting'] }) }).plane,
    })
    const response = await call('/readyz', { token: null })
    expect([response.status, await response.json()]).toEqual([503, { ready: false, reasons: ['starting'] }])
  })

  it('logs each request without its query', async () => {
    await start()
    await call('/api/nothing?text=secret', {
      headers: { traceparent: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01` },
    })
    const entry = log.entries.find(({ message }) => message === 'request')
    expect(entry).toMatchObject({
      level: 'info',
      context: { method: 'GET', path: '/api/nothing', status: 404, traceId: 'ab'.repeat(16) },
    })
  })

  it('survives what is not HTTP', async () => {
    await start()
    expect(await raw('\x16\x03\x01 hello\r\n\r\n')).toContain('This is not HTTP.')
    expect((await call('/healthz', { token: null })).status).toBe(200)
  })

  it('names the port that is taken', async () => {
    await start()
    const second = make()
    await expect(second.listen('127.0.0.1', port)).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use`)
    await second.close()
  })
})
