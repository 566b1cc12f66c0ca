import { coreValues, type Permission, type Room } from './rooms.js'
import { type Import, importsOf, isCode, isTest, resolveIn, type Sources } from './sources.js'

interface Edge {
  readonly from: string
  readonly room: Room
  readonly used: Import
  readonly target: string | null
}

/** Imports that the table lacks, as sentences. */
export function forbiddenImports(sources: Sources, rooms: readonly Room[]): readonly string[] {
  return edgesOf(sources, rooms).flatMap((edge) => {
    const reason = edge.target === null ? libraryReason(edge) : roomReason(edge, edge.target, rooms)
    return reason === null ? [] : [`${edge.from}:${edge.used.line} imports ${edge.used.specifier}: ${reason}`]
  })
}

/** Permissions that nothing uses and that are not planned, and planned ones that are used. */
export function wrongPermissions(sources: Sources, rooms: readonly Room[]): readonly string[] {
  const edges = edgesOf(sources, rooms)
  return rooms.flatMap((room) =>
    room.imports.flatMap((permission) => {
      const isUsed = edges.some((edge) => edge.room === room && grants(permission, edge, rooms))
      if (isUsed && permission.planned)
        return [`${room.name} → ${permission.to} is used: it is not planned any more`]
      return isUsed || permission.planned ? [] : [`${room.name} → ${permission.to} is used by nothing`]
    }),
  )
}

/** Source files that belong to no room. */
export function homeless(sources: Sources, rooms: readonly Room[]): readonly string[] {
  return [...sources.keys()].filter(
    (path) => /^(src|web\/src)\//.test(path) && isCode(path) && roomOf(path, rooms) === undefined,
  )
}

const roomOf = (path: string, rooms: readonly Room[]): Room | undefined =>
  rooms.find((room) => path.startsWith(room.folder))

function edgesOf(sources: Sources, rooms: readonly Room[]): readonly Edge[] {
  return [...sources].flatMap(([from, text]) => {
    const room = roomOf(from, rooms)
    if (room === undefined || !isCode(from) || isTest(from)) return []
    return importsOf(text).map((used) => ({
      from,
      room,
      used,
      target: resolveIn(sources, from, used.specifier),
    }))
  })
}

function grants(permission: Permission, edge: Edge, rooms: readonly Room[]): boolean {
  const target = edge.target === null ? undefined : roomOf(edge.target, rooms)
  if (target === undefined || edge.target === null) return false
  if (permission.to !== 'core*') return permission.to === target.name
  return target.name === 'core' && (edge.used.typeOnly || coreValues.includes(edge.target))
}

function roomReason(edge: Edge, path: string, rooms: readonly Room[]): string | null {
  const target = roomOf(path, rooms)
  // A style sheet, an asset, a JSON file of its own.
  if (target === undefined) return isCode(path) ? 'it belongs to no room' : null
  if (target === edge.room) {
    const apart = target.apart === true && subfolder(edge.from, target) !== subfolder(path, target)
    return apart ? `the parts of ${target.name} are closed to each other` : null
  }
  if (edge.room.imports.some((permission) => grants(permission, edge, rooms))) return null
  const isNarrow = target.name === 'core' && edge.room.imports.some((permission) => permission.to === 'core*')
  return isNarrow
    ? `${edge.room.name} may use types, limits, errors and ids of core`
    : `${edge.room.name} may not import ${target.name}`
}

const subfolder = (path: string, room: Room): string => path.slice(room.folder.length).split('/')[0] ?? ''

function libraryReason({ room, used: { specifier } }: Edge): string | null {
  const { libraries } = room
  if (libraries === 'any') return null
  if (libraries === 'none') return `${room.name} uses no libraries and no node:*`
  if (specifier.startsWith('node:')) return `${room.name} uses no node:*`
  if (libraries === 'no-node') return null
  const isAllowed = libraries.some((name) => specifier === name || specifier.startsWith(`${name}/`))
  return isAllowed ? null : `${room.name} uses ${libraries.join(', ')} only`
}
