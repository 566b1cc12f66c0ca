import { describe, expect, it } from 'vitest'
import { leaderBox, place, slotOf } from './layout.js'
import { agentLinksPath, linksPath, wayOf } from './link-shape.js'
import { nextInDirection } from './walk.js'

const agents = (id: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${id}/p${index + 1}`)
const fleet = (masters: number, slots: number) =>
  Array.from({ length: masters }, (_, index) => ({
    id: `m${index}`,
    agents: agents(`m${index}`, slots),
    labels: {} as Record<string, string>,
  }))

describe('the map', () => {
  it('gives every master a place of its own', () => {
    const slots = Array.from({ length: 500 }, (_, rank) => slotOf(rank))
    expect(new Set(slots.map((slot) => `${slot.column}/${slot.row}`)).size).toBe(500)
  })

  it('puts two masters left and right of the centre, the next two below them', () => {
    expect([0, 1, 2, 3].map(slotOf)).toEqual([
      { column: -0.5, row: 0 },
      { column: 0.5, row: 0 },
      { column: -0.5, row: 1 },
      { column: 0.5, row: 1 },
    ])
  })

  it('[MA1] moves nobody when another master joins', () => {
    const before = place(fleet(5, 10))
    const after = place(fleet(20, 10))
    for (const [id, box] of Object.entries(before.masters)) expect(after.masters[id]).toEqual(box)
  })

  it('overlaps nothing', () => {
    const { masters, agents: hexes } = place(fleet(13, 21))
    const boxes = [leaderBox, ...Object.values(masters), ...Object.values(hexes)]
    for (const [index, a] of boxes.entries()) {
      for (const b of boxes.slice(index + 1)) {
        const isApart =
          a.x + a.width <= b.x ||
          b.x + b.width <= a.x ||
          a.y + a.height <= b.y + 4 ||
          b.y + b.height <= a.y + 4
        expect(isApart).toBe(true)
      }
    }
  })

  it('[MA2] draws at most 21 agents of a master and counts the rest; one with an error is always among them', () => {
    expect(place(fleet(1, 30)).hidden).toEqual({ m0: 9 })
    const kept = new Set(['m0/p30', 'm0/p3'])
    const { agents: drawn, hidden } = place(fleet(1, 30), { groupBy: null, kept })
    expect(hidden).toEqual({ m0: 9 })
    expect(Object.keys(drawn)).toEqual(expect.arrayContaining(['m0/p30', 'm0/p3', 'm0/p20']))
    expect(drawn['m0/p21']).toBeUndefined()
  })

  it('[MA2] draws every agent of a fleet of 5,000 nodes, and in a larger one only those with an error', () => {
    expect(Object.keys(place(fleet(1_000, 4)).agents)).toHaveLength(4_000)
    const { agents: drawn, hidden } = place(fleet(2_000, 9), { groupBy: null, kept: new Set(['m7/p9']) })
    expect(Object.keys(drawn)).toEqual(['m7/p9'])
    expect(hidden.m7).toBe(8)
  })

  it('[MA1] puts masters of one label together under its value, those without it last', () => {
    const masters = fleet(5, 1).map((master, index) => ({
      ...master,
      labels: (index === 0 ? {} : { pool: index % 2 === 0 ? 'b' : 'a' }) as Record<string, string>,
    }))
    const { groups, masters: boxes } = place(masters, { groupBy: 'pool', kept: new Set() })
    expect(groups.map(({ name }) => name)).toEqual(['a', 'b', ''])
    const rows = ['m1', 'm3', 'm2', 'm4', 'm0'].map((id) => boxes[id]?.y)
    expect(rows[0]).toBe(rows[1])
    expect(rows[2]).toBe(rows[3])
    expect(new Set(rows).size).toBe(3)
  })
})

describe('links', () => {
  it('go straight down into the first row and along a gutter to the others', () => {
    const { masters, agents: hexes } = place(fleet(4, 1))
    const [first, third] = [masters.m0, masters.m2]
    const agent = hexes['m0/p1']
    if (first === undefined || third === undefined || agent === undefined) throw new Error('not placed')
    expect(wayOf(first).at(-1)).toEqual({ x: first.x + first.width / 2, y: first.y })
    expect(wayOf(third).at(-1)).toEqual({ x: third.x + third.width, y: third.y + 24 })
    expect(linksPath([third]).includes(`H${third.x + third.width}`)).toBe(true)
    expect(
      agentLinksPath([{ master: first, agent }]).startsWith(
        `M${agent.x + agent.width / 2} ${first.y + first.height}`,
      ),
    ).toBe(true)
  })

  it('that share a stretch have it once', () => {
    const boxes = Object.values(place(fleet(1_000, 0)).masters)
    const trunks = linksPath(boxes).match(/V/g) ?? []
    // One line down each of 96 gutters and into each of 96 masters of the first row.
    expect(trunks.length).toBeLessThan(200)
    expect(linksPath([])).toBe('')
  })
})

describe('arrows', () => {
  const { masters, agents: hexes } = place(fleet(4, 2))
  const parents = Object.fromEntries([
    ...Object.keys(masters).map((id) => [id, 'leader']),
    ...Object.keys(hexes).map((id) => [id, id.split('/')[0]]),
  ]) as Record<string, string>
  const map = { boxes: { leader: leaderBox, ...masters, ...hexes }, parents }

  it('walk along links, down to a child and up to the parent', () => {
    expect(nextInDirection(map, 'leader', 'down')).toMatch(/^m[01]$/)
    expect(nextInDirection(map, 'm1', 'down')).toMatch(/^m1\/p[12]$/)
    expect(nextInDirection(map, 'm1/p2', 'up')).toBe('m1')
    expect(nextInDirection(map, 'm3', 'up')).toBe('leader')
  })

  it('walk to the nearest neighbour where no link leads', () => {
    expect(nextInDirection(map, 'm0', 'right')).toBe('m1')
    expect(nextInDirection(map, 'm0/p1', 'right')).toBe('m0/p2')
    expect(nextInDirection(map, 'm0/p1', 'down')).toBe('m2')
    expect(nextInDirection(map, 'm0', 'left')).toBeNull()
    expect(nextInDirection(map, 'gone', 'left')).toBeNull()
  })
})
