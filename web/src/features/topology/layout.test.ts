import { describe, expect, it } from 'vitest'
import { agentLink, leaderBox, masterLink, place, slotOf } from './layout.js'
import { nextInDirection } from './walk.js'

const agents = (id: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${id}/p${index + 1}`)
const fleet = (masters: number, slots: number) =>
  Array.from({ length: masters }, (_, index) => ({ id: `m${index}`, agents: agents(`m${index}`, slots) }))

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

  it('moves nobody when another master joins', () => {
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

  it('draws at most 21 agents of a master, none in a large fleet, and counts the rest', () => {
    expect(place(fleet(1, 30)).hidden).toEqual({ m0: 9 })
    const large = place(fleet(100, 10))
    expect(Object.keys(large.agents)).toHaveLength(0)
    expect(large.hidden.m7).toBe(10)
  })
})

describe('links', () => {
  it('go straight down into the first row and along a gutter to the others', () => {
    const { masters, agents: hexes } = place(fleet(4, 1))
    const [first, third] = [masters.m0, masters.m2]
    const agent = hexes['m0/p1']
    if (first === undefined || third === undefined || agent === undefined) throw new Error('not placed')
    expect(masterLink(first).endsWith(`L${first.x + first.width / 2} ${first.y}`)).toBe(true)
    expect(masterLink(third).endsWith(`L${third.x + third.width} ${third.y + 24}`)).toBe(true)
    expect(
      agentLink(first, agent).startsWith(`M${agent.x + agent.width / 2} ${first.y + first.height}`),
    ).toBe(true)
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
