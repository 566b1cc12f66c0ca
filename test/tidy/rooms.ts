/**
 * The import table of docs/architecture.md as data. A room is a folder; it may always import itself.
 * `core*` = types of core, and values of `coreValues` only.
 */
export type Permission = { readonly to: string; readonly planned?: true }

export interface Room {
  readonly name: string
  /** Folder, with a slash at its end. */
  readonly folder: string
  readonly imports: readonly Permission[]
  /** Packages and node:* modules that it may name: none, any, any package but no node:*, or exactly these packages. */
  readonly libraries: 'none' | 'any' | 'no-node' | readonly string[]
  /** Each subfolder is closed to the others. */
  readonly apart?: true
}

/** Files of core that rooms with `core*` may import values from. */
export const coreValues: readonly string[] = [
  'src/core/limits.ts',
  'src/core/errors.ts',
  'src/core/ids.ts',
  'src/core/assert.ts',
  // Words of the domain: which status a phase is shown as.
  'src/core/tasks/status.ts',
  // … and how a side effect stands.
  'src/core/effects/effect.ts',
  // … and how urgent an alert is.
  'src/core/alerts/priority.ts',
  // … and when it is raised.
  'src/core/alerts/rules.ts',
  'src/core/retention/retention.ts',
  // … and which configuration its history tells.
  'src/core/config/config-event.ts',
  // What a task that says nothing of it waits for and needs.
  'src/core/tasks/terms.ts',
]

const to = (...names: readonly string[]): readonly Permission[] => names.map((name) => ({ to: name }))
const planned = (...names: readonly string[]): readonly Permission[] =>
  names.map((name) => ({ to: name, planned: true }))
const room = (
  name: string,
  imports: readonly Permission[],
  libraries: Room['libraries'],
  more: Partial<Room> = {},
): Room => ({ name, folder: `src/${name}/`, imports, libraries, ...more })

const webRoom = (name: string, imports: readonly Permission[], more: Partial<Room> = {}): Room =>
  room(`web/${name}`, imports, 'no-node', { folder: `web/src/${name}/`, ...more })

export const rooms: readonly Room[] = [
  room('core', [], 'none'),
  room('contract', to('core*'), ['zod']),
  room('ports', to('core*'), 'none'),
  room('link', to('core', 'ports').concat(planned('contract')), 'none'),
  room('hub', to('core', 'contract', 'ports'), 'none'),
  room('leader', to('core', 'contract', 'ports', 'link', 'hub'), 'none'),
  room('master', to('core', 'contract', 'ports', 'link').concat(planned('hub')), 'none'),
  room('warden', to('core', 'contract', 'ports'), 'any'),
  room('tools', to('core', 'contract', 'ports'), ['zod']),
  room('operator', to('core', 'contract', 'ports'), 'none'),
  room('gateway', planned('core', 'contract', 'ports'), 'any'),
  room('rpc', to('ports', 'core', 'contract', 'tools', 'gen', 'link'), 'any'),
  room('http', to('ports', 'contract', 'core', 'tools'), 'any'),
  room('adapters', to('ports', 'core', 'contract'), 'any', { apart: true }),
  room('client', to('contract', 'core*', 'gen'), 'no-node'),
  room(
    'compose',
    to(
      'core',
      'contract',
      'ports',
      'leader',
      'master',
      'warden',
      'operator',
      'rpc',
      'http',
      'tools',
      'adapters',
    ).concat(planned('link', 'hub', 'gateway', 'client', 'gen')),
    'any',
  ),
  room('cli', to('client', 'compose', 'contract', 'core*'), 'any'),
  room(
    'testing',
    to('core', 'contract', 'ports', 'leader', 'master', 'adapters', 'warden').concat(planned('link', 'hub')),
    'any',
  ),
  room('gen', [], ['@bufbuild/protobuf']),
  webRoom('live', to('contract', 'core', 'client')),
  webRoom('features', to('web/live', 'web/ui', 'contract'), { apart: true }),
  webRoom('ui', []),
  webRoom('app', to('web/live', 'web/features', 'web/ui')),
]
