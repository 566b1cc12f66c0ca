import { type Box, firstRowY, gutterWidth, leaderBox } from './layout.js'

/** The bus below the leader, from which links go down. */
const busY = 84
const radius = 8

/** How a link comes down to its master: straight into the top, or along a gutter and into the side. */
interface Drop {
  readonly x: number
  readonly y: number
  /** Where it enters the side; null = it comes from above. */
  readonly sideX: number | null
}

function dropOf(box: Box): Drop {
  const centre = box.x + box.width / 2
  if (box.y <= firstRowY) return { x: centre, y: box.y, sideX: null }
  const sideX = centre < 0 ? box.x + box.width : box.x
  return { x: sideX + (centre < 0 ? gutterWidth : -gutterWidth), y: box.y + 24, sideX }
}

/**
 * The links from the leader to these masters as one path (of SVG): stretches that several share are in it once, so that a
 * fleet of thousands is a few lines and not thousands on top of each other.
 */
export function linksPath(boxes: readonly Box[]): string {
  if (boxes.length === 0) return ''
  const lowest = new Map<number, number>()
  const drops = boxes.map(dropOf)
  let path = `M0 ${leaderBox.y + leaderBox.height}V${busY}`
  for (const { x, y, sideX } of drops) {
    const end = sideX === null ? y : y - radius
    lowest.set(x, Math.max(lowest.get(x) ?? busY, end))
    if (sideX === null) continue
    const toward = Math.sign(sideX - x)
    path += `M${x} ${y - radius}Q${x} ${y} ${x + toward * radius} ${y}H${sideX}`
  }
  for (const side of [-1, 1]) {
    const reach = Math.max(0, ...[...lowest.keys()].map((x) => x * side))
    if (reach > radius) path += `M0 ${busY}H${side * (reach - radius)}`
  }
  for (const [x, y] of lowest) {
    path +=
      Math.abs(x) <= radius
        ? `M${x} ${busY}V${y}`
        : `M${x - Math.sign(x) * radius} ${busY}Q${x} ${busY} ${x} ${busY + radius}V${y}`
  }
  return path
}

/** The short lines from masters down to their agents, as one path; they run between the hexes of the rows above. */
export function agentLinksPath(links: readonly { readonly master: Box; readonly agent: Box }[]): string {
  return links
    .map(({ master, agent }) => `M${agent.x + agent.width / 2} ${master.y + master.height}V${agent.y + 1}`)
    .join('')
}

/** The way of one link as points, from the leader to the master: what moves along it goes through these. */
export function wayOf(box: Box): readonly { readonly x: number; readonly y: number }[] {
  const { x, y, sideX } = dropOf(box)
  return [
    { x: 0, y: leaderBox.y + leaderBox.height },
    { x: 0, y: busY },
    { x, y: busY },
    { x, y },
    ...(sideX === null ? [] : [{ x: sideX, y }]),
  ]
}
