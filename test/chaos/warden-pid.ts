import { readdirSync, readFileSync } from 'node:fs'

/** The warden that serves this folder of a master; null while there is none. */
export function wardenPid(folder: string): number | null {
  const found = readdirSync('/proc').find((name) => {
    if (!/^\d+$/.test(name)) return false
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'latin1').split('\0')
      return words.includes('warden') && words.includes(folder)
    } catch {
      // It ended meanwhile.
      return false
    }
  })
  return found === undefined ? null : Number(found)
}
