import type { Box } from './layout.js'

export type Direction = 'up' | 'down' | 'left' | 'right'

/** What the arrows walk over: where everything stands, and who hangs below whom. */
export interface Walkable {
  readonly boxes: Readonly<Record<string, Box>>
  readonly parents: Readonly<Record<string, string>>
}

/**
 * The next node in a direction: along links first (down to the nearest child, up to the parent), else the nearest one
 * that lies straight ahead. Null: nothing is there.
 */
export function nextInDirection(map: Walkable, from: string, direction: Direction): string | null {
  const { boxes, parents } = map
  if (direction === 'up' && parents[from] !== undefined) return parents[from]
  const children = Object.keys(boxes).filter((id) => parents[id] === from)
  if (direction === 'down' && children.length > 0) return nearest(boxes, from, children, direction)
  const others = Object.keys(boxes).filter((id) => id !== from && parents[id] !== from)
  return nearest(boxes, from, others, direction)
}

function nearest(
  boxes: Walkable['boxes'],
  from: string,
  candidates: readonly string[],
  direction: Direction,
): string | null {
  const start = boxes[from]
  if (start === undefined) return null
  let best: string | null = null
  let bestCost = Number.POSITIVE_INFINITY
  for (const id of candidates) {
    const box = boxes[id]
    if (box === undefined) continue
    const { ahead, aside } = distance(start, box, direction)
    // What lies straight ahead wins over what lies aside; only a child may lie further aside than ahead.
    const cost = ahead + aside * 2
    const isAhead = ahead > 1 && (direction === 'down' || aside <= ahead)
    if (!isAhead || cost >= bestCost) continue
    best = id
    bestCost = cost
  }
  return best
}

function distance(a: Box, b: Box, direction: Direction): { readonly ahead: number; readonly aside: number } {
  const dx = b.x + b.width / 2 - (a.x + a.width / 2)
  const dy = b.y + b.height / 2 - (a.y + a.height / 2)
  switch (direction) {
    case 'up':
      return { ahead: -dy, aside: Math.abs(dx) }
    case 'down':
      return { ahead: dy, aside: Math.abs(dx) }
    case 'left':
      return { ahead: -dx, aside: Math.abs(dy) }
    case 'right':
      return { ahead: dx, aside: Math.abs(dy) }
  }
}
