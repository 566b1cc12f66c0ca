import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'

const serviceSchema = z.object({
  command: z.array(z.string()),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.literal('service_healthy') })).default({}),
  healthcheck: z.object({ test: z.tuple([z.literal('CMD')], z.string()) }),
})
const composeSchema = z.object({
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.null()),
})
export type Service = z.infer<typeof serviceSchema>

/** compose.yaml, checked as far as the tests rely on it. */
export const readCompose = (): z.infer<typeof composeSchema> =>
  composeSchema.parse(parse(readFileSync('compose.yaml', 'utf8'), { merge: true }))

/** What the Dockerfile's last stage gives every service. */
export function readImage(): { readonly entrypoint: unknown; readonly environment: Record<string, string> } {
  const lastStage =
    readFileSync('Dockerfile', 'utf8')
      .split(/^FROM /m)
      .at(-1) ?? ''
  const pairs = [...lastStage.matchAll(/^ENV (?<pairs>.+)$/gm)].flatMap((match) =>
    (match.groups?.pairs ?? '').split(' ').map((pair) => pair.split('=')),
  )
  const entrypoint = /^ENTRYPOINT (?<json>\[.*\])$/m.exec(lastStage)?.groups?.json ?? 'null'
  return { entrypoint: JSON.parse(entrypoint), environment: Object.fromEntries(pairs) }
}

/** Where a service finds on this machine what it names in its container. */
export interface Places {
  /** `leader:8150`, or `0.0.0.0:8150` and `127.0.0.1:8150` in a service → address of its own on loopback. */
  readonly addressOf: (service: string, port: string) => string
  /** Named volume → folder. */
  readonly folderOf: (volume: string) => string
}

/** The service's words, with its volumes and the addresses of the network replaced by their places here. */
export function localised(
  name: string,
  text: string,
  { service, serviceNames, places }: { service: Service; serviceNames: readonly string[]; places: Places },
): string {
  const mounts = service.volumes.map((volume) => volume.split(':'))
  const withFolders = mounts.reduce(
    (current, [volume = '', path = '']) =>
      current.replace(new RegExp(`(^|=)${path}(?=/|$)`), `$1${places.folderOf(volume)}`),
    text,
  )
  const hosts = new RegExp(`\\b(0\\.0\\.0\\.0|127\\.0\\.0\\.1|${serviceNames.join('|')}):(\\d+)\\b`, 'g')
  return withFolders.replace(hosts, (_all, host: string, port: string) =>
    places.addressOf(/^\d/.test(host) ? name : host, port),
  )
}
