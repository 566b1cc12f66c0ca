import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ensureCertificates } from '../adapters/tls/ensure-certificates.js'
import { trustingFetch } from './trusting-fetch.js'

const folder = mkdtempSync(join(tmpdir(), 'agentflow-tls-'))
const server = { close: () => undefined as unknown, url: '', caPem: '' }

beforeAll(async () => {
  const { certPem, keyPem, caPem } = await ensureCertificates(folder, ['127.0.0.1'])
  const https = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    if (request.url === '/slow') return
    let body = ''
    request.on('data', (chunk) => {
      body += String(chunk)
    })
    request.on('end', () => {
      const { method, headers } = request
      response.writeHead(method === 'DELETE' ? 204 : 201, {
        'content-type': 'application/json',
        'x-told': 'yes',
      })
      response.end(
        method === 'DELETE'
          ? undefined
          : JSON.stringify({ method, body, authorization: headers.authorization }),
      )
    })
  })
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve))
  server.close = () => https.closeAllConnections() ?? https.close()
  server.url = `https://127.0.0.1:${(https.address() as AddressInfo).port}`
  server.caPem = caPem
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

it('reaches a server whose authority it was given', async () => {
  const response = await trustingFetch(server.caPem)(`${server.url}/x?y=1`, {
    method: 'POST',
    headers: { authorization: 'Bearer t' },
    body: '{"a":1}',
  })
  expect([response.status, response.headers.get('x-told')]).toEqual([201, 'yes'])
  expect(await response.json()).toEqual({ method: 'POST', body: '{"a":1}', authorization: 'Bearer t' })
  expect((await trustingFetch(server.caPem)(server.url, { method: 'DELETE' })).status).toBe(204)
})

it('refuses one whose authority it does not know', async () => {
  await expect(trustingFetch('')(server.url)).rejects.toMatchObject({
    code: expect.stringMatching(/CERT|UNABLE/),
  })
})

it('ends with the signal', async () => {
  const leaving = new AbortController()
  const waiting = trustingFetch(server.caPem)(`${server.url}/slow`, { signal: leaving.signal })
  leaving.abort()
  await expect(waiting).rejects.toThrow('aborted')
})
