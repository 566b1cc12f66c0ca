import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { ensureCertificates } from '../adapters/tls/ensure-certificates.js'
import { createAuthority, issueServerCertificate } from '../adapters/tls/issue-certificates.js'
import type { Certificates } from '../ports/certificates.js'
import { planeOf } from '../testing/plane-of.js'
import { linkEvents, ScriptedGateway } from '../testing/scripted-gateway.js'
import { silentLog } from '../testing/silent-log.js'
import { createGrpcServer } from './grpc-server.js'
import { createLeaderDialer } from './leader-dialer.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function startLeader(tls: Pick<Certificates, 'certPem' | 'keyPem'>): Promise<number> {
  const server = createGrpcServer({
    gateway: new ScriptedGateway(),
    plane: planeOf({}),
    authenticateNode: () => true,
    tls,
    log: silentLog,
  })
  cleanups.push(() => server.close(0))
  return server.listen('127.0.0.1', 0)
}

/** The first thing that a dial hears. */
async function firstEvent(address: string, caPem: string | null) {
  const events = linkEvents()
  const channel = createLeaderDialer({ joinKey: 'afj_test', caPem, nodeId: 'master-1' }).dial(address, events)
  cleanups.push(() => channel.close())
  return events.mail.next()
}

async function certificates(): Promise<Certificates> {
  const dir = mkdtempSync(join(tmpdir(), 'agentflow-link-'))
  cleanups.push(() => rmSync(dir, { recursive: true }))
  return ensureCertificates(dir, [])
}

describe('[AC6] over TLS', () => {
  it('a master that pins the authority reaches its leader by any address', async () => {
    const tls = await certificates()
    const port = await startLeader(tls)
    for (const host of ['127.0.0.1', 'localhost']) {
      expect(await firstEvent(`${host}:${port}`, tls.caPem)).toEqual({ kind: 'open' })
    }
  })

  it('a certificate without our own name serves the addresses that it names', async () => {
    const authority = await createAuthority(Date.now())
    const port = await startLeader(await issueServerCertificate(authority, ['127.0.0.1'], Date.now()))
    expect(await firstEvent(`127.0.0.1:${port}`, authority.certPem)).toEqual({ kind: 'open' })
    expect(await firstEvent(`localhost:${port}`, authority.certPem)).toMatchObject({
      kind: 'closed',
      refused: false,
    })
  })

  it('a leader of another authority is refused, and so is plain text', async () => {
    const [tls, other] = await Promise.all([certificates(), certificates()])
    const port = await startLeader(tls)
    for (const caPem of [other.caPem, null]) {
      expect(await firstEvent(`127.0.0.1:${port}`, caPem)).toMatchObject({ kind: 'closed', refused: false })
    }
  })

  it('nothing older than TLS 1.3 is spoken', async () => {
    const tls = await certificates()
    const port = await startLeader(tls)
    const socket = connect({ port, host: '127.0.0.1', ca: tls.caPem, maxVersion: 'TLSv1.2' })
    cleanups.push(() => socket.destroy())
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
  })
})
