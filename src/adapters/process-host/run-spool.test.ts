import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HostFixture, shellRun } from '../../testing/host-fixture.js'
import { silentLog } from '../../testing/silent-log.js'
import { createProcessHost } from './process-host.js'

const dataId = `host-test-${process.pid}`
const environment = { PATH: process.env.PATH ?? '', HOME: '/nowhere' }

let fixture: HostFixture

beforeEach(async () => {
  fixture = new HostFixture((dataDir, choices) =>
    createProcessHost({ dataDir, dataId, environment, log: silentLog, ...choices }),
  )
  await fixture.attach()
})
afterEach(() => fixture.close())

describe('output', () => {
  it('hands over a flood exactly, byte for byte', async () => {
    fixture.host.start(
      shellRun(1, `awk 'BEGIN { for (n = 1; n <= 100000; n++) print "line " n; }'; echo err >&2`),
    )
    await fixture.ended(1)
    const expected = `${Array.from({ length: 100_000 }, (_, n) => `line ${n + 1}`).join('\n')}\n`
    expect(fixture.told.text(1, 'out') === expected).toBe(true)
    expect(fixture.told.text(1, 'err')).toBe('err\n')
    let offset = 0
    for (const chunk of fixture.told.chunks.filter(({ stream }) => stream === 'out')) {
      expect(chunk.offset).toBe(offset)
      offset += chunk.bytes.length
    }
    expect(fixture.host.inventory()[0]).toMatchObject({ outBytes: expected.length, errBytes: 4 })
    expect(fixture.told.gaps).toEqual([])
  })

  it('comes while the program runs', async () => {
    fixture.host.start(shellRun(1, 'echo first; exec sleep 600'))
    await fixture.output(1, 'first')
    expect(fixture.told.exitOf(1)).toBeUndefined()
  })

  it('follows `> /dev/stderr`, which empties the file behind it', async () => {
    const taken = (lines: number) => join(fixture.path, `taken-${lines}`)
    const until = (lines: number) => `until [ -e ${taken(lines)} ]; do sleep 0.01; done`
    fixture.host.start(
      shellRun(
        1,
        `echo a long first line >&2; ${until(1)}; echo second > /dev/stderr; ${until(2)}; echo third >&2`,
      ),
    )
    for (const [lines, last] of [
      [1, 'first line\n'],
      [2, 'second\n'],
    ] as const) {
      await fixture.told.until(() => fixture.told.text(1, 'err').endsWith(last))
      writeFileSync(taken(lines), '')
    }
    await fixture.ended(1)
    expect(fixture.told.text(1, 'err')).toBe('a long first line\nsecond\nthird\n')
  })

  it('is cut at its limit without losing what was handed over, and the cut is a gap', async () => {
    await fixture.reopen({ spoolBytesMax: 256 * 1024 })
    const burst = `awk 'BEGIN { for (n = 1; n <= 20000; n++) print "line " n; }'; sleep 0.05;`
    fixture.host.start(shellRun(1, burst.repeat(8)))
    await fixture.ended(1)
    const expected = Array.from({ length: 8 * 20_000 }, (_, n) => `line ${(n % 20_000) + 1}\n`).join('')
    const lost = fixture.told.gaps.reduce((sum, { from, to }) => sum + to - from, 0)
    expect(fixture.told.text(1, 'out').length + lost).toBe(expected.length)
    for (const { offset, bytes } of fixture.told.chunks) {
      expect(Buffer.from(bytes).toString()).toBe(expected.slice(offset, offset + bytes.length))
    }
    fixture.told.chunks.length = 0
    fixture.told.gaps.length = 0
    fixture.host.rewind(1, 'out', 0)
    await fixture.told.until(
      () =>
        fixture.told.gaps.length > 0 &&
        (fixture.told.gaps[0]?.to ?? 0) + fixture.told.text(1, 'out').length === expected.length,
    )
    expect(fixture.told.gaps).toMatchObject([{ from: 0 }])
    expect(fixture.told.gaps[0]?.to).toBeGreaterThanOrEqual(expected.length - 2 * 256 * 1024)
  })
})
