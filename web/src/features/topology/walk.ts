import type { Box } from './layout.js'

export type Direction = 'up' | 'down' | 'left' | 'right'

/** The nearest box in a direction: what lies straight ahead wins over what lies aside. Null: nothing there. */
export function nextInDirection(
  boxes: Readonly<Record<string, Box>>,
  from: string,
  direction: Direction,
): string | null {
  const start = boxes[from]
  if (start === undefined) return null
  let best: string | null = null
  let bestCost = Number.POSITIVE_INFINITY
  for (const [id, box] of Object.entries(boxes)) {
    if (id === from) continue
    const { ahead, aside } = distance(start, box, direction)
    if (ahead <= 1) continue
    const cost = ahead + aside * 2
    if (cost < bestCost) {
      best = id
      bestCost = cost
    }
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
