import type { Random } from '../ports/random.js'
import { clientFileSchema, dataPaths, joinFileSchema, readJsonFile } from './data-dir.js'

/** What a leader must keep over restarts: the admin token and the key that masters join with. */
export interface LeaderSecrets {
  readonly token: string
  readonly joinKey: string
}

/** Reads them back from the data directory's own files, or makes them at the first start. */
export function leaderSecrets(dataDir: string, random: Random): LeaderSecrets {
  const paths = dataPaths(dataDir)
  const known = readJsonFile(paths.clientFile, clientFileSchema, 'client file')
  const join = readJsonFile(paths.joinFile, joinFileSchema, 'join file')
  return { token: known?.token ?? `afp_${random.secret()}`, joinKey: join?.key ?? `afj_${random.secret()}` }
}
