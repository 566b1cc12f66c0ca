import { describe, expect, it } from 'vitest'
import { ControlError } from '../../core/errors.js'
import type { Json } from '../../core/json.js'
import { limits } from '../../core/limits.js'
import { CelConditions } from './cel-conditions.js'

const conditions = new CelConditions()
const task = {
  status: 'failed',
  attempt: 2,
  tags: ['nightly', 'web'],
  workerId: null,
  result: { exitCode: 3, value: { items: [{ size: 1 }, { size: 4 }], ratio: 0.5 } },
  payload: {},
}
const sample = { event: { seq: 1 }, task }
const holds = (condition: string, values = sample) => {
  conditions.check(condition, sample)
  return conditions.holds(condition, values)
}
function refusalOf(act: () => unknown): { message: string; position: unknown } {
  try {
    act()
  } catch (thrown) {
    if (!(thrown instanceof ControlError)) throw thrown
    expect(thrown.code).toBe('unprocessable')
    return { message: thrown.message, position: thrown.details.position }
  }
  throw new Error('it was not refused')
}
const refused = (condition: string) => refusalOf(() => conditions.check(condition, sample))

describe('[TG6] a condition', () => {
  it.each([
    ["task.status == 'failed' && task.attempt > 1", true],
    ["task.tags.exists(tag, tag in ['web', 'db'])", true],
    ["task.tags.filter(tag, tag.startsWith('n')).size() == 1", true],
    ['task.result.value.items.all(item, item.size > 1)', false],
    ['has(task.payload.url)', false],
    ['task.attempt + 1 == 3 && task.result.value.ratio < 1', true],
    ["task.workerId == 'master-1'", false],
    ['event.seq in [1, 2]', true],
  ])('%s is %s', (condition, wanted) => {
    expect(holds(condition)).toBe(wanted)
  })

  it.each([
    ["task.status = 'failed'", 'write == to compare', 12],
    ['task.status ==', 'Unexpected token', 14],
    ['job.status == 1', 'Unknown variable: job', 0],
    ["task.stat == 'failed'", 'there is no field "stat"; there are status', 5],
    ['task.result.code == 0', 'there is no field "code"; there are exitCode, value', 12],
    ["alert.kind == 'stall'", 'there is no "alert" here; there are event, task', 0],
    ['task.attempt', 'neither true nor false', null],
    ['1 + 1', 'of type int', 0],
    ['shell("rm")', 'no function shell()', 0],
    ["task.status.matches('a')", 'use startsWith, endsWith or contains', 0],
    ["'x'.matches('(a+)+b')", 'matches() is not offered', 0],
    ['cel.bind(x, task.tags, x == x)', 'no function bind()', 0],
    ["task.tags.map(t, [t, t]) == ['a']", 'no function map()', 0],
    ['task.tags.exists(a, task.tags.exists(b, a == b))', 'inside of exists()', 0],
    ['task.tags.all(a, task.tags + [a] != [])', 'inside of all()', 0],
    ['(task.tags + task.tags).exists(a, a == "x")', 'may not walk a list that is made with +', 1],
    ['true || !task.tags.exists(a, -a.map(b, b).size() == 1 ? true : {"k": [a.filter(c, c)]} == {})', '', 9],
  ])('%s is refused at once, with the place', (condition, message, position) => {
    // Of what type a field is, only the event shows.
    const refusal =
      position === null ? refusalOf(() => conditions.holds(condition, sample)) : refused(condition)
    expect(refusal.message).toContain(message)
    expect(refusal.position).toBe(position ?? 0)
    expect(refusal.message).toMatch(/\(at character \d+\)$/)
  })

  it('that cannot be told says why', () => {
    const tell = (condition: string, value: Json = null) =>
      refusalOf(() =>
        conditions.holds(condition, { ...sample, task: { ...task, result: { exitCode: 0, value } } }),
      )
    expect(tell('task.result.value.items.size() > 0')).toMatchObject({ position: 18 })
    expect(tell('task.result.value.size > 0', {}).message).toContain('No such key: size')
    expect(tell("task.workerId.startsWith('m')").message).toContain('no matching overload')
  })

  it('reads nothing but own fields', () => {
    const values = JSON.parse('{"event":{"seq":1},"task":{"payload":{"__proto__":{"a":1},"b":1}}}') as never
    expect(conditions.holds('has(task.payload.b) && !has(task.payload.a)', values)).toBe(true)
    expect(conditions.holds('has(task.payload.toString) || has(task.constructor)', values)).toBe(false)
  })

  it('keeps to limits.conditionLengthMax, conditionNodesMax and conditionDepthMax', () => {
    const padded = (length: number) => 'true'.padEnd(length)
    expect(holds(padded(limits.conditionLengthMax))).toBe(true)
    expect(refused(padded(limits.conditionLengthMax + 1)).message).toContain('longer than 1000')
    // Each of n terms is a node, and so is each && between them.
    const terms = (n: number) => Array.from({ length: n }, () => 'true').join('&&')
    expect(holds(terms(limits.conditionNodesMax / 2))).toBe(true)
    expect(refused(terms(limits.conditionNodesMax / 2 + 1)).message).toContain('maxAstNodes')
    const deep = (n: number) => `${'('.repeat(n)}true${')'.repeat(n)}`
    expect(holds(deep(limits.conditionDepthMax - 1))).toBe(true)
    expect(refused(deep(limits.conditionDepthMax)).message).toContain('maxDepth')
  })

  it('keeps limits.compiledKept compiled ones, and is the same whether it was kept or not', () => {
    const many = new CelConditions()
    for (let n = 0; n <= limits.compiledKept; n += 1) many.check(`event.seq == ${n}`, sample)
    expect(many.holds('event.seq == 1', sample)).toBe(true)
    expect(many.holds('event.seq == 0', sample)).toBe(false)
  })
})

describe('[TG6] the worst that is accepted, on the largest that it may see, takes no longer than a moment:', () => {
  const items = Array.from({ length: limits.conditionListMax }, (_, n) => ({ n, list: [1, 2, 3] }))
  const text = 'a'.repeat(limits.pushedFieldBytesMax)
  const values = {
    event: { seq: 1 },
    task: { value: items, text, part: `${text.slice(text.length / 2)}b` },
  }
  const open = { event: {}, task: { value: null, text: null, part: null } }
  const often = (term: string) => {
    let whole = term
    for (;;) {
      const next = `${whole}&&${term}`
      try {
        conditions.check(`task.value.all(x,${next})`, open)
      } catch {
        return `task.value.all(x,${whole})`
      }
      whole = next
    }
  }
  it.each(['x in task.value', 'task.value==task.value', '!task.text.contains(task.part)'])('%s', (term) => {
    const condition = often(term)
    const startMs = performance.now()
    expect(conditions.holds(condition, values)).toBe(true)
    // 50 ms on a quiet machine; a loop in a loop would take 100 times as long.
    expect(performance.now() - startMs).toBeLessThan(2_000)
  })
})
