import type { Kysely } from 'kysely'
import { sql as raw } from 'kysely'
import type { StreamsTables } from './streams-schema.js'

/** Rows of one INSERT. */
const rowsPerStatement = 100

export interface PutItems {
  readonly bodyId: string
  readonly fromIndex: number
  readonly items: readonly string[]
}

/** In one transaction. */
export function putItems(sql: Kysely<StreamsTables>, { bodyId, fromIndex, items }: PutItems): Promise<void> {
  return sql.transaction().execute(async (within) => {
    for (let start = 0; start < items.length; start += rowsPerStatement) {
      const rows = items
        .slice(start, start + rowsPerStatement)
        .map((json, place) => ({ body_id: bodyId, place: fromIndex + start + place, json }))
      await within
        .insertInto('work_items')
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    }
  })
}

export interface ReadItems {
  readonly bodyId: string
  readonly fromIndex: number
  readonly itemsMax: number
  readonly charsMax: number
}

export async function readItems(
  sql: Kysely<StreamsTables>,
  { bodyId, fromIndex, itemsMax, charsMax }: ReadItems,
): Promise<readonly string[]> {
  const sizes = await sql
    .selectFrom('work_items')
    .select(['place', raw<number>`length(json)`.as('chars')])
    .where('body_id', '=', bodyId)
    .where('place', '>=', fromIndex)
    .orderBy('place')
    .limit(itemsMax)
    .execute()
  let toIndex = fromIndex
  let chars = 0
  for (const size of sizes) {
    if (chars >= charsMax || size.place !== toIndex) break
    chars += size.chars
    toIndex += 1
  }
  const rows = await sql
    .selectFrom('work_items')
    .select('json')
    .where('body_id', '=', bodyId)
    .where('place', '>=', fromIndex)
    .where('place', '<', toIndex)
    .orderBy('place')
    .execute()
  return rows.map(({ json }) => json)
}

export async function dropItems(sql: Kysely<StreamsTables>, bodyId: string): Promise<void> {
  await sql.deleteFrom('work_items').where('body_id', '=', bodyId).execute()
}

export async function bodyIds(sql: Kysely<StreamsTables>): Promise<readonly string[]> {
  const rows = await sql.selectFrom('work_items').select('body_id').distinct().orderBy('body_id').execute()
  return rows.map(({ body_id }) => body_id)
}
