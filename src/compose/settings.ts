import type { z } from 'zod'
import { ControlError } from '../core/errors.js'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Where a value came from, strongest first. */
export type Source = 'flag' | 'environment' | 'file' | 'default'

/** One configurable value. What a flag, a variable or a file gives goes through `schema`; `fallback` does not. */
export interface Setting<T> {
  /** Long flag without dashes, for messages. */
  readonly flag: string
  /** null = no variable sets it. */
  readonly env: string | null
  readonly schema: z.ZodType<T>
  readonly fallback: T
}

export const setting = <T>(
  flag: string,
  env: string | null,
  schema: z.ZodType<T>,
  fallback: NoInfer<T>,
): Setting<T> => ({ flag, env, schema, fallback })

type Settings = Readonly<Record<string, Setting<unknown>>>
export type Values<S extends Settings> = { readonly [K in keyof S]: S[K]['fallback'] }

export interface Layers {
  /** As the command line gave them; undefined = not given. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly file: { readonly path: string; readonly values: Readonly<Record<string, unknown>> } | null
}

/**
 * Flags > environment > file > default, per value. A value that its schema refuses is `invalid_configuration`: one
 * sentence that names where the value stands.
 */
export function resolveSettings<S extends Settings>(
  settings: S,
  layers: Layers,
): { readonly values: Values<S>; readonly sources: { readonly [K in keyof S]: Source } } {
  refuseUnknownKeys(settings, layers.file)
  const values: Record<string, unknown> = {}
  const sources: Record<string, Source> = {}
  for (const [key, entry] of Object.entries(settings)) {
    const found = find(key, entry, layers)
    sources[key] = found === null ? 'default' : found.source
    values[key] = found === null ? entry.fallback : check(entry, found.value, found.where)
  }
  return { values: values as Values<S>, sources: sources as { [K in keyof S]: Source } }
}

function find(
  key: string,
  entry: Setting<unknown>,
  { flags, environment, file }: Layers,
): { value: unknown; source: Source; where: string } | null {
  if (flags[key] !== undefined) return { value: flags[key], source: 'flag', where: `--${entry.flag}` }
  const variable = entry.env === null ? undefined : environment[entry.env]
  if (entry.env !== null && variable !== undefined && variable !== '') {
    return { value: variable, source: 'environment', where: entry.env }
  }
  if (file !== null && file.values[key] !== undefined) {
    return { value: file.values[key], source: 'file', where: `"${key}" in ${file.path}` }
  }
  return null
}

function check(entry: Setting<unknown>, value: unknown, where: string): unknown {
  const parsed = entry.schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new ControlError(
    'invalid_configuration',
    `${where} is ${JSON.stringify(value)}: ${parsed.error.issues[0]?.message ?? 'it is not valid'}.`,
  )
}

function refuseUnknownKeys(settings: Settings, file: Layers['file']): void {
  const unknown = Object.keys(file?.values ?? {}).find((key) => !Object.hasOwn(settings, key))
  if (unknown === undefined || file === null) return
  throw new ControlError(
    'invalid_configuration',
    `${file.path} has the unknown key "${unknown}"; it may have ${Object.keys(settings).join(', ')}.`,
  )
}
