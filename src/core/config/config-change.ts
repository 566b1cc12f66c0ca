import { type AlertRule, builtInRules } from '../alerts/rules.js'
import { isJsonObject, type Json, type JsonObject } from '../json.js'
import { limits } from '../limits.js'
import { defaultPlacement } from '../placement/choice.js'
import { builtInRetention } from '../retention/retention.js'
import type { ConfigEvent } from './config-event.js'

/** One value that is another one now, by its path: `task.payload.command`. null = there was, or is, none. */
export interface ConfigField {
  readonly path: string
  readonly before: Json
  readonly after: Json
}

/** A change of configuration as history shows it. */
export interface ConfigChange extends Omit<ConfigEvent, 'patch'> {
  readonly name: string
  /** At most limits.configFieldsMax, each value at most limits.configValueCharsMax characters as JSON. */
  readonly fields: readonly ConfigField[]
  /** More changed than is told, or a value was cut. */
  readonly cut: boolean
}

/** [CH1] What an event makes of the configuration before it (null = none is known): the state after, and what changed. */
export function configChange(
  before: JsonObject | null,
  { patch, ...about }: ConfigEvent,
): { readonly after: JsonObject | null; readonly change: ConfigChange } {
  // Whole definitions take the place of what was there, but for a pause, which is none of their fields.
  const isWhole = about.act === 'created' || about.act === 'changed'
  const kept = isWhole ? pauseOf(before) : (before ?? {})
  const after = patch === null ? null : { ...kept, ...patch }
  const builtIn = builtInOf(about)
  const { fields, cut } = fieldsOf(before ?? builtIn, after ?? builtIn)
  const named = after?.name ?? before?.name
  return { after, change: { ...about, name: typeof named === 'string' ? named : about.id, fields, cut } }
}

/** What holds where nothing is configured. */
function builtInOf({ kind, id }: Pick<ConfigEvent, 'kind' | 'id'>): JsonObject {
  const rules: Readonly<Record<string, AlertRule>> = builtInRules
  if (kind === 'placement') return { ...defaultPlacement, weights: { ...defaultPlacement.weights } }
  if (kind === 'retention') return { ...builtInRetention }
  return kind === 'alert_rule' ? { ...rules[id] } : {}
}

const pauseOf = (before: JsonObject | null): JsonObject =>
  before?.paused === undefined ? {} : { paused: before.paused }

function fieldsOf(before: JsonObject, after: JsonObject): Pick<ConfigChange, 'fields' | 'cut'> {
  const was = new Map(leavesOf(before, ''))
  const is = new Map(leavesOf(after, ''))
  const paths = [...new Set([...was.keys(), ...is.keys()])].filter(
    (path) => JSON.stringify(was.get(path) ?? null) !== JSON.stringify(is.get(path) ?? null),
  )
  let cut = paths.length > limits.configFieldsMax
  const short = (value: Json): Json => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    if (text.length <= limits.configValueCharsMax) return value
    cut = true
    return `${text.slice(0, limits.configValueCharsMax)}…`
  }
  const fields = paths.slice(0, limits.configFieldsMax).map((path) => ({
    path,
    before: short(was.get(path) ?? null),
    after: short(is.get(path) ?? null),
  }))
  return { fields, cut }
}

/** Lists are one value, so that a command line reads as one. */
function leavesOf(value: JsonObject, prefix: string): readonly (readonly [string, Json])[] {
  return Object.entries(value).flatMap(([name, one]) =>
    isJsonObject(one) && Object.keys(one).length > 0
      ? leavesOf(one, `${prefix}${name}.`)
      : [[`${prefix}${name}`, one] as const],
  )
}
