// The library below asks for this polyfill before it is loaded.
import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

const dayMs = 24 * 3600_000
const authorityDays = 3_650
const leafDays = 365
/** Clocks of other machines may be behind ours. */
const backdatedDays = 1
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** A certificate and its private key (PKCS #8), as PEM. */
export interface Issued {
  readonly certPem: string
  readonly keyPem: string
}

/** A new authority: P-256, 10 years. It can sign leaf certificates only. */
export async function createAuthority(nowMs: number): Promise<Issued> {
  const keys = await newKeys()
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...validity(nowMs, authorityDays),
    // The random part keeps authorities of several clusters apart in a person's list of them.
    name: `CN=AgentFlow CA ${randomBytes(4).toString('hex')}`,
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return pem(certificate, keys)
}

/** A server certificate for these host names and addresses: P-256, 1 year. The first name is its common name. */
export async function issueServerCertificate(
  authority: Issued,
  names: readonly [string, ...string[]],
  nowMs: number,
): Promise<Issued> {
  const keys = await newKeys()
  const issuer = new X509Certificate(authority.certPem)
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    PemConverter.decodeFirst(authority.keyPem),
    algorithm,
    false,
    ['sign'],
  )
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension(
      names.map((name) => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name })),
    ),
    await SubjectKeyIdentifierExtension.create(keys.publicKey),
    await AuthorityKeyIdentifierExtension.create(issuer),
  ]
  const certificate = await X509CertificateGenerator.create({
    ...validity(nowMs, leafDays),
    subject: `CN=${names[0]}`,
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions,
  })
  return pem(certificate, keys)
}

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

const validity = (nowMs: number, days: number) => ({
  serialNumber: randomBytes(16).toString('hex'),
  notBefore: new Date(nowMs - backdatedDays * dayMs),
  notAfter: new Date(nowMs + days * dayMs),
})

async function pem(certificate: X509Certificate, keys: webcrypto.CryptoKeyPair): Promise<Issued> {
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    certPem: `${certificate.toString('pem')}\n`,
    keyPem: `${PemConverter.encode(key, PemConverter.PrivateKeyTag)}\n`,
  }
}
