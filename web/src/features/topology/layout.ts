import type { PlannedMaster } from './plan.js'

/** Where everything stands on the map. A node's place depends on its rank only: nobody moves when another one joins. */

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}
export interface Placed {
  readonly masters: Readonly<Record<string, Box>>
  readonly agents: Readonly<Record<string, Box>>
  /** Agents of a master that are not drawn, by master. They are counted below it. */
  readonly hidden: Readonly<Record<string, number>>
  /** Headings of groups, each above its first row; empty when the map is not grouped. */
  readonly groups: readonly { readonly name: string; readonly x: number; readonly y: number }[]
}

export interface PlaceOptions {
  /** Name of the label by whose value masters stand together; null = each at the place of its rank. */
  readonly groupBy: string | null
  /** Agents that are drawn whatever is left out: those with an error or an alert. */
  readonly kept: ReadonlySet<string>
}

export const leaderBox: Box = { x: -112, y: 0, width: 224, height: 60 }
const card = { width: 248, height: 122 }
/** Distance from a card to the next one. */
const cell = { width: 284, height: 268 }
export const firstRowY = 112
/** Distance from a card to the gutter beside it, down which links run. */
export const gutterWidth = (cell.width - card.width) / 2
/** Room for the heading of a group above its first row. */
const groupHeadHeight = 64
const hex = { width: 32, height: 34, pitchX: 35, pitchY: 31, gap: 14 }
const hexesPerRowMax = 7
const hexRowsMax = 3
/** Agents drawn below one master. */
export const agentsDrawnMax = hexesPerRowMax * hexRowsMax
/** Above this many nodes the agents that are well become a number below their master. */
const nodesPlacedMax = 10_000

/** Columns and rows of the blocks that fill one after the other; each holds the one before at its top centre. */
const blocks = [
  { columns: 2, rows: 2 },
  { columns: 4, rows: 3 },
  { columns: 8, rows: 5 },
  { columns: 16, rows: 8 },
  { columns: 32, rows: 16 },
  { columns: 96, rows: 110 },
] as const

/** The place of the master with this rank: column is counted from the centre line in halves (… -1.5 -0.5 0.5 1.5 …). */
export function slotOf(rank: number): { readonly column: number; readonly row: number } {
  let before = { columns: 0, rows: 0 }
  let left = rank
  for (const block of blocks) {
    for (let row = 0; row < block.rows; row += 1) {
      const taken = row < before.rows ? before.columns : 0
      const free = block.columns - taken
      if (left < free) {
        // From the centre outward, left and right in turn.
        const side = left % 2 === 0 ? -1 : 1
        return { column: side * (taken / 2 + Math.floor(left / 2) + 0.5), row }
      }
      left -= free
    }
    before = block
  }
  return { column: 0.5, row: before.rows + left }
}

/** Places masters by rank, or by group and rank, and their agents in a honeycomb below each. */
export function place(
  masters: readonly PlannedMaster[],
  { groupBy, kept }: PlaceOptions = { groupBy: null, kept: new Set() },
): Placed {
  const total = masters.reduce((sum, master) => sum + 1 + master.agents.length, 0)
  const room = total <= nodesPlacedMax ? agentsDrawnMax : 0
  const placed = {
    masters: {} as Record<string, Box>,
    agents: {} as Record<string, Box>,
    hidden: {} as Record<string, number>,
    groups: [] as { name: string; x: number; y: number }[],
  }
  const put = (master: PlannedMaster, column: number, y: number): void => {
    const box = { x: column * cell.width - card.width / 2, y, ...card }
    const drawn = drawnOf(master.agents, room, kept)
    placed.masters[master.id] = box
    placed.hidden[master.id] = master.agents.length - drawn.length
    for (const [index, agentId] of drawn.entries()) placed.agents[agentId] = hexBox(box, index, drawn.length)
  }
  if (groupBy !== null) placed.groups = placeGroups(groupsOf(masters, groupBy), masters.length, put)
  else
    for (const [rank, master] of masters.entries()) {
      const { column, row } = slotOf(rank)
      put(master, column, firstRowY + row * cell.height)
    }
  return placed
}

type Put = (master: PlannedMaster, column: number, y: number) => void

/** One group below the other, each from the centre outward, all as wide as the map of so many masters is. */
function placeGroups(
  groups: ReadonlyMap<string, readonly PlannedMaster[]>,
  total: number,
  put: Put,
): { name: string; x: number; y: number }[] {
  const columns = blocks.find((block) => block.columns * block.rows >= total)?.columns ?? 96
  const heads: { name: string; x: number; y: number }[] = []
  let y = firstRowY
  for (const [name, members] of groups) {
    const inRow = Math.min(columns, members.length)
    heads.push({ name, x: -Math.ceil(inRow / 2) * cell.width + gutterWidth, y: y + groupHeadHeight - 16 })
    y += groupHeadHeight
    for (const [index, master] of members.entries()) {
      const at = index % columns
      const side = at % 2 === 0 ? -1 : 1
      put(master, side * (Math.floor(at / 2) + 0.5), y + Math.floor(index / columns) * cell.height)
    }
    y += Math.ceil(members.length / columns) * cell.height
  }
  return heads
}

/** Masters by the value of a label, by name; those without it last, under ''. */
function groupsOf(
  masters: readonly PlannedMaster[],
  label: string,
): ReadonlyMap<string, readonly PlannedMaster[]> {
  const groups = new Map<string, PlannedMaster[]>()
  for (const master of masters) {
    const value = master.labels[label] ?? ''
    const members = groups.get(value) ?? []
    members.push(master)
    groups.set(value, members)
  }
  const byName = (a: string, b: string) =>
    a === '' ? 1 : b === '' ? -1 : a.localeCompare(b, 'en', { numeric: true })
  return new Map([...groups].sort(([a], [b]) => byName(a, b)))
}

/** The first agents that there is room for; one that must be seen takes the place of the last that is well. */
function drawnOf(agents: readonly string[], room: number, kept: ReadonlySet<string>): readonly string[] {
  if (agents.length <= room) return agents
  const beyond = agents.slice(room).filter((agentId) => kept.has(agentId))
  if (beyond.length === 0) return agents.slice(0, room)
  const first = agents.slice(0, room)
  const keptFirst = first.filter((agentId) => kept.has(agentId))
  const wellMax = Math.max(0, room - keptFirst.length - beyond.length)
  const well = new Set(first.filter((agentId) => !kept.has(agentId)).slice(0, wellMax))
  return [...first.filter((agentId) => kept.has(agentId) || well.has(agentId)), ...beyond]
}

function hexBox(box: Box, index: number, count: number): Box {
  const rows = Math.ceil(count / hexesPerRowMax)
  const perRow = Math.ceil(count / rows)
  const row = Math.floor(index / perRow)
  // Every other row is shifted by half a hex; the whole comb stays centred below the card.
  const combWidth = perRow * hex.pitchX + (rows > 1 ? hex.pitchX / 2 : 0)
  const shift = row % 2 === 1 ? hex.pitchX / 2 : 0
  return {
    x:
      box.x +
      box.width / 2 -
      combWidth / 2 +
      shift +
      (index % perRow) * hex.pitchX +
      (hex.pitchX - hex.width) / 2,
    y: box.y + box.height + hex.gap + row * hex.pitchY,
    width: hex.width,
    height: hex.height,
  }
}
