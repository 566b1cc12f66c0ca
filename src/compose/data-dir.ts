import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { ControlError } from '../core/errors.js'

/** How a master joins: written by the leader, given to each master. The key is a secret. */
export const joinFileSchema = z.strictObject({
  clusterId: z.string().min(1),
  leaders: z.array(z.string().min(1)).min(1),
  key: z.string().min(1),
  caPem: z.string().nullable(),
})
export type JoinFile = z.infer<typeof joinFileSchema>

/** How the command line reaches the leader of this data directory. The token is a secret. */
export const clientFileSchema = z.strictObject({
  url: z.string().min(1),
  token: z.string().min(1),
  /** Authority that signed the leader's certificate; null without TLS or with a public one. */
  caPem: z.string().nullable(),
  /** HOST:PORT of the gRPC server; absent in a file of before. */
  grpc: z.string().min(1).optional(),
})

/** Files and folders of one data directory. A leader and masters of one machine may share it. */
export const dataPaths = (dataDir: string) => ({
  clientFile: join(resolve(dataDir), 'cli.json'),
  joinFile: join(resolve(dataDir), 'join.json'),
  crashNotes: join(resolve(dataDir), 'crash-notes.json'),
  alertWebhook: join(resolve(dataDir), 'alert-webhook.json'),
  master: (nodeId: string) => join(resolve(dataDir), 'masters', nodeId),
})

/** What a master keeps of itself: `dataId` stands in the environment of every process that its tasks start. */
export const identitySchema = z.object({ dataId: z.string().min(1), incarnation: z.number().int() })

/** null when no master ever ran on this folder. */
export const dataIdOf = (masterDir: string): string | null =>
  readJsonFile(join(masterDir, 'node.json'), identitySchema, 'identity file')?.dataId ?? null

/** Writes a secret for this user alone (0600), complete or not at all. */
export function writeSecretFile(path: string, content: unknown): void {
  const partial = `${path}.${process.pid}.tmp`
  writeFileSync(partial, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
  // The mode above is only for a new file.
  chmodSync(partial, 0o600)
  renameSync(partial, path)
}

/** Makes the directory (0700) when it is missing; one clear sentence when it cannot be used. */
export function openDataDir(dataDir: string): string {
  const path = resolve(dataDir)
  try {
    makeFolder(path)
    const probe = join(path, `.writable-${process.pid}`)
    writeFileSync(probe, '')
    unlinkSync(probe)
  } catch (cause) {
    throw new ControlError(
      'invalid_configuration',
      `The data directory ${path} cannot be written (${reasonOf(cause)}); choose another with --data.`,
      { cause },
    )
  }
  return path
}

/**
 * As mkdir -p. Node's own `recursive` never ends where a folder says that it is not there although it is (/proc).
 * Another process may make a parent between our attempt and our look, so a missing folder is tried once more.
 */
function makeFolder(path: string, isSecondTry = false): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (cause) {
    if (errorCode(cause) === 'EEXIST' && statSync(path).isDirectory()) return
    if (errorCode(cause) !== 'ENOENT' || isSecondTry) throw cause
    if (!existsSync(dirname(path))) makeFolder(dirname(path))
    makeFolder(path, true)
  }
}

/** null when there is no such file. */
export function readJsonFile<T>(path: string, schema: z.ZodType<T>, what: string): T | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return null
    throw new ControlError(
      'invalid_configuration',
      `The ${what} ${path} cannot be read (${reasonOf(cause)}).`,
      {
        cause,
      },
    )
  }
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new ControlError(
      'invalid_configuration',
      `The ${what} ${path} is damaged or is another kind of file.`,
      {
        cause,
      },
    )
  }
}

const errorCode = (thrown: unknown): string | null =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null

const words: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOENT: 'nothing can be made there',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is a file',
  EISDIR: 'it is a directory',
  EEXIST: 'there is a file of that name',
}

function reasonOf(thrown: unknown): string {
  const code = errorCode(thrown)
  return (code === null ? null : words[code]) ?? code ?? 'unknown reason'
}
