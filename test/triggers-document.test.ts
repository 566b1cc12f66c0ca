import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { CelConditions } from '../src/adapters/conditions/cel-conditions.js'
import { triggerBodySchema } from '../src/contract/trigger.js'
import { triggerSamples } from '../src/contract/trigger-context.js'
import { isJsonObject } from '../src/core/json.js'
import { limits } from '../src/core/limits.js'
import type { TriggerOn } from '../src/core/triggers/trigger.js'

const text = readFileSync('docs/triggers.md', 'utf8')
const blocks = (language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, block = '']) => block)
const rowsAfter = (head: string) =>
  [...(text.split(head)[1]?.split('\n\n')[0] ?? '').matchAll(/^\| `(.+?)`[^|]* \|/gm)].map(
    ([, cell = '']) => cell,
  )
const conditions = new CelConditions()

describe('docs/triggers.md', () => {
  it.each([...blocks('json').map((block) => [block]), ...blocks('yaml').map((block) => [block])])(
    'has an example that can be made: %s',
    (block) => {
      // JSON is YAML.
      const { on, condition } = triggerBodySchema.parse(parse(block))
      expect(() => conditions.check(condition, triggerSamples[on])).not.toThrow()
    },
  )

  const examples = rowsAfter('| condition | holds |')
  it.each(examples)('has a condition that is one: %s', (condition) => {
    const on: TriggerOn = condition.includes('alert.')
      ? 'alert_raised'
      : condition.includes('node.')
        ? 'node_joined'
        : 'task_finished'
    expect(() => conditions.check(condition, triggerSamples[on])).not.toThrow()
  })

  it('has some of each', () => {
    expect([blocks('json').length, blocks('yaml').length, examples.length]).toEqual([1, 1, 7])
  })

  it.each(Object.entries(triggerSamples))('names every field that %s shows', (on, sample) => {
    const row = text.split('\n').find((line) => line.startsWith(`| \`${on}\``)) ?? ''
    const fields = Object.entries(sample)
      .filter(([name]) => name !== 'event')
      .flatMap(([, value]) => (isJsonObject(value) ? Object.keys(value) : []))
    const words = new Set(row.match(/\w+/g))
    expect(fields.filter((field) => !words.has(field))).toEqual([])
  })

  it('has the limits as they are', () => {
    expect(text).toContain(`at most ${limits.triggersMax.toLocaleString('en')}.`)
    expect(text).toContain(`default and most: ${limits.triggerFiresPerMinuteMax}`)
    expect(text).toContain(
      `at most ${limits.conditionLengthMax.toLocaleString('en')} characters and ${limits.conditionNodesMax} parts`,
    )
    expect(text).toContain(
      `a list of more than ${limits.conditionListMax} items or more than ${limits.conditionDepthMax} levels`,
    )
    expect(text).toContain(`More than ${limits.triggerTailMax.toLocaleString('en')} events back`)
    expect([limits.triggerDepthMax, limits.triggerErrorMs]).toEqual([8, 10_000])
  })
})
