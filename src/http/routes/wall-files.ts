import { join, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import { ControlError } from '../../core/errors.js'
import type { App } from '../app.js'

/** Paths of the wall's screens: all of them are the one page. */
const screens = [
  'overview',
  'dashboard',
  'topology',
  'masters',
  'agents',
  'tasks',
  'queue',
  'workflows',
  'flow',
  'logs',
  'history',
  'alerts',
  'memory',
  'services',
  'settings',
] as const

/** Serves the built wall. `wallDir` null: says how to build it. */
export function wallFiles(app: App, wallDir: string | null): void {
  const pages = ['/', ...screens.map((screen) => `/${screen}`)]
  app.get('/agent-hub', { schema: { hide: true } }, async (_, reply) => reply.redirect('/overview', 302))
  if (wallDir === null) {
    for (const page of pages) {
      app.get(page, { schema: { hide: true } }, async () => {
        throw new ControlError('not_found', 'This installation has no wall; "npm run build" makes it.')
      })
    }
    return
  }
  const assets = join(wallDir, 'assets') + sep
  app.register(fastifyStatic, {
    root: wallDir,
    index: false,
    cacheControl: false,
    schemaHide: true,
    setHeaders: (response, path) => {
      // Names in assets/ carry a hash of the content; the page itself must be asked for again each time.
      response.setHeader(
        'cache-control',
        path.startsWith(assets) ? 'public, max-age=31536000, immutable' : 'no-cache',
      )
    },
  })
  for (const page of pages) {
    app.get(page, { schema: { hide: true } }, async (_, reply) => reply.sendFile('index.html'))
  }
}
