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
  /** Agents of a master that are not drawn, by master. They are counted on its card. */
  readonly hidden: Readonly<Record<string, number>>
}

export const leaderBox: Box = { x: -112, y: 0, width: 224, height: 60 }
const card = { width: 248, height: 122 }
/** Distance from a card to the next one. */
const cell = { width: 284, height: 268 }
const firstRowY = 112
const busY = 84
const hex = { width: 32, height: 34, pitchX: 35, pitchY: 31, gap: 14 }
const hexesPerRowMax = 7
const hexRowsMax = 3
/** Above this many drawn nodes agents become a number on their master's card. */
const nodesDrawnMax = 500

/** Columns and rows of the blocks that fill one after the other; each holds the one before at its top centre. */
const blocks = [
  { columns: 2, rows: 2 },
  { columns: 4, rows: 3 },
  { columns: 8, rows: 5 },
  { columns: 16, rows: 8 },
  { columns: 32, rows: 16 },
  { columns: 64, rows: 160 },
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

/** Places masters by rank and their agents in a honeycomb below each. */
export function place(
  masters: readonly { readonly id: string; readonly agents: readonly string[] }[],
): Placed {
  const total = masters.reduce((sum, master) => sum + 1 + master.agents.length, 0)
  const drawAgents = total <= nodesDrawnMax
  const placed = {
    masters: {} as Record<string, Box>,
    agents: {} as Record<string, Box>,
    hidden: {} as Record<string, number>,
  }
  for (const [rank, master] of masters.entries()) {
    const { column, row } = slotOf(rank)
    const box = {
      x: column * cell.width - card.width / 2,
      y: firstRowY + row * cell.height,
      ...card,
    }
    placed.masters[master.id] = box
    const drawn = drawAgents ? drawnOf(master.agents.length) : 0
    placed.hidden[master.id] = master.agents.length - drawn
    for (const [index, agentId] of master.agents.slice(0, drawn).entries()) {
      placed.agents[agentId] = hexBox(box, index, drawn)
    }
  }
  return placed
}

const drawnOf = (agents: number): number => Math.min(agents, hexesPerRowMax * hexRowsMax)

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

/** The line from the leader to a master: down a trunk, along a gutter, into the card. Right angles, round corners. */
export function masterLink(box: Box): string {
  const x = box.x + box.width / 2
  const bottom = leaderBox.y + leaderBox.height
  if (box.y <= firstRowY)
    return rounded([
      [0, bottom],
      [0, busY],
      [x, busY],
      [x, box.y],
    ])
  // Below the first row it comes down the gutter on the card's inner side.
  const inner = x < 0 ? box.x + box.width : box.x
  const gutter = inner + (x < 0 ? 1 : -1) * ((cell.width - card.width) / 2)
  const y = box.y + 24
  return rounded([
    [0, bottom],
    [0, busY],
    [gutter, busY],
    [gutter, y],
    [inner, y],
  ])
}

/** The short line from a master's card down to an agent; between the hexes of the rows above. */
export function agentLink(master: Box, agent: Box): string {
  const x = agent.x + agent.width / 2
  return `M${x} ${master.y + master.height}V${agent.y + 1}`
}

type Corner = readonly [number, number]
const radius = 8

function rounded(points: readonly Corner[]): string {
  const corners = points.filter((point, index) => {
    const next = points[index + 1]
    return next === undefined || point[0] !== next[0] || point[1] !== next[1]
  })
  let path = ''
  for (const [index, point] of corners.entries()) {
    const before = corners[index - 1]
    const after = corners[index + 1]
    if (before === undefined) path += `M${point[0]} ${point[1]}`
    else if (after === undefined || isStraight(before, point, after)) path += `L${point[0]} ${point[1]}`
    else {
      const [enter, leave] = [toward(point, before), toward(point, after)]
      path += `L${enter[0]} ${enter[1]}Q${point[0]} ${point[1]} ${leave[0]} ${leave[1]}`
    }
  }
  return path
}

const isStraight = (a: Corner, b: Corner, c: Corner): boolean =>
  (a[0] === b[0] && b[0] === c[0]) || (a[1] === b[1] && b[1] === c[1])

function toward(from: Corner, to: Corner): Corner {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]]
  const length = Math.hypot(dx, dy)
  const step = Math.min(radius, length / 2)
  return [from[0] + (dx / length) * step, from[1] + (dy / length) * step]
}
