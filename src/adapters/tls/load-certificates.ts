import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ControlError } from '../../core/errors.js'
import type { Certificates } from '../../ports/certificates.js'

/**
 * Certificates that the user made: ca.pem, cert.pem (with its chain, if any) and key.pem in `dir`. Rejects with
 * ControlError invalid_configuration, one sentence that names the file, when they cannot serve.
 */
export async function loadCertificates(dir: string, nowMs = Date.now()): Promise<Certificates> {
  const caPath = join(dir, 'ca.pem')
  const certPath = join(dir, 'cert.pem')
  const keyPath = join(dir, 'key.pem')
  const caPem = await readPem(caPath)
  const certPem = await readPem(certPath)
  const keyPem = await readPem(keyPath)
  const authority = parseCertificate(caPath, caPem)
  const certificate = parseCertificate(certPath, certPem)
  if (!certificate.checkPrivateKey(parseKey(keyPath, keyPem))) {
    throw refused(`${keyPath} is not the key of ${certPath}.`)
  }
  const hasChain = certPem.indexOf('BEGIN CERTIFICATE') !== certPem.lastIndexOf('BEGIN CERTIFICATE')
  if (!hasChain && !isIssuedBy(certificate, authority)) {
    throw refused(`${certPath} was not signed by ${caPath}.`)
  }
  const endsAtMs = Date.parse(certificate.validTo)
  if (endsAtMs <= nowMs) throw refused(`${certPath} ended on ${new Date(endsAtMs).toISOString()}.`)
  return { caPem, certPem, keyPem }
}

/** True when `authority` signed `certificate`. */
export const isIssuedBy = (certificate: X509Certificate, authority: X509Certificate): boolean =>
  certificate.checkIssued(authority) && certificate.verify(authority.publicKey)

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw refused(
      `${path} cannot be read (${cause instanceof Error ? cause.message : String(cause)}).`,
      cause,
    )
  }
}

function parseCertificate(path: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw refused(`${path} is not a certificate in PEM form.`, cause)
  }
}

function parseKey(path: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw refused(`${path} is not a private key in PEM form without a passphrase.`, cause)
  }
}

const refused = (sentence: string, cause?: unknown): ControlError =>
  new ControlError('invalid_configuration', sentence, { cause })
