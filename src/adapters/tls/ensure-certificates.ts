import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { ControlError } from '../../core/errors.js'
import { type Certificates, leaderServerName } from '../../ports/certificates.js'
import { isIssuedBy } from './load-certificates.js'

/** A certificate with less than this left is issued again. */
const renewBeforeMs = 30 * 24 * 3600_000

const wildcards: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/**
 * The cluster's own authority and server certificate in `dir` (0700, files 0600): made on the first call, read on
 * later ones. The server certificate is issued again when less than 30 days are left or a name is missing; the
 * authority stays, because masters pin it. Names are hosts or addresses; a wildcard stands for all of this machine.
 * Rejects with ControlError invalid_configuration when the folder cannot be used or the authority is damaged.
 */
export async function ensureCertificates(
  dir: string,
  names: readonly string[],
  nowMs = Date.now(),
): Promise<Certificates> {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    const authority = readAuthority(dir) ?? (await newAuthority(dir, nowMs))
    const wanted = namesOf(names)
    const kept = readServer(dir, authority.certPem, wanted, nowMs)
    const { certPem, keyPem } = kept ?? (await newServer(dir, authority, wanted, nowMs))
    return { caPem: authority.certPem, certPem, keyPem }
  } catch (cause) {
    if (cause instanceof ControlError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ControlError(
      'invalid_configuration',
      `The folder ${dir} cannot hold certificates (${reason}).`,
      {
        cause,
      },
    )
  }
}

interface Pair {
  readonly certPem: string
  readonly keyPem: string
}

/** null on the first start. A damaged one is never replaced: every master would lose its leader. */
function readAuthority(dir: string): Pair | null {
  const pair = readPair(dir, 'ca')
  if (pair === null) return null
  if (isPair(pair)) return pair
  throw new ControlError(
    'invalid_configuration',
    `The certificate authority in ${dir} is damaged; restore it, or delete the folder and give masters the new join file.`,
  )
}

async function newAuthority(dir: string, nowMs: number): Promise<Pair> {
  // Loaded only here: most starts issue nothing.
  const { createAuthority } = await import('./issue-certificates.js')
  return writePair(dir, 'ca', await createAuthority(nowMs))
}

/** null when there is none that serves these names long enough. */
function readServer(dir: string, caPem: string, names: readonly string[], nowMs: number): Pair | null {
  const pair = readPair(dir, 'cert')
  if (pair === null || !isPair(pair)) return null
  const certificate = new X509Certificate(pair.certPem)
  const covers = (name: string): boolean =>
    (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined
  const serves =
    isIssuedBy(certificate, new X509Certificate(caPem)) &&
    Date.parse(certificate.validTo) - nowMs > renewBeforeMs &&
    names.every(covers)
  return serves ? pair : null
}

async function newServer(
  dir: string,
  authority: Pair,
  names: readonly string[],
  nowMs: number,
): Promise<Pair> {
  const { issueServerCertificate } = await import('./issue-certificates.js')
  const issued = await issueServerCertificate(authority, [leaderServerName, ...names], nowMs)
  return writePair(dir, 'cert', issued)
}

/** What a certificate must cover beside leaderServerName, each once. */
function namesOf(names: readonly string[]): readonly string[] {
  const all = new Set(['localhost', '127.0.0.1', '::1'])
  for (const name of names) if (!wildcards.has(name)) all.add(name)
  if (names.some((name) => wildcards.has(name))) {
    all.add(hostname())
    for (const addresses of Object.values(networkInterfaces())) {
      // A zone index belongs to this machine's view of a link-local address.
      for (const { address } of addresses ?? []) all.add(address.replace(/%.*$/, ''))
    }
  }
  return [...all]
}

type PairName = 'ca' | 'cert'
const keyFiles: Readonly<Record<PairName, string>> = { ca: 'ca-key.pem', cert: 'key.pem' }

/** null when there is no certificate; one without its key is no pair, and says so in isPair. */
function readPair(dir: string, name: PairName): Pair | null {
  const certPem = readIfThere(join(dir, `${name}.pem`))
  if (certPem === null) return null
  return { certPem, keyPem: readIfThere(join(dir, keyFiles[name])) ?? '' }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null
    throw cause
  }
}

/** The certificate last: with it, its key is there too. */
function writePair(dir: string, name: PairName, pair: Pair): Pair {
  writeWhole(join(dir, keyFiles[name]), pair.keyPem)
  writeWhole(join(dir, `${name}.pem`), pair.certPem)
  return pair
}

function writeWhole(path: string, text: string): void {
  const partial = `${path}.${process.pid}.tmp`
  writeFileSync(partial, text, { mode: 0o600, flush: true })
  chmodSync(partial, 0o600)
  renameSync(partial, path)
}

function isPair(pair: Pair): boolean {
  try {
    return new X509Certificate(pair.certPem).checkPrivateKey(createPrivateKey(pair.keyPem))
  } catch {
    return false
  }
}
