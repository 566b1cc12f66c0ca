import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { leaderServerName } from '../../ports/certificates.js'
import { ensureCertificates } from './ensure-certificates.js'
import { loadCertificates } from './load-certificates.js'

const dayMs = 24 * 3600_000
let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'agentflow-tls-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

describe('own certificates', () => {
  it('are made once, for this user alone, and read on the next start', async () => {
    const first = await ensureCertificates(dir, ['10.1.2.3', 'leader.example'])
    expect(await ensureCertificates(dir, ['10.1.2.3'])).toEqual(first)
    for (const file of ['ca.pem', 'ca-key.pem', 'cert.pem', 'key.pem']) {
      expect(statSync(join(dir, file)).mode & 0o777).toBe(0o600)
    }
    const authority = new X509Certificate(first.caPem)
    const certificate = new X509Certificate(first.certPem)
    expect(authority.ca).toBe(true)
    expect(certificate.ca).toBe(false)
    expect(certificate.verify(authority.publicKey)).toBe(true)
    expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
    for (const name of [leaderServerName, 'localhost', 'leader.example']) {
      expect(certificate.checkHost(name)).toBe(name)
    }
    for (const address of ['127.0.0.1', '::1', '10.1.2.3']) {
      expect(certificate.checkIP(address)).toBe(address)
    }
  })

  it('cover every name of this machine when it listens on all interfaces', async () => {
    const { certPem } = await ensureCertificates(dir, ['0.0.0.0'])
    expect(new X509Certificate(certPem).checkHost(hostname())).toBe(hostname())
    expect(await ensureCertificates(dir, ['0.0.0.0'])).toMatchObject({ certPem })
  })

  it('get a new server certificate for a new name and when 30 days are left; the authority stays', async () => {
    const nowMs = Date.now()
    const first = await ensureCertificates(dir, [], nowMs)
    const named = await ensureCertificates(dir, ['other.example'], nowMs)
    const later = nowMs + 334 * dayMs
    expect(await ensureCertificates(dir, ['other.example'], later)).toEqual(named)
    const renewed = await ensureCertificates(dir, ['other.example'], later + 2 * dayMs)
    expect(new Set([first, named, renewed].map(({ certPem }) => certPem)).size).toBe(3)
    expect(new Set([first, named, renewed].map(({ caPem }) => caPem)).size).toBe(1)
  })

  it('are issued again when the server key is lost, but a damaged authority is an error', async () => {
    const first = await ensureCertificates(dir, [])
    writeFileSync(join(dir, 'key.pem'), 'damaged')
    const second = await ensureCertificates(dir, [])
    expect(second.caPem).toBe(first.caPem)
    expect(second.keyPem).not.toBe(first.keyPem)
    rmSync(join(dir, 'ca-key.pem'))
    await expect(ensureCertificates(dir, [])).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: `The certificate authority in ${dir} is damaged; restore it, or delete the folder and give masters the new join file.`,
    })
  })

  it('say in one sentence that their folder cannot be used', async () => {
    const file = join(dir, 'file')
    writeFileSync(file, '')
    await expect(ensureCertificates(file, [])).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining(`The folder ${file} cannot hold certificates (`),
    })
  })
})

describe('certificates of the user', () => {
  it('are taken as they are', async () => {
    const made = await ensureCertificates(dir, [])
    expect(await loadCertificates(dir)).toEqual(made)
  })

  it.each<[string, (other: string) => void, string]>([
    ['a missing file', () => rmSync(join(dir, 'ca.pem')), 'ca.pem cannot be read (ENOENT'],
    [
      'something else than a certificate',
      () => writeFileSync(join(dir, 'cert.pem'), 'x'),
      'cert.pem is not a certificate in PEM form.',
    ],
    [
      'something else than a key',
      () => writeFileSync(join(dir, 'key.pem'), 'x'),
      'key.pem is not a private key in PEM form without a passphrase.',
    ],
    [
      'the key of another certificate',
      (other) => writeFileSync(join(dir, 'key.pem'), readFileSync(join(other, 'key.pem'))),
      'key.pem is not the key of',
    ],
    [
      'another authority',
      (other) => writeFileSync(join(dir, 'ca.pem'), readFileSync(join(other, 'ca.pem'))),
      'cert.pem was not signed by',
    ],
  ])('are refused in one sentence for %s', async (_, damage, sentence) => {
    const other = mkdtempSync(join(tmpdir(), 'agentflow-tls-'))
    await Promise.all([ensureCertificates(dir, []), ensureCertificates(other, [])])
    damage(other)
    await expect(loadCertificates(dir)).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining(sentence),
    })
    rmSync(other, { recursive: true })
  })

  it('are refused when they have ended', async () => {
    await ensureCertificates(dir, [])
    await expect(loadCertificates(dir, Date.now() + 400 * dayMs)).rejects.toThrow('cert.pem ended on ')
  })
})
